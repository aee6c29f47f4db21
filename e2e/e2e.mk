# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors

.PHONY: test
test: ## Everything that CI runs: unit, process, API server, chart, and end to end on kind
	@$(ROOT)/e2e/test.sh $(STEPS)
