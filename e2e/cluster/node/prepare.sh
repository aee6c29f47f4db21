#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
#
# Runs once inside the node image while it is built: turns a Debian root with kind's own files into a kind node,
# as kind's Dockerfile does (units that make no sense in a container go, the node's own are enabled).
set -eu
units=/lib/systemd/system
find $units/sysinit.target.wants/ -name systemd-tmpfiles-setup.service -delete
rm -f $units/multi-user.target.wants/* /etc/systemd/system/*.wants/* $units/local-fs.target.wants/* \
  $units/sockets.target.wants/*udev* $units/sockets.target.wants/*initctl* $units/basic.target.wants/*
echo ReadKMsg=no >> /etc/systemd/journald.conf
systemctl enable kubelet.service containerd.service undo-mount-hacks.service
systemctl mask systemd-binfmt.service
ctr oci spec \
  | jq '.hooks.createContainer[.hooks.createContainer | length] |= . + {"path": "/kind/bin/mount-product-files.sh"}' \
  | jq 'del(.process.rlimits)' > /etc/containerd/cri-base.json
