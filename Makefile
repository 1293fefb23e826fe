# Work on opgen itself. `make help` lists what there is.
#
# Environments: .venv holds opgen as a user would install it, for the demo; build/venv is where
# the suite runs against the wheel. Set PYTHON to choose the interpreter for both.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

BUILD := build
VENV := $(BUILD)/venv
CONSTRAINTS := tests/constraints.txt
BIN := $(VENV)/bin
DEMO_VENV ?= .venv

PYTEST_ARGS ?=
# Processes that share the suite, file by file; each starts a control plane of its own.
WORKERS ?= 2
DEMO_ARGS ?=
BENCH_ARGS ?=

# The first interpreter of 3.11 or newer. Names are tried by running them, because a shim of a
# version manager can be on PATH and still refuse.
ifndef PYTHON
PYTHON := $(shell for python in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& echo $$python && break; done)
endif
UV := $(shell command -v uv)

SOURCES := pyproject.toml README.md LICENSE \
	$(shell find opgen templates -type f -not -name '*.pyc' | sed 's/ /\\ /g')

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: test
test: $(VENV)/.wheel ## Run the whole suite against the installed wheel (PYTEST_ARGS=…)
	OPGEN_TEST_WHEEL=1 $(BIN)/pytest -n $(WORKERS) --dist loadfile $(PYTEST_ARGS)

.PHONY: demo
demo: $(DEMO_VENV)/.demo ## Show an operator's whole life, with no cluster
	$(DEMO_VENV)/bin/opgen demo $(DEMO_ARGS)

.PHONY: lint
lint: $(VENV)/.wheel ## Check style, layout and imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

.PHONY: typecheck
typecheck: $(VENV)/.wheel ## Check types, with mypy and pyright
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python

.PHONY: soak
soak: $(VENV)/.wheel ## Run the suite with many more generated examples, and undo decisions
	OPGEN_TEST_WHEEL=1 OPGEN_UNDO=1 $(BIN)/pytest --hypothesis-profile=soak $(PYTEST_ARGS)

.PHONY: bench
bench: $(VENV)/.bench ## Measure opgen beside controller-gen and kopf
	$(BIN)/python -m benchmarks $(BENCH_ARGS)

.PHONY: controlplane
controlplane: ## Build the real control plane and helm that tests use, with Go
	$(PYTHON) tests/controlplane/build.py

.PHONY: constraints
constraints: ## Take today's versions of what the suite needs
	: >$(CONSTRAINTS)
	$(MAKE) $(VENV)/.wheel
	$(freeze) | sed '/^opgen/d' >$(CONSTRAINTS).new
	mv $(CONSTRAINTS).new $(CONSTRAINTS)

.PHONY: clean
clean: ## Delete what make and the tools made, but not .venv
	rm -rf $(BUILD) dist .ruff_cache .mypy_cache .hypothesis .import_linter_cache

# ---- Environments --------------------------------------------------------------------------

.PHONY: python
python:
	@test -n "$(PYTHON)$(UV)" || { \
		echo "opgen needs Python 3.11 or newer, and none is on PATH." >&2; \
		echo "Install one (https://www.python.org/downloads), or say make PYTHON=/path/to/python." >&2; \
		exit 1; }

# $(call venv,FOLDER): an empty environment.  $(call install,FOLDER,ARGUMENTS): packages into it.
# uv fetches a Python if there is none.
ifdef UV
venv = rm -rf $(1) && $(UV) venv --quiet --python $(or $(PYTHON),3.13) $(1)
install = $(UV) pip install --quiet --python $(1)/bin/python $(2)
freeze = $(UV) pip freeze --python $(BIN)/python
wheel = $(UV) build --quiet --wheel --out-dir $(BUILD)/wheel
else
venv = rm -rf $(1) && $(PYTHON) -m venv $(1) && $(1)/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
install = $(1)/bin/python -m pip install --quiet --disable-pip-version-check $(2)
freeze = $(BIN)/python -m pip freeze
wheel = $(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir $(BUILD)/wheel .
endif

# What the suite needs, in versions that are known to work together. opgen itself names none.
$(VENV)/.packages: pyproject.toml $(CONSTRAINTS) | python
	$(call venv,$(VENV))
	$(call install,$(VENV),--group dev --constraint $(CONSTRAINTS))
	touch $@

$(VENV)/.wheel: $(VENV)/.packages $(SOURCES)
	rm -rf $(BUILD)/wheel
	$(wheel)
	$(call install,$(VENV),"$$(echo $(BUILD)/wheel/opgen-*.whl)[cli$(,)test]" --constraint $(CONSTRAINTS))
	$(call install,$(VENV),--force-reinstall --no-deps $(BUILD)/wheel/opgen-*.whl)
	touch $@

$(VENV)/.bench: $(VENV)/.wheel benchmarks/requirements.txt
	$(call install,$(VENV),--requirement benchmarks/requirements.txt)
	touch $@

# A .venv that is there already stays; opgen is installed into it.
$(DEMO_VENV)/.demo: pyproject.toml $(SOURCES) | python
	test -x $(DEMO_VENV)/bin/python || $(call venv,$(DEMO_VENV))
	$(call install,$(DEMO_VENV),'.[cli$(,)test]')
	touch $@

, := ,
