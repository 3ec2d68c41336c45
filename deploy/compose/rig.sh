#!/bin/bash
# The rig: trains the handwritten digits in a docker-compose cluster and compares the result with mxl-launch on this host.
#
#   make rig            (or deploy/compose/rig.sh; the engine's own messages go to $RIG_LOG if that is set)
#
# With a docker engine that answers, the image is built from python:3.11-slim.  Without one, as root, it starts Debian's
# dockerd by hand inside a network namespace of its own, so that nothing of this host's network is touched, and builds on
# a root filesystem that debootstrap makes.  That needs: apt-get install docker.io docker-compose debootstrap iproute2
#
# Everything lies in one temporary folder; when the script ends, however it does, no container, network, namespace,
# mount or process of its own is left.  The transcript goes into docs/rig.md.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
python=.venv/bin/python
work=$(mktemp -d "${TMPDIR:-/tmp}/mxl-rig-XXXXXX")
chmod 755 "$work"
transcript=$work/transcript
log=${RIG_LOG:-$work/log}
space=mxl-rig-$$
engine=""        # the pid of a dockerd that this script has started
project=mxlrig$$
export COMPOSE_FILE=$root/deploy/compose/compose.yaml COMPOSE_PROJECT_NAME=$project
export MXL_IMAGE=mxl-rig:$$ MXL_KEYS=$work/job.keys MXL_USER="$(id -u):$(id -g)"

say() { echo "$*" | tee -a "$transcript"; }
fail() { echo "rig: $*" >&2; exit 1; }
needs() {
    for command in "$@"; do
        command -v "$command" >/dev/null || fail "$command is missing: apt-get install docker.io docker-compose debootstrap iproute2"
    done
}

# ---- a docker engine -------------------------------------------------------------------------------------------

docker=""
find_docker() {  # a client that the engine understands: sets $docker
    for docker in docker /usr/bin/docker; do
        if timeout 10 "$docker" version --format '{{.Server.Version}}' >/dev/null 2>&1; then return 0; fi
    done
    docker=""
    return 1
}

compose() {
    if "$docker" compose version >/dev/null 2>&1; then "$docker" compose "$@"; else docker-compose "$@"; fi
}

start_engine() {
    [ "$(id -u)" = 0 ] || fail "no docker engine answers, and only root can start one here"
    needs dockerd docker-compose debootstrap ip nsenter
    ip netns add "$space"
    ip -n "$space" link set lo up
    setsid nsenter "--net=/run/netns/$space" dockerd --default-ulimit nofile=20000:20000 --data-root "$work/engine" \
        --exec-root "$work/exec" --pidfile "$work/engine.pid" --host "unix://$work/docker.sock" >>"$log" 2>&1 &
    engine=$!
    export DOCKER_HOST=unix://$work/docker.sock
    for _ in $(seq 60); do
        find_docker && return 0
        kill -0 "$engine" 2>/dev/null || break
        sleep 0.5
    done
    tail -5 "$log" >&2
    fail "dockerd did not start"
}

