# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors

.PHONY: chart-test chart-golden
chart-test: ## Test the chart without a cluster: golden files, refused values, copies equal to their sources
	$(NEED) helm python3
	@$(ROOT)/deploy/helm/tests/run.sh

chart-golden: ## Write the chart's copies, golden files and table of values anew; read the diff before you commit it
	$(NEED) helm python3
	@$(ROOT)/deploy/helm/tests/run.sh --write
