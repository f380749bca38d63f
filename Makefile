# Everything sets itself up: `make demo` and `make test` need Python 3.11+ and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
UI_SOURCES := $(shell find frontend -type f -not -path '*/node_modules/*' 2>/dev/null)
OVERHEAD := $(VENV)/clients/overhead
UI := src/llm_tracing/ui/dist/index.html

# Most tests wait for processes that they started, so two at a time gain on any machine.
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help k8s-demo deploy-files demo install test test-long test-lgtm test-ui format lint typecheck ui openapi screenshots bench bench-ui bench-overhead conventions clean

help: ## Show what there is
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/.run $(UI) ## Start server, reference service and offline model; Ctrl-C stops them
	@exec $(BIN)/llm-tracing demo

install: $(VENV)/.dev $(UI) ## Put everything into .venv

test: $(VENV)/.dev $(UI) test-ui ## Run all tests, browser tests included, or those of ARGS
	@scripts/find_chromium.sh
	@$(BIN)/python -m pytest $(if $(ARGS),$(ARGS),-n $(JOBS) --dist loadfile)

test-long: $(VENV)/.dev $(UI) ## Run the tests that take minutes, which `make test` leaves out
	@$(BIN)/python -m pytest -m long $(ARGS)

test-lgtm: $(VENV)/.dev $(UI) ## Run the tests of API and web UI over the LGTM store, with stand-ins for its backends
	@scripts/find_chromium.sh
	@TEST_STORE=lgtm $(BIN)/python -m pytest -n $(JOBS) --dist loadfile tests/api tests/browser $(ARGS)

test-ui: $(UI) ## Run the tests of the web UI's own code
	@scripts/with_node.sh npm --prefix frontend test

format: $(VENV)/.dev ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only --quiet .

lint: $(VENV)/.dev ## Look for mistakes
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/bandit -q -r src -ll --skip B104,B608,B610

typecheck: $(VENV)/.dev $(UI) ## Check the types of code and tests
	@$(BIN)/mypy
	@$(BIN)/python scripts/write_openapi.py --check
	@scripts/with_node.sh npm --prefix frontend run --silent types:check
	@scripts/with_node.sh npm --prefix frontend run --silent typecheck

ui: $(UI) ## Build the web UI

openapi: $(VENV)/.dev ## Write the OpenAPI document that the web UI's types are made from
	@$(BIN)/python scripts/write_openapi.py

deploy-files: $(VENV)/.dev ## Write what is generated in deploy/: dashboards, price rules, the collectors' resources
	@$(BIN)/python -m scripts.write_dashboards
	@$(BIN)/python -m scripts.write_manifests

k8s-demo: ## Make a cluster in Docker with all of it (k3d); `deploy/kubernetes/demo.sh down` removes it
	@deploy/kubernetes/demo.sh

screenshots: $(VENV)/.dev $(UI) ## Take the pictures of the docs from a running demo
	@$(BIN)/python -m scripts.take_screenshots $(ARGS)

bench: $(VENV)/.dev ## Run the benchmarks (minutes)
	@$(BIN)/python -m bench $(ARGS)

bench-ui: $(VENV)/.dev $(UI) ## Measure the web UI in Chromium (minutes; ARGS="--spans 10000000" for the whole)
	@$(BIN)/python -m bench.ui $(ARGS)

bench-overhead: $(OVERHEAD)/.installed ## Measure what each client costs the service it observes (half an hour)
	@$(OVERHEAD)/bin/python -m bench.overhead $(ARGS)

conventions: $(VENV)/.dev ## Ask one question with each client and write the table of docs/conventions.md
	@$(BIN)/python -m scripts.compare_conventions $(ARGS)

clean: ## Remove everything that was set up or built
	rm -rf $(VENV) .build .build-env frontend/node_modules src/llm_tracing/ui/dist

$(VENV)/bin/python:
	@scripts/make_venv.sh $(PYTHON) $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the server and the reference service (about a minute, once)"
	@$(PIP) install --require-hashes --only-binary :all: -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock requirements-openai-v2.lock $(VENV)/.run
	@echo "Installing what the tests need (once)"
	@$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.lock
	@$(PIP) install --require-hashes --only-binary :all: --no-deps --upgrade -r requirements-openai-v2.lock \
		--target $(VENV)/clients/opentelemetry-instrumentation-openai-v2
	@touch $@

# The clients that are compared have some hundred packages, which the tests must not see.
$(OVERHEAD)/.installed: requirements-overhead.lock | $(VENV)/bin/python
	@scripts/make_venv.sh $(BIN)/python $(OVERHEAD)
	@echo "Installing the clients that are compared (once)"
	@$(OVERHEAD)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --only-binary :all: \
		-r requirements-overhead.lock
	@touch $@

$(UI): $(UI_SOURCES)
	@echo "Building the web UI"
	@scripts/with_node.sh npm --prefix frontend ci --no-audit --no-fund --loglevel=error
	@scripts/with_node.sh npm --prefix frontend run --silent build
	@touch $@