clean_up() {
    set +e
    [ -z "$docker" ] || compose down --volumes --timeout 5 >>"$log" 2>&1
    if [ -n "$engine" ]; then
        kill "$engine" 2>/dev/null
        wait "$engine" 2>/dev/null
        awk -v w="$work/" 'index($2, w) == 1 { print $2 }' /proc/mounts | sort -r | while read -r mount; do umount "$mount"; done
        ip netns del "$space"
    elif [ -n "$docker" ]; then
        "$docker" image rm "$MXL_IMAGE" "$MXL_IMAGE-base" >>"$log" 2>&1
    fi
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# ---- the image -------------------------------------------------------------------------------------------------

gather_wheels() {  # for Python 3.11, in the very versions that this host trains with
    mkdir -p "$work/context/wheels" "$work/source"
    tar --exclude=./.venv --exclude=./.git --exclude=./build --exclude=./runs --exclude=__pycache__ -c . |
        tar -x -C "$work/source"  # building a wheel writes into its source
    "$python" -m pip freeze --exclude-editable --quiet >"$work/versions"
    "$python" -m pip wheel --quiet --no-deps --wheel-dir "$work/context/wheels" "$work/source" >>"$log" 2>&1
    "$python" -m pip download --quiet --only-binary=:all: --python-version 3.11 --constraint "$work/versions" \
        --dest "$work/context/wheels" "$(ls "$work"/context/wheels/mxl-*.whl)[examples,viz]" >>"$log" 2>&1
    cp deploy/compose/Dockerfile "$work/context/"
}

base=python:3.11-slim
base_text=$base
make_base() {  # an image with Python 3.11: sets $base
    if [ -z "$engine" ] && "$docker" pull --quiet "$base" >>"$log" 2>&1; then return; fi
    needs debootstrap
    debootstrap --variant=minbase --include=python3,python3-venv bookworm "$work/rootfs" >>"$log" 2>&1 ||
        fail "debootstrap failed: $(tail -1 "$log")"
    tar -C "$work/rootfs" -c . | "$docker" import - "$MXL_IMAGE-base" >>"$log"
    rm -rf "$work/rootfs"
    base=$MXL_IMAGE-base base_text="Debian 12, made by debootstrap"
}

# ---- the two trainings -----------------------------------------------------------------------------------------

result() { sed -n 's/.*\(accuracy 0\.[0-9]*\)$/\1/p; s/.*\(weights sha256 [0-9a-f]*\)$/\1/p' "$1" | tail -2; }

train_on_this_host() {
    local one=() name
    for name in OMP_NUM_THREADS OPENBLAS_NUM_THREADS MKL_NUM_THREADS; do one+=(--env "$name:1"); done
    .venv/bin/mxl-launch -n 4 -s 2 "${one[@]}" --no-progress examples/train_digits.py --out "$work/host" >"$work/host.txt" 2>&1 ||
        { cat "$work/host.txt" >&2; fail "the training on this host failed"; }
}

train_in_the_cluster() {
    compose up -d >>"$log" 2>&1 || { compose logs >&2; fail "the cluster did not come up"; }
    compose ps | tee -a "$transcript"
    local code failed=0
    for container in $(compose ps -q worker); do
        code=$("$docker" wait "$container")
        [ "$code" = 0 ] || failed=$code
    done
    compose logs --no-color worker >"$work/cluster.txt" 2>&1
    [ "$failed" = 0 ] || { compose logs >&2; fail "a worker ended with exit code $failed"; }
    for container in $(compose ps -q scheduler server); do
        code=$(timeout 30 "$docker" wait "$container") || fail "a server or the scheduler still runs after the last worker"
        [ "$code" = 0 ] || { compose logs >&2; fail "a server or the scheduler ended with exit code $code"; }
    done
}

started=$SECONDS
find_docker || start_engine
say "docker engine $("$docker" version --format '{{.Server.Version}}'), $(compose version --short 2>/dev/null | sed 's/^v*/compose /')"
"$python" -m mxl.deploy.keys "$MXL_KEYS" >>"$log"
gather_wheels
say "$(ls "$work/context/wheels" | wc -l) wheels for Python 3.11"
make_base
DOCKER_BUILDKIT=0 "$docker" build --quiet --network none --build-arg "BASE=$base" -t "$MXL_IMAGE" "$work/context" >>"$log" 2>&1 ||
    { tail -20 "$log" >&2; fail "the image was not built"; }
say "image of $("$docker" image inspect --format '{{.Size}}' "$MXL_IMAGE" | awk '{ printf "%.0f MB", $1 / 1e6 }') on $base_text"

say "\$ docker compose up"
train_in_the_cluster
grep -h 'digits, batches\|accuracy\|sha256' "$work/cluster.txt" | sed 's/[^|]*_\(worker_[0-9]*\)/\1/' | tee -a "$transcript"
say "\$ mxl-launch -n 4 -s 2 examples/train_digits.py"
train_on_this_host
grep -h 'digits, batches\|accuracy\|sha256' "$work/host.txt" | tee -a "$transcript"

[ -n "$(result "$work/host.txt")" ] || fail "the training on this host printed no result"
[ "$(result "$work/cluster.txt")" = "$(result "$work/host.txt")" ] || fail "the cluster and this host differ"
say "the cluster and this host agree, to the bit; all of this took $((SECONDS - started)) s"

"$python" - "$transcript" docs/rig.md <<'PYTHON'
import re
import sys
from pathlib import Path

transcript, page = Path(sys.argv[1]), Path(sys.argv[2])
lines = [line.rstrip() for line in transcript.read_text().splitlines()]
block = "```text\n" + "\n".join(lines) + "\n```\n"
text = page.read_text()
page.write_text(re.sub(r"```text\n.*?```\n", lambda _: block, text, count=1, flags=re.S))
PYTHON
echo "rig: the transcript is in docs/rig.md"
