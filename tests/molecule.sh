#!/usr/bin/env bash
# Runs the scenarios given, each on fresh hosts of its own, JOBS at a time (they wait more than they compute). Each one's
# output is shown in one piece when it ends: the last line and the longest times without an acknowledged write, or all of it and the hosts'
# journals when it failed. What failed is named once more at the very end, where whoever reads only the end of a long log looks.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || { echo "no scenario was found"; exit 1; }
mkdir -p build/logs

# What a killed run has left goes first; when this one ends the hosts must still be there for their journals.
story() {
    molecule destroy --scenario-name "$1" && molecule test --destroy=never --scenario-name "$1"
}

scenario() {
    local log=build/logs/$1.log began=$SECONDS result=0
    story "$1" >"$log" 2>&1 </dev/null || result=$?
    [ $result -eq 0 ] || python3 tests/lab/lab.py journal --lab "$1" >>"$log" 2>&1
    molecule destroy --scenario-name "$1" >>"$log" 2>&1 </dev/null
    exec 9>build/logs/lock
    flock 9
    if [ $result -eq 0 ]; then grep -E '^=+ .* in [0-9.]+s|[Ll]ongest time' "$log"; else cat "$log"; fi
    echo "=== scenario $1: exit status $result, $((SECONDS - began)) s"
    [ $result -eq 0 ] || broken "$1" >>build/logs/failed
    return $result
}

broken() {
    echo "=== failed: $1"
    grep -E '^(E  |FAILED |ERROR |CRITICAL )' "build/logs/$1.log" | tail -n 30 || true
}

# Whose tests are the longest goes first: the last one runs alone. A scenario without tests of its own has another's.
longest_first() {
    for name in "$@"; do echo "$(cat molecule/"$name"/tests/*.py 2>/dev/null | wc -l) $name"; done | sort -rn | cut -d' ' -f2
}

export -f story scenario broken
: >build/logs/failed
result=0
longest_first "$@" | xargs -P "${JOBS:-1}" -I '{}' bash -euo pipefail -c 'scenario {}' || result=$?
cat build/logs/failed
[ $result -eq 0 ]
