# Needs python >= 3.11, git and make; everything else comes with the locks.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SIZE   ?=
# While Airflow runs, commands by hand share its registry: a lake belongs to one registry.
AIRFLOW := $(or $(EMIS_HOME),$(CURDIR)/var)/airflow

# Airflow starts many processes: without bytecode each would compile it anew, for ten seconds.
unexport PYTHONDONTWRITEBYTECODE
# A package of the calling shell would shadow the locked ones.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
export PYTHONUNBUFFERED := 1

INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python --no-build-isolation
LOCK    := $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links \
           --no-header --no-annotate --universal --python-version 3.11
UPGRADE ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test airflow bench lint lock clean clean-data

help: ## the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: $(VENV)/runtime.stamp ## the demonstration region: one day and an alert recalculation; SIZE=small, city or province
	@if [ -f "$(AIRFLOW)/running.json" ]; then . "$(AIRFLOW)/emis.env"; fi; $(BIN)/emis demo --size $(or $(SIZE),small)

test: lint ## style, types and every test
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup $(ARGS)

airflow: $(VENV)/dev.stamp ## Airflow with the DAGs, on PostgreSQL; prints address and login
	@$(BIN)/python -m bigdata_emis.devstack.services

bench: $(VENV)/dev.stamp ## our stages timed against plain scripts; SIZE=S, M or L; ARGS=--json and others
	@$(BIN)/python -m bench $(or $(SIZE),S) $(ARGS)

lint: $(VENV)/dev.stamp ## style and types only
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary --num-workers 2

lock: $(VENV)/build.stamp ## renew the locks from pyproject.toml; UPGRADE=--upgrade takes newer versions
	@echo 'resolving the locks (about a minute) …' >&2
	@$(LOCK) $(UPGRADE) --extra airflow --extra dev pyproject.toml --output-file requirements-dev.lock
	@$(LOCK) $(UPGRADE) --constraint requirements-dev.lock pyproject.toml --output-file requirements.lock

clean: ## remove the environment, build and caches; results and data in var/ stay
	@rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name var -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

clean-data: ## remove var/ with every version, database and log, after you have typed its path
	@if [ ! -d var ]; then echo 'there is no var/ to remove'; exit 0; fi; \
	  printf 'This removes %s for ever: every version, raw answer, database and log.\nType the path to confirm: ' '$(CURDIR)/var'; \
	  read -r answer || true; \
	  if [ "$$answer" = '$(CURDIR)/var' ]; then rm -rf var; else echo 'not confirmed; nothing was removed' >&2; exit 2; fi

$(VENV)/build.stamp: requirements-build.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null || \
	  { echo 'Python 3.11, 3.12 or 3.13 is needed, but "$(PYTHON)" is not one: say which, as in  make PYTHON=python3.12' >&2; exit 2; }
	@echo 'making $(VENV) …' >&2
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --requirement requirements-build.lock
	@touch $@

$(VENV)/runtime.stamp: requirements.lock pyproject.toml $(VENV)/build.stamp
	@echo 'installing what the inventory runs on (one to two minutes) …' >&2
	@$(INSTALL) --require-hashes --compile-bytecode --requirement requirements.lock
	@$(INSTALL) --no-deps --editable .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock pyproject.toml $(VENV)/build.stamp
	@echo 'installing Airflow and the tools of development (about two minutes) …' >&2
	@$(INSTALL) --require-hashes --compile-bytecode --requirement requirements-dev.lock
	@$(INSTALL) --no-deps --editable .
	@touch $@ $(VENV)/runtime.stamp
