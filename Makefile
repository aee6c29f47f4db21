# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
# Every target works alone and names a missing tool with the command that installs it. Fragments: */*.mk
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
ROOT := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
GABION_HOME ?= $(HOME)/.cache/gabion
export GABION_HOME

# The first line of a target's recipe: what it cannot do without.
NEED := @$(ROOT)/e2e/need.sh

-include $(wildcard $(ROOT)/*/*.mk)

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-zA-Z0-9_-]+:.*## / {printf "  %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST) | sort
