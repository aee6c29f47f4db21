# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
VM := $(ROOT)/e2e/vm/vm

.PHONY: vm-test vm-test-arm64 vm-lock vm-units vm-programs

vm-programs: cli ## Build what is tried in the virtual machines: launcher with its tests' helper, runner, command line
	@$(MAKE) --no-print-directory -C $(ROOT)/sandbox-runner/launcher all $(ROOT)/sandbox-runner/target/launcher/launcher-test-helper

vm-test: vm-units vm-programs ## Runner, launcher and doctor on Debian's kernels with cgroup v2 and AppArmor, in QEMU (KERNEL=bookworm ONLY=pod)
	@$(ROOT)/e2e/install-deps.sh images vm
	@$(VM) test --kernel "$(KERNEL)" --only "$(ONLY)"

vm-test-arm64: vm-units vm-programs launcher-arm64 ## Launcher, doctor and command line on Debian's arm64 kernel, emulated (ONLY=launcher)
	@$(ROOT)/e2e/install-deps.sh images vm arm64
	@$(VM) test --arch arm64 --only "$(ONLY)"

vm-units: ## Unit tests of the virtual machines' harness (a second)
	$(NEED) python3
	@cd $(ROOT)/e2e/vm && python3 -B -m unittest discover -s tests -t . -p 'test_*.py'

vm-lock: ## Resolve the virtual machines' Debian packages and kernels afresh and write e2e/vm/locks
	@$(ROOT)/e2e/install-deps.sh images vm
	@$(VM) lock
