# Two commands do everything on a fresh machine with Python 3.11, git and make: `make demo` and `make test`.
PYTHON ?= python3
PORT ?= 8001
SERVE ?= 1
SECONDS ?= 600
BIN = .venv/bin
# Other people's programs that must be able to read what is published; where there is no npm, their tests skip.
CLIENTS = $(if $(shell command -v npm),.venv/.node)

.PHONY: demo test lint bench bench-extract bench-reextract bench-next-day bench-known bench-wild bench-health bench-disk bench-search bench-overview screens soak fuzz memento clean

demo: .venv/.ready
	$(BIN)/tangthu demo --port $(PORT) $(if $(filter 0,$(SERVE)),--no-serve)

test: .venv/.ready $(CLIENTS) lint
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

lint: .venv/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	MYPYPATH=bench:tests $(BIN)/mypy --explicit-package-bases bench/*.py bench/clock/*.py

bench: .venv/.ready
	$(BIN)/python bench/crawl.py

bench-extract: .venv/.bench
	$(BIN)/python bench/extract.py

bench-reextract: .venv/.ready
	$(BIN)/python bench/reextract.py

bench-next-day: .venv/.ready
	$(BIN)/python bench/next_day.py

bench-known: .venv/.ready
	$(BIN)/python bench/known.py

bench-wild: .venv/.ready
	$(BIN)/python bench/wild.py

bench-health: .venv/.ready
	$(BIN)/python bench/health.py

bench-disk: .venv/.ready
	$(BIN)/python bench/disk.py

bench-overview: .venv/.ready
	$(BIN)/python bench/overview.py

# A picture of each kind of page into docs/screens.
screens: .venv/.ready
	$(BIN)/python bench/screens.py

bench-search: .venv/.ready
	$(BIN)/python bench/search.py

soak: .venv/.ready
	$(BIN)/python bench/endurance.py

fuzz: .venv/.fuzz
	$(BIN)/python bench/fuzz.py --seconds $(SECONDS)

# pywb reads the archive as another archive's client; it is GPL and has an environment of its own.
memento: .venv/.ready .venv/.pywb
	$(BIN)/python -m pytest tests/test_memento.py

.venv/.ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 …"; exit 1; }
	$(PYTHON) -m venv .venv || { echo "Debian keeps venv in a package of its own: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,browser]'
	touch $@

# One by one, lxml_html_clean first: pip 23 gives up on packages that spell the extra of lxml differently.
.venv/.bench: .venv/.ready
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["bench"], sep="\n")' > $@.wanted
	while read one; do $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt "$$one" || exit 1; done < $@.wanted
	mv $@.wanted $@

.venv/.node: .venv/.ready tests/clients/package.json tests/clients/package-lock.json
	cd tests/clients && npm ci --silent --no-audit --no-fund
	touch $@

.venv/.pywb: .venv/.ready
	$(PYTHON) -m venv .venv/pywb
	.venv/pywb/bin/python -m pip install --quiet --disable-pip-version-check 'pywb==2.10.0' 'setuptools<81'
	touch $@

.venv/.fuzz: .venv/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[fuzz]'
	touch $@

clean:
	rm -rf .venv tests/clients/node_modules data build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
