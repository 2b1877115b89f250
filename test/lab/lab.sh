# Settings of the lab and the functions that its scripts share. Sourced from bash, never run.

LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
STATE=/var/lib/skifflab                     # certificates, data of the nodes: thrown away by down.sh --purge
CACHE=${SKIFFLAB_CACHE:-/var/cache/skifflab} # Kubernetes binaries, container images: survives every down.sh
RUN=/run/skifflab                           # process ids, faults that are in
KUBERNETES=$CACHE/k8s-1.20
NODES="node1 node2 node3"
SWITCH=sl-sw                                # network namespace of the bridge between the nodes
SWITCH_IP=10.99.0.254
OPS_IP=10.99.0.1                            # this machine, as the operator's laptop
MASTER_VIP=10.99.0.100
INGRESS_VIP=10.99.0.200

# npm puts node_modules/.bin first, and that is not there for the pods: only what the system has counts.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C.UTF-8 KUBECONFIG=$STATE/admin.kubeconfig
# The lab is on this machine: a proxy for the outside must not be asked for it.
NO_PROXY=${NO_PROXY:+$NO_PROXY,}localhost,127.0.0.1,$OPS_IP,10.99.0.11,10.99.0.12,10.99.0.13,$MASTER_VIP,$INGRESS_VIP
export NO_PROXY no_proxy=$NO_PROXY

node_ip() { echo "10.99.0.1${1#node}"; }
pod_cidr() { echo "10.244.${1#node}.0/24"; }
node_netns() { echo "/run/netns/sl-$1"; }

say() { printf '[%s] %s\n' "$(date +%T)" "$*" >&2; }
die() { say "$*"; exit 1; }

# wait_for SECONDS WHAT COMMAND...: until the command succeeds. Says what was waited for when it does not.
wait_for() {
  local seconds=$1 what=$2 end=$((SECONDS + $1))
  shift 2
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= end)); then
      say "waited $seconds s for $what, in vain"
      return 1
    fi
    sleep 0.5
  done
}

kube() { kubectl --kubeconfig "$STATE/admin.kubeconfig" --request-timeout=20s "$@"; }

# Only one of up.sh and down.sh at a time; the other waits. Daemons close descriptor 9, or they would hold the lock as long as they live.
take_lock() {
  exec 9>>/run/lock/skifflab.lock
  flock -n 9 && return
  say "another up.sh or down.sh is at work: waiting for it to end (30 min at most)"
  flock -w 1800 9 || die "gave up waiting for the other up.sh or down.sh"
}

# --- processes -----------------------------------------------------------------------------------------------------------------------------

# A zombie does not count: the first process of a small machine may take its time to reap.
alive() { [ -n "${1:-}" ] && [ -r "/proc/$1/status" ] && ! grep -qs '^State:.[ZX]' "/proc/$1/status"; }
recorded_pid() { cat "$RUN/$1.pid" 2>/dev/null || true; }
holder() { recorded_pid "$1.holder"; }

# The holder is PID 1 of the node's own pid namespace, in the node's network namespace. A recorded id that means something else by now does not count.
holder_alive() {
  local pid
  pid=$(holder "$1")
  alive "$pid" && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = pause ] &&
    [ "$(stat -Lc %i "/proc/$pid/ns/net" 2>/dev/null)" = "$(stat -Lc %i "$(node_netns "$1")" 2>/dev/null)" ]
}

# on NODE COMMAND...: in all of the node's namespaces
on() {
  local node=$1
  shift
  nsenter -t "$(holder "$node")" -m -u -i -n -p -- env -u KUBECONFIG "$@"
}

# start_daemon NODE NAME COMMAND...: starts a daemon on a node, in the node's control groups, and records its id.
# It gets a clean environment, so that it is the same daemon whoever ran up.sh.
start_daemon() {
  local node=$1 name=$2
  shift 2
  (
    enter_node_cgroup "$node"
    exec 9>&-
    exec setsid nsenter -t "$(holder "$node")" -m -u -i -n -p -- \
      env -i HOME=/root LANG=C.UTF-8 PATH="$CACHE/bin:$PATH" "$@" </dev/null >>"$STATE/nodes/$node/log/$name.log" 2>&1
  ) &
  echo $! >"$RUN/$node.$name.pid"
}

# --- control groups ------------------------------------------------------------------------------------------------------------------------
# Each node has a group of its own in every hierarchy: kubelets that share one delete each other's pods. Its daemons sit in the child `system`,
# its pods in the child `kubepods`. The caller's group is left: it may have a memory limit, and a job runner kills it when the caller ends.

cgroup_version() { if [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]; then echo 2; else echo 1; fi; }
cgroup_roots() {
  if [ "$(cgroup_version)" = 2 ]; then echo /sys/fs/cgroup; else awk '$3 == "cgroup" { print $2 }' /proc/self/mounts | sort -u; fi
}

# Where groups of the lab may be: on a machine with both versions runc makes some in the hierarchy of version 2 as well.
all_cgroup_roots() { awk '$3 == "cgroup" || $3 == "cgroup2" { print $2 }' /proc/self/mounts | sort -u; }

enter_node_cgroup() {
  local node=$1 root group
  for root in $(cgroup_roots); do
    for group in "$root" "$root/skifflab" "$root/skifflab/$node" "$root/skifflab/$node/system"; do
      mkdir -p "$group"
      prepare_cgroup "$root" "$group"
    done
    echo "$BASHPID" >"$root/skifflab/$node/system/cgroup.procs"
  done
}

prepare_cgroup() {
  local root=$1 group=$2 controller file
  if [ "$(cgroup_version)" = 2 ]; then
    # A group hands on only what it is told to. `system` has processes and therefore must hand on nothing.
    [ "${group##*/}" != system ] || return 0
    for controller in $(cat "$group/cgroup.controllers"); do
      echo "+$controller" >"$group/cgroup.subtree_control" 2>/dev/null || true
    done
  elif [ "$group" != "$root" ] && [ -e "$group/cpuset.cpus" ]; then
    # Nobody may enter a cpuset that has no processors; a new one has none.
    for file in cpuset.cpus cpuset.mems; do
      [ -n "$(cat "$group/$file")" ] || cat "$root/$file" >"$group/$file"
    done
  fi
}

# Every process of the lab, wherever it has moved: they are all born in the lab's groups.
lab_processes() {
  local root
  for root in $(all_cgroup_roots); do
    [ ! -d "$root/skifflab" ] || find "$root/skifflab" -name cgroup.procs -exec cat {} + 2>/dev/null
  done | sort -un
}

remove_lab_cgroups() {
  local root
  for root in $(all_cgroup_roots); do
    [ ! -d "$root/skifflab" ] || find "$root/skifflab" -depth -type d -exec rmdir {} + 2>/dev/null
  done
  for root in $(all_cgroup_roots); do [ ! -d "$root/skifflab" ] || return 1; done
}

# --- sysctls ---------------------------------------------------------------------------------------------------------------------------------
# A kubelet sets these for the whole machine. Noted before the first start, put back by down.sh.
KUBELET_SYSCTLS="vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys kernel.keys.root_maxbytes"
