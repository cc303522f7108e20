# One command for each habit; CI calls `make check`.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup servers demo test lint fix docs site bench check

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade "pip>=25.1"
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[postgresql,cluster,export]" --group dev --group docs
	touch $@

# PostgreSQL and Chromium for the tests that need them; without them those tests say so and skip.
servers:
	@sh tests/servers.sh

demo: $(READY)
	@sh demo.sh $(BIN)

test: $(READY) servers
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses=3 --dist=loadscope $(PYTEST)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy autotrick dashboards tests benchmarks docs
	$(BIN)/lint-imports
	$(BIN)/python -m docs.make --check

fix: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The pages that are made from code, and then the site: open site/index.html.
docs: $(READY)
	$(BIN)/python -m docs.make
	@$(MAKE) --no-print-directory site

# Without the variable Material warns of MkDocs 2 in every build.
site: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: $(READY)
	$(BIN)/python -m benchmarks $(BENCH)

check: lint site test
