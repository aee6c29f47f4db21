# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
LAUNCHER_DIR := $(ROOT)/sandbox-runner/launcher

.PHONY: launcher launcher-arm64 launcher-test launcher-fuzz launcher-attacks
launcher: ## Compile gabion-launch and gabion-launch-test into sandbox-runner/target/launcher
	$(NEED) gcc headers
	$(MAKE) -C $(LAUNCHER_DIR) all

launcher-arm64: ## Compile the launcher and its tests' helper for arm64 into sandbox-runner/target/launcher-arm64, warnings as errors
	$(NEED) aarch64-linux-gnu-gcc
	$(MAKE) -C $(LAUNCHER_DIR) CC=aarch64-linux-gnu-gcc BUILD=$(ROOT)/sandbox-runner/target/launcher-arm64 all $(ROOT)/sandbox-runner/target/launcher-arm64/launcher-test-helper

launcher-test: launcher ## Test the launcher on this machine (as root and as an unprivileged user)
	$(MAKE) -C $(LAUNCHER_DIR) test

launcher-fuzz: ## Fuzz the launcher's request parser for 30 s (LAUNCHER_FUZZ_SECONDS)
	$(NEED) gcc headers clang
	$(MAKE) -C $(LAUNCHER_DIR) fuzz

launcher-attacks: launcher ## Run the attack corpus against the launcher alone, each also without its control (ATTACKS="network kernel/bpf-map-create")
	$(NEED) python3
	/usr/bin/python3 $(ROOT)/sandbox-runner/attacks/check.py $(ROOT)/sandbox-runner/target/launcher $(ATTACKS)
