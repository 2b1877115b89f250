#!/bin/bash
# init.sh NODE: the first process of a node, in fresh mount, uts, ipc and pid namespaces and in the node's network namespace. Gives the node
# directories of its own under the usual names, so that kubelet and containerd run with their default paths; then becomes the process that holds
# the namespaces and reaps orphans. When that ends, everything on the node ends. STATE and CACHE come from the caller.
set -euo pipefail
node=$1
home=$STATE/nodes/$node
hostname "$node"
mount --make-rprivate /
own() {
  mkdir -p "$home/$1"
  if [ ! -d "$2" ]; then
    mkdir -p "$2"
    echo "$2" >>"$STATE/made-directories" # down.sh --purge takes these away again
  fi
  mount --bind "$home/$1" "$2"
}
own var-lib-kubelet /var/lib/kubelet
own var-lib-containerd /var/lib/containerd
own var-lib-etcd /var/lib/etcd
own var-lib-cni /var/lib/cni
own var-log-pods /var/log/pods
own var-log-containers /var/log/containers
own var-log-kubernetes /var/log/kubernetes
own etc-kubernetes /etc/kubernetes
own etc-cni /etc/cni
own etc-containerd /etc/containerd
own var-lib-skiff /var/lib/skiff
# A machine may have a link here; the file that it leads to is the one to cover.
mount --bind "$home/resolv.conf" "$(readlink -f /etc/resolv.conf)"
mount --bind "$home/hosts" /etc/hosts
mount -t tmpfs -o mode=755,size=256m tmpfs /run
mkdir -p /run/netns /run/lock
mount --make-rshared /
ip link set lo up
exec "$CACHE/images/pause"
