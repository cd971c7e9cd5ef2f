PORT ?= 8000
DATA ?= data
PYTHON = $(shell for name in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$name -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
NO_PYTHON = Footbridge needs Python 3.11 or newer, with its venv module: none was found

PIP = .venv/bin/python -m pip install -qq --disable-pip-version-check
COMPILE = .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url
NODE_IS_NEW = node -e 'parseInt(process.versions.node) >= 20 || process.exit(1)' 2>/dev/null && npm --version >/dev/null 2>&1
CHROMIUM_IS_HERE = command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null
APT_INSTALL = command -v apt-get >/dev/null && test "$$(id -u)" = 0 && apt-get -qq update >/dev/null \
	&& DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends >/dev/null

# npm, node and footbridge are found in the virtual environment first.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help run test lint figures bench screenshots icons faults attack pins sbom chromium firefox sqlmap

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 14

run: export FOOTBRIDGE_PORT = $(PORT)
run: export FOOTBRIDGE_DATA = $(DATA)
run: .venv/ready-to-run ## Serve on http://localhost:8000, with demo data at first start (PORT=8010 DATA=folder)
	@.venv/bin/python -m app run

test: lint chromium ## Lint, check types, run every test on both databases
	@.venv/bin/pytest -n auto --dist worksteal

lint: .venv/ready-to-test ## Lint and check types
	@.venv/bin/ruff check -q
	@.venv/bin/ruff format -q --check
	@.venv/bin/mypy --no-error-summary app

figures: .venv/ready-to-test chromium bench/lighthouse/node_modules/.package-lock.json ## Measure and print the figures
	@.venv/bin/python -m bench.figures

bench: .venv/ready-to-test chromium ## Measure speed against the floor, or beside a page (ONLY=today PEER=http://…/page)
	@.venv/bin/python -m bench

screenshots: .venv/ready-to-test chromium ## Write every main page into screenshots/
	@.venv/bin/python -m bench.screenshots

icons: .venv/bin/python ## Draw the pictures for home screens into app/static/icons/
	@.venv/bin/python -m bench.icons

faults: .venv/ready-to-test chromium firefox ## Break everything on the way: nothing is lost (ONLY=offline SEED=7)
	@.venv/bin/python -m tests.faults

sbom: .venv/ready-to-test ## Write the bills of materials (CycloneDX) into sbom/
	@mkdir -p sbom
	@PYTHONWARNINGS=ignore .venv/bin/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml \
		--output-reproducible -o sbom/python.json
	@npm sbom --package-lock-only --omit=dev --sbom-format=cyclonedx > sbom/scripts.json

attack: .venv/ready-to-test chromium sqlmap ## Try what tools know against every route and form (ONLY=fuzz SEED=7)
	@.venv/bin/python -m tests.attack

pins: .venv/ready-to-test ## Compile the requirement and lock files again from pyproject.toml and package.json
	@$(COMPILE) pyproject.toml --group build -o requirements.txt
	@$(COMPILE) --group node -o requirements-node.txt
	@$(COMPILE) pyproject.toml --group dev -c requirements.txt -c requirements-node.txt -o requirements-dev.txt
	@npm install --package-lock-only
	@npm install --package-lock-only --prefix bench/lighthouse

chromium:
	@$(CHROMIUM_IS_HERE) || { $(APT_INSTALL) chromium; } || echo "Browser tests are skipped: install Chromium to run them."

sqlmap:
	@command -v sqlmap >/dev/null || { $(APT_INSTALL) sqlmap; } || echo "sqlmap is left out: install it to try it too."

firefox:
	@command -v firefox-esr >/dev/null || command -v firefox >/dev/null || { $(APT_INSTALL) firefox-esr; } \
		|| echo "Firefox is left out: install it to try it too."

.venv/bin/python:
	@$(or $(PYTHON),$(error $(NO_PYTHON))) -m venv .venv

.venv/ready-to-run: .venv/bin/python requirements.txt requirements-node.txt package-lock.json
	@echo "Setting up: half a minute or so, once."
	@$(PIP) --require-hashes -r requirements.txt
	@$(PIP) --no-deps --no-index --no-build-isolation --editable .
	@{ $(NODE_IS_NEW); } || $(PIP) --require-hashes -r requirements-node.txt
	@npm ci --silent --omit=dev
	@touch $@

# Always the pinned Node here, as Lighthouse wants a newer one than `make run` does.
.venv/ready-to-test: .venv/bin/python requirements-dev.txt package-lock.json
	@echo "Setting up the tests: a minute or so, once."
	@$(PIP) --require-hashes -r requirements-dev.txt
	@$(PIP) --no-deps --no-index --no-build-isolation --editable .
	@npm ci --silent
	@touch .venv/ready-to-run $@

bench/lighthouse/node_modules/.package-lock.json: bench/lighthouse/package-lock.json
	@npm ci --silent --prefix bench/lighthouse
