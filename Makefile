# Everything from nothing: `make run` and `make test` need python3 (with venv) and make, nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.SILENT:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
LANGUAGE ?= ru
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
CATALOGUES := $(wildcard locale/*/LC_MESSAGES/*.po)
# Installs a list of packages; a terminal sees a bar drawn from pip's lines, a failure shows its last ones.
PIP := $(BIN)/python -m pip install --disable-pip-version-check
define INSTALL
	total=$$(grep -c '==' $(1)); n=0
	bar() { [ ! -t 2 ] || printf "$$@" >&2; }
	$(PIP) -r $(1) 2>&1 | tee $(VENV)/pip.log | while read -r word rest; do
		case $$word in
			Collecting|Requirement) n=$$((n + 1)); bar '\r  %d of %d ' $$((n < total ? n : total)) $$total ;;
			Installing) bar '\r  unpacking      ' ;;
		esac
	done || { tail -n 20 $(VENV)/pip.log; exit 1; }
	bar '\r               \r'
endef

.PHONY: help run test check packages test-packages frontend catalogues chromium lock wheel clean

help:
	echo "make run     the program with a demo company on http://127.0.0.1:$(PORT)   (PORT=..., LANGUAGE=ru|en, VORONKA_DATA=...)"
	echo "make test    the whole suite"
	echo "make check   linters and types"
	echo "make wheel   the package for installation, in dist/"
	echo "make lock    anew: requirements*.txt and frontend/package-lock.json"

run: packages frontend catalogues
	exec $(BIN)/voronka serve --port $(PORT) --demo $(LANGUAGE)

test: test-packages frontend catalogues chromium
	echo "Tests: running"
	exec $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

check: test-packages frontend
	bad=""
	$(BIN)/ruff check . || bad="$$bad ruff"
	$(BIN)/ruff format --check . || bad="$$bad format"
	$(BIN)/mypy || bad="$$bad mypy"
	$(BIN)/lint-imports || bad="$$bad imports"
	find voronka -name '*.html' -path '*/templates/*' -print0 | xargs -0r $(BIN)/djade --target-version 5.2 --check || bad="$$bad templates"
	[ -z "$$bad" ] || { echo "Not in order:$$bad"; exit 1; }

packages: $(VENV)/.packages
test-packages: $(VENV)/.test-packages
frontend: frontend/node_modules/.complete
catalogues: $(VENV)/.catalogues

$(VENV)/.made:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 1; }
	echo "Virtual environment: making $(VENV)"
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv is needed (Debian, Ubuntu: apt-get install python3-venv)"; exit 1; }
	touch $@

$(VENV)/.packages: $(VENV)/.made requirements.txt pyproject.toml
	echo "Packages: installing"
	$(call INSTALL,requirements.txt)
	$(PIP) -q --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.test-packages: $(VENV)/.packages requirements-dev.txt
	echo "Test packages: installing"
	$(call INSTALL,requirements-dev.txt)
	touch $@

# Node from the machine if it is new enough, else the one that came with the Python packages.
frontend/node_modules/.complete: frontend/package-lock.json frontend/package.json | $(VENV)/.packages
	echo "Front-end packages: installing"
	node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20)' 2>/dev/null && command -v npm >/dev/null || PATH="$$PWD/$(BIN):$$PATH"
	cd frontend && npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --silent || npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier
	touch node_modules/.complete

$(VENV)/.catalogues: $(CATALOGUES) | $(VENV)/.packages
	for po in $(CATALOGUES); do
		$(BIN)/pybabel -q compile -i "$$po" -o "$${po%.po}.mo"
	done
	touch $@

# Browser tests need Chromium. Where it cannot be had they are skipped by name, and CI fails.
chromium:
	found() { for name in chromium chromium-browser google-chrome; do $$name --version >/dev/null 2>&1 && return 0; done; return 1; }
	found && exit 0
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		echo "Chromium: installing"
		{ apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium; } >$(VENV)/chromium.log 2>&1 || true
		found && exit 0
	fi
	echo "Chromium is missing: the tests marked 'browser' are skipped (Debian: apt-get install chromium)"
	[ "$${CI:-}" != true ]

lock: $(VENV)/.test-packages
	options="--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate -q"
	$(BIN)/uv pip compile pyproject.toml --extra source $$options --custom-compile-command "make lock" -o requirements.txt $(ARGS)
	$(BIN)/uv pip compile pyproject.toml --extra dev $$options --custom-compile-command "make lock" -c requirements.txt -o requirements-dev.txt $(ARGS)
	(cd frontend && npm install --package-lock-only --ignore-scripts --no-audit --no-fund)
	# Addresses of sponsors are not our business.
	$(BIN)/python -c 'import json; p = "frontend/package-lock.json"; d = json.load(open(p)); [v.pop("funding", None) for v in d["packages"].values()]; open(p, "w").write(json.dumps(d, indent=2) + "\n")'

wheel: test-packages frontend catalogues
	$(BIN)/python -m build --wheel -n

clean:
	rm -rf $(VENV) frontend/node_modules build dist
