#!/usr/bin/env bash
# ansible-test wants a real path .../ansible_collections/NAMESPACE/NAME: it gets a copy of what git knows or would add.
set -euo pipefail
cd "$(dirname "$0")/.."
tree=build/sanity/ansible_collections/senhasegura/cluster
rm -rf "$tree" && mkdir -p "$tree"
git ls-files --cached --others --exclude-standard -z | while IFS= read -r -d '' name; do
    if [ -e "$name" ]; then printf '%s\0' "$name"; fi
done | tar --null --files-from=- -c | tar -C "$tree" -x

# ansible-test keeps its virtual environments in the home directory: it gets one below build/, which goes with make clean. Where pip
# finds its packages, and what it has of them already, stays as it is.
home=$PWD/build/home
mkdir -p "$home/.cache" "$home/.config"
for name in .cache/pip .config/pip .pip; do
    if [ -e "$HOME/$name" ]; then ln -sfn "$HOME/$name" "$home/$name"; fi
done
export HOME=$home

# ansible-test downloads a pip bootstrap of its own from outside; its error message names this file as the way to bring
# one. This one takes the pip that comes with Python.
cache=$HOME/.ansible/test/cache
mkdir -p "$cache"
cat > "$cache/get_pip_24_2.py" <<'PY'
import subprocess, sys
subprocess.run([sys.executable, "-m", "ensurepip", "--default-pip"], check=True)
args = [arg for arg in sys.argv[1:] if arg not in ("--no-setuptools", "--no-wheel")]
sys.exit(subprocess.run([sys.executable, "-m", "pip", "install"] + args).returncode if args else 0)
PY
cd "$tree"
# The copy has no history of its own; without one ansible-test takes the clone's around it, which ignores build/.
git init -q . && git add -A
exec ansible-test sanity --local --python "$(python -c 'import sys; print("%d.%d" % sys.version_info[:2])')" --color no
