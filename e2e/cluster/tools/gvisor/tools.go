// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors

//go:build tools

// Package tools names the programs that the harness builds from this module; see ../../versions.env.
package tools

import (
	_ "gvisor.dev/gvisor/runsc"
	_ "gvisor.dev/gvisor/shim"
)
