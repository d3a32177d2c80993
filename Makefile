# `make run` starts everything on a laptop. `make test` checks everything but the
# long tests, which `make test-deep` runs.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header

# The benchmark compares with a reference that has its own packages; see
# docs/performance.md.
BENCH := benchmarks/.venv-reference

.PHONY: run deploy-env test test-deep test-matrix bench bench-flat bench-counts screenshots format openapi client-types audit requirements upgrade clean

run: .venv/installed
	@$(BIN)/python -m scripts.write_env
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py ensure_admin
	@$(BIN)/python manage.py show_urls $(HOST) $(PORT)
	@$(BIN)/python -m scripts.serve $(HOST):$(PORT)

# Ask for domain, keys and mail, and write the .env of a deployment; see docs/deploy.md.
deploy-env:
	@$(PYTHON) -m scripts.deploy_env

test: .venv/installed-dev
	@$(BIN)/python -m scripts.check

test-deep: .venv/installed-dev
	@$(BIN)/python -m scripts.check --deep

# Each supported Python and Django; make test-matrix ARGS=3.13-6.1 runs one pair.
test-matrix: .venv/installed-dev
	@$(BIN)/python -m scripts.test_matrix $(ARGS)

bench: .venv/installed-dev $(BENCH)/installed
	@$(BIN)/python -m benchmarks $(ARGS)

# Compare the same requests over a thousand images and over millions.
bench-flat: .venv/installed-dev
	@$(BIN)/python -m benchmarks.flat $(ARGS)

bench-counts: .venv/installed-dev
	@$(BIN)/python -m benchmarks.counting $(ARGS)

# Take the pictures of the documents from the running product; needs Chromium.
screenshots: .venv/installed-dev
	$(BIN)/python -m e2e.screenshots

format: .venv/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Write the OpenAPI document and the Postman collection anew.
openapi: .venv/installed-dev
	$(BIN)/python manage.py spectacular --file docs/openapi.yaml
	$(BIN)/python -m scripts.postman

# Write the types of clients/typescript anew; needs npm and the network.
client-types:
	npx --yes openapi-typescript@7.9.1 docs/openapi.yaml -o clients/typescript/src/schema.ts

# Look for known vulnerabilities of the pinned packages; needs the network.
audit: .venv/installed-dev
	$(BIN)/pip-audit --require-hashes --disable-pip --requirement requirements.txt

# Pin the packages of the short lists with their hashes, and keep the present versions.
requirements: .venv/installed-dev
	$(COMPILE) $(UPGRADE) requirements.in --output-file requirements.txt
	$(COMPILE) $(UPGRADE) requirements-dev.in --output-file requirements-dev.txt
	$(COMPILE) $(UPGRADE) benchmarks/reference/requirements.in \
		--output-file benchmarks/reference/requirements.txt

# The same with the newest versions that the short lists allow.
upgrade:
	$(MAKE) requirements UPGRADE=--upgrade

clean:
	rm -rf .venv $(BENCH) var db.sqlite3* staticfiles .mypy_cache .ruff_cache \
		.pytest_cache .import_linter_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed.")'
	@$(PYTHON) -m venv .venv

# Thanks to these stamps, packages are installed again only when the pins change.
.venv/installed: requirements.txt | .venv/bin/python
	@echo "Installing the packages of requirements.txt ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt | .venv/bin/python
	@echo "Installing the packages of requirements-dev.txt ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ .venv/installed

$(BENCH)/installed: benchmarks/reference/requirements.txt
	@echo "Installing the packages of the reference ..."
	@$(PYTHON) -m venv $(BENCH)
	@$(BENCH)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@
