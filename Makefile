# Everything here works on a machine with Python 3.11 or newer and nothing else: each target makes its own .venv.
# Choose the interpreter with `make PYTHON=python3.13 ...`; pass arguments on with `make serve ARGS="--port 9000"`.
# Tests share the machine's cores, a file at a time; WORKERS= runs them one after another, in one process.

PYTHON ?= python3
ARGS ?=
UV ?= .venv/bin/uv
RINGS ?= unit contract integration acceptance
WORKERS ?= -n auto --maxprocesses 4 --dist loadfile

export PYTHON

.DEFAULT_GOAL := help
.PHONY: help serve demo test check bench lock openapi conformance clean base dev

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

serve: base ## install what serving needs, once, and start the server (ARGS="--port 9000")
	@exec .venv/bin/retinue serve $(ARGS)

demo: dev ## play the whole main job on a free port with the official client
	@exec .venv/bin/retinue demo $(ARGS)

test: dev ## run the tests: unit, integration, acceptance (RINGS=unit, ARGS="-k runs")
	.venv/bin/python -m pytest $(wildcard $(addprefix tests/,$(RINGS))) $(WORKERS) $(ARGS)

check: dev ## check format, lint, types, floors, examples in the docs; then run the tests
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	@$(MAKE) --no-print-directory test

bench: base ## measure the server beside a bare relay, 10 minutes (ARGS=--quick, ARGS=--litellm, ARGS=--help)
	.venv/bin/python -m bench $(ARGS)

lock: dev ## resolve the requirements anew into requirements/*.lock (ARGS=--upgrade)
	@[ -x $(UV) ] || command -v $(UV) >/dev/null || .venv/bin/python -m pip --disable-pip-version-check -qq install uv
	@sh scripts/lock.sh $(UV) $(ARGS)

openapi: dev ## make anew the OpenAPI document that the server gives of itself
	.venv/bin/python scripts/openapi.py

conformance: dev ## run every official client's programs and make docs/conformance.md anew
	PYTHONPATH=tests .venv/bin/python scripts/conformance.py

clean: ## remove what the targets above made; data folders stay
	rm -rf .venv .venvs build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find src tests bench scripts -name __pycache__ -type d -prune -exec rm -rf {} +

base:
	@sh scripts/install.sh base

dev:
	@sh scripts/install.sh dev
