# Two commands for a fresh machine with git, make and Python 3.11 or later: `make warehouse` and `make test`.
# Everything is installed into .venv from locks that pin each package by hash; the second time nothing is installed.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

# Every build and many tests start processes of their own, and a command should start in a second: modules stay compiled.
export PYTHONDONTWRITEBYTECODE :=

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
EXTRAS := ocr cluster
# Versions of DuckDB beside the project's own that must open what is published; each has a lock under tests/clients.
CLIENTS := 1.4 2.0

# The first interpreter that is new enough; a shim that points nowhere fails the question and is passed over.
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	if $$name $(NEW_ENOUGH) >/dev/null 2>&1; then echo $$name; break; fi; done)

.PHONY: help warehouse explore ocr cluster clients test lint types arch unit offline soak fidelity corpus bench rules titles format ui lock clean

help: ## Show what there is to make
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do \
		printf '  make %-10s %s\n' "$$name" "$$text"; done

warehouse: $(RUNTIME) ## Build data/warehouse/gongkai.duckdb from data/raw
	@$(BIN)/gongkai build

ui: $(RUNTIME) ## Open the lineage graph, runs, schedules and checks on http://127.0.0.1:3000
	@$(BIN)/gongkai ui

explore: $(RUNTIME) ## Explore the warehouse in the browser on http://127.0.0.1:3100
	@$(BIN)/gongkai explore

ocr: $(VENV)/.ocr-installed ## Add the reader of scans and pictures (OCR, half a gigabyte)

cluster: $(VENV)/.cluster-installed ## Add the engine that reads on other machines (Dask)

clients: $(foreach version,$(CLIENTS),$(VENV)/clients/$(version)/.installed) ## Add other versions of DuckDB, which the tests then open the warehouse with

test: lint types arch unit ## Prove everything: taste, types, architecture, tests

lint: $(DEV) ## Taste
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: $(DEV) ## Types, strictly
	@$(BIN)/mypy

arch: $(DEV) ## Which room imports which
	@$(BIN)/lint-imports --no-logo

# Two processes, whole files each: a file's costly fixture is made once, and two cores are what everybody has. In the order of
# tests/conftest.py, which begins with the longest files; xdist alone would begin with those of the most tests.
UNIT := $(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder
unit: $(DEV) ## Tests and doctests
	@$(UNIT)

offline: $(DEV) ## The same in a network namespace that holds the loopback interface alone (Linux, as root)
	@unshare --net sh -c 'ip link set lo up && exec $(UNIT)'

# `make test` tries the same examples every time; here each property is tried on new ones, which are printed if one fails.
soak: $(DEV) ## The long loops against chance, which `make test` leaves out, and every property on new examples
	@$(BIN)/pytest -m "soak or hypothesis" --hypothesis-profile=soak

fidelity: $(DEV) ## Cells right, wrong and missing, by container and quirk: make fidelity FOLDERS="one two"
	@$(BIN)/python -m tests.fidelity $(FOLDERS)

corpus: $(DEV) ## Write N invented reports with their truth, outside data: make corpus N=10000 OUT=elsewhere
	@$(BIN)/python -m tests.scale write $(or $(OUT),build/corpus-$(N)) --count $(N) --seed $(or $(SEED),1)

bench: $(DEV) ## What a report costs beside the least that any reader must do
	@$(BIN)/python -m tests.bench
	@$(BIN)/python -m tests.bench_pipeline

rules: $(DEV) ## What the rules cost over 100,000 made-up reports: make rules REPORTS=20000
	@$(BIN)/python -m tests.bench_rules --reports $(or $(REPORTS),100000)

titles: $(DEV) ## What it costs to tell the agency and year of 100,000 titles: make titles TITLES=20000
	@$(BIN)/python -m tests.bench_titles --titles $(or $(TITLES),100000)

format: $(DEV) ## Mend what can be mended by machine
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

lock: $(DEV) ## Resolve the locks anew from pyproject.toml; they name no index
	@for lock in "requirements.lock --group build" "requirements-dev.lock --group dev -c requirements.lock" \
			$(foreach extra,$(EXTRAS),"requirements-$(extra).lock --extra $(extra) -c requirements-dev.lock"); do \
		set -- $$lock; output=$$1; shift; \
		UV_CUSTOM_COMPILE_COMMAND="make lock" $(call uv) pip compile pyproject.toml "$$@" --output-file $$output --upgrade \
			--universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --quiet || exit 1; \
	done
	@for version in $(CLIENTS); do \
		echo "duckdb==$$version.*" | UV_CUSTOM_COMPILE_COMMAND="make lock" $(call uv) --no-config pip compile - --upgrade \
			--output-file tests/clients/duckdb-$$version.lock --universal --python-version 3.11 --generate-hashes \
			--no-strip-extras --no-emit-index-url --quiet || exit 1; \
	done

clean: ## Remove what was built; data/raw and the environment stay
	rm -rf data/warehouse .dagster build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find schemas pipelines tests -name __pycache__ -type d -prune -exec rm -rf {} +

# ------------------------------------------------------------------------------------------------------ the environment

# uv where it is: on the path, or put into the environment by the rule below; nothing where it cannot be had.
uv = $$(command -v uv || { test -x $(BIN)/uv && echo $(BIN)/uv; })

# Install the lock $(1) into the environment, by uv where that works (seconds), by pip where it does not.
install = uv=$(call uv); \
	{ test -n "$$uv" && "$$uv" pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r $(1); } \
	|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1)

$(BIN)/python:
	@test -n "$(PYTHON)" || { \
		echo "gongkai needs Python 3.11 or later; found: $$(python3 --version 2>&1 || echo no python3)." >&2; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) $(NEW_ENOUGH) || { echo "gongkai needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; exit 1; }
	@echo "Creating $(VENV) with $$($(PYTHON) --version)"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot create an environment. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@test -n "$(call uv)" || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv 2>/dev/null \
		|| echo "uv is not to be had here; pip installs instead"

# The project itself goes in without dependencies and without build isolation: nothing is fetched that no lock names.
$(RUNTIME): requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing requirements.lock"
	@$(call install,requirements.lock)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/clients/%/.installed: tests/clients/duckdb-%.lock | $(RUNTIME)
	@echo "Installing $<"
	@$(BIN)/python -m venv --without-pip $(@D)
	@uv=$(call uv); \
		{ test -n "$$uv" && "$$uv" --no-config pip install --quiet --python $(@D)/bin/python --require-hashes -r $<; } \
		|| $(BIN)/python -m pip --python $(@D)/bin/python install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# The tools of development and each optional extra: a lock and a mark of its own.
$(VENV)/.%-installed: requirements-%.lock $(RUNTIME)
	@echo "Installing $<"
	@$(call install,$<)
	@touch $@
