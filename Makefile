# Everything sets itself up: a fresh machine needs Python 3.11+ and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO_SECONDS ?= 0
PORT ?= 8650
# Tests that keep beats and intervals have the machine to themselves; all others run side by side.
ALONE := tests/benchmarks/ tests/patrol/ tests/streams/

.PHONY: help install demo test check bench clean

help:            ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/'

$(VENV)/.runtime: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 …"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.dev: pyproject.toml $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

install: $(VENV)/.runtime  ## set up the run time in .venv (no torch)

demo: install    ## patrol four rendered cameras; DEMO_SECONDS=n stops by itself
	@$(BIN)/gridpatrol demo --seconds $(DEMO_SECONDS) --port $(PORT)

test: $(VENV)/.dev  ## set up and run every test
	$(BIN)/python -m pytest -n auto --dist loadfile --durations 25 $(filter-out $(ALONE) tests/__pycache__/ tests/support/,$(sort $(wildcard tests/*/)))
	$(BIN)/python -m pytest --durations 25 $(ALONE)

check: $(VENV)/.dev  ## format, lint, types, rooms
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev  ## rate of `gridpatrol detect` against the raw runtime
	$(BIN)/python -m benchmarks.detect_rate

clean:           ## remove what was set up and written
	rm -rf $(VENV) build dist *.egg-info var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
