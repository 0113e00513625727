# Palais: `make run` and `make test` are all that a fresh machine needs, with Python 3.11+ and make.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
export PYTHONDONTWRITEBYTECODE = 1

.PHONY: run test test-full test-faults lint words bench screenshots lock audit clean

run: .venv/ready
	@$(BIN)/flask serve

test: .venv/ready-dev
	@$(BIN)/python -m tests

test-full: .venv/ready-dev
	@$(PYTHON) tests/rig/install.py
	@$(BIN)/python -m tests.browser.install
	@PALAIS_REQUIRE_GATEWAY=1 PALAIS_REQUIRE_BROWSER=1 $(MAKE) --no-print-directory test test-faults

test-faults: .venv/ready-dev
	@$(BIN)/python -m tests.faults

lint: .venv/ready-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

words: .venv/ready
	@$(BIN)/flask words

bench: .venv/ready-dev
	@$(BIN)/python -m bench

screenshots: .venv/ready-dev
	@$(BIN)/python -m bench.pictures

lock:
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header -q -U pyproject.toml -o requirements.lock
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header -q -U pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

# Asks PyPI which locked versions have known holes; in an environment of its own, as it is no part
# of Palais. Where the index is a mirror without that data it says so for each package, and fails.
audit:
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && $(PYTHON) -m venv "$$dir" && \
	  "$$dir/bin/pip" install --quiet --disable-pip-version-check pip-audit && \
	  "$$dir/bin/pip-audit" --strict --require-hashes --disable-pip \
	    -r requirements.lock -r requirements-dev.lock

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/ready: requirements.lock | .venv/python
	@echo "Installing what Palais needs; this once, it takes a minute or so …"
	@$(PIP) -r requirements.lock
	@touch $@

.venv/ready-dev: requirements-dev.lock | .venv/python
	@echo "Installing what Palais and its tests need …"
	@$(PIP) -r requirements-dev.lock
	@touch $@ .venv/ready

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Palais needs Python 3.11 or newer; say which with: make run PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -m venv .venv || \
	  { echo "Python's venv is missing. On Debian: apt-get install python3-venv"; exit 2; }
	@ln -sf bin/python .venv/python
