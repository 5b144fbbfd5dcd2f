# Every target does all of its own set-up. Needs Python 3.11 or newer (and uv, where it is installed, is faster).
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
UV := $(shell command -v uv)
EXAMPLE := $(shell find examples/extension/primum_example -name '*.py' -o -name '*.md') examples/extension/pyproject.toml
# A registry behind an authority of the machine's own; the second is the name in older versions.
export UV_SYSTEM_CERTS := true
export UV_NATIVE_TLS := true
ifneq ($(UV),)
VENV := uv venv --quiet --python $(PYTHON) .venv
INSTALL := uv pip install --quiet --python $(BIN)/python
else
VENV := $(PYTHON) -m venv .venv
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif

.PHONY: run test test-long test-real real check format lock docs clean

run: .venv/run.stamp  ## the main job: the embedded suite, a simulated panel, and its members alone
	$(BIN)/primum run

test: .venv/dev.stamp  ## the test suite
	$(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder -m "not real and not long"

test-long: .venv/dev.stamp  ## the tests that take long: whole processes, browsers, clusters of Ray, benchmarks
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "long and not real"

test-real: .venv/dev.stamp .venv/real.stamp  ## the tests that ask a real model, SmolLM2-135M on llama.cpp's server
	$(BIN)/python -m pytest -q -m real tests/real

real: .venv/run.stamp .venv/real.stamp  ## a small study of that model on this machine
	$(BIN)/python examples/llamacpp/study.py

check: .venv/dev.stamp  ## format, lint, types, import layers, packages listed = folders
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/test_packaging.py

format: .venv/dev.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock:  ## the requirements files, from pyproject.toml (needs uv)
	uv pip compile $(LOCK) --group build pyproject.toml -o requirements.txt
	uv pip compile $(LOCK) --group dev --all-extras pyproject.toml -o requirements-dev.txt
	uv pip compile $(LOCK) --group real --no-deps --constraint requirements-dev.txt -o requirements-real.txt
LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url

docs: .venv/run.stamp  ## the pages and files that are generated from the code
	$(BIN)/primum query --schema > docs/schema.md
	$(BIN)/primum cases schema > cases/suite.schema.json

clean:
	rm -rf .venv build *.egg-info examples/extension/build examples/extension/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/run.stamp: requirements.txt pyproject.toml
	test -x $(BIN)/python || $(VENV)
	$(INSTALL) --require-hashes --no-deps -r requirements.txt
	$(INSTALL) --no-deps --no-build-isolation -e .
	touch $@

.venv/dev.stamp: requirements-dev.txt .venv/run.stamp $(EXAMPLE)
	$(INSTALL) --require-hashes --no-deps -r requirements-dev.txt
	$(INSTALL) --no-deps --no-build-isolation --force-reinstall ./examples/extension
	touch $@

.venv/real.stamp: requirements-real.txt .venv/run.stamp
	$(INSTALL) --require-hashes --no-deps -r requirements-real.txt
	touch $@
