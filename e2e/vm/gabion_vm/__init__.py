# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
"""Virtual machines with Debian's own kernels, in which runner, launcher and command line are tried. No network, no service manager."""
