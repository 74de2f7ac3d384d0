#!/usr/bin/env bash
# Runs the scenarios given, one after another, each on hosts of its own; shows the hosts' journals when one fails.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || { echo "no scenario was found"; exit 1; }
for scenario in "$@"; do
    began=$SECONDS
    echo "=== scenario $scenario"
    if ! molecule test --scenario-name "$scenario" --destroy never; then
        python3 tests/lab/lab.py journal --lab "$scenario"
        python3 tests/lab/lab.py down --lab "$scenario"
        exit 1
    fi
    python3 tests/lab/lab.py down --lab "$scenario"
    echo "=== scenario $scenario: $((SECONDS - began)) s"
done
