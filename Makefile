# Each target sets up a fresh machine by itself: a virtual environment and the pinned requirements.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: app test lint unit browser translations clean

app: $(VENV)/app
	$(BIN)/streamlit run app.py

test: lint unit browser

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

unit: $(VENV)/dev
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not browser"

browser: $(VENV)/dev
	$(BIN)/python -m pytest -m browser

translations: $(VENV)/dev
	$(BIN)/python -m pages.parts.language --update

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
