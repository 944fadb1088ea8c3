# The commands of this repository; `make` alone lists them.
# GNU make 3.81 or newer and Python 3.11 or newer are enough: all else is installed into .venv.

# Another Python:         make setup PYTHON=python3.12
# Options for a command:  make test ARGS="-k padding"
PYTHON ?= python3
ARGS ?=
DEST ?= student
UV_REQUIREMENT := uv==0.13.8

.DEFAULT_GOAL := help
.NOTPARALLEL:
SYSTEM_PATH := $(PATH)
# nbgrader starts `alembic` by name, so the environment's programs must be found.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

READY := .venv/.ready
UV := .venv/bin/uv

# uv does not read pip's setting of a folder with wheels; pip separates several by spaces, uv by commas.
empty :=
comma := ,
ifndef UV_FIND_LINKS
ifdef PIP_FIND_LINKS
export UV_FIND_LINKS := $(subst $(empty) $(empty),$(comma),$(strip $(PIP_FIND_LINKS)))
endif
endif

# Where no Python is named and python3 is too old or missing, look for a newer one.
ifeq ($(origin PYTHON),file)
PYTHONS := $(PYTHON) python3.14 python3.13 python3.12 python3.11
else
PYTHONS := $(PYTHON)
endif

# The tests that need no nbgrader and no Jupyter: they run with the newest NumPy as well.
NEWEST_TESTS := tests/convnet tests/public_tests tests/exercises

# Installs nbjudge from its folder: its dependencies and its build back end are in requirements.lock.
NBJUDGE := --no-deps --no-build-isolation --editable ./nbjudge

# What convnet, public_tests and the exercises import: the environments beside .venv hold no more.
CONVNET := h5py ipython matplotlib numpy pooch pytest pytest-xdist scikit-learn tqdm
# And what runs the lessons.
NOTEBOOKS := ipykernel jupytext nbclient nbformat rich

.PHONY: help
help: ## List the commands (what `make` alone does)
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

.PHONY: setup
setup: $(READY) ## Make the environment .venv from requirements.lock (all other commands do so too)
	@echo "The environment is ready in .venv: $$(.venv/bin/python --version), NumPy $$(.venv/bin/python -c 'import numpy; print(numpy.__version__)')."

.PHONY: release
release: $(READY) ## Build the notebooks that students get (ADDRESS=https://...: where release/ is served)
	.venv/bin/python -m tools.release $(if $(ADDRESS),--address "$(ADDRESS)") $(ARGS)

.PHONY: grade
grade: $(READY) ## Grade submitted/ (a sample class, if it is empty), write the feedback, show the points
	.venv/bin/python -m tools.grade $(ARGS)

.PHONY: own-class
own-class: $(READY) ## Take the sample class and its grades away, to begin with your own
	.venv/bin/python -m tools.sample_class

.PHONY: lab
lab: $(READY) ## Open JupyterLab here; nbgrader's formgrader is in its Nbgrader menu
	.venv/bin/jupyter lab $(ARGS)

.PHONY: student
student: $(READY) ## Write a repository of what students may see to DEST (make student DEST=../for-students)
	.venv/bin/python -m tools.student "$(DEST)" $(ARGS)

.PHONY: test
test: $(READY) lint ## Run the linter and the tests
	.venv/bin/python -m pytest -n auto --dist loadfile $(ARGS)

.PHONY: test-all
test-all: test test-nbjudge red-team test-frameworks lessons lessons-colab test-newest test-browser ## Run all tests: `make test` and the seven below

.PHONY: test-nbjudge
test-nbjudge: $(READY) ## Test nbjudge on whole classes, on code that hangs or crashes, and by killing it
	.venv/bin/python -m pytest nbjudge/tests/slow $(ARGS)

.PHONY: red-team
red-team: $(READY) ## Attack the grading, as root and as an ordinary user if you are root (some minutes)
	cd nbjudge && ../.venv/bin/python -m tests.red_team $(ARGS)

.PHONY: test-frameworks
test-frameworks: .venv-frameworks/.ready ## Compare with PyTorch and Keras (in .venv-frameworks)
	.venv-frameworks/bin/python -m pytest tests/frameworks $(ARGS)

.PHONY: lessons
lessons: .venv-frameworks/.ready ## Run the lessons, and compare what their prose says (in .venv-frameworks)
	.venv-frameworks/bin/python -m tools.lessons $(ARGS)

