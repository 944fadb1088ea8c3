# The commands of this repository. `make` alone lists them; longer ones are in scripts/.
# Requires GNU make 3.81 and Python 3.11 or newer; everything else is installed into .venv.

# Another Python:         make setup PYTHON=python3.12
# Options for a command:  make test ARGS="-k padding"
PYTHON ?= python3
ARGS ?=
DEST ?= student
LIBRARIES ?= frameworks
NAME ?=
# Notebooks with solutions:  make release SOLUTIONS=everywhere  (stored in pyproject.toml)
SOLUTIONS_OPTION = $(if $(SOLUTIONS),--solutions "$(SOLUTIONS)")

.DEFAULT_GOAL := help
.NOTPARALLEL:
# nbgrader starts `alembic` by name, so the environment's programs must be in PATH.
SYSTEM_PATH := $(PATH)
export PATH := $(CURDIR)/.venv/bin:$(PATH)

READY := .venv/.ready
# The notebooks, which are built again if something that they are made of has changed.
BUILT := .venv/.built
BUILT_FROM = $(shell find convnet course exercises nbexercise/src public_tests source tools pyproject.toml \
  -type f ! -name "*.ipynb" ! -name "*.pyc" 2>/dev/null)
CLUSTER := nbjudge/src/nbjudge/plugins/cluster/tests
SLOW_TESTS := nbjudge/tests/slow $(filter-out $(CLUSTER)/slow,$(wildcard nbjudge/src/nbjudge/plugins/*/tests/slow))
CLUSTER_TESTS := $(CLUSTER) $(CLUSTER)/slow nbjudge/tests/course/test_database.py \
  tests/test_cluster_files.py
LUCK_TESTS := $(addprefix tests/exercises/test_,cases.py kept_results.py mistakes.py right_solutions.py wrong_solutions.py)
# Tests that need neither nbgrader nor Jupyter also run with the newest NumPy.
NEWEST_TESTS := nbexercise/tests tests/convnet tests/public_tests tests/exercises

.PHONY: help setup release grade report own-class learn lab student test test-notebooks test-all \
  test-luck test-nbjudge test-classes red-team test-packages lessons test-colab test-newest \
  test-browser coverage bench edges weights lint format site lite lock clean

help: ## List the commands (the default)
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile
setup: $(READY) ## Create the environment .venv from requirements.lock (other commands do this if necessary)
	@.venv/bin/python -c 'import platform, numpy; print("The environment .venv is ready: Python", platform.python_version() + ", NumPy", numpy.__version__ + ".")'
release: $(READY) ## Build the notebooks for students (ADDRESS=https://...: web address of release/; SOLUTIONS=...)
	.venv/bin/python -m tools.release $(if $(ADDRESS),--address "$(ADDRESS)") $(SOLUTIONS_OPTION) $(ARGS)
grade: $(READY) ## Grade submitted/ (or a sample class if it is empty), write feedback, and show the points
	.venv/bin/python -m tools.grade $(ARGS)
report: $(READY) ## Write report.html, a report about the class: points, mistakes, every student
	.venv/bin/nbjudge report --code convnet --code exercises $(ARGS)
own-class: $(READY) ## Remove the sample class and its grades before you start with your own class
	.venv/bin/python -m tools.sample_class
learn: $(READY) ## Open the first lesson in JupyterLab
	.venv/bin/jupyter lab --LabApp.default_url='/lab/tree/course/00_start_here.ipynb?file-browser-path=/course' $(ARGS)
lab: $(READY) ## Open the instructors' guide in JupyterLab; nbgrader's formgrader is in the Nbgrader menu
	.venv/bin/jupyter lab --LabApp.default_url='/lab/tree/docs/instructors.md?file-browser-path=/' $(ARGS)
student: $(READY) ## Write a repository for students to DEST (make student DEST=../for-students)
	.venv/bin/python -m tools.student "$(DEST)" $(SOLUTIONS_OPTION) $(ARGS)

test: $(BUILT) ## Run the tests of the course and of nbexercise, and the linter beside them
	@scripts/with-lint course .venv/bin/python -m pytest -n auto --dist worksteal $(ARGS)
test-notebooks: $(BUILT) ## Run the released notebooks, grade classes, and train the lessons' networks (five minutes)
	@# In the given order: a file of few tests may take longest, and would begin last.
	.venv/bin/python -m pytest -n auto --dist loadfile --no-loadscope-reorder tests/notebooks tests/slow $(ARGS)
test-all: test test-nbjudge test-notebooks test-luck test-classes red-team test-packages lessons test-colab test-newest test-browser ## Run all tests: `make test` and the others
	$(MAKE) lessons LIBRARIES=colab
test-luck: $(BUILT) ## Judge every wrong solution with twenty seeds (two minutes)
	SEEDS=20 .venv/bin/python -m pytest -n auto tests/luck $(LUCK_TESTS) $(ARGS)
test-nbjudge: $(READY) ## Test nbjudge: its core without the plug-ins, and then the plug-ins
	@scripts/with-lint nbjudge scripts/test-nbjudge $(ARGS)
test-classes: $(READY) ## Test nbjudge with whole classes, with code that hangs or crashes, and by killing its processes
	.venv/bin/python -m pytest -n auto --dist loadfile $(SLOW_TESTS) $(ARGS)
red-team: $(READY) ## Attack the grading (a few minutes; ARGS="--user ordinary" grades as an ordinary user)
	cd nbjudge && ../.venv/bin/python -m tests.red_team $(ARGS)
test-packages: .venv-cluster/.ready .venv-foreign/.ready .venv-frameworks/.ready ## Test with Dask and PostgreSQL, pandas, PyTorch and Keras, each in its environment (needs postgresql)
	.venv-cluster/bin/python -m pytest -n auto --dist loadfile $(CLUSTER_TESTS) $(ARGS)
	.venv-foreign/bin/python -m pytest nbjudge/tests/wire/test_tables.py nbjudge/tests/judging/test_tables.py $(ARGS)
	.venv-frameworks/bin/python -m pytest tests/frameworks $(ARGS)
lessons: .venv-$(LIBRARIES)/.ready $(BUILT) ## Run the lessons and check the numbers in their prose (LIBRARIES=colab: with Colab's versions)
	.venv-$(LIBRARIES)/bin/python -m tools.lessons $(ARGS)
test-colab: .venv-colab/.ready $(BUILT) ## Run every notebook alone with Colab's package versions, and convert it to HTML and PDF
	.venv-colab/bin/python -m pytest -n auto tests/alone $(ARGS)
test-newest: $(BUILT) ## Run the tests that need no nbgrader with the newest NumPy and Matplotlib (in .venv-newest)
	@scripts/create-environment newest --no-config --upgrade # pyproject.toml's bound on NumPy is only for the lock
	.venv-newest/bin/python -m pytest -n auto --dist loadfile $(NEWEST_TESTS) $(ARGS)
test-browser: .venv-docs/.ready $(BUILT) ## Run the tests in a browser (in .venv-browser, needs chromium; PYODIDE=folder)
	@$(if $(PYODIDE),PYODIDE="$(abspath $(PYODIDE))") scripts/test-browser $(ARGS)
coverage: $(BUILT) ## Run the tests, except those of notebooks, and report the lines that they do not cover
	@scripts/coverage -n auto --dist loadfile tests tests/slow nbexercise/tests nbjudge/tests nbjudge/src/nbjudge/plugins $(ARGS)

bench: $(READY) ## Run a benchmark (make bench NAME=layers.speed), or list all
	@scripts/bench "$(NAME)" $(ARGS)
edges: $(READY) ## Draw the edges of a photograph (make edges PHOTO=in.jpg OUT=out.png; ARGS=--whole uses all of HED)
	.venv/bin/python -m tools.edges $(if $(PHOTO),"$(PHOTO)" "$(or $(OUT),edges.png)") $(ARGS)
weights: $(READY) ## Train the networks that come with the course (two minutes)
	.venv/bin/python -m tools.weights $(ARGS)

lint: $(READY) ## Check the code with ruff and mypy, and check the spelling, without changing files
	@scripts/lint
format: $(READY) ## Format the code and sort its imports
	.venv/bin/ruff check --select I --fix .
	.venv/bin/ruff format .
site: .venv-docs/.ready .venv-frameworks/.ready $(BUILT) ## Build the web site, with the lessons' outputs, in docs/_build/site (in .venv-docs)
	.venv-frameworks/bin/python -m tools.lessons --changed
	.venv-docs/bin/python -m tools.site $(ARGS)
lite: .venv-docs/.ready $(BUILT) ## Build the notebooks that run in a browser tab (PYODIDE=folder: use an existing Pyodide)
	.venv-docs/bin/python -m tools.lite $(if $(PYODIDE),--pyodide "$(PYODIDE)") $(ARGS)
lock: .venv/bin/python ## Pin the packages of pyproject.toml in requirements.lock (ARGS=--upgrade: newer versions)
	@scripts/lock $(ARGS)
clean: ## Remove environments and caches, but keep all work and grades
	@scripts/clean

.venv/bin/python:
	@PATH="$(SYSTEM_PATH)" scripts/create-venv "$(PYTHON)"
$(BUILT): $(READY) $(BUILT_FROM)
	.venv/bin/python -m tools.release
	@touch $@
$(READY): requirements.lock nbexercise/pyproject.toml nbjudge/pyproject.toml .venv/bin/python
	@scripts/setup
	@touch $@
.venv-frameworks/.ready .venv-colab/.ready .venv-docs/.ready .venv-cluster/.ready .venv-foreign/.ready: .venv-%/.ready: pyproject.toml $(READY)
	@rm -rf .venv-$*
	@scripts/create-environment $*
	@touch $@
