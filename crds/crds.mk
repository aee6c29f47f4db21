# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors

.PHONY: crds api-test
crds: ## Generate the CRDs' YAML, their reference and the chart's copies of them from the Java types
	$(NEED) jdk mvn helm python3
	@cd $(ROOT) && export JAVA_HOME=$$(e2e/find-jdk.sh) && mvn -q -B -pl crds test -Dtest=GeneratedFilesTest -Dgabion.update=true
	@$(MAKE) --no-print-directory chart-golden
	@git -C $(ROOT) status --short -- crds docs/reference deploy/helm

api-test: ## Test the API types, and the corpus against a real API server (needs: make cluster-tools)
	$(NEED) jdk mvn kube-apiserver etcd
	@cd $(ROOT) && export JAVA_HOME=$$(e2e/find-jdk.sh) && mvn -q -B -pl crds verify
