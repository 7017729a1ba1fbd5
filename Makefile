# The commands of the project. `make run` and `make test` need nothing prepared but Python 3.11+ and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
ARGS ?=

.PHONY: run test install test-deps chromium lint bench bench-deps lock clean

run: install            ## serve at http://127.0.0.1:8000/; `make run ARGS="--port 9000 --open-browser"`
	@$(BIN)/python -m app $(ARGS)

install: $(VENV)/.installed
test-deps: $(VENV)/.installed-test

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Unrolled needs Python 3.11 or newer, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock | $(VENV)/bin/python
	$(PIP) -r requirements.lock
	@touch $@

$(VENV)/.installed-test: requirements-test.lock $(VENV)/.installed
	$(PIP) -r requirements-test.lock
	@touch $@
