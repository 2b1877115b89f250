#!/bin/bash
# Ends everything of the lab: processes, mounts, network, control groups, notes. Called by down.sh, and by up.sh when it finds a broken lab; both hold
# the lock. Ends only what is the lab's: processes that were born in its control groups or live in its network namespaces.
set -uo pipefail
. "$(dirname "$0")/../lab.sh"

end_faults() {
  local note pid
  for note in "$RUN"/faults/*.json "$RUN"/faults/*/pid; do
    pid=$([ -f "$note" ] && grep -oE '"guard":[0-9]+|^[0-9]+$' "$note" | grep -oE '[0-9]+')
    # the guard of a fault, or the listener with the foreign certificate
    if alive "$pid" && [[ $(tr '\0' ' ' <"/proc/$pid/cmdline") =~ faults\.ts\ guard\ |s_server\ -accept\ $OPS_IP: ]]; then kill -9 "$pid"; fi
  done
  rm -rf "$RUN/faults"
  # What a fault has moved away would stay away: manifests, and the registry's data (faults/harbor.ts).
  for note in $STATE/nodes/*/var-lib-skiff/*.away; do
    [ ! -d "$note" ] || { rmdir "${note%.away}" 2>/dev/null; mv -T "$note" "${note%.away}"; }
  done
  for note in $STATE/nodes/*/var-lib-skiff/harbor-registry-0; do
    [ ! -L "$note/registry" ] || rm -f "$note/registry"
    [ ! -d "$note/registry.away" ] || mv -T "$note/registry.away" "$note/registry"
  done
  for note in $STATE/nodes/*/etc-kubernetes/*.json.away; do
    [ ! -e "$note" ] || mv -f "$note" "${note%/*}/manifests/$(basename "$note" .away)"
  done
}

end_processes() {
  local node pid round
  # PID 1 of a node first: with it the kernel ends every process of that node.
  for node in $NODES; do
    if holder_alive "$node"; then kill -9 "$(holder "$node")"; fi
  done
  for ((round = 0; round < 40; round++)); do
    pid=$(lab_processes; for node in $NODES; do ip netns pids "sl-$node" 2>/dev/null; done)
    [ -n "$pid" ] || return 0
    # shellcheck disable=SC2086 # a list of numbers
    kill -9 $pid 2>/dev/null
    sleep 0.25
  done
  say "these processes of the lab do not end: $(xargs <<<"$pid")"
  return 1
}

end_network() {
  local name
  ip link del sl-ops 2>/dev/null
  for name in $SWITCH $(for node in $NODES; do echo "sl-$node"; done); do
    [ ! -e "/run/netns/$name" ] || ip netns del "$name" || rm -f "/run/netns/$name"
  done
}

end_mounts() {
  local target
  # The nodes' mounts went with their namespaces; this is for what somebody may have mounted here.
  findmnt -rno TARGET | grep -E "^$STATE(/|$)" | sort -r | while read -r target; do umount -l "$target"; done
}

put_sysctls_back() {
  local setting
  [ -s $STATE/sysctls-before ] || return 0
  while read -r setting; do sysctl -qw "$setting"; done <$STATE/sysctls-before
  rm -f $STATE/sysctls-before
}

failed=0
end_faults
end_processes || failed=1
end_network
end_mounts
remove() { for _ in 1 2 3 4 5 6 7 8 9 10; do remove_lab_cgroups && return; sleep 0.3; done; }
remove || { say "control groups of the lab are left: $(find $(all_cgroup_roots) -maxdepth 1 -name skifflab 2>/dev/null | xargs)"; failed=1; }
put_sysctls_back
# State of running pods, which must not outlive them. Volumes, etcd's data and images stay.
for node in $NODES; do
  rm -rf --one-file-system "$STATE/nodes/$node/var-lib-cni" "$STATE/nodes/$node/var-lib-kubelet/pods" "$STATE/nodes/$node/var-lib-kubelet/cpu_manager_state"
done
rm -f "$RUN"/*.pid
rmdir "$RUN" 2>/dev/null
[ $failed = 0 ] || exit 1
