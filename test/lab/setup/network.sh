#!/bin/bash
# The lab's network: a bridge in a namespace of its own (the switch), one namespace per node, and a cable from the switch to this machine, which
# plays the operator's laptop. Nothing is forwarded to the outside. Each piece is made only when it is missing; up.sh has made sure that what is
# there is whole.
set -euo pipefail
. "$(dirname "$0")/../lab.sh"
in_netns() { nsenter --net="/run/netns/$1" "${@:2}"; }

if [ ! -e /run/netns/$SWITCH ]; then
  say 'network: switch'
  ip netns add $SWITCH
  # VRRP is multicast, and there is no querier here that would keep a snooping bridge informed.
  in_netns $SWITCH ip link add br0 type bridge mcast_snooping 0
  in_netns $SWITCH ip addr add $SWITCH_IP/24 dev br0
  in_netns $SWITCH ip link set lo up
  in_netns $SWITCH ip link set br0 up
  in_netns $SWITCH sysctl -qw net.ipv4.ip_forward=0
  in_netns $SWITCH sysctl -qw net.bridge.bridge-nf-call-iptables=0 2>/dev/null || true
  ip link add sl-ops type veth peer name ops netns $SWITCH
  ip addr add $OPS_IP/24 dev sl-ops
  ip link set sl-ops up
  in_netns $SWITCH ip link set ops master br0 up
fi

for node in $NODES; do
  [ ! -e "$(node_netns "$node")" ] || continue
  say "network: $node"
  ip netns add "sl-$node"
  ip link add eth0 netns "sl-$node" type veth peer name "$node" netns $SWITCH
  in_netns $SWITCH ip link set "$node" master br0 up
  in_netns "sl-$node" ip link set lo up
  in_netns "sl-$node" ip addr add "$(node_ip "$node")/24" dev eth0
  in_netns "sl-$node" ip link set eth0 up
  # A process on a node reaches a Service only when there is a route before the address is translated. The switch drops what goes out by it.
  in_netns "sl-$node" ip route add default via $SWITCH_IP
  for other in $NODES; do
    [ "$other" = "$node" ] || in_netns "sl-$node" ip route add "$(pod_cidr "$other")" via "$(node_ip "$other")"
  done
  modprobe -q br_netfilter 2>/dev/null || true
  in_netns "sl-$node" sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1 net.ipv4.ip_nonlocal_bind=1 \
    net.ipv6.conf.all.disable_ipv6=1
done
