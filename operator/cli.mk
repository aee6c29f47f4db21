# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors

.PHONY: cli
cli: launcher ## Build the command line: operator/cli/bin/gabion run hello.py
	$(NEED) jdk mvn
	cd $(ROOT) && JAVA_HOME=$$($(ROOT)/e2e/find-jdk.sh) mvn -q -B -ntp -pl operator/cli -am package -DskipTests
	@$(ROOT)/operator/cli/bin/gabion --version

.PHONY: cli-docs
cli-docs: ## Write the reference in docs/cli.md anew from the program's help
	$(NEED) jdk mvn
	cd $(ROOT) && JAVA_HOME=$$($(ROOT)/e2e/find-jdk.sh) mvn -q -B -ntp -pl operator/cli -am test -Dtest=ReferenceTest -Dsurefire.failIfNoSpecifiedTests=false -Dgabion.update=true
