# PYTHON: the interpreter, 3.10 or later, that .venv is made with.
PYTHON ?= python3
BIN := .venv/bin

# DATA: a folder with mocap/val.npz, for `make bench`.
DATA ?=

.PHONY: help setup demo test test-cpp peers detect bench wheel docs format clean

help:
	@echo "make demo     sets up, fits the people of two photographs, draws them into out/"
	@echo "make setup    builds and installs into .venv, where anything has changed"
	@echo "make test     sets up, runs the tests, the linter and the type checker"
	@echo "make test-cpp builds libsmplceres, installs it elsewhere, tests it and compares it with Python"
	@echo "make peers    also installs smplx, PyTorch and OpenCV, and compares with them; Rerun, and reads it back"
	@echo "make detect   tests detection by MediaPipe, in .venv-detect, as it needs an older NumPy"
	@echo "make bench    measures docs/benchmarks.md again; DATA=FOLDER has mocap/val.npz"
	@echo "make wheel    builds the wheel that is published, both cores and their Ceres, and tests it elsewhere"
	@echo "make docs     builds the pages of docs/ and the reference into out/site/"
	@echo "make format   formats C++ and Python"
	@echo "make clean    removes all that these make, .venv included"
	@echo "PYTHON=python3.12 names another interpreter for .venv (make clean first)"

setup:
	@PYTHON="$(PYTHON)" tools/setup.sh demo test

demo: setup
	$(BIN)/smplceres demo --out out

test: setup
	$(BIN)/python -m pytest -m "not peers and not detect and not wheel and not cpp"
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy

test-cpp:
	@PYTHON="$(PYTHON)" tools/setup.sh demo test cpp
	$(BIN)/python -m pytest -m cpp

# pip takes a CPU build of PyTorch where its configuration (PIP_FIND_LINKS, PIP_EXTRA_INDEX_URL) offers one.
peers:
	@PYTHON="$(PYTHON)" tools/setup.sh demo test peers
	$(BIN)/python -m pytest -m peers
	$(BIN)/python -m pytest tests/look/test_rerun.py

detect:
	@VENV=.venv-detect PYTHON="$(PYTHON)" tools/setup.sh demo test detect
	.venv-detect/bin/python -m pytest -m detect

bench:
	@PYTHON="$(PYTHON)" tools/setup.sh demo test peers bench
	$(BIN)/python benchmarks/run.py $(if $(DATA),--data "$(DATA)") --out out/benchmarks.json
	$(BIN)/python benchmarks/page.py out/benchmarks.json

wheel:
	@PYTHON="$(PYTHON)" tools/setup.sh test wheel
	$(BIN)/python -m pytest -m wheel

docs:
	@PYTHON="$(PYTHON)" tools/setup.sh demo docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

format: setup
	$(BIN)/python -m ruff format .
	$(BIN)/python -m ruff check --fix .
	find cpp -name '*.h' -o -name '*.cc' | xargs clang-format -i

clean:
	rm -rf .venv .venv-detect build dist out .mypy_cache .pytest_cache .ruff_cache
	find python tests -name __pycache__ -type d -prune -exec rm -rf {} +
