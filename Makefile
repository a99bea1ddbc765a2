# `make help` lists the commands.
PORT ?= 8000
HOST ?= 127.0.0.1
BASE_URL ?= http://127.0.0.1:$(PORT)
USERS ?= 20
ON ?= native
export PORT HOST BASE_URL USERS

VENV ?= .venv
PYTHON_OF_VENV = $(VENV)/bin/python
export VENV
RUNTIME = $(VENV)/.runtime
DEVELOPMENT = $(VENV)/.development

.DEFAULT_GOAL := help
.PHONY: help run demo guide load load-ui drill drills test stress lint format bench lock clean

##@ Use
help: ## List the commands
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@printf '\nrun, demo, guide, load and load-ui take PORT (%s): make run PORT=8001\n' $(PORT)

run: $(RUNTIME) ## Start the application on this machine with SQLite, without other servers
	@exec bin/run

demo: $(DEVELOPMENT) ## Play a tournament on the running server: FORMAT=swiss ENTRANTS=64 TEAMS=1
	@$(PYTHON_OF_VENV) -m demo

guide: $(DEVELOPMENT) ## Run the commands, queries and snippets of the monitoring guide
	@$(PYTHON_OF_VENV) -m demo.guide

load: $(DEVELOPMENT) ## Load the running server for 60 s: USERS=20
	@exec bin/load

load-ui: $(DEVELOPMENT) ## The same with locust's web interface on http://127.0.0.1:8089
	@$(VENV)/bin/locust -f locustfile.py --web-host 127.0.0.1 --host $(BASE_URL)

drill: $(DEVELOPMENT) ## Cause one fault, and follow it to the notification and the recovery: NAME=database-stopped
	@$(PYTHON_OF_VENV) -m drills --on $(ON) $(or $(NAME),--list)

drills: $(DEVELOPMENT) ## Run a drill for each alert that pages; ON=compose uses the docker compose stack
	@$(PYTHON_OF_VENV) -m drills --on $(ON)

##@ Develop
test: $(DEVELOPMENT) ## Run all tests that this machine supports, or TESTS=tests/core
	@exec bin/test $(TESTS)

stress: $(DEVELOPMENT) ## Run the tests twice on a busy machine, to find tests that depend on time
	@exec bin/stress-tests $(TESTS)

lint: $(DEVELOPMENT) ## Check style, types, templates, YAML, alert rules and migrations
	@exec bin/lint

format: $(DEVELOPMENT) ## Format the code
	$(VENV)/bin/ruff check --fix -q .
	$(VENV)/bin/ruff format -q .
	-$(VENV)/bin/djlint --reformat --quiet apps

bench: $(DEVELOPMENT) ## Compare the CPU time of ways to serve requests and WebSockets
	@$(PYTHON_OF_VENV) -m benchmarks

lock: $(DEVELOPMENT) ## Pin the versions of requirements*.in in requirements*.txt
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	  --custom-compile-command 'make lock' requirements.in -o requirements.txt
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	  --custom-compile-command 'make lock' requirements-dev.in -c requirements.txt -o requirements-dev.txt

clean: ## Remove the virtual environment, the demo database and caches
	rm -rf .venv* staticfiles db.sqlite3* .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(RUNTIME): requirements.txt
	@bin/install requirements.txt
	@touch $@

$(DEVELOPMENT): requirements-dev.txt requirements.txt
	@bin/install requirements-dev.txt
	@touch $@ $(RUNTIME)