.PHONY: lessons-colab
lessons-colab: .venv-colab/.ready ## Run the lessons in the package versions of Colab (in .venv-colab)
	.venv-colab/bin/python -m tools.lessons $(ARGS)

.PHONY: test-newest
test-newest: $(READY) ## Run what needs no nbgrader on the newest NumPy and matplotlib (in .venv-newest)
	@echo "Installing the newest NumPy and what else convnet needs into .venv-newest"
	@test -x .venv-newest/bin/python || .venv/bin/python -m venv .venv-newest
	@# --no-config: pyproject.toml holds NumPy back for the lock.
	@$(UV) pip install --quiet --no-config --upgrade --python .venv-newest/bin/python $(CONVNET) \
	|| { echo "uv could not do it; using pip."; \
	     .venv-newest/bin/python -m pip install --quiet --upgrade $(CONVNET); }
	@.venv-newest/bin/python -c 'import matplotlib, numpy; print("NumPy", numpy.__version__, "and matplotlib", matplotlib.__version__)'
	.venv-newest/bin/python -m pytest -n auto --dist loadfile $(NEWEST_TESTS) $(ARGS)

.PHONY: test-browser
test-browser: $(READY) ## Run the tests in a browser, if there are any (in .venv-browser, needs chromium)
	@if [ ! -d tests/browser ]; then echo "There is no tests/browser: nothing to run in a browser."; exit 0; fi; \
	chromium=$$(command -v chromium || command -v chromium-browser || command -v google-chrome); \
	if [ -z "$$chromium" ]; then \
	  echo "The browser tests were NOT run: there is no chromium."; \
	  echo "Install it (Debian, Ubuntu: apt install chromium; Fedora: dnf install chromium), then: make test-browser"; \
	  test -z "$$CI"; exit; \
	fi; \
	set -e; \
	echo "Installing Playwright and pytest into .venv-browser"; \
	test -x .venv-browser/bin/python || .venv/bin/python -m venv .venv-browser; \
	$(UV) pip install --quiet --python .venv-browser/bin/python playwright pytest \
	|| { echo "uv could not do it; using pip."; \
	     .venv-browser/bin/python -m pip install --quiet playwright pytest; }; \
	echo "Running tests/browser with $$chromium"; \
	CHROMIUM="$$chromium" .venv-browser/bin/python -m pytest tests/browser $(ARGS)

.PHONY: bench
bench: $(READY) ## Measure grading beside stock nbgrader's (half an hour; ARGS="--help" says more)
	.venv/bin/python -m benchmarks.grading --write $(ARGS)

.PHONY: bench-layers
bench-layers: .venv-frameworks/.ready ## Measure every layer beside PyTorch's and TensorFlow's (two minutes)
	.venv-frameworks/bin/python -m benchmarks.layers --write $(ARGS)

.PHONY: fashion-mnist
fashion-mnist: .venv-frameworks/.ready ## Train the published models on Fashion-MNIST (hours; goes on where it stopped)
	.venv-frameworks/bin/python -m benchmarks.fashion_mnist --write $(ARGS)

.PHONY: edge-features
edge-features: .venv-frameworks/.ready ## Train hand-made against learned features on Fashion-MNIST (half an hour)
	.venv-frameworks/bin/python -m benchmarks.edge_features --write $(ARGS)

.PHONY: weights
weights: $(READY) ## Train the networks that come with the course (two minutes)
	.venv/bin/python -m tools.weights $(ARGS)

.PHONY: mutation
mutation: $(READY) ## Change the right solutions in every place: do the checks see it? (some minutes)
	.venv/bin/python -m benchmarks.mutation --write $(ARGS)

.PHONY: lint
lint: $(READY) ## Check the code with ruff, and the spelling, without changing anything
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/codespell *.md benchmarks convnet course docs exercises nbjudge public_tests source tests tools

.PHONY: format
format: $(READY) ## Format the code and sort its imports
	.venv/bin/ruff check --select I --fix .
	.venv/bin/ruff format .

.PHONY: lock
lock: .venv/bin/python ## Pin pyproject.toml's packages in requirements.lock (ARGS=--upgrade: newer ones)
	@echo "Resolving pyproject.toml into requirements.lock"
	@test -x $(UV) || .venv/bin/python -m pip install --quiet "$(UV_REQUIREMENT)"
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --group test --group build \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  $(ARGS) --output-file requirements.lock pyproject.toml

