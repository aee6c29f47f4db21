# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors

.PHONY: kv-test
kv-test: ## Test the KV server beside a real etcd, one member and three (needs: make cluster-tools)
	$(NEED) jdk mvn etcd
	@cd $(ROOT) && export JAVA_HOME=$$(e2e/find-jdk.sh) && mvn -q -B -pl kv-statefulset/server -am verify -DskipITs=false
