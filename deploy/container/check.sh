#!/bin/sh
# Builds the image and proves that it runs as documented, and as the Go version's image was run:
# `make image-check`, with podman or docker. IMAGE=name takes one that is built already.
set -eu
engine=${ENGINE:-$(command -v podman || command -v docker)} || { echo "neither podman nor docker is here"; exit 1; }
image=chatgpt-dingtalk:check
name=chatgpt-dingtalk-check-$$
CHECK_PORT=${CHECK_PORT:-18090}
export CHECK_PORT
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)

tidy_up() {
    "$engine" rm -f "$name" > /dev/null 2>&1 || true
    "$engine" volume rm -f "$name" > /dev/null 2>&1 || true
    # What containers wrote belongs to their accounts.
    "$engine" run --rm --user 0 --entrypoint sh --volume "$work:/work" "$image" -c 'rm -rf /work/*' > /dev/null 2>&1 || true
    rmdir "$work" 2> /dev/null || true
}
trap tidy_up EXIT

fail() { echo "FAIL $1"; "$engine" logs "$name" 2>&1 | tail -20; exit 1; }

# start WHAT OPTIONS...: with as little as it can do with: no root, no capability, nothing to write but its volume and /tmp
start() {
    what=$1
    shift
    "$engine" run --detach --name "$name" --publish "127.0.0.1:$CHECK_PORT:8090" --read-only --tmpfs /tmp --cap-drop ALL \
        --security-opt no-new-privileges "$@" "$image" > /dev/null
}

answers() {
    tries=0
    until curl -fsS --noproxy '*' "http://127.0.0.1:$CHECK_PORT/livez" > /dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -lt 120 ] || fail "$what: it does not answer"
        sleep 0.5
    done
}

# lies_in FOLDER: the database is in that folder of the container
lies_in() { "$engine" exec "$name" test -s "$1/chatgpt-dingtalk.sqlite" || fail "$what: no database in $1"; }

ends() {
    "$engine" stop --time 20 "$name" > /dev/null
    status=$("$engine" inspect --format '{{.State.ExitCode}}' "$name")
    [ "$status" = 0 ] || fail "$what: SIGTERM ended it with $status"
    "$engine" rm -f "$name" > /dev/null
    echo "ok   $what"
}

# given_to ACCOUNT: the mounted folder belongs to that account
given_to() { "$engine" run --rm --user 0 --entrypoint chown --volume "$work:/work" "$image" -R "$1" /work/data; }

if [ -n "${IMAGE:-}" ]; then
    "$engine" tag "$IMAGE" "$image"
else
    "$engine" build --tag "$image" ${BASE_IMAGE:+--build-arg "BASE_IMAGE=$BASE_IMAGE"} .
fi
set -- --env APIKEY=sk-image-check --env MODEL=some-model --env APP_SECRETS=image-check-secret

start "variables alone" "$@"
answers
"$engine" exec "$name" chatgpt-dingtalk --version
"$engine" exec "$name" sh -c 'test "$(id -u)" = 10001 && ! touch /app/x 2> /dev/null && touch /app/data/x && rm /app/data/x' \
    || fail "it may write more or less than its data"
lies_in /app/data
ends

"$engine" volume create "$name" > /dev/null
start "a volume at /app/data" --volume "$name:/app/data" "$@"
answers
lies_in /app/data
ends
"$engine" volume rm "$name" > /dev/null
"$engine" volume create "$name" > /dev/null
start "a volume at /data" --volume "$name:/data" "$@"
answers
lies_in /data
# Commands beside the service use the same folder.
"$engine" exec "$name" chatgpt-dingtalk migrate > /dev/null
"$engine" exec "$name" test ! -e /app/data/chatgpt-dingtalk.sqlite || fail "$what: data in two places"
ends

# What the Go version was started with: a folder, which docker makes for root, and a configuration beside it.
mkdir -p "$work/data"
chmod 755 "$work"
cat > "$work/config.yml" << 'CONFIG'
log_level: "info"
run_mode: "http"
api_key: "sk-image-check"
model: "some-model"
session_timeout: 600
port: "8090"
service_url: "http://xxxxxx"
chat_type: "0"
allow_outgoing_groups: ["disabled"]
app_secrets: ["image-check-secret"]
azure_on: false
azure_openai_token: "xxxxxxx"
CONFIG
chmod 644 "$work/config.yml"
given_to 0:0
start "a folder of root's" --volume "$work/data:/app/data" --volume "$work/config.yml:/app/config.yml"
tries=0
until [ "$("$engine" inspect --format '{{.State.Running}}' "$name")" = false ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 120 ] || fail "$what: it runs"
    sleep 0.5
done
said=$("$engine" logs "$name" 2>&1 | grep -v '_readable_by_others' || true)
case $said in
*Traceback*) fail "$what: a trace" ;;
*"chown -R 10001:10001"*) echo "ok   $what: $said" ;;
*) fail "$what: no word of chown" ;;
esac
[ "$(printf '%s\n' "$said" | wc -l)" = 1 ] || fail "$what: more than a sentence"
"$engine" rm -f "$name" > /dev/null

given_to 10001:10001
start "the Go version's folder and configuration" --volume "$work/data:/app/data" --volume "$work/config.yml:/app/config.yml"
answers
ends
[ -n "$("$engine" run --rm --entrypoint find --volume "$work:/work:ro" "$image" /work/data -name chatgpt-dingtalk.sqlite)" ] \
    || fail "$what: nothing is kept in the folder"

compose=${COMPOSE:-}
[ -n "$compose" ] || if "$engine" compose version > /dev/null 2>&1; then compose="$engine compose"; else compose=$(command -v podman-compose || true); fi
if [ -n "$compose" ]; then
    what="the Go version's compose file"
    cp "$here/former-compose.yml" "$work/compose.yml"
    # Podman knows this name of the host's address from 4.7 on.
    "$engine" run --rm --add-host x:host-gateway --entrypoint true "$image" > /dev/null 2>&1 \
        || sed -i 's/host-gateway/127.0.0.1/' "$work/compose.yml"
    name=chatgpt-dingtalk-check-compose
    (cd "$work" && $compose -f compose.yml up --detach > up.log 2>&1) || { cat "$work/up.log"; fail "$what: it does not start"; }
    answers
    lies_in /app/data
    ends
    (cd "$work" && $compose -f compose.yml down > /dev/null 2>&1) || true
else
    echo "     no compose here: former-compose.yml was not run"
fi
echo "the image runs, without root and without writing, keeps its data and ends with 0"
