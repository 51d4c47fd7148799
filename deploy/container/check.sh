#!/bin/sh
# Builds the image and proves that it runs as documented: `make image-check`, with podman or docker.
set -eu
engine=$(command -v podman || command -v docker) || { echo "neither podman nor docker is here"; exit 1; }
image=chatgpt-dingtalk:check
name=chatgpt-dingtalk-check-$$
port=${CHECK_PORT:-18090}

"$engine" build --tag "$image" ${BASE_IMAGE:+--build-arg "BASE_IMAGE=$BASE_IMAGE"} .
trap '"$engine" rm -f "$name" > /dev/null 2>&1 || true' EXIT
# As little as it can do with: no root, no capability, nothing to write but /data and /tmp.
"$engine" run --detach --name "$name" --publish "127.0.0.1:$port:8090" --read-only --tmpfs /tmp --cap-drop ALL \
    --security-opt no-new-privileges --env APIKEY=sk-image-check --env MODEL=some-model \
    --env APP_SECRETS=image-check-secret "$image" > /dev/null
tries=0
until curl -fsS "http://127.0.0.1:$port/livez" 2> /dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 60 ] || { "$engine" logs "$name"; echo "it does not answer"; exit 1; }
    sleep 0.5
done
echo
"$engine" exec "$name" chatgpt-dingtalk --version
"$engine" exec "$name" sh -c 'test "$(id -u)" = 10001 && ! touch /app/x 2> /dev/null && touch /data/x && rm /data/x'
"$engine" stop --time 20 "$name" > /dev/null
status=$("$engine" inspect --format '{{.State.ExitCode}}' "$name")
[ "$status" = 0 ] || { "$engine" logs "$name"; echo "SIGTERM ended it with $status"; exit 1; }
echo "the image runs, without root and without writing, and ends with 0"
