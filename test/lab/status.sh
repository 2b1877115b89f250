#!/bin/bash
# A picture of the lab: nodes, holders of the virtual addresses, pods per namespace, and what is not ready and why.
# --not-ready prints only the pods that are not ready, one per line (nothing when all are).
set -uo pipefail
. "$(dirname "$0")/lab.sh"

# While a pod is being deleted its containers count as unready: such pods are left out. Completed ones are as they should be.
not_ready() {
  kube get pods -A -o json | jq -r '
    .items[]
    | select(.metadata.deletionTimestamp == null and .status.phase != "Succeeded")
    | [.status.containerStatuses[]?.ready] as $ready
    | select(($ready | length) == 0 or ($ready | all | not))
    | [.status.containerStatuses[]?.state | (.waiting // .terminated // empty) | "\(.reason): \(.message // "")"] as $containers
    | [.status.conditions[]? | select(.status != "True" and .message != null) | .message] as $conditions
    | "\(.metadata.namespace)/\(.metadata.name) on \(.spec.nodeName // "no node"), \(.status.phase): \($containers + $conditions | unique | join("; "))"'
}

if [ "${1:-}" = --not-ready ]; then
  not_ready
  exit
fi
for node in $NODES; do
  if ! holder_alive "$node"; then
    echo "$node: does not run"
    continue
  fi
  held=$(on "$node" ip -o -4 addr show eth0 | awk '{ print $4 }' | grep -E '\.(100|200)/' | xargs)
  echo "$node: holder $(holder "$node"), kubelet $(on "$node" pgrep -x kubelet || echo 'does not run'), virtual addresses ${held:-none}"
done
kube get nodes
echo
kube get pods -A --no-headers |
  awk '{ split($3, r, "/"); all[$1]++; ok[$1] += r[1] == r[2] } END { for (ns in all) printf "%-16s %d of %d pods ready\n", ns, ok[ns], all[ns] }' | sort
echo
echo 'not ready:'
not_ready
