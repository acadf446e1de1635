# Every target works on a fresh clone with nothing but python3 (3.11 or newer) on the machine.
# The first one that runs builds .venv from the locks; later ones start at once.

PYTHON ?= python3
SUITE ?= spine
RUN_ARGS ?=
UP_ARGS ?=
TEST_ARGS ?=
TEST_WORKERS ?= 2
BENCH_ARGS ?=
ACCEPTANCE_ARGS ?=
IFP_VAR ?= var

BIN := .venv/bin
STAMP := .venv/.installed
MANIFEST_DIR := $(IFP_VAR)/dbt
GROUPS := default postgres notify dev

COMPILE = $(BIN)/uv pip compile --quiet --only-binary :all: --generate-hashes --no-strip-extras \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header --python-version 3.11 \
	$(if $(UPGRADE),--upgrade)

.DEFAULT_GOAL := help
.PHONY: help install run up test check acceptance bench lock clean \
	lint types imports sql structure manifest

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## Build .venv from the locks; done by every other target when needed

run: $(STAMP) ## Run the whole line once on the sandbox world and prove it
	@$(BIN)/ifp run $(RUN_ARGS)

up: $(STAMP) ## Start sandbox, Dagster, worker and dashboard; Ctrl-C ends them
	@$(BIN)/ifp up $(UP_ARGS)

test: $(STAMP) ## Run every test that this machine can run
	@$(BIN)/python -m pytest -n $(TEST_WORKERS) --dist loadscope --no-loadscope-reorder $(TEST_ARGS)

check: $(STAMP) ## Run linters, type checks, import contracts and the tests of docs and structure
	@$(MAKE) --keep-going --no-print-directory lint types imports sql structure

acceptance: $(STAMP) ## Try what the suite promises on a fresh folder (SUITE=spine)
	@$(BIN)/python tests/acceptance/$(SUITE).py $(ACCEPTANCE_ARGS)

bench: $(STAMP) ## Measure the benchmarks (BENCH_ARGS="name …")
	@$(BIN)/python -m benchmarks $(BENCH_ARGS)

lock: $(STAMP) ## Write the locks anew from pyproject.toml (UPGRADE=1 takes newer versions)
	$(COMPILE) pyproject.toml --all-extras -o requirements/dev.txt
	$(COMPILE) pyproject.toml --constraints requirements/dev.txt -o requirements/default.txt
	$(COMPILE) pyproject.toml --extra postgres --constraints requirements/dev.txt \
		-o requirements/postgres.txt
	$(COMPILE) pyproject.toml --extra notify --constraints requirements/dev.txt \
		-o requirements/notify.txt
	echo uv | $(COMPILE) - --constraints requirements/dev.txt -o requirements/bootstrap.txt

clean: ## Remove what runs and tools left, but not .venv
	rm -rf $(IFP_VAR) target logs .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

lint:
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .

types:
	@$(BIN)/mypy

imports:
	@$(BIN)/lint-imports

sql:
	@IFP_WAREHOUSE_PATH=:memory: DBT_TARGET_PATH=$(IFP_VAR)/dbt/lint \
		$(BIN)/sqlfluff lint --nocolor --disable-progress-bar transform/layers

structure:
	@$(BIN)/python -m pytest --quiet tests/house tests/docs

manifest: $(STAMP)
	@DBT_TARGET_PATH=$(MANIFEST_DIR) $(BIN)/dbt --quiet parse --profiles-dir transform

# uv installs the lock in seconds; pip does the same more slowly where uv cannot run. Everything is
# compiled here, once: where Python may not write, each process would do it again for seconds.
$(STAMP): requirements/bootstrap.txt requirements/dev.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "ifp needs python3, 3.11 or newer, on the PATH" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v < (3, 11) and "ifp needs Python 3.11 or newer; $(PYTHON) is %d.%d. Name another: make PYTHON=python3.12 …" % v[:2])'
	@echo "Installing the locked packages into .venv (once, about a minute)"
	@$(PYTHON) -m venv .venv || { echo "python3 lacks its venv module; on Debian install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements/bootstrap.txt
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --compile-bytecode --require-hashes \
		-r requirements/dev.txt \
		|| { echo "uv could not install the lock; trying pip" >&2; \
		     $(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements/dev.txt; }
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q apps ingestion ledger models orchestration
	@touch $(STAMP)
