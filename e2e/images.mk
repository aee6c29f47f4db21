# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
IMAGES := $(ROOT)/e2e/images/images

.PHONY: images images-load images-push images-lock images-programs images-reproducible

images-programs: ## Build what goes into the images (runner, launcher, operator), where it is missing or older than its source
	$(NEED) jdk mvn gcc
	@$(ROOT)/e2e/images/programs.sh

images: images-programs ## Make the images of operator and runners (IMAGE=operator: that one); prints sizes and digests
	@$(ROOT)/e2e/install-deps.sh images
	@$(IMAGES) build $(IMAGE)

images-load: images-programs ## Make the images and load them into the test cluster
	@$(ROOT)/e2e/install-deps.sh images
	@$(IMAGES) load $(IMAGE)

images-push: images-programs ## Make the images and push them to a registry of yours (REGISTRY=registry.example/team/gabion)
	@$(ROOT)/e2e/install-deps.sh images
	@$(IMAGES) push '$(REGISTRY)' $(IMAGE)

images-lock: ## Resolve the images' Debian packages afresh and write e2e/images/locks
	@$(ROOT)/e2e/install-deps.sh images
	@$(IMAGES) lock

images-reproducible: images-programs ## Make every image a second time, and its programs in another folder; all but the AOT caches must be equal
	@$(ROOT)/e2e/install-deps.sh images
	@cd $(ROOT)/e2e/images && REPRODUCIBLE=all python3 -B -W ignore::ResourceWarning -m unittest tests.machine_reproducible
