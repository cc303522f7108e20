# One command for each habit; CI calls `make check`.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup servers demo test lint fix docs bench check

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade "pip>=25.1"
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[postgresql,cluster]" --group dev
	touch $@

# PostgreSQL and Chromium for the tests that need them; without them those tests say so and skip.
servers:
	@sh tests/servers.sh

demo: $(READY)
	@sh demo.sh $(BIN)

test: $(READY) servers
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses=2 --dist=loadgroup $(PYTEST)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy autotrick dashboards tests benchmarks docs
	$(BIN)/lint-imports
	$(BIN)/python -m docs.make --check

fix: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY)
	$(BIN)/python -m docs.make

bench: $(READY)
	$(BIN)/python -m benchmarks $(BENCH)

check: lint test
