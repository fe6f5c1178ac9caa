# Everything needs only Python 3 (any version) and make. The environment is made in .venv, once.
PYTHON ?= python3
BIN := .venv/bin
UV := .venv/tools/bin/uv

FUZZ ?= 1000000
JOBS ?= 1

.PHONY: help run test check nlu-report bench bench-nlu load soak faults fuzz audit lock clean

help:  ## Show this list
	@grep -E '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 10

run: .venv/ready  ## Start the hotline on http://127.0.0.1:8080
	@$(BIN)/hotline run

test: .venv/ready  ## Run the whole test suite, as CI does
	@$(BIN)/hotline train
	@$(BIN)/pytest

check: .venv/ready  ## Lint, types, and every fault in the texts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/hotline check

nlu-report: .venv/ready  ## How well held-out texts are understood: tables and a picture in docs/
	@$(BIN)/hotline train
	@$(BIN)/python -m tests.nlu_report --write

bench: .venv/ready  ## Measure us beside stock Rasa, on the same data, in one run
	@$(BIN)/hotline train
	@$(BIN)/python -m tests.bench.compare
	@$(BIN)/python -m tests.bench.calls

bench-nlu: .venv/ready  ## Ways to tell what a text is about, side by side, stock DIET among them (half an hour of training)
	@$(BIN)/hotline train
	@$(BIN)/python -m tests.bench.candidates

load: .venv/ready  ## A hundred thousand messages in bursts; LOAD="--senders 500" for less
	@$(BIN)/hotline train
	@$(BIN)/python -m tests.load $(LOAD)

soak: .venv/ready  ## Half an hour of quiet traffic; SOAK="--minutes 5" for less
	@$(BIN)/hotline train
	@$(BIN)/python -m tests.load --minutes 30 $(SOAK)

faults: .venv/ready  ## Break one thing after the other while residents text; FAULTS="redis-full" for one
	@$(BIN)/hotline train
	@$(BIN)/python -m tests.faults $(FAULTS)
fuzz: .venv/ready  ## A million odd inputs for every door and reader; FUZZ=20000 for a short run, JOBS=2 for two at a time
	@$(BIN)/hotline train
	@$(BIN)/python -m tests.fuzz.campaign --inputs $(FUZZ) --jobs $(JOBS)

audit: .venv/tools/bin/uv  ## Known holes in the packages of the lock; asks public databases, so it needs the network
	@$(UV) tool run pip-audit --strict --require-hashes --disable-pip -r requirements.lock

lock: .venv/tools/bin/uv  ## Choose versions anew and write requirements.lock
	@$(UV) pip compile pyproject.toml --group dev --python 3.10 --generate-hashes --no-emit-index-url \
		--no-header --upgrade -q -o requirements.lock

clean:  ## Remove the environment, the model and the development server's memory
	rm -rf .venv models .hotline .rasa

.venv/ready: requirements.lock pyproject.toml .venv/tools/bin/uv
	@echo "Making the environment in .venv (Python 3.10; a few minutes the first time) ..."
	@$(UV) venv -q --allow-existing --python 3.10 .venv
	@$(UV) pip sync --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock
	@$(UV) pip install -q --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.venv/tools/bin/uv:
	@echo "Fetching uv, which installs the rest ..."
	@$(PYTHON) -m venv .venv/tools
	@.venv/tools/bin/python -m pip install -q --disable-pip-version-check "uv>=0.8"
