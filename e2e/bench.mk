# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
.PHONY: bench-sandbox bench-sandbox-local bench-sandbox-cluster bench-operator-memory
bench-sandbox: bench-sandbox-local bench-sandbox-cluster ## Both benchmarks of the sandbox; tables in out/bench, kept in docs/performance.md

bench-sandbox-local: launcher cli ## The launcher and `gabion run` beside bubblewrap, ratios in one run (BENCH_ARGS="--runs 200")
	$(NEED) python3 bwrap
	/usr/bin/python3 $(ROOT)/e2e/bench/local.py $(BENCH_ARGS)

bench-sandbox-cluster: ## SandboxJobs beside bare pods, and 1,000 finished jobs; needs the cluster and chart of `make demo`
	$(NEED) python3 kubectl
	/usr/bin/python3 $(ROOT)/e2e/bench/cluster.py $(BENCH_ARGS)

bench-operator-memory: images-programs ## Resident memory of the operator with 1,000 finished jobs, beside a local API server: no cluster, only its tools
	$(NEED) python3 jdk kubectl etcd kube-apiserver
	/usr/bin/python3 $(ROOT)/e2e/bench/memory.py $(BENCH_ARGS)
