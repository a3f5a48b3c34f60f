# Two commands are enough to begin: `make demo` and `make test`. Both bring in everything else.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

IS_311 := -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'
PYTHON ?= $(shell for p in python3.11 python3 python; do "$$p" $(IS_311) 2>/dev/null && { echo "$$p"; break; }; done)
APP := .venv/bin/python
RASA := .venv-rasa/bin/python -m peyk.connector
SOURCES := peyk actions tests bench
# Tests run side by side, a file at a time, in a process for each core, four at the most; WORKERS=0: one after another.
WORKERS ?= logical
SIDE_BY_SIDE = -n $(WORKERS) --maxprocesses=4 --dist=loadfile
# Whole Peyks take a gigabyte each: two processes at the most.
TWO_PEYKS = -n $(WORKERS) --maxprocesses=2

# Rasa outside the launcher: no telemetry, no GPU search, no chatter.
RASA_ENV := RASA_TELEMETRY_ENABLED=false TF_CPP_MIN_LOG_LEVEL=2 SQLALCHEMY_SILENCE_UBER_WARNING=1 CUDA_VISIBLE_DEVICES=-1

.PHONY: help
help: ## Show what each target does
	@awk 'BEGIN {FS = ":.*## "} /^[a-z][a-z-]*:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  Settings: PORT=8090 (edge of the demo), ORDERS=500 (more demo orders), VENDOR=woocommerce,tipax (vendors in the demo), PYTHON=/path/to/python3.11"

