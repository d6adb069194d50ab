# Two commands do everything on a fresh machine with Python 3.11, git and make: `make demo` and `make test`.
PYTHON ?= python3
PORT ?= 8001
SERVE ?= 1
BIN = .venv/bin

.PHONY: demo test lint bench clean

demo: .venv/.ready
	$(BIN)/tangthu demo --port $(PORT) $(if $(filter 0,$(SERVE)),--no-serve)

test: .venv/.ready lint
	$(BIN)/python -m pytest

lint: .venv/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/.ready
	$(BIN)/python bench/crawl.py

.venv/.ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 …"; exit 1; }
	$(PYTHON) -m venv .venv || { echo "Debian keeps venv in a package of its own: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:
	rm -rf .venv data build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
