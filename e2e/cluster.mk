# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
CLUSTER := $(ROOT)/e2e/cluster/cluster

.PHONY: cluster-tools cluster-up cluster-renew cluster-down cluster-status harness-units harness-test

cluster-tools: ## Build kube-apiserver, etcd, kubectl, kind and helm into $GABION_HOME/bin
	$(NEED) python3
	@$(CLUSTER) tools

cluster-up: ## Bring up the three-node test cluster (engine, node image and cluster, as needed)
	@$(ROOT)/e2e/install-deps.sh cluster
	@$(CLUSTER) up

cluster-renew: ## Take the test cluster away if there is one, and bring up a new one
	@$(ROOT)/e2e/install-deps.sh cluster
	@$(CLUSTER) renew

cluster-down: ## Remove the test cluster; built programs and images stay
	$(NEED) python3 docker
	@$(CLUSTER) down

cluster-status: ## Say what there is of engine, nodes and cluster
	$(NEED) python3 docker kubectl
	@$(CLUSTER) status

harness-units: ## Unit tests of the cluster harness and of the images' build (a few seconds)
	$(NEED) python3
	@cd $(ROOT)/e2e/cluster && python3 -B -m unittest discover -s tests -t . -p 'test_*.py'
	@cd $(ROOT)/e2e/images && python3 -B -m unittest discover -s tests -t . -p 'test_*.py'

harness-test: harness-units ## Also its cases on this machine: no engine, a dead one, a lacking capability, half a cluster, a registry
	@cd $(ROOT)/e2e/cluster && timeout 300 python3 -B -W ignore::ResourceWarning -m unittest tests.machine_engine
	@cd $(ROOT)/e2e/cluster && timeout 300 python3 -B -W ignore::ResourceWarning -m unittest tests.machine_cluster
	@cd $(ROOT)/e2e/cluster && timeout 300 python3 -B -W ignore::ResourceWarning -m unittest tests.machine_registry tests.machine_kindconfig
	@cd $(ROOT)/e2e/images && timeout 300 python3 -B -W ignore::ResourceWarning -m unittest tests.machine_reproducible
