#!/usr/bin/env bash
# With the oldest ansible-core that meta/runtime.yml promises (its virtual environment comes first in PATH): the rules, the syntax of
# every playbook, and a cluster on real hosts, two because that is quicker: refused without a Yes, made, and nothing to do.
set -euo pipefail
cd "$(dirname "$0")/.."
log=build/old.log
playbooks=(playbooks/*.yml)
playbooks=("${playbooks[@]/#playbooks\//senhasegura.cluster.}")
lab() { python3 tests/lab/lab.py "$1" --lab old "${@:2}"; }
fail() { lab journal; cat "$log"; echo "$1"; exit 1; }

# The exit status and the words that a run must end with; a traceback is never among them.
run() {
    local status=$1 words=$2 result=0
    shift 2
    "$@" >"$log" 2>&1 </dev/null || result=$?
    [ $result -eq "$status" ] || fail "exit status $result, not $status"
    grep -qF -- "$words" "$log" || fail "these words are missing: $words"
    if grep -qE 'An exception occurred|Traceback|DEPRECATION' "$log"; then fail "it tells of an exception, or of what is deprecated"; fi
    echo "as expected: $words"
}

ansible --version | sed -n 1p
PYTHONPATH=build python -m pytest --import-mode=importlib -q -p no:cacheprovider tests/unit
trap 'lab down' EXIT
inventory=$(lab up --fresh --kind member --names member-a,member-b)
create=(ansible-playbook senhasegura.cluster.create_cluster -i "$inventory")
run 0 playbook: ansible-playbook --syntax-check -i "$inventory" "${playbooks[@]%.yml}"
run 2 "Nothing was changed: the plan restarts databases and needs a Yes. There is no terminal" "${create[@]}"
run 0 "One component, proven on every member: 2 voters" "${create[@]}" -e senhasegura_confirm=true
run 0 "Nothing to do: all 2 members are as declared." "${create[@]}" -e senhasegura_confirm=true
