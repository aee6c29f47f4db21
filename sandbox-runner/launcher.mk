# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
LAUNCHER_DIR := $(ROOT)/sandbox-runner/launcher

.PHONY: launcher launcher-test launcher-fuzz launcher-attacks
launcher: ## Compile gabion-launch and gabion-launch-test into sandbox-runner/target/launcher
	$(NEED) gcc headers
	$(MAKE) -C $(LAUNCHER_DIR) all

launcher-test: launcher ## Test the launcher on this machine (as root and as an unprivileged user)
	$(MAKE) -C $(LAUNCHER_DIR) test

launcher-fuzz: ## Fuzz the launcher's request parser for 30 s (LAUNCHER_FUZZ_SECONDS)
	$(NEED) gcc headers clang
	$(MAKE) -C $(LAUNCHER_DIR) fuzz

launcher-attacks: launcher ## Run the attack corpus against the launcher alone, each also without its control (ATTACKS="network kernel/bpf-map-create")
	$(NEED) python3
	/usr/bin/python3 $(ROOT)/sandbox-runner/attacks/check.py $(ROOT)/sandbox-runner/target/launcher $(ATTACKS)
