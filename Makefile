# The commands of the project. `make run` and `make test` need nothing prepared but Python 3.11+ and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
ARGS ?=

.PHONY: run test soak references install test-deps chromium lint bench bench-deps mutation catalogue lock clean

run: install            ## serve at http://127.0.0.1:8000/; `make run ARGS="--port 9000 --open-browser"`
	@$(BIN)/python -m app $(ARGS)

install: $(VENV)/.installed
test-deps: $(VENV)/.installed-test

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Unrolled needs Python 3.11 or newer, this is " + sys.version.split()[0])'
	@$(PYTHON) -m venv $(VENV) >/dev/null || { rm -rf $(VENV); \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y python3-venv >/dev/null && $(PYTHON) -m venv $(VENV); \
	else echo "Python's venv is missing. Install it with: sudo apt-get install python3-venv"; exit 1; fi; }

$(VENV)/.installed: requirements.lock | $(VENV)/bin/python
	$(PIP) -r requirements.lock
	@touch $@

$(VENV)/.installed-test: requirements-test.lock $(VENV)/.installed
	$(PIP) -r requirements-test.lock
	@touch $@

# Debian's Chromium drives the browser tests. Where it is missing, root may install it; anybody else is told how.
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	|| if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Chromium for the browser tests"; \
	  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium fonts-liberation >/dev/null; } \
	  || { echo "Chromium could not be installed: the browser tests need it"; test -z "$$CI"; }; \
	else echo "Chromium is missing, so the browser tests are skipped. Install it with: sudo apt-get install chromium fonts-liberation"; test -z "$$CI"; fi

lint: test-deps         ## style and types
	$(BIN)/ruff check .
	$(BIN)/mypy

test: test-deps chromium lint   ## everything: style, types, unit, browser
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --ignore tests/browser
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not slow" tests/browser

soak: test-deps chromium        ## the tests marked slow: many pictures, many themes, many widths
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m slow tests

references: test-deps chromium  ## draw anew what tests/browser/test_looks.py compares with; look at what changed
	$(BIN)/python -m tests.browser.looks

bench: bench-deps       ## the speed targets, as ratios within one run
	@for file in tests/benchmarks/bench_*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

mutation: test-deps     ## flip signs and indices in the engine, one at a time, and count who survives; slow
	$(BIN)/python tests/mutation/mutate_engine.py

bench-deps: test-deps   ## PyTorch, which some benchmarks and tests compare with when it is there
	$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0

# English is written in the source; every other language is a .po beside the .mo that the product reads.
LOCALE := app/wording/locale
BABEL := $(BIN)/pybabel --quiet
catalogue: | test-deps  ## gather the sentences of the interface, and carry them into every language
	@$(BABEL) extract -F pyproject.toml -k _ -k N_ -k n_:1,2 -k say --add-location=file --sort-by-file --omit-header -w 110 -o $(LOCALE)/unrolled.pot .
	@$(BABEL) update -D unrolled -i $(LOCALE)/unrolled.pot -d $(LOCALE) -w 110 --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	@$(BABEL) compile -D unrolled -d $(LOCALE)

# The locks carry hashes for every platform and no address: uv resolves in a scratch folder, and only its export is kept.
UV := $(VENV)/bin/uv
lock: | $(VENV)/bin/python   ## renew requirements.lock and requirements-test.lock from pyproject.toml
	@test -x $(UV) || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && cp pyproject.toml "$$scratch" && uv=$$PWD/$(UV) && cd "$$scratch" \
	&& "$$uv" lock --quiet --no-config --python "$$OLDPWD/$(BIN)/python" \
	&& "$$uv" export --quiet --frozen --no-config --no-header --no-emit-project --no-annotate --no-default-groups -o requirements.lock >/dev/null \
	&& "$$uv" export --quiet --frozen --no-config --no-header --no-emit-project --no-annotate --only-group test -o requirements-test.lock >/dev/null \
	&& ! grep -nE '://|^--' requirements.lock requirements-test.lock \
	&& mv requirements.lock requirements-test.lock "$$OLDPWD"

clean:                  ## remove the environment and every cache
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results
