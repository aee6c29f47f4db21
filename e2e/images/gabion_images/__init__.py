# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""The product's images, made of locked Debian packages, a linked Java runtime and our programs; no base image is pulled."""
