# Quality City. A fresh machine needs Python 3.11 and make; the first call makes .venv from the lock.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOME_DIR ?= var

.PHONY: nightly test bench ui screenshots lock clean
.DEFAULT_GOAL := nightly

nightly: $(VENV)/.runtime  ## run the main job on the bundled sample inbox
	@$(BIN)/quality-city nightly --home $(HOME_DIR)

test: $(VENV)/.dev  ## lint, types, all tests
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

bench: $(VENV)/.dev  ## our night against bare DuckDB and pandas on the same work
	@$(BIN)/python -m benchmarks

ui: $(VENV)/.dev nightly  ## the report and Dagster's web pages, on this machine only
	@$(BIN)/python -m pipelines.dagster_home $(HOME_DIR)/work/dagster
	-@$(BIN)/quality-city report --home $(HOME_DIR) --open
	@DAGSTER_HOME=$(abspath $(HOME_DIR))/work/dagster \
		QUALITY_CITY_HOME=$(abspath $(HOME_DIR)) $(BIN)/dagster dev -h 127.0.0.1 -w workspace.yaml

screenshots: $(VENV)/.dev nightly  ## the pictures of docs/report.md (needs Chromium)
	@PYTHONPATH=.:tests $(BIN)/python tests/people/screenshots.py $(HOME_DIR)

lock:  ## resolve the locks anew (needs uv)
	@uv pip compile pyproject.toml -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links -o requirements.txt
	@uv pip compile pyproject.toml -q --extra dev --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links -c requirements.txt -o requirements-dev.txt
	@uv pip compile pyproject.toml -q --extra spark --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links -c requirements.txt -o requirements-spark.txt
	@echo 'duckdb==1.4.4  # the oldest client that must open the published file' | uv pip compile - -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links -o requirements-duckdb14.txt

clean:  ## remove the environment and the sample home
	@rm -rf $(VENV) $(HOME_DIR) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -m venv $(VENV)

# --no-deps: the lock is complete; with dependencies pip would ask for hashes of what it resolves itself.
$(VENV)/.runtime: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "installing the runtime lock into $(VENV) (once)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements-duckdb14.txt requirements-spark.txt $(VENV)/.runtime
	@echo "installing the development lock into $(VENV) (once)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes --target $(VENV)/duckdb-1.4 --upgrade -r requirements-duckdb14.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements-spark.txt
	@touch $@
