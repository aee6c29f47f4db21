# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors

.PHONY: cluster-gvisor

cluster-gvisor: ## Give the test cluster's last worker gVisor (RuntimeClass gvisor), for jobs with isolation.runtimeClassName
	$(NEED) python3 docker kubectl
	@$(ROOT)/e2e/cluster/cluster gvisor
