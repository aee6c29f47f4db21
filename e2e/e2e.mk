# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors

.PHONY: test
test: ## Everything that CI runs: unit, process, API server, chart, and end to end on kind
	@$(ROOT)/e2e/test.sh $(STEPS)

JDK = $$($(ROOT)/e2e/find-jdk.sh)

.PHONY: test-e2e
test-e2e: ## Run the scenarios on the cluster (it must be up, with the images in it); ONLY=VerdictsE2E for one class
	$(NEED) jdk mvn docker kubectl helm
	@JAVA_HOME=$(JDK) mvn -B -ntp -f $(ROOT) -pl crds,e2e -Pe2e verify \
	  -Dtest=NONE -Dsurefire.failIfNoSpecifiedTests=false \
	  '-Dit.test=$(or $(ONLY),*E2E)' -Dfailsafe.failIfNoSpecifiedTests=false

.PHONY: e2e-scenarios
e2e-scenarios: ## Render docs/e2e-scenarios.md from the scenario classes
	$(NEED) jdk mvn
	@mkdir -p $(ROOT)/docs && touch $(ROOT)/docs/e2e-scenarios.md
	@JAVA_HOME=$(JDK) mvn -q -B -ntp -f $(ROOT) -pl crds,e2e test -Dtest=ScenarioPageTest \
	  -Dsurefire.failIfNoSpecifiedTests=false -Dtest.jvm.args=-Dgabion.write=true

.PHONY: demo
demo: ## The whole of it on this machine: cluster, chart, example jobs, a table of their verdicts
	@$(ROOT)/e2e/demo/demo.sh
