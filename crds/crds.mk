# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors

.PHONY: crds api-test
crds: ## Generate the CRDs' YAML and their reference from the Java types
	cd $(ROOT) && mvn -q -B -pl crds test -Dtest=GeneratedFilesTest -Dgabion.update=true
	@git -C $(ROOT) status --short -- crds docs/reference

api-test: ## Test the API types, and the corpus against a real API server (needs: make cluster-tools)
	cd $(ROOT) && mvn -q -B -pl crds verify
