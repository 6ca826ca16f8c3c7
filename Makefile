# Each target sets up a fresh machine by itself: a virtual environment and the pinned requirements.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# A file's tests share their workers. Files go in order, the long ones of the engine early.
IN_PARALLEL := -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: app test test-fast lint unit alone deployment cuda bench peers translations clean
# Compiled sources and rewritten tests are kept: a test starts dozens of processes that import the same.
unexport PYTHONDONTWRITEBYTECODE

app: $(VENV)/app
	$(BIN)/streamlit run app.py

# Everything, as in CI.
test: lint unit alone deployment

# The inner loop, under a minute on two cores. Left out: browser, deployment, and what is marked slow, which is
# whatever starts workers, reads all 70,000 images or trains for seconds.
test-fast: lint
	$(BIN)/python -m pytest -q $(IN_PARALLEL) -m "not slow and not browser and not timed and not deployment and not cuda"

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: $(VENV)/dev
	$(BIN)/python -m pytest $(IN_PARALLEL) -m "not browser and not timed and not deployment and not cuda"

# One test after the other: journeys in a real browser, which has both cores, and what else is held to seconds, in
# a process of its own, since the browser's driver keeps an event loop in that of its tests.
alone: $(VENV)/dev
	$(BIN)/python -m pytest -m browser
	$(BIN)/python -m pytest -m "timed and not browser"

# The wheel in an environment of its own, and the steps of the Dockerfile, which install everything anew.
deployment: $(VENV)/dev
	$(BIN)/python -m pytest -m deployment

# For a machine with a GPU and a CUDA build of PyTorch; `make test` leaves these out.
cuda: $(VENV)/dev
	$(BIN)/python -m pytest -m cuda

bench: $(VENV)/dev
	$(BIN)/python benchmarks/epoch.py --repeats 5 --images 6000 --save benchmarks/epoch.md
	$(BIN)/python -m benchmarks.growth --repeats 5 --save benchmarks/growth.md
	$(BIN)/python -m benchmarks.diagnosis --save benchmarks/diagnosis.md

# Optional: what `make bench` compares with beside PyTorch.
peers:
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/pip install --quiet --requirement benchmarks/requirements-peers.txt

translations: $(VENV)/dev
	$(BIN)/python -m pages.parts.base.i18n --update

clean:
	rm -rf $(VENV) build .pytest_cache .ruff_cache .mypy_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/app: requirements.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --requirement requirements.txt
	touch $@

$(VENV)/dev: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --requirement requirements-dev.txt
	touch $@ $(VENV)/app
