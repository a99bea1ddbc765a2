# DeltaCrown. `make help` lists what there is.
PORT ?= 8000
HOST ?= 127.0.0.1
BASE_URL ?= http://127.0.0.1:$(PORT)
USERS ?= 20
ON ?= native
export PORT HOST BASE_URL

VENV ?= .venv
PYTHON_OF_VENV = $(VENV)/bin/python
export VENV
RUNTIME = $(VENV)/.runtime
DEVELOPMENT = $(VENV)/.development

.DEFAULT_GOAL := help
.PHONY: help run demo guide load load-ui drill drills test lint format bench lock clean

##@ Use
help: ## What there is
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@printf '\nPORT=%s and BASE_URL=%s can be given to each: make run PORT=8001\n' $(PORT) $(BASE_URL)

run: $(RUNTIME) ## Start the application on this machine: SQLite, no other server
	@exec bin/run

demo: $(DEVELOPMENT) ## Play a tournament: FORMAT=swiss ENTRANTS=64 TEAMS=1
	@$(PYTHON_OF_VENV) -m demo

guide: $(DEVELOPMENT) ## Run the monitoring guide's own commands, queries and snippets against it
	@$(PYTHON_OF_VENV) -m demo.guide

load: $(DEVELOPMENT) ## Load the running server for 60 s with USERS=20 users
	@$(VENV)/bin/locust -f locustfile.py --headless --only-summary -u $(USERS) -r 5 -t 60s \
	  --host $(BASE_URL) --stop-timeout 10 --exit-code-on-error 1

load-ui: $(DEVELOPMENT) ## The same with locust's web page, on http://127.0.0.1:8089
	@$(VENV)/bin/locust -f locustfile.py --web-host 127.0.0.1 --host $(BASE_URL)

drill: $(DEVELOPMENT) ## Cause one fault and follow it to the page and back: NAME=database-stopped
	@$(PYTHON_OF_VENV) -m drills --on $(ON) $(or $(NAME),--list)

drills: $(DEVELOPMENT) ## A drill for each alert that wakes somebody; ON=compose for docker's stack
	@$(PYTHON_OF_VENV) -m drills --on $(ON)

##@ Develop
test: $(DEVELOPMENT) ## Run all tests that this machine can run, or TESTS=tests/core
	@exec bin/test $(TESTS)

lint: $(DEVELOPMENT) ## Check style, types, templates, YAML, rules and migrations
	@exec bin/lint

format: $(DEVELOPMENT) ## Put the code in shape
	$(VENV)/bin/ruff check --fix -q .
	$(VENV)/bin/ruff format -q .

bench: $(DEVELOPMENT) ## Compare ways to serve a request and to reach 300 sockets
	@$(PYTHON_OF_VENV) -m benchmarks

lock: $(DEVELOPMENT) ## Resolve requirements*.in into requirements*.txt
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	  --custom-compile-command 'make lock' requirements.in -o requirements.txt
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	  --custom-compile-command 'make lock' requirements-dev.in -c requirements.txt -o requirements-dev.txt

clean: ## Remove the virtual environment, the demo database and what tools left
	rm -rf .venv* staticfiles db.sqlite3* .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(RUNTIME): requirements.txt
	@bin/install requirements.txt
	@touch $@

$(DEVELOPMENT): requirements-dev.txt requirements.txt
	@bin/install requirements-dev.txt
	@touch $@ $(RUNTIME)
