# Every target sets up what it needs and then does its job: a Python of at least 3.11 is all that a machine must have.
#
#   TILEWRIGHT_VENV   where the environment lives (default: .venv in this checkout)
#   PYTHON            the interpreter to create it with (default: python3.11, else python3)
#   PYTEST_ARGS       further arguments of pytest, e.g. PYTEST_ARGS="-k tiling -x"

VENV := $(abspath $(or $(TILEWRIGHT_VENV),.venv))
BIN := $(VENV)/bin
PYTHONS := $(or $(PYTHON),python3.11 python3)

# Named after the content it was installed from, not compared by time: a fresh clone gives every file a new time.
# The path counts too, as the editable install points into this checkout.
STAMP := $(VENV)/.installed-$(shell { pwd; cat pyproject.toml constraints.txt; } | sha256sum | cut -c1-16)

PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq --progress-bar off -c constraints.txt

# Models come from installed packages: nothing is fetched when a command runs.
export HF_HUB_OFFLINE := 1
# A PYTHONPATH of the caller would win over the installed packages.
unexport PYTHONPATH

.DEFAULT_GOAL := help
.PHONY: help demo test lint typecheck bench stress clean
.DELETE_ON_ERROR:

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(STAMP) ## Compile a sentence encoder with its real weights and print what comes out
	@$(BIN)/tilewright demo

# Two processes with one thread each: with more threads than cores, torch's wait for one another.
test: lint ## Run all checks: style, types, unit tests, lit tests
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 $(PYTEST_ARGS)

lint: $(STAMP) ## Check style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

typecheck: $(STAMP) ## Check types (pyright, strict); part of `make test`
	@$(BIN)/python -m pytest -q test/project/test_types.py

bench: $(STAMP) ## Measure speed and memory against PyTorch; not part of `make test`
	@$(BIN)/python -m pytest bench $(PYTEST_ARGS)

# FOLDER: other IR files; SEED and CASES: which mutations.
stress: $(STAMP) ## Feed many mutated IR files to tt-opt; not part of `make test`
	@$(BIN)/python test/tools/stress_ir.py $(or $(FOLDER),test/filecheck) --seed $(or $(SEED),0) \
		--cases $(or $(CASES),5000) --keep build/stress

clean: ## Remove build output and caches (the environment stays)
	rm -rf build dist .pytest_cache .ruff_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

# torch goes first, so that no other package chooses its build. The stamp is written last: a set-up that fails or is
# interrupted leaves none, and the next run goes on from there. The lock lets a second `make` wait for the first.
$(STAMP):
	@set -e; mkdir -p $(VENV); exec 9>$(VENV)/.lock; flock 9; \
	if [ -e $@ ]; then exit 0; fi; \
	for python in $(PYTHONS) none; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; \
	done; \
	if [ $$python = none ]; then \
		echo "error: no Python 3.11 or later among: $(PYTHONS)" >&2; \
		echo "  hint: install it, or name one: make PYTHON=/path/to/python3.11" >&2; \
		exit 1; \
	fi; \
	echo "Setting up the environment in $(VENV) with $$python: once, a few minutes" >&2; \
	rm -f $(VENV)/.installed-*; \
	$$python -m venv $(VENV); \
	echo "  1/2 torch" >&2; \
	$(PIP) setuptools torch; \
	echo "  2/2 tilewright and its tools" >&2; \
	$(PIP) --no-build-isolation -e '.[dev]'; \
	touch $@
