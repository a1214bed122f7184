# What a newcomer needs: `make demo` and `make test`. Each installs what is missing, says what it does, and is quick the
# second time. Everything Python goes into .venv; what only the system can give comes by apt (as root or with sudo).

PYTHON ?= python3
CORES := $(shell nproc)
WORKERS ?= 3
VENV := .venv
BIN := $(VENV)/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# The recorder itself: PortAudio and its ALSA, a C compiler. The demo's voices where apt has them.
APT_RUN := libportaudio2 libasound2-plugins gcc libc6-dev python3-dev python3-venv make
APT_DEMO := asterisk-core-sounds-en-wav espeak-ng
# The tests: a real ALSA and PulseAudio, independent readers of what we wrote, sanitizers.
APT_TEST := systemd groff-base zsh fish libasound2-dev alsa-utils pulseaudio pulseaudio-utils mosquitto mosquitto-clients \
  curl jq openssl sqlite3 ffmpeg sox espeak-ng
# Used where apt has them: the fuzz targets, the ARM build and the browser are left out, and say so, without.
APT_MAYBE := chromium valgrind clang libclang-rt-14-dev gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
# The benches' peers: python -m bench.formats names those that are not there.
APT_BENCH := ffmpeg sox libsox-fmt-mp3 gstreamer1.0-tools gstreamer1.0-plugins-good gstreamer1.0-plugins-bad \
  gstreamer1.0-libav libspandsp2 multimon-ng valgrind espeak-ng fillets-ng-data fillets-ng-data-cs fillets-ng-data-nl \
  hedgewars-data codec2-examples pocketsphinx-testdata

# Building Debian packages, and trying them out in a Debian of their own.
APT_DEB := dpkg-dev binutils
APT_TEST_DEB := mmdebstrap systemd-container

.PHONY: bench-peers help demo test lint typecheck check-c fuzz build clean system system-test deb test-deb wheels

help:
	@echo "make demo   record human speech through the whole chain, with no sound card"
	@echo "make test   lint, type check, C tests under sanitizers, and every test"
	@echo "make deb    Debian packages, into dist/; make test-deb tries them out in a clean Debian (as root)"
	@echo "make wheels sdist and wheel, into dist/"

# $(call apt,packages): install those that are missing; $(call apt_maybe,packages): those that apt knows of as well.
missing = for p in $(1); do dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done
define apt
	@missing=$$($(call missing,$(1))); if [ -n "$$missing" ]; then \
	  echo "apt: installing" $$missing; $(SUDO) apt-get update -q=2 && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -q=2 --no-install-recommends $$missing >/dev/null; fi
endef
define apt_maybe
	@for p in $$($(call missing,$(1))); do apt-cache show $$p >/dev/null 2>&1 || { echo "apt: no $$p here, going on without"; continue; }; \
	  echo "apt: installing $$p"; $(SUDO) env DEBIAN_FRONTEND=noninteractive \
	  apt-get install -y -q=2 --no-install-recommends $$p >/dev/null || echo "apt: $$p could not be installed, going on without"; done
endef

system:
	$(call apt,$(APT_RUN))

system-test: system
	$(call apt,$(APT_TEST))
	$(call apt_maybe,$(APT_MAYBE) $(APT_DEMO))

$(VENV)/run: pyproject.toml setup.py | system
	@echo "python: installing the recorder into $(VENV)"
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[mp4]'
	@touch $@

$(VENV)/test: pyproject.toml setup.py | system
	@echo "python: installing the recorder and what its tests need into $(VENV)"
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[mp4,test]'
	@touch $(VENV)/run $@

demo: $(VENV)/run
	$(call apt_maybe,$(APT_DEMO))
	@$(BIN)/python -m demo

# pip has built the core as well: again only after a change.
CORE := recorder/_dsp.abi3.so
build: system-test $(VENV)/test
	@[ -e $(CORE) ] && [ -z "$$(find setup.py ext/*.p?? ext/src ext/include -type f -newer $(CORE))" ] || { \
	  echo "build: the C core"; $(BIN)/python setup.py -q build_ext --inplace; }

lint: build
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PATH="$(CURDIR)/$(BIN):$$PATH" cython-lint ext
	$(BIN)/lint-imports

typecheck: build
	$(BIN)/mypy

check-c: system-test
	$(MAKE) -C ext/tests check

bench-peers: $(VENV)/test
	$(call apt_maybe,$(APT_BENCH))
	@$(BIN)/python -m pip install -q --disable-pip-version-check webrtcvad-wheels onnxruntime
	@# Its ONNX file alone is used, not the torch that it asks for.
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps silero-vad

fuzz: system-test
	@if command -v clang >/dev/null; then $(MAKE) -C ext/fuzz smoke; else echo "fuzz: left out, there is no clang"; fi

test:
	@# What installs, compiles and computes goes side by side, line by line.
	@$(MAKE) --no-print-directory -j $(CORES) -Oline lint typecheck check-c fuzz
	$(BIN)/python -m pytest -q tests/recording --cov=recorder.recording --cov-branch --cov-fail-under=100
	@# Much of it plays, listens and kills in real time beside whatever else the machine does: what fails tries again
	@# once, alone. Most of it waits, so there are more workers than cores; tests/scheduling.py deals it out to them.
	$(BIN)/python -m pytest -q -n $(WORKERS) --no-loadscope-reorder --ignore tests/recording --durations=15 || { \
	  echo "test: what failed tries again once"; \
	  $(BIN)/python -m pytest -q --last-failed --last-failed-no-failures none --ignore tests/recording; }

deb: system $(VENV)/run
	$(call apt,$(APT_DEB))
	@$(BIN)/python -m packages.deb dist

test-deb: deb $(VENV)/test
	$(call apt,$(APT_TEST_DEB))
	$(BIN)/python -m pytest -q -s packages/test_deb.py

wheels: system $(VENV)/run
	@$(BIN)/python -m packages.wheels dist

clean:
	rm -rf $(VENV) build dist *.egg-info recorder/*.so
	$(MAKE) -C ext/tests clean
