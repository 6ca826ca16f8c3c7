# Each target sets up a fresh machine by itself: a virtual environment and the pinned requirements.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: app test lint unit browser cuda bench peers translations clean

app: $(VENV)/app
	$(BIN)/streamlit run app.py

test: lint unit browser

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: $(VENV)/dev
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not browser and not cuda"

# What fails is tried once more: a browser on a machine with other work may miss a deadline.
browser: $(VENV)/dev
	$(BIN)/python -m pytest -m browser || $(BIN)/python -m pytest -m browser --last-failed --last-failed-no-failures none

# For a machine with a GPU and a CUDA build of PyTorch; `make test` leaves these out.
cuda: $(VENV)/dev
	$(BIN)/python -m pytest -m cuda

bench: $(VENV)/dev
	$(BIN)/python benchmarks/epoch.py --repeats 5 --images 6000 --save benchmarks/epoch.md
	$(BIN)/python -m benchmarks.growth --repeats 5 --save benchmarks/growth.md

# Optional: what `make bench` compares with beside PyTorch.
peers:
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/pip install --quiet --requirement benchmarks/requirements-peers.txt

translations: $(VENV)/dev
	$(BIN)/python -m pages.parts.base.i18n --update

clean:
	rm -rf $(VENV) build .pytest_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/app: requirements.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --requirement requirements.txt
	touch $@

$(VENV)/dev: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --requirement requirements-dev.txt
	touch $@ $(VENV)/app
