#!/usr/bin/env bash
# A newcomer's first minutes: a fresh clone of what is committed here, make demo, make demo again, make clean. Nothing of it may
# change anything the second time, and nothing may be left. Its lab has a name of its own: this clone's demo may be up.
set -euo pipefail
cd "$(dirname "$0")/.."
clone="$PWD/build/a newcomer"   # folders have blanks
trap 'make --no-print-directory -C "$clone" clean >/dev/null && rm -rf "$clone"' EXIT
rm -rf "$clone"
git clone --quiet . "$clone"

# As from a newcomer's shell: without what this clone's Makefile exports.
newcomer() {
    env --unset=MAKEFLAGS --unset=MAKELEVEL --unset=ANSIBLE_COLLECTIONS_PATH --unset=ANSIBLE_HOME --unset=ANSIBLE_FORCE_COLOR \
        PATH="${PATH#"$PWD/.venv/bin:"}" make --no-print-directory -C "$clone" DEMO=newcomer "$@" >build/newcomer.log 2>&1 ||
        { cat build/newcomer.log; echo "demo: make $* failed"; exit 1; }
}

says() {
    grep -Eq -- "$1" build/newcomer.log || { cat build/newcomer.log; echo "demo: nothing matches: $1"; exit 1; }
}

newcomer demo
says '^member-a +[0-9.]+ +- +yes +Primary, Synced +1 +[0-9.]+ s$'
says '^member-c +[0-9.]+ +- +- +Primary, Synced +1 +[0-9.]+ s$'
says '^One component, proven on every member: 3 voters'
newcomer demo
says '^Nothing to do'
if grep -E 'changed=[1-9]' build/newcomer.log; then echo "demo: the second run has changed something"; exit 1; fi
newcomer clean
# Images that this or another clone built are used, and stay; those that the newcomer built go.
if [ -e "$clone/build" ] || [ -e "$clone/.venv" ] || podman ps --all --format '{{.Labels}}' | grep -F "$clone" ||
    podman network ls --format '{{.Labels}}' | grep -F "$clone" ||
    podman images --filter "label=senhasegura-cluster-lab-built=$clone" --format '{{.Repository}}:{{.Tag}}' | grep .; then
    echo "demo: make clean has left something"; exit 1
fi
trap - EXIT
rm -rf "$clone"
echo "demo: made, again nothing to do, and taken away"
