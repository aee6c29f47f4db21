// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors

// Prints what kind makes of a cluster configuration, by kind's own code and without a node: the kubeadm configuration of
// one Kubernetes version, or containerd's settings. Built inside a copy of kind's module, whose packages are internal.
//
//	kindconfig kubeadm VERSION < kind.yaml
//	kindconfig containerd CONFIG.TOML < kind.yaml
package main

import (
	"fmt"
	"io"
	"os"

	"sigs.k8s.io/kind/pkg/cluster/internal/kubeadm"
	"sigs.k8s.io/kind/pkg/internal/apis/config"
	"sigs.k8s.io/kind/pkg/internal/apis/config/encoding"
	"sigs.k8s.io/kind/pkg/internal/patch"
)

func made(how, of string) (string, error) {
	raw, err := io.ReadAll(os.Stdin)
	if err != nil {
		return "", err
	}
	cluster, err := encoding.Parse(raw)
	if err != nil {
		return "", err
	}
	config.SetDefaultsCluster(cluster)
	if err := cluster.Validate(); err != nil {
		return "", err
	}
	if how == "containerd" {
		text, err := os.ReadFile(of)
		if err != nil {
			return "", err
		}
		return patch.ContainerdTOML(string(text), cluster.ContainerdConfigPatches, cluster.ContainerdConfigPatchesJSON6902)
	}
	text, err := kubeadm.Config(kubeadm.ConfigData{
		ClusterName:          cluster.Name,
		KubernetesVersion:    of,
		ControlPlaneEndpoint: "control-plane:6443",
		APIBindPort:          6443,
		APIServerAddress:     cluster.Networking.APIServerAddress,
		Token:                kubeadm.Token,
		PodSubnet:            cluster.Networking.PodSubnet,
		ServiceSubnet:        cluster.Networking.ServiceSubnet,
		KubeProxyMode:        string(cluster.Networking.KubeProxyMode),
		ControlPlane:         true,
		NodeName:             "control-plane",
		NodeAddress:          "192.0.2.1",
		IPFamily:             cluster.Networking.IPFamily,
	})
	if err != nil {
		return "", err
	}
	return patch.KubeYAML(text, cluster.KubeadmConfigPatches, cluster.KubeadmConfigPatchesJSON6902)
}

func main() {
	text, err := made(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Print(text)
}
