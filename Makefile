# Every verb of the house. `make` alone prints them.
PY ?= python3
V := .venv
BIN := $(V)/bin
PIP := $(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode
# uv does not read pip's configuration: whoever has set a mirror there need not set it twice.
PIP_SET = $$($(BIN)/python -m pip config list 2>/dev/null | \
	sed -nE 's/(\\n| )+/ /g; s/^(global|install)\.$(1)=. ?(.*).$$/\2/p' | tail -n 1 | tr ' ' ,)
MIRROR = UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$(call PIP_SET,index-url)}}"; \
	UV_FIND_LINKS="$${UV_FIND_LINKS:-$${PIP_FIND_LINKS:-$(call PIP_SET,find-links)}}"; \
	export UV_DEFAULT_INDEX UV_FIND_LINKS;
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate
T ?= tests
# Two at a time at least: many tests wait for processes. A file stays with one worker.
PARALLEL := -n auto --maxprocesses 4 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help setup dev deploy-tools dist image-check run test test-all unit others check fmt lint types contracts coverage docs-test crash bench \
	migration migrate lock hooks clean

help: ## print this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(V)/.bootstrap: requirements/bootstrap.txt
	@$(PY) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PY=/path/to/python3.11 ...")'
	@$(PY) -m venv $(V) || { echo "python3 cannot make a virtual environment; on Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

$(V)/.runtime: $(V)/.bootstrap requirements/runtime.txt pyproject.toml
	@$(MIRROR) $(PIP) --require-hashes -r requirements/runtime.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q src migrations
	@touch $@

$(V)/.dev: $(V)/.runtime requirements/dev.txt
	@$(MIRROR) $(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

$(V)/.deploy: $(V)/.dev requirements/deploy.txt
	@$(MIRROR) $(PIP) --require-hashes -r requirements/deploy.txt
	@touch $@

setup: $(V)/.runtime ## set up the environment; the program is then .venv/bin/chatgpt-dingtalk
dev: $(V)/.dev ## the same, with everything that testing needs
deploy-tools: $(V)/.deploy ## the same, with what looks at Dockerfile and manifests, and builds what is handed out

run: setup ## set up and serve: CONFIG_FILE or config.yml if there is one, else trial mode on 127.0.0.1
	@if [ -f config.yml ] || [ -n "$$CONFIG_FILE" ]; then exec $(BIN)/chatgpt-dingtalk serve; else exec $(BIN)/chatgpt-dingtalk serve --trial; fi

test: dev ## set up and run the tests, without the long proofs (one file or folder: make test T=tests/unit)
	@$(BIN)/python -m pytest $(PARALLEL) $(if $(filter tests,$(T)),-m "not proof") $(T)

test-all: dev ## every test: the kills, the whole browser matrix and what is built, too
	@$(BIN)/python -m pytest $(PARALLEL) $(T)

unit: dev ## the fast tests only
	@$(BIN)/python -m pytest -q tests/unit

check: deploy-tools fmt-check lint types contracts coverage others ## everything that must hold before a change lands

fmt: dev ## put the code in form
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

.PHONY: fmt-check
fmt-check: dev
	@$(BIN)/ruff format --check .

lint: dev ## style
	@$(BIN)/ruff check .

types: dev ## mypy, strict
	@$(BIN)/mypy

contracts: dev ## who may import whom
	@PYTHONPATH=src $(BIN)/lint-imports

coverage: dev ## the fast tests, and by them full branch coverage of domain and application
	@$(BIN)/coverage run -m pytest -q tests/unit
	@$(BIN)/coverage report --fail-under=100

others: dev ## all tests but the fast ones
	@$(BIN)/python -m pytest -q $(PARALLEL) --ignore tests/unit tests

N ?= 40
crash: dev ## kill the service N times under load and count what was lost (N=40)
	@CRASH_KILLS=$(N) $(BIN)/python -m pytest -q -s tests/crash

dist: deploy-tools ## wheel, sdist and a program that needs nothing else, into dist/; then run it as a newcomer would
	@deploy/program/build.sh $(BIN)
	@DIST=1 $(BIN)/python -m pytest -q tests/deploy/test_dist.py

image-check: ## build the image with podman or docker and run it as documented
	@deploy/container/check.sh

bench: dev ## measure, as ratios against baselines of the same run
	@$(BIN)/python -m benchmarks

migrate: setup ## bring the database to the newest schema
	@$(BIN)/chatgpt-dingtalk migrate

migration: dev ## a new revision from the difference between tables and schema (make migration m="what changes")
	@$(BIN)/alembic revision --autogenerate -m "$(m)"

lock: $(V)/.bootstrap ## pin and hash the newest allowed dependencies
	@$(MIRROR) cd requirements && for set in bootstrap runtime dev deploy; do ../$(LOCK) $$set.in -o $$set.txt; done

hooks: dev ## run the checks at each commit
	@$(BIN)/pre-commit install

clean: ## remove the environment and caches, never data
	@rm -rf $(V) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
