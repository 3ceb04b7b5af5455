# Two commands do all the set-up: `make demo` and `make test`. Both reuse what is there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Tests mostly wait for servers, so a few processes pay even on one core; each has its own servers.
PROCESSES ?= 3
STAMP := $(VENV)/.installed

.PHONY: demo test test-long lint format docs bench secrets clean help

help:
	@echo "make demo       install into .venv and mask a shop on two embedded PostgreSQL servers"
	@echo "make test       install and run the suite (under ten minutes)"
	@echo "make test-long  install and run the long cases"
	@echo "make lint       ruff and mypy"
	@echo "make docs       write docs/reference from the code"
	@echo "make secrets    write passwords and a key for docker compose into secrets/"
	@echo "make bench      print the ratios to the raw pipe"

$(STAMP): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "masker needs Python 3.11 or newer: '$(PYTHON)' was not found. Install it, or call make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "masker needs Python 3.11 or newer; this is $$($(PYTHON) --version). Call make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing masker into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]' || { echo "Installing failed: is a Python package index reachable?"; exit 1; }
	@touch $(STAMP)

demo: $(STAMP)
	@$(BIN)/masker demo

test: $(STAMP)
	@$(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist worksteal

test-long: $(STAMP)
	@$(BIN)/python -m pytest -m long --timeout 1800

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(STAMP)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: $(STAMP)
	@$(BIN)/python docs/generate.py

bench: $(STAMP)
	@$(BIN)/python benchmarks/refresh.py

# Files for docker-compose.yml, made once. Containers read them as another user, so the folder, not
# the files, keeps others of this machine out.
RANDOM_HEX = od -An -v -tx1 /dev/urandom | tr -d ' \n' | head -c
secrets:
	@mkdir -p -m 700 secrets
	@test -s secrets/postgres_password || $(RANDOM_HEX) 32 > secrets/postgres_password
	@test -s secrets/masker_key || $(RANDOM_HEX) 64 > secrets/masker_key
	@password=$$(cat secrets/postgres_password); \
	echo "postgresql://postgres:$$password@production/postgres" > secrets/production_admin_url; \
	echo "postgresql://postgres:$$password@staging/postgres" > secrets/staging_admin_url; \
	echo "postgresql://masker_reader:$$password@production/shop" > secrets/production_url; \
	echo "postgresql://masker_loader:$$password@staging/shop_staging" > secrets/staging_url
	@chmod 644 secrets/*
	@echo "secrets/ is written; next: docker compose up --detach"

clean:
	rm -rf $(VENV)
