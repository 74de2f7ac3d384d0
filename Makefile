# Everything a person or CI runs here, from a bare Debian machine (root). `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
COLLECTION := build/ansible_collections/senhasegura/cluster
# The oldest ansible-core that is promised, and a virtual environment for it: it cannot share one with ansible-lint.
OLDEST := $(shell sed -n 's/^requires_ansible: ">=\([0-9]*[.][0-9]*\).*/\1/p' meta/runtime.yml)
OLD := build/venv-$(OLDEST)
SCENARIOS ?= $(sort $(patsubst molecule/%/molecule.yml,%,$(wildcard molecule/*/molecule.yml)))
# Scenarios at a time: they wait for real databases most of their time.
JOBS ?= 2
LAB := python3 tests/lab/lab.py
APT := podman runc debootstrap python3-venv openssh-client rsync git shellcheck iproute2 nftables

export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/build
export PATH := $(BIN):$(PATH)
export PYTHONDONTWRITEBYTECODE := 1
export ANSIBLE_FORCE_COLOR := 0
export ANSIBLE_HOME := $(CURDIR)/build/ansible-home

.PHONY: help
help: ## what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "%-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(VENV)/ready $(COLLECTION) ## what this machine lacks: Debian packages, a virtual environment in the clone

# dpkg is asked, not apt: nothing is downloaded where nothing is missing.
$(VENV)/ready: requirements.txt requirements-dev.txt
	@missing=$$(for name in $(APT); do dpkg-query -W -f '$${Status}' $$name 2>/dev/null | grep -q 'ok installed' || echo $$name; done); \
	if [ -n "$$missing" ]; then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing >build-apt.log 2>&1 \
	  || { cat build-apt.log; exit 1; }; rm -f build-apt.log; fi
	@python3 -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(COLLECTION):
	@mkdir -p $(dir $@) && ln -sfn ../../.. $@

PLATFORM ?= galera
# Labs are known to all clones of a machine by their names, and one clone never touches another's.
DEMO ?= demo
DEMO_galera := $(DEMO) --kind member
DEMO_orbit := $(DEMO)-orbit --kind appliance
ANSWERS_orbit := -e senhasegura_manual_steps_done=sync.enabled -e senhasegura_overwrite_members=member-b,member-c

.PHONY: demo
demo: setup ## three hosts on this machine, a cluster on them, and its status; again: nothing changes (PLATFORM=orbit: appliances)
	@$(if $(DEMO_$(PLATFORM)),,echo "PLATFORM must be galera or orbit, not $(PLATFORM)"; exit 1)
	@inventory=$$($(LAB) up --lab $(DEMO_$(PLATFORM))) && \
	ansible-playbook senhasegura.cluster.create_cluster -i "$$inventory" -e senhasegura_confirm=true $(ANSWERS_$(PLATFORM))

.PHONY: demo-test
demo-test: setup ## what a newcomer types, in a fresh clone: demo, demo again, clean
	@bash tests/demo.sh

.PHONY: lint
lint: setup ## ansible-lint (production profile), yamllint, shellcheck
	@ansible-lint --offline --profile production -q
	@git ls-files -z '*.sh' .ci/run | xargs -0 shellcheck

.PHONY: unit
unit: setup ## pure rules, codecs and lists (under 20 s)
	@PYTHONPATH=build python -m pytest --numprocesses=auto --import-mode=importlib -q -p no:cacheprovider tests/unit

$(OLD)/ready: $(VENV)/ready
	@python3 -m venv $(OLD)
	@$(OLD)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt 'ansible-core==$(OLDEST).*' hypothesis jsonschema pytest
	@touch $@

.PHONY: old
old: setup $(OLD)/ready ## unit tests and one cluster of real hosts with the oldest ansible-core that is promised
	@PATH=$(CURDIR)/$(OLD)/bin:$$PATH bash tests/old.sh

.PHONY: sanity
sanity: setup ## ansible-test sanity, on a copy of what git knows
	@bash tests/sanity.sh

.PHONY: molecule
molecule: setup ## every story on real hosts: make molecule SCENARIOS="create refuse" for some
	@JOBS=$(JOBS) bash tests/molecule.sh $(SCENARIOS)

.PHONY: bench
bench: setup ## ratios against a plain script and a reference playbook
	@python tests/bench/bench.py

.PHONY: build
build: ## the artifact, in build/: needs nothing but ansible-core, and installs nothing
	@command -v ansible-galaxy >/dev/null || { echo "make build needs ansible-core: README.md, Use it"; exit 1; }
	@mkdir -p build
	@ansible-galaxy collection build --force --output-path build . >/dev/null
	@ls build/senhasegura-cluster-*.tar.gz

# What each keeps only one core busy, JOBS of them at a time: each one's output is shown in one piece when it ends.
.PHONY: static
static: lint unit old sanity ## all of these, side by side with make static --jobs=2

.PHONY: test
test: ## everything that CI runs
	@for part in setup "static --jobs=$(JOBS) --output-sync=recurse" build molecule demo-test; do \
	  began=$$SECONDS; $(MAKE) --no-print-directory $$part || { echo "make $$part failed"; exit 1; }; \
	  echo "make $$part: $$((SECONDS - began)) s"; done

.PHONY: clean
clean: ## take away everything that was made here: hosts, networks, images, build/, the virtual environment
	@$(LAB) clean
	@rm -rf build $(VENV) .ansible .hypothesis
