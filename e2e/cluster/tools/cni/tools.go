// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors

//go:build tools

// Package tools names the programs that the harness builds from this module; see ../../versions.env.
package tools

import (
	_ "github.com/containernetworking/plugins/plugins/ipam/host-local"
	_ "github.com/containernetworking/plugins/plugins/main/bridge"
	_ "github.com/containernetworking/plugins/plugins/main/loopback"
	_ "github.com/containernetworking/plugins/plugins/main/ptp"
	_ "github.com/containernetworking/plugins/plugins/meta/portmap"
)
