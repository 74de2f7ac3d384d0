#!/usr/bin/env bash
# Runs the scenarios given, one after another, each on fresh hosts of its own; shows the hosts' journals when one fails.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || { echo "no scenario was found"; exit 1; }

story() {
    molecule destroy --scenario-name "$1" && molecule create --scenario-name "$1" && molecule verify --scenario-name "$1"
}

for scenario in "$@"; do
    began=$SECONDS
    echo "=== scenario $scenario"
    result=0
    story "$scenario" || result=$?
    [ $result -eq 0 ] || python3 tests/lab/lab.py journal --lab "$scenario"
    molecule destroy --scenario-name "$scenario"
    [ $result -eq 0 ] || exit $result
    echo "=== scenario $scenario: $((SECONDS - began)) s"
done
