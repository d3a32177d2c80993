# `make run` starts everything on a laptop; `make test` checks everything.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header

# Beside a reference, see docs/performance.md.
BENCH := benchmarks/.venv-reference

.PHONY: run test bench bench-flat bench-counts format audit requirements clean

run: .venv/installed
	@$(BIN)/python -m scripts.write_env
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py ensure_admin
	@$(BIN)/python manage.py show_urls $(HOST) $(PORT)
	@$(BIN)/python manage.py runserver --skip-checks $(HOST):$(PORT)

test: .venv/installed-dev
	@$(BIN)/python -m scripts.check

bench: .venv/installed-dev $(BENCH)/installed
	@$(BIN)/python -m benchmarks $(ARGS)

# The same requests over a thousand and over millions of images.
bench-flat: .venv/installed-dev
	@$(BIN)/python -m benchmarks.flat $(ARGS)

bench-counts: .venv/installed-dev
	@$(BIN)/python -m benchmarks.counting $(ARGS)

format: .venv/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Ask the advisory database about the pinned packages; needs the network.
audit: .venv/installed-dev
	$(BIN)/pip-audit --require-hashes --disable-pip --requirement requirements.txt

# Write the pins and their hashes anew from the short lists.
requirements: .venv/installed-dev
	$(COMPILE) --upgrade requirements.in --output-file requirements.txt
	$(COMPILE) --upgrade requirements-dev.in --output-file requirements-dev.txt
	$(COMPILE) --upgrade benchmarks/reference/requirements.in \
		--output-file benchmarks/reference/requirements.txt

clean:
	rm -rf .venv $(BENCH) var db.sqlite3* staticfiles .mypy_cache .ruff_cache .pytest_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed.")'
	@$(PYTHON) -m venv .venv

# The stamps make a second start quick: nothing is installed again.
.venv/installed: requirements.txt | .venv/bin/python
	@echo "Installing what requirements.txt names ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt | .venv/bin/python
	@echo "Installing what requirements-dev.txt names ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ .venv/installed

$(BENCH)/installed: benchmarks/reference/requirements.txt
	@echo "Installing what the reference runs on ..."
	@$(PYTHON) -m venv $(BENCH)
	@$(BENCH)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@
