# chatgpt-dingtalk: one process, /app/data the one volume, port 8090.
# The base may be replaced: docker build --build-arg BASE_IMAGE=...
ARG BASE_IMAGE=python:3.12-slim

# hadolint ignore=DL3006
FROM ${BASE_IMAGE} AS build
SHELL ["/bin/sh", "-euc"]
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends binutils && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY requirements/bootstrap.txt requirements/runtime.txt requirements/
RUN python3 -m venv tools && python3 -m venv --without-pip /opt/chatgpt-dingtalk \
    && tools/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt \
    && tools/bin/python -m pip --python /opt/chatgpt-dingtalk/bin/python install --no-cache-dir --disable-pip-version-check \
       --no-compile --require-hashes -r requirements/runtime.txt
COPY deploy/container/slim.py deploy/container/
RUN python3 deploy/container/slim.py /opt/chatgpt-dingtalk
COPY pyproject.toml README.md LICENSE config.example.yml ./
COPY src src
COPY migrations migrations
RUN tools/bin/python -m hatchling build --target wheel \
    && tools/bin/python -m pip --python /opt/chatgpt-dingtalk/bin/python install --no-cache-dir --disable-pip-version-check \
       --no-deps --no-index dist/*.whl

# hadolint ignore=DL3006
FROM ${BASE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="chatgpt-dingtalk" \
      org.opencontainers.image.description="A language model in DingTalk chats" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN install -d -m 0755 /app && install -d -o 10001 -g 10001 -m 0700 /app/data /data
COPY --from=build /opt/chatgpt-dingtalk /opt/chatgpt-dingtalk
COPY LICENSE config.example.yml deploy/container/health.py /app/
COPY deploy/container/chatgpt-dingtalk /app/bin/
# The environment goes before a mounted /app/config.yml: inside, address and port are always these.
ENV PATH=/app/bin:/opt/chatgpt-dingtalk/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    PORT=8090
WORKDIR /app
USER 10001:10001
VOLUME /app/data
EXPOSE 8090
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["python3", "/app/health.py"]
ENTRYPOINT ["chatgpt-dingtalk"]
CMD ["serve"]
