#!/bin/bash
# Writes the manifests, applies them in order and waits until every pod is ready. Safe to repeat.
set -euo pipefail
. "$(dirname "$0")/../lab.sh"
manifests=$STATE/manifests
node "$LAB/manifests/write.mjs" "$manifests"

# An API server that has just started answers some requests with an error: every step is tried again for a while before it counts as failed.
apply() {
  wait_for 30 "the API server to take $1" kube apply -f "$manifests/$1.json" && return
  kube apply -f "$manifests/$1.json" >/dev/null || die "$1 could not be applied"
}
replicas_ready() { [ "$(kube -n "$1" get deployment "$2" -o jsonpath='{.status.readyReplicas}')" = "$3" ]; }
claims_bound() {
  kube get persistentvolumeclaims -A -o json |
    jq -e --argjson wanted "$(jq '[.items[] | select(.kind == "PersistentVolumeClaim")] | length' "$manifests/volumes.json")" \
      '[.items[] | select(.status.phase == "Bound")] | length >= $wanted'
}

apply base
# Volumes, their directories and their claims come before anything that uses them, and all are bound before the first such pod is made: a bound claim
# leaves the scheduler no choice but the node of its volume. Without that it may choose any node (the class looks as if volumes were provisioned on
# demand), and a volume that turns up later on another node holds the pod up for ever.
while read -r node directory owner; do
  path=$STATE/nodes/$node/var-lib-skiff/$directory
  mkdir -p "$path"
  chmod 777 "$path"
  chown "$owner" "$path"
done <"$manifests/volume-directories.txt"
apply volumes
wait_for 60 'the volume claims to be bound' claims_bound
apply kube-system
wait_for 120 'DNS (Deployment kube-system/coredns)' replicas_ready kube-system coredns 2
say 'DNS answers'
for namespace in skiff-gtxs skiff-apm skiff-platform skiff-ncs skiff-apigw skiff-cicd skiff-logseer skiff-nsf; do apply $namespace; done
# The API server asks the webhook before it takes a claim: it must not before the webhook answers.
wait_for 90 'Deployment kube-system/localstorage-webhook' replicas_ready kube-system localstorage-webhook 2
apply webhook

# A lab of an older make may have a pod on the wrong node; its StatefulSet makes a new one, which cannot go astray.
"$LAB/setup/misplaced-pods.sh" | while read -r pod on home; do
  say "$pod is on $on, its volume on $home: deleting the pod"
  kube -n "${pod%/*}" delete pod "${pod#*/}" --wait=false
done

say 'applied; waiting for the pods'
all_ready() {
  local pending
  pending=$("$LAB/status.sh" --not-ready) && [ -z "$pending" ] && [ "$(kube get pods -A --no-headers | wc -l)" -ge 110 ]
}
wait_for 300 'all pods to be ready' all_ready
