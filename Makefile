# `make demo` and `make test` set up .venv by themselves and need Python 3.11 or newer, nothing else; a second call
# installs nothing. uv is used where it is installed (`make UV= test` leaves it out), else venv and pip. Which package
# index is asked is up to your environment.
# `make test-spark`, `make test-survival` and `make engines` keep what they install apart: Spark alone is 450 MB, and
# lifelines wants an older pandas.
.PHONY: help demo test test-spark test-survival nightly engines lint format type unit wheel bench docs clean
.NOTPARALLEL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

BIN := .venv/bin
UV ?= $(shell command -v uv 2>/dev/null)
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
JAVA ?= $(shell "$${JAVA_HOME:+$$JAVA_HOME/bin/}java" -version >/dev/null 2>&1 && echo yes)
HEADING = @printf '\n== %s\n'

ifeq ($(UV),)
new_venv = $(if $(PYTHON),$(PYTHON) -m venv $(@D:/bin=),@echo 'carepolicy needs Python 3.11 or newer; name one: make PYTHON=...' && exit 1)
install = $(BIN)/python -m pip install -qq --disable-pip-version-check
with_groups = $(install) 'pip>=25.1' && $(install)
else
new_venv = $(UV) venv --quiet --seed --python '$(or $(PYTHON),>=3.11)' $(@D:/bin=)
install = $(UV) pip install --quiet --python $(BIN)/python
with_groups = $(install)
endif

help:  ## What there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 17

demo: .venv/.ready-demo  ## Hold an example's history against a plan
	@$(BIN)/carepolicy audit examples/claim/claim.csv

test: lint type unit wheel  ## All checks: what has to pass before a change is merged

lint: .venv/.ready-dev  ## Formatting and lint
	$(HEADING) lint
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

format: .venv/.ready-dev  ## Format, and mend what ruff can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

type: .venv/.ready-dev  ## mypy --strict
	$(HEADING) type
	@$(BIN)/mypy

unit: .venv/.ready-dev  ## Tests and every example in docstrings, README and docs, with branch coverage
	$(HEADING) unit
	@$(BIN)/coverage run -m pytest --quiet
	@$(BIN)/coverage report

wheel: .venv/.ready-dev  ## Build the wheel and use it in a clean environment
	$(HEADING) wheel
	@$(BIN)/python tools/wheel_check.py

ifeq ($(JAVA),)
test-spark:  ## The tests on Spark; where there is no Java, one line says that they were skipped
	@echo 'SKIPPED: no Java, so nothing was tested on Spark; install Java 17 or newer and run make test-spark'
else
test-spark: .venv-spark/.ready
	$(HEADING) test-spark
	@.venv-spark/bin/python -m pytest --quiet tests/spark
endif

test-survival: .venv-survival/.ready  ## The tests that need lifelines
	$(HEADING) test-survival
	@.venv-survival/bin/python -m pytest --quiet tests/survival

nightly: .venv/.ready-dev  ## What takes minutes: a million rows, a year of 100,000 people, a page in a browser, many more examples
	$(HEADING) nightly
	@$(BIN)/python -m pytest --quiet tests/nightly/million.py tests/nightly/send_year.py tests/nightly/handover_page.py
	@HYPOTHESIS_PROFILE=deep $(BIN)/python -m pytest --quiet tests/test_table_laws.py tests/test_fact_table_laws.py

engines: $(BIN)/python  ## Install every engine of docs/how-to/engines.md and run its script once
	$(HEADING) engines
	@$(BIN)/python tools/engines_check.py

bench: .venv/.ready-dev  ## Measure; see bench/README.md
	@$(BIN)/python bench/run.py

docs: .venv/.ready-docs  ## Build the documentation; a warning is an error
	$(HEADING) docs
	@$(BIN)/python -m sphinx -W --keep-going --quiet -b html docs docs/_build/html
	@echo 'open docs/_build/html/index.html'

clean:  ## Remove what was built, but not .venv, .venv-spark and .venv-survival
	rm -rf dist build .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache docs/_build

$(BIN)/python .venv-spark/bin/python .venv-survival/bin/python:
	@$(new_venv)

.venv/.ready-demo: pyproject.toml | $(BIN)/python
	@echo 'carepolicy: installing what the demo needs into .venv (once, under a minute)'
	@$(install) -e '.[cli]'
	@touch $@

.venv/.ready-dev: pyproject.toml | $(BIN)/python
	@echo 'carepolicy: installing what the tests need into .venv (once, a minute or two)'
	@$(with_groups) -e '.[all]' --group dev
	@touch $@ .venv/.ready-demo

.venv/.ready-docs: pyproject.toml | $(BIN)/python
	@echo 'carepolicy: installing what the documentation needs into .venv (once, under a minute)'
	@$(with_groups) -e '.[all]' --group docs
	@touch $@

.venv-spark/.ready: BIN := .venv-spark/bin
.venv-spark/.ready: pyproject.toml | .venv-spark/bin/python
	@echo 'carepolicy: installing Spark and what its tests need into .venv-spark (once, a few minutes, 450 MB)'
	@$(with_groups) -e '.[holidays,spark]' --group test
	@touch $@

.venv-survival/.ready: BIN := .venv-survival/bin
.venv-survival/.ready: pyproject.toml | .venv-survival/bin/python
	@echo 'carepolicy: installing lifelines and what its tests need into .venv-survival (once, a minute)'
	@$(with_groups) -e '.[survival]' --group test
	@touch $@
