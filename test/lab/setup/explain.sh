#!/bin/bash
# Prints to stderr what is not as it should be and why: called when up.sh fails. Asks nothing that could hang.
set -uo pipefail
. "$(dirname "$0")/../lab.sh"
exec >&2
echo
for node in $NODES; do
  if ! holder_alive "$node"; then
    echo "$node does not run; its start said:"
    tail -n 5 "$STATE/nodes/$node/log/init.log" 2>/dev/null
    continue
  fi
  for daemon in containerd kubelet; do
    on "$node" pgrep -x $daemon >/dev/null && continue
    echo "$node: $daemon does not run; it said last:"
    tail -n 8 "$STATE/nodes/$node/log/$daemon.log" 2>/dev/null
  done
done
if ! kube get --raw /readyz >/dev/null 2>&1; then
  echo 'the API server of node1 does not answer; containers on node1 and the last lines of its kubelet:'
  on node1 timeout 5 ctr -n k8s.io tasks ls 2>/dev/null | head -n 20
  grep -v 'Error proxying data' "$STATE/nodes/node1/log/kubelet.log" 2>/dev/null | tail -n 8 | cut -c1-240
  exit
fi
kube get nodes -o json | jq -r '.items[] | . as $node | .status.conditions[] | select((.type == "Ready") != (.status == "True"))
  | "node \($node.metadata.name): \(.type) is \(.status): \(.message)"'
"$LAB/status.sh" --not-ready | head -n 20 | while read -r line; do
  echo "not ready: $line"
  pod=${line%% *}
  kube -n "${pod%/*}" get events --field-selector "involvedObject.name=${pod#*/}" -o json |
    jq -r '.items | sort_by(.lastTimestamp) | .[-4:][] | "    \(.lastTimestamp) \(.type) \(.reason) x\(.count): \(.message)"'
  kube -n "${pod%/*}" logs "${pod#*/}" --all-containers --tail=3 2>/dev/null | sed 's/^/    log: /'
done
