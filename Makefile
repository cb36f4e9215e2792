# PYTHON: the interpreter, 3.10 or later, that .venv is made with.
PYTHON ?= python3
BIN := .venv/bin
NOT_MARKED := not peers and not detect and not ros and not wheel and not cpp

# DATA: a folder with mocap/val.npz, for `make bench`.
DATA ?=

# MINUTES: of each half of `make fuzz`.
MINUTES ?= 5

# SECONDS: of each harness of `make sanitize`.
SECONDS ?= 30

# TESTS of `make sanitize`.
TESTS ?= tests

# HOURS of stream and KILLS of runs of `make soak`.
HOURS ?= 1
KILLS ?= 20

.PHONY: help setup demo test test-cpp peers detect ros bench wheel fuzz sanitize soak docs format clean

help:
	@echo "make demo     sets up, fits the people of two photographs, draws them into out/"
	@echo "make setup    builds and installs into .venv, where anything has changed"
	@echo "make test     sets up, runs the tests, the linter and the type checker"
	@echo "make test-cpp builds libsmplceres, installs it elsewhere, tests it and compares it with Python"
	@echo "make peers    also installs smplx, PyTorch and OpenCV, and compares with them; Rerun, and reads it back"
	@echo "make detect   tests detection by MediaPipe, in .venv-detect, as it needs an older NumPy"
	@echo "make ros      tests the ROS 2 node, with wheels of ROS 2 in .venv-ros"
	@echo "make bench    measures docs/benchmarks.md again; DATA=FOLDER has mocap/val.npz"
	@echo "make wheel    builds the wheel that is published, both cores and their Ceres, and tests it elsewhere"
	@echo "make fuzz     reads damaged files and solves random fits, MINUTES=5 of each; keeps them in out/fuzz/"
	@echo "make sanitize fuzzes what C++ reads and paints under sanitizers, SECONDS=30 of each; then the tests (TESTS=tests/core"
	@echo "              are some), and calls from four threads, with the whole extension under sanitizers"
	@echo "make soak     follows people for HOURS=1 of stream, as fast as it goes; kills runs KILLS=20 times"
	@echo "make docs     builds the pages of docs/ and the reference into out/site/"
	@echo "make format   formats C++ and Python"
	@echo "make clean    removes all that these make, .venv included"
	@echo "PYTHON=python3.12 names another interpreter for .venv (make clean first)"

setup:
	@PYTHON="$(PYTHON)" tools/setup.sh demo test

demo: setup
	$(BIN)/smplceres demo --out out

# Ruff's cache does not notice that a new folder changes which imports are first-party.
test: setup
	$(BIN)/python -m pytest -m "$(NOT_MARKED)"
	$(BIN)/python -m ruff check --no-cache .
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

ros: setup
	tools/ros/setup_venv.sh
	$(BIN)/python -m pytest -m ros

bench:
	@PYTHON="$(PYTHON)" tools/setup.sh demo test peers bench
	$(BIN)/python benchmarks/run.py $(if $(DATA),--data "$(DATA)") --out out/benchmarks.json
	$(BIN)/python benchmarks/page.py out/benchmarks.json

wheel:
	@PYTHON="$(PYTHON)" tools/setup.sh test wheel
	$(BIN)/python -m pytest -m wheel

fuzz: setup
	$(BIN)/python tools/fuzz/run.py $(MINUTES)
	$(BIN)/python tools/fuzz/run.py $(MINUTES) --fits

sanitize:
	tools/fuzz/cpp.sh $(SECONDS)
	tools/sanitize/run.sh address -m pytest -m "$(NOT_MARKED)" $(TESTS)
	tools/sanitize/run.sh thread tools/sanitize/threads.py

soak: setup
	$(BIN)/python tools/soak/stream.py $(HOURS)
	$(BIN)/python tools/soak/kills.py $(KILLS)

docs:
	@PYTHON="$(PYTHON)" tools/setup.sh demo docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

format: setup
	$(BIN)/python -m ruff format .
	$(BIN)/python -m ruff check --fix .
	find cpp -name '*.h' -o -name '*.cc' | xargs clang-format -i

clean:
	rm -rf .venv .venv-* build dist out .mypy_cache .pytest_cache .ruff_cache
	find python tests -name __pycache__ -type d -prune -exec rm -rf {} +
