#!/bin/bash
# Brings the lab up, from whatever state this machine is in, and ends when it is healthy. Safe to repeat, to interrupt and to run twice at once.
# First time: about 9 minutes on two cores (packages, Kubernetes is built). After that: 2 minutes, 10 seconds when it is up already.
set -euo pipefail
. "$(dirname "$0")/lab.sh"
reason=$("$LAB/can-host.sh") || die "this machine cannot host the lab: $reason"
# The daemons would keep open what the caller has open, his locks among them, as long as they live.
for descriptor in /proc/$$/fd/*; do
  descriptor=${descriptor##*/}
  ((descriptor < 3 || descriptor == 255)) || exec {descriptor}>&-
done
take_lock

on_exit() {
  local code=$?
  trap - EXIT INT TERM
  case $code in
    0) ;;
    130 | 143) say 'interrupted. Go on with up.sh, or clean up with down.sh' ;;
    *)
      "$LAB/setup/explain.sh"
      say "the lab is not up. Logs: $STATE/nodes/*/log. A fresh start: down.sh --purge && up.sh"
      ;;
  esac
  exit $code
}
trap on_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Whole, absent or broken? After a reboot, a kill from outside or an interrupted start some pieces are there and others are not. Such a rest is taken
# down first: mending it piece by piece would have to know every way to be broken. A daemon that is missing on a living node is not broken, nodes.sh
# starts it.
rest() {
  local node address ports='' pieces=0 whole=1
  # Compared as text: `| grep -q` ends before the other side has written all, which counts as a failure here.
  if [ -e /run/netns/$SWITCH ]; then
    pieces=1
    ports=$(nsenter --net=/run/netns/$SWITCH ip -o link show master br0 up 2>/dev/null)
  fi
  [[ $ports == *' ops@'* && $(ip -o -4 addr show dev sl-ops up 2>/dev/null) == *" $OPS_IP/24 "* ]] || whole=0
  for node in $NODES; do
    [ ! -e "$(node_netns "$node")" ] || pieces=1
    address=$(nsenter --net="$(node_netns "$node")" ip -o -4 addr show dev eth0 up 2>/dev/null)
    if ! holder_alive "$node" || [[ $ports != *" $node@"* || $address != *" $(node_ip "$node")/24 "* ]]; then whole=0; fi
  done
  [ -z "$(lab_processes)" ] || pieces=1
  [ $pieces = 1 ] && [ $whole = 0 ]
}

start=$SECONDS
mkdir -p $STATE "$CACHE" $RUN
"$LAB/setup/packages.sh"
if rest; then
  say 'found the rest of a lab that has ended: tidying up'
  "$LAB/setup/tear-down.sh"
  mkdir -p $RUN
fi
if [ -z "$(lab_processes)" ]; then sysctl $KUBELET_SYSCTLS 2>/dev/null | tr -d ' ' >$STATE/sysctls-before; fi
"$LAB/setup/kubernetes.sh"
"$LAB/setup/images.sh"
"$LAB/setup/certificates.sh"
"$LAB/setup/network.sh"
node "$LAB/manifests/static-pods.mjs"
started=$SECONDS
"$LAB/setup/nodes.sh"

say 'waiting for the API servers'
api_ready() { [ "$(curl -sk --noproxy '*' --max-time 2 "https://$(node_ip "$1"):6443/readyz")" = ok ]; }
for node in $NODES; do wait_for 180 "the API server of $node" api_ready "$node"; done
say "API after $((SECONDS - started)) s"
nodes_ready() { [ "$(kube get nodes --no-headers | awk '$2 == "Ready"' | wc -l)" = 3 ]; }
wait_for 120 'three nodes to be Ready' nodes_ready
for node in $NODES; do kube label node "$node" node-role.kubernetes.io/master= --overwrite >/dev/null; done
"$LAB/setup/workloads.sh"
# After a restart the pods' statuses are those of the last time at first: look behind them.
verified() { "$LAB/verify.sh" >$STATE/verify.log 2>&1; }
wait_for 240 'everything behind the pods to be well' verified || { grep '^NOT OK' $STATE/verify.log >&2; exit 1; }
say "healthy after $((SECONDS - start)) s"
