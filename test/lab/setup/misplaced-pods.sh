#!/bin/bash
# Prints the pods (NAMESPACE/NAME NODE VOLUME'S-NODE) that were put on another node than the one their local volume lives on: they can never start there.
set -euo pipefail
. "$(dirname "$0")/../lab.sh"
{ kube get persistentvolumes -o json && kube get pods -A -o json; } | jq -rs '
  . as [$volumes, $pods] |
  [$volumes.items[] | select(.spec.local != null)
    | { key: "\(.spec.claimRef.namespace)/\(.spec.claimRef.name)",
        value: .spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values[0] }]
  | from_entries as $home
  | $pods.items[] | . as $pod
  | .spec.volumes[]? | select(.persistentVolumeClaim != null)
  | $home["\($pod.metadata.namespace)/\(.persistentVolumeClaim.claimName)"] as $node
  | select($node != null and $pod.spec.nodeName != null and $pod.spec.nodeName != $node)
  | "\($pod.metadata.namespace)/\($pod.metadata.name) \($pod.spec.nodeName) \($node)"'
