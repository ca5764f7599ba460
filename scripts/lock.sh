#!/bin/sh
# Resolve what the package needs anew and write requirements/*.lock. usage: scripts/lock.sh UV [uv's options, such as --upgrade]
#
# One lock serves Python 3.11 to 3.14 on every platform. The base lock is constrained by the development lock, so
# that whoever tests and whoever serves have the same versions. The files name no index: pip asks the one it is set to.
set -eu
uv=$1
shift

cd "$(dirname "$0")/.."

# resolve LOCK SOURCE... : the sources' requirements, pinned and hashed.
resolve() {
    lock=$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --output-file "$lock" "$@"
    echo "$lock: $(grep -c '==' "$lock") packages"
}

resolve requirements/dev.lock pyproject.toml --extra documents --extra interpreter --group dev requirements/build.in "$@"
resolve requirements/base.lock pyproject.toml --extra documents --extra interpreter requirements/build.in --constraint requirements/dev.lock
