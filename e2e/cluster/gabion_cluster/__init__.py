# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""The test cluster: tools built from Go modules, a container engine, a kind node image and the cluster itself.

Pure decisions are functions of their arguments (tests/test_*.py); everything that touches the machine goes through
`shell.run`, which keeps a log and explains failures.
"""
