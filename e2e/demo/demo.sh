#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The Gabion Authors
#
# The whole of Gabion on this machine: a three-node cluster, the chart, the example jobs, and a table of what became of them.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$ROOT"
export GABION_HOME=${GABION_HOME:-$HOME/.cache/gabion}
export KUBECONFIG=$GABION_HOME/kubeconfig
export PATH=$GABION_HOME/bin:$PATH
NAMESPACE=gabion-jobs
CHARTS=$ROOT/out/demo
START=$SECONDS
STATE=$("$ROOT/e2e/budget.sh" state)

say() { printf '\n[%02d:%02d] %s\n' $(((SECONDS - START) / 60)) $(((SECONDS - START) % 60)) "$*"; }

say "1/5 what the demo needs"
e2e/install-deps.sh build runner images cluster

say "2/5 a cluster: one control plane, two workers"
make --no-print-directory cluster-tools cluster-up

say "3/5 the images, loaded into the nodes; the command line"
make --no-print-directory images-load
# The command line draws the charts of the table.
stale=$(find operator/cli/src sandbox-runner/src/main crds/src/main -newer operator/cli/target/lib/classpath -print -quit 2>/dev/null || echo yes)
[[ -z $stale ]] || make --no-print-directory cli

say "4/5 the chart"
fresh=$(kubectl get deployment gabion-operator -n gabion-system -o name 2>/dev/null || true)
kubectl apply --server-side --force-conflicts -f crds/ >/dev/null
helm upgrade gabion deploy/helm/gabion --install --namespace gabion-system --create-namespace --wait --timeout 4m >/dev/null
if [[ -n $fresh ]]; then
  # The images of a source tree keep their tag: pods of an earlier demo may hold older ones.
  kubectl rollout restart -n gabion-system deployment/gabion-operator daemonset/gabion-profiles >/dev/null
fi
kubectl rollout status -n gabion-system deployment/gabion-operator --timeout=180s
kubectl rollout status -n gabion-system daemonset/gabion-profiles --timeout=180s
kubectl get sandboxruntimes

say "5/5 the example jobs of docs/examples"
kubectl delete -n "$NAMESPACE" --ignore-not-found --wait -f docs/examples/ >/dev/null
kubectl apply -n "$NAMESPACE" -f docs/examples/
e2e/demo/table.py "$NAMESPACE" "$CHARTS" docs/examples/*.yaml

say "budget: $("$ROOT/e2e/budget.sh" tell demo "$STATE" $((SECONDS - START)))"
say "done. The jobs are ordinary objects of the cluster:"
cat <<HINT
    export KUBECONFIG=$KUBECONFIG PATH=$GABION_HOME/bin:\$PATH
    kubectl get sandboxjobs -n $NAMESPACE
    kubectl describe sandboxjob -n $NAMESPACE NAME
    operator/cli/bin/gabion jobs -n $NAMESPACE
    make cluster-down        # takes the cluster away
HINT