.PHONY: clean
clean: ## Remove the environments and caches; nothing that anyone wrote or was graded
	@echo "Removing .venv, .venv-frameworks, .venv-colab, .venv-newest, .venv-browser, .pytest_cache, .ruff_cache, __pycache__"
	@rm -rf .venv .venv-frameworks .venv-colab .venv-newest .venv-browser .pytest_cache .ruff_cache
	@find . \( -path ./.git -o -path ./submitted -o -path ./student \) -prune \
	  -o -type d -name __pycache__ -prune -exec rm -rf {} +
	@echo "Kept: submitted, autograded, feedback, gradebook.db, student, the notebooks in source and release."

.venv/bin/python:
	@PATH="$(SYSTEM_PATH)"; chosen=; \
	for python in $(PYTHONS); do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
	  then chosen=$$python; break; fi; \
	done; \
	if [ -z "$$chosen" ]; then \
	  version=$$("$(PYTHON)" -c 'import platform; print(platform.python_version())' 2>/dev/null); \
	  echo "This course needs Python 3.11 or newer; $(PYTHON) is $${version:-not here}."; \
	  echo "Install one (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python;"; \
	  echo "others: python.org/downloads) or name it: make setup PYTHON=/path/to/python3.12"; \
	  exit 1; \
	fi; \
	echo "Making .venv with $$chosen ($$("$$chosen" --version))"; \
	if ! { "$$chosen" -c 'import ensurepip, venv' 2>/dev/null && "$$chosen" -m venv --clear .venv; }; then \
	  rm -rf .venv; \
	  echo "This Python cannot make virtual environments: its venv or ensurepip module is missing or broken."; \
	  echo "On Debian and Ubuntu: apt install python3-venv. Then run the same make command again."; \
	  exit 1; \
	fi

$(READY): requirements.lock nbjudge/pyproject.toml .venv/bin/python
	@echo "Installing the packages of requirements.lock into .venv (180 MB to download the first time)"
	@test -t 2 || quiet=--quiet; \
	if ! { test -x $(UV) || .venv/bin/python -m pip install --quiet "$(UV_REQUIREMENT)" >.venv/uv.log 2>&1; }; then \
	  echo "uv could not be had (.venv/uv.log says why); using pip, which takes a minute."; \
	elif $(UV) pip sync $$quiet --compile-bytecode --python .venv/bin/python --require-hashes requirements.lock \
	    && $(UV) pip install $$quiet --python .venv/bin/python $(NBJUDGE); then \
	  exec touch $(READY); \
	else \
	  echo "uv failed, as it says above; using pip, which takes a minute."; \
	fi; \
	.venv/bin/python -m pip install $$quiet --disable-pip-version-check --no-deps --require-hashes \
	  --requirement requirements.lock \
	&& .venv/bin/python -m pip install $$quiet --disable-pip-version-check $(NBJUDGE) \
	&& touch $(READY)

# The frameworks that pyproject.toml pins. Everywhere but on Linux the usual torch is the CPU build.
.venv-frameworks/.ready .venv-colab/.ready: .venv-%/.ready: pyproject.toml $(READY)
	@echo "Installing PyTorch, TensorFlow and Keras (CPU builds, some 550 MB) into .venv-$*"
	@.venv/bin/python -m venv --clear .venv-$*
	@.venv/bin/python -c 'import tomllib; \
	groups = tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]; \
	print(*groups["$*"], *groups["build"], *"$(CONVNET) $(NOTEBOOKS)".split(), sep="\n")' \
	  >.venv-$*/requirements.txt
	@set -- --quiet --python .venv-$*/bin/python --requirement .venv-$*/requirements.txt; \
	$(UV) pip install --torch-backend=cpu "$$@" >.venv-$*/uv.log 2>&1 \
	|| { echo "The index of CPU builds is out of reach (.venv-$*/uv.log); trying your own configuration."; \
	     $(UV) pip install "$$@"; } \
	|| { echo "uv could not do it; using pip."; \
	     .venv-$*/bin/python -m pip install --quiet --requirement .venv-$*/requirements.txt; }
	@# tools/notebooks.py imports it.
	@$(UV) pip install --quiet --python .venv-$*/bin/python $(NBJUDGE) \
	|| .venv-$*/bin/python -m pip install --quiet $(NBJUDGE)
	@touch $@