.PHONY: setup
setup: ## Build or update the two environments and the widget (every target below does it when needed)
	@test -n "$(PYTHON)" && "$(PYTHON)" $(IS_311) 2>/dev/null || { \
		echo "peyk: Python 3.11 is needed: install it (Debian: apt-get install python3.11 python3.11-venv), or make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@"$(PYTHON)" -m peyk.launcher.install
	@"$(PYTHON)" -m peyk.launcher.widget

.PHONY: widget
widget: setup ## Build the customer's widget when its sources changed: peyk/web/widget/peyk.js

.PHONY: widget-test
widget-test: setup ## Format, types and unit tests of the widget's own code
	@"$(PYTHON)" -m peyk.launcher.widget test

.PHONY: widget-format
widget-format: setup ## Format the widget's sources
	@"$(PYTHON)" -m peyk.launcher.widget format

.PHONY: demo
demo: setup ## Start the demo shop with its assistant and print the URL; Ctrl-C ends it
	@$(APP) -m peyk demo $(if $(PORT),--port $(PORT)) $(if $(ORDERS),--orders $(ORDERS)) $(if $(VENDOR),--vendor "$(VENDOR)")

.PHONY: shell
shell: setup ## Chat in the terminal, with the running demo or one of its own (/debug shows intents and actions)
	@$(APP) -m peyk shell

.PHONY: train
train: setup ## Train the model when its inputs changed (FORCE=1: in any case); make validate checks them
	@$(APP) -m peyk train $(if $(FORCE),--force)

.PHONY: validate
validate: setup ## Check the Rasa project: domain, examples, rules, stories
	@$(APP) -m peyk validate

.PHONY: rasa
rasa: setup ## Any command of Rasa's own, e.g. make rasa ARGS="test nlu --nlu data/nlu --out results/nlu"
	$(RASA_ENV) $(RASA) $(ARGS)

.PHONY: interactive
interactive: setup ## Teach a conversation step by step: `rasa interactive` with the action server running
	@$(APP) -m peyk interactive

.PHONY: actions
actions: setup ## Run the action server alone, on loopback (ACTIONS_PORT=5055)
	@$(APP) -m actions $(if $(ACTIONS_PORT),--port $(ACTIONS_PORT))

.PHONY: test
test: setup ## Run every check and every test
	@set -e; for part in check unit contract nlu stories conversations browser; do \
		echo "== make $$part"; $(MAKE) "$$part"; done; echo "== all of it passed"

.PHONY: check
check: setup ## Format, lint, types, imports, YAML, the examples and the Rasa project
	$(APP) -m ruff format --check .
	$(APP) -m ruff check .
	$(APP) -m mypy $(SOURCES)
	.venv/bin/lint-imports
	$(APP) -m yamllint --strict .
	@$(APP) -m peyk.evaluation.check
	@$(MAKE) validate
	@$(MAKE) widget-test

.PHONY: format
format: setup ## Format the Python files and mend what ruff can mend
	$(APP) -m ruff format .
	$(APP) -m ruff check --fix .

.PHONY: unit
unit: setup ## Tests of parts, no servers
	$(APP) -m pytest tests/unit $(SIDE_BY_SIDE)

.PHONY: contract
contract: setup ## One suite a port, against every implementation, on SQLite and PostgreSQL, and a real Vendure
	@"$(PYTHON)" -m tests.vendure.bring
	$(APP) -m pytest tests/contract $(SIDE_BY_SIDE)

.PHONY: nlu
nlu: setup ## Tests of the Rasa components, in Rasa's environment
	$(RASA_ENV) .venv-rasa/bin/python -m pytest tests/rasa --confcutdir=tests/rasa $(SIDE_BY_SIDE) --no-loadscope-reorder

.PHONY: nlu-report
nlu-report: setup ## What is understood and what is not: results/nlu/report.html (CONFIG=other.yml; QUICK=1: no learning curve)
	@$(RASA_ENV) .venv-rasa/bin/python -m peyk.evaluation.report $(if $(CONFIG),--config "$(CONFIG)") $(if $(QUICK),--quick)

.PHONY: nlu-compare
nlu-compare: setup ## config.yml against another pipeline: make nlu-compare CONFIG=other.yml (SPLIT=cv: on held-out examples too)
	@test -n "$(CONFIG)" || { echo "peyk: say which pipeline: make nlu-compare CONFIG=other.yml" >&2; exit 2; }
	@$(RASA_ENV) .venv-rasa/bin/python -m peyk.evaluation.compare "$(CONFIG)" $(if $(SPLIT),--split "$(SPLIT)")

.PHONY: stories
stories: setup ## The test stories through the trained model, without servers: `rasa test`
	@$(APP) -m peyk train
	@rm -rf results/stories; mkdir -p var/logs; model=$$($(APP) -m peyk train | tail -n 1); \
	if $(RASA_ENV) $(RASA) test core --e2e --model "$$model" --stories tests/rasa/stories --fail-on-prediction-errors \
		--no-plot --out results/stories > var/logs/stories.log 2>&1; then echo "every test story goes as it is written"; \
	else cat results/stories/failed_test_stories.yml 2>/dev/null || tail -n 20 var/logs/stories.log; exit 1; fi

.PHONY: conversations
conversations: setup ## Whole conversations through the edge, with a real Rasa and a real action server
	$(APP) -m pytest tests/conversations $(TWO_PEYKS) --dist=loadgroup

.PHONY: browser
browser: setup ## The demo page in a real browser (Debian: apt-get install chromium)
	$(APP) -m pytest tests/e2e $(TWO_PEYKS) --dist=loadfile

.PHONY: bench
bench: setup ## Measure turns, latency, memory, training, the widget, 500 sockets (ONLY="widget sockets": those); results/ keeps it
	@$(APP) -m bench $(foreach part,$(ONLY),--only $(part))

.PHONY: bench-nlu
bench-nlu: setup ## Our pipeline next to Rasa's default and stock logistic regression, over four hours (SHARE=0.25 or EPOCHS=5: less)
	@$(RASA_ENV) .venv-rasa/bin/python -m bench.nlu $(if $(EPOCHS),--epochs $(EPOCHS)) $(if $(SHARE),--share $(SHARE))

.PHONY: clean
clean: ## Remove models, caches and the demo's data; environments stay (ALL=1: they go too)
	rm -rf peyk/web/widget peyk/web/console/static/htmx.min.js .rasa var results .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache models/*.tar.gz models/.lock
	find peyk actions tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
	$(if $(ALL),rm -rf .venv .venv-rasa .venv-uv .venv-node widget/node_modules tests/vendure/node_modules)
