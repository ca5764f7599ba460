#!/bin/sh
# Make .venv hold what the locks say. usage: scripts/install.sh base|dev
#
# The stamp .venv/.base or .venv/.dev holds a checksum of what was installed from, so a second call does nothing, and
# a changed lock or pyproject.toml installs again. Every package comes from a lock and is checked against its hash,
# the package's own build back end too. PYTHON names the interpreter; python3 is the default.
set -eu

minimum_minor=11
newest_first="python3.14 python3.13 python3.12 python3.11"
mutex=build/install.mutex

ring=$1
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}

say() { printf '%s\n' "$*"; }

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

# What the stamp of a finished installation of a ring reads.
wanted() { cat "requirements/$1.lock" pyproject.toml scripts/install.sh | cksum; }

is_stamped() { [ -f ".venv/.$1" ] && [ "$(cat ".venv/.$1")" = "$(wanted "$1")" ]; }

# A virtual environment breaks when its folder is moved or its interpreter goes; another PYTHON wants another one.
venv_serves() {
    [ -f .venv/.home ] && [ "$(cat .venv/.home)" = "$(pwd)" ] && .venv/bin/python -c 'import pip' 2>/dev/null || return 1
    [ "$python" = python3 ] || [ "$(version_of "$python")" = "$(version_of .venv/bin/python)" ]
}

# The development ring holds all of the base ring, in the same versions.
is_installed() { { is_stamped "$ring" || is_stamped dev; } && venv_serves; }

# flaw PYTHON: why it can't be used, as a sentence; nothing if it can.
flaw() {
    version=$(version_of "$1") || {
        say "There is no working '$1' here."
        return
    }
    if [ "${version%%.*}" -ne 3 ] || [ "${version#*.}" -lt "$minimum_minor" ]; then
        say "'$1' is Python $version."
    elif ! "$1" -c 'import venv, ensurepip' 2>/dev/null; then
        case $1 in
        *python3.*) package="python$version-venv" ;;
        *) package=python3-venv ;;
        esac
        say "Python's venv module is missing for '$1'. On Debian or Ubuntu: sudo apt install $package"
    fi
}

# Set `python` to the first interpreter that serves; a name that the user chose is not second-guessed.
choose_python() {
    first_flaw=$(flaw "$python")
    [ -n "$first_flaw" ] || return 0
    if [ "$python" = python3 ]; then
        for candidate in $newest_first; do
            [ -z "$(flaw "$candidate")" ] || continue
            python=$candidate
            return 0
        done
    fi
    case $first_flaw in
    *"apt install"*) fail "$first_flaw" ;;
    esac
    fail "$first_flaw Retinue needs Python 3.$minimum_minor or newer: install one, or name one that you have" \
        "with PYTHON=, as in: make serve PYTHON=/path/to/python3.12"
}

# Two installations in one folder would trip over each other: the second waits, unless the first is gone.
take_mutex() {
    mkdir -p build
    told=
    until mkdir "$mutex" 2>/dev/null; do
        holder=$(cat "$mutex/pid" 2>/dev/null) || holder=
        if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
            rm -rf "$mutex"
            continue
        fi
        [ -n "$told" ] || say "Another installation is under way in this folder (see $mutex); waiting for it ..."
        told=yes
        sleep 1
    done
    trap 'rm -rf "$mutex"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    echo $$ >"$mutex/pid"
}

# Half a virtual environment is worse than none.
make_venv() {
    rm -rf .venv
    if ! "$python" -m venv .venv >build/venv.log 2>&1; then
        rm -rf .venv
        fail "'$python -m venv .venv' failed; what it said is in build/venv.log."
    fi
    pwd >.venv/.home
}

# Errors alone are shown: pip's warnings are about the machine's own settings.
pip_install() {
    .venv/bin/python -m pip --disable-pip-version-check --no-input -qq install "$@" </dev/null ||
        fail "The installation did not finish; pip says above why. The same command goes on from here."
}

install() {
    case $ring in
    base) say "Installing Retinue into .venv (once, a minute or two) ..." ;;
    dev) say "Installing Retinue and its development tools into .venv (once, a minute or two) ..." ;;
    esac
    venv_serves || make_venv
    rm -f ".venv/.$ring"
    pip_install --require-hashes --requirement "requirements/$ring.lock"
    pip_install --no-deps --no-build-isolation --editable .
    wanted "$ring" >".venv/.$ring"
}

is_installed && exit 0
choose_python
take_mutex
is_installed || install
