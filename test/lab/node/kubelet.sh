#!/bin/bash
# kubelet.sh NODE: starts the node's kubelet unless it runs. Used by up.sh and by the faults that stop a kubelet.
set -euo pipefail
. "$(dirname "$0")/../lab.sh"
node=$1
holder_alive "$node" || die "$node does not run"
if on "$node" pgrep -x kubelet >/dev/null; then exit 0; fi
start_daemon "$node" kubelet "$KUBERNETES/bin/kubelet" \
  --config=/etc/kubernetes/kubelet-config.json --kubeconfig=/etc/kubernetes/kubelet.conf \
  --container-runtime=remote --container-runtime-endpoint=unix:///run/containerd/containerd.sock \
  --hostname-override="$node" --node-ip="$(node_ip "$node")" \
  --node-labels="skiff.netease.com/role=manager,failure-domain.beta.kubernetes.io/zone=az${node#node}" --v=1
wait_for 20 "$node's kubelet to start" on "$node" pgrep -x kubelet
