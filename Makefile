# The only commands one has to know.  `make help` lists them.
#
# Every target does its own set-up: a virtual environment in .venv with mxl installed from this tree.  Set-up is done
# again only when pyproject.toml has changed; an existing .venv is used as it is.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first Python that is new enough.  Another one: make PYTHON=/path/to/python3.12 train
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$p"; break; }; done)

VENV  := .venv
BIN   := $(VENV)/bin
PY    := $(BIN)/python
READY := $(VENV)/.mxl-ready

# What to run, to be changed on the command line: make simulate SEEDS=10000, make test ARGS="tests/core -x".
WORKERS  ?= 4
SERVERS  ?= 2
SEEDS    ?= 1000
EXAMPLES ?= 20000
ARGS     ?=

.PHONY: help setup train test check bench simulate rig fuzz docs

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(READY)  ## make .venv and install mxl with all that the other targets need

train: $(READY)  ## train the handwritten digits: 4 workers, 2 servers, a scheduler
	$(BIN)/mxl-launch -n $(WORKERS) -s $(SERVERS) examples/train_digits.py $(ARGS)

test: $(READY)  ## run all tests
	$(PY) -m pytest $(ARGS)

check: $(READY)  ## ruff, basedpyright, import-linter
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports --no-logo

bench: $(READY)  ## measure, beside the peers where they are installed (PEERS=folder of their environments)
	$(PY) benchmarks/operators.py $(ARGS)

simulate: $(READY)  ## run SEEDS simulated clusters with injected faults
	$(PY) -m mxl.testing.simulate --seeds $(SEEDS) $(ARGS)

rig: $(READY)  ## build the image, train the digits in a docker-compose cluster, compare the result
	deploy/compose/rig.sh $(ARGS)

fuzz: $(READY)  ## run every property test with EXAMPLES examples in place of the usual hundred
	MXL_FUZZ=$(EXAMPLES) $(PY) -m pytest -m hypothesis -o timeout=3600 $(ARGS)

docs: $(READY)  ## make the generated pages; check links, examples, the README's code, the acceptance table
	$(PY) tests/oracle/table.py
	$(PY) -m mxl.kvstore.settings_page > docs/settings.md.new && mv docs/settings.md.new docs/settings.md
	$(PY) -m pytest tests/structure/test_docs.py tests/structure/test_acceptance.py tests/oracle/test_table.py tests/test_doctests.py $(ARGS)

$(PY):
	@test -n "$(PYTHON)" || { \
		echo "mxl needs Python 3.11 or newer; none was found as python3, python3.11 ... python3.14." >&2; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "mxl needs Python 3.11 or newer; $(PYTHON) is `"$(PYTHON)" --version 2>&1`." >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make a virtual environment with pip in it: ensurepip is missing." >&2; \
		echo "Install python3-venv (Debian, Ubuntu: apt-get install python3-venv) and run make again." >&2; exit 1; }
	"$(PYTHON)" -m venv $(VENV)

$(READY): pyproject.toml core/version.py | $(PY)
	@mkdir -p .typing && ln -sfn .. .typing/mxl
	$(PY) -m pip install --quiet --disable-pip-version-check --editable '.[dev,examples,image,viz]'
	@touch $@
