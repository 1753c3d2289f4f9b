# Every target sets up what it needs: an environment in .venv, exactly as locked.
#
#   make book       execute the chapters and build the website
#   make serve      show the website on this machine
#   make test       every check: style, types, unit tests, lessons, book, browser
#   make record     run the chapters on the real data and keep their results
#   make bench      the measured comparisons of speed under benchmarks/
#   make reproduce  published studies run again in full, their tables beside ours (hours)
#   make studies    the long studies that chapters quote, recorded (hours)
#   make lock       resolve the versions anew (needs uv), then environment.yml

PYTHON ?= python3
VENV ?= .venv
ifeq ($(OS),Windows_NT)
  BIN := $(VENV)/Scripts
else
  BIN := $(VENV)/bin
endif
RUN := $(BIN)/python
READY := $(VENV)/.ready

export TF_CPP_MIN_LOG_LEVEL ?= 3
export PIP_DISABLE_PIP_VERSION_CHECK ?= 1

.PHONY: setup book serve test lint types unit browser record bench reproduce studies lock clean

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else f"This course needs Python 3.11, 3.12 or 3.13; {sys.executable} is {v[0]}.{v[1]}. Say which to use: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --require-hashes -r requirements.lock
	$(RUN) -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(READY)

book: $(READY)
	$(RUN) book/build.py

serve: $(READY)
	$(RUN) book/build.py --serve

test: lint types unit book browser

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

unit: $(READY)
	$(RUN) -m pytest -n 2 --dist worksteal -m "not browser" tests lessons

browser: book
	$(RUN) -m pytest -n 2 --dist worksteal -m browser tests

record: $(READY)
	GENEML_RECORD=1 $(RUN) book/build.py --fresh

STUDIES := $(wildcard benchmarks/*_recovery.py benchmarks/*_map.py)
PAPERS := $(wildcard benchmarks/paper_*.py)

bench: $(READY)
	for script in $(filter-out $(STUDIES) $(PAPERS),$(wildcard benchmarks/*.py)); do $(RUN) $$script || exit 1; done

reproduce: $(READY)
	for script in $(PAPERS); do $(RUN) $$script || exit 1; done

studies: $(READY)
	for script in $(STUDIES); do GENEML_RECORD=1 $(RUN) $$script || exit 1; done

lock:
	$(PYTHON) .ci/lock.py

clean:
	rm -rf book/_build build .pytest_cache .ruff_cache .mypy_cache .hypothesis
