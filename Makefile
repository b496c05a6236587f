# make demo, make test and make check set up what they need; a second run finds it there. See CONTRIBUTING.md.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo pictures test test-backend test-blender check extension bench-wall bench-core bench-gpu bench-scan bench-faults bench-polls bench-readers docs locks clean backend blender

BPY := 5.0.1
BLENDER := $(if $(filter 5.0.1,$(BPY)),.venv-blender,.venv-blender-$(BPY))
DEMO := out/demo
PHOTOS :=
unexport PYTHONPATH PYTHONHOME PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE  # our programs run as they do for users
export GROTTO_DATA ?= $(abspath ../shared/data)

# Any Python 3 that really runs starts the set-up, which then looks for the versions it needs.
STARTER := $(shell for p in python3.11 python3 /usr/bin/python3; do "$$p" -c "" 2>/dev/null && { echo "$$p"; break; }; done)
SET_UP := @test -n "$(STARTER)" || { echo "set-up: no Python 3 runs: apt-get install python3-venv" >&2; exit 3; }; \
	$(STARTER) packaging/make_environment.py

help:
	@sed -n 's/^## //p' Makefile

## make demo [PHOTOS=dir]        a wall in a Blender scene, in out/demo (a made wall where no photos are given)
demo: backend blender
ifeq ($(PHOTOS),)
	.venv/bin/grotto make-wall --out $(DEMO)/wall-set --columns 5 --rows 5 --style mixed
	$(BLENDER)/bin/python packaging/make_scene.py wall $(DEMO)/wall-set/photos --out $(DEMO) --camera-distance-m 1
else
	$(BLENDER)/bin/python packaging/make_scene.py wall "$(PHOTOS)" --out $(DEMO)
endif

# Files of tests go to four processes, since tests of servers and workers wait. Their linear algebra has one thread each:
# on two cores more of them wait for one another.
# Blender's tests are one process beside them, which would be the last to end: theirs is the greater share.
# Threads that libraries start all the same sleep while they wait: beside other work their spinning takes three times the CPU time.
LONG_FIRST := tests/recipes tests/server  # so that no long file is left for the end
THREADS := OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
PYTEST := .venv/bin/python -m pytest -n 4 --dist loadfile --durations=25

## make test                     the whole suite: the backend and, beside it, Blender 5.0, whose report comes last
test: backend blender
	@status=0; report=$$(mktemp); \
	$(THREADS) $(BLENDER)/bin/python -m pytest tests/blender >"$$report" 2>&1 & beside=$$!; \
	trap 'kill $$beside 2>/dev/null; rm -f "$$report"' EXIT; trap 'exit 130' INT TERM; \
	$(THREADS) nice -n 5 $(PYTEST) $(LONG_FIRST) tests --ignore=tests/blender || status=$$?; \
	wait $$beside || status=$$?; cat "$$report"; exit $$status

## make test-backend             the backend's part of it
test-backend: backend
	$(THREADS) $(PYTEST) $(LONG_FIRST) tests --ignore=tests/blender

## make test-blender BPY=4.5.15  the Blender tests in another Blender (4.2.23, 4.5.15, 5.0.1, 5.2.3)
test-blender: backend blender
	$(BLENDER)/bin/python -m pytest tests/blender

## make check                    ruff, mypy, and who imports whom
check: backend
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	cd backend && ../.venv/bin/mypy --config-file ../pyproject.toml -p grotto
	.venv/bin/python packaging/build_extension.py --copy-only >/dev/null
	cd build/extension && ../../.venv/bin/mypy --config-file ../../pyproject.toml -p grotto_extension
	.venv/bin/python -m pytest -q tests/house

## make extension                the zip that Blender installs, in build/
extension: blender
	$(BLENDER)/bin/python packaging/build_extension.py

## make pictures ROOT=folder     the documentation's screenshots, clicked in a real Blender window (root; makes a Debian in ROOT)
pictures: backend blender
	@test -n "$(ROOT)" || { echo "pictures: name a folder for the Debian: make pictures ROOT=folder" >&2; exit 2; }
	.venv/bin/python packaging/window/pictures.py --root "$(ROOT)" --out out/pictures --images docs/images

## make bench-wall               camera accuracy on 96 photos of a made wall, next to pycolmap's defaults (an hour)
bench-wall: backend
	.venv/bin/python -m grotto.evaluation wall --out out/bench-wall --document docs/benchmarks/wall.md

## make bench-core               speeds, extractors, fields and six-view fits against truth, in out/bench-core (two hours)
bench-core: backend
	set -e; for bench in speed extractors fields six_views; do \
	  .venv/bin/python -m grotto.evaluation core.$$bench --out out/bench-core --document docs/benchmarks/core.md; done

## make bench-scan              figures on a plinth in a court, each scanned from 32 photos: docs/benchmarks/scan.md (two hours)
bench-scan: backend
	.venv/bin/python -m grotto.evaluation scan.subject --out out/bench-scan --document docs/benchmarks/scan.md

## make bench-gpu               each recipe, small, on CUDA and on the CPU: docs/benchmarks/gpu.md (at most 10 minutes)
bench-gpu: backend
	.venv/bin/python -m grotto.evaluation gpu --out out/bench-gpu --document docs/benchmarks/gpu.md

## make bench-faults             attacks on real backends, in out/bench-faults, continued there (hours): docs/benchmarks/faults.md
bench-faults: backend
	.venv/bin/python -m grotto.evaluation faults --out out/bench-faults --document docs/benchmarks/faults.md

## make bench-polls              polls of a job's status under load: docs/benchmarks/faults.md (two minutes)
bench-polls: backend
	.venv/bin/python -m grotto.evaluation faults.polls --out out/bench-polls --document docs/benchmarks/faults.md

## make bench-readers            damaged files for every reader: docs/benchmarks/faults.md (half an hour)
bench-readers: backend
	OMP_NUM_THREADS=1 .venv/bin/python -m grotto.evaluation faults.readers --out out/bench-readers --document docs/benchmarks/faults.md

## make docs                     write docs/options.md from the options as declared
docs: backend
	{ printf '# Options\n\nWritten by `make docs` from `backend/grotto/contract`; '; \
	printf 'the same names stand in the HTTP schema and in Blender.\n'; \
	for recipe in wall scan cut element; do printf '\n## `grotto run %s`\n\n' $$recipe; .venv/bin/grotto options $$recipe --markdown; done; \
	} > docs/options.md

## make locks                    write the backend's locks from what .venv holds
locks: backend
	.venv/bin/python packaging/write_locks.py

## make clean                    remove what was built and made, environments excepted
clean:
	rm -rf build out .mypy_cache .ruff_cache .pytest_cache backend/grotto.egg-info

backend:
	$(SET_UP) backend

blender:
	$(SET_UP) blender $(BPY) --folder $(BLENDER)
