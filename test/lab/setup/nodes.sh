#!/bin/bash
# Starts the nodes: for each its holder (PID 1 of the node's namespaces), containerd and kubelet. What runs already is left alone.
set -euo pipefail
. "$(dirname "$0")/../lab.sh"

# The files that a node has of its own; node/init.sh puts them in their places.
write_node_files() {
  local node=$1 home=$STATE/nodes/$1 other
  mkdir -p "$home"/{etc-cni/net.d,etc-containerd,etc-kubernetes/manifests,log}
  echo '# the lab: there is no resolver outside the cluster' >"$home/resolv.conf"
  {
    echo '127.0.0.1 localhost'
    for other in $NODES; do echo "$(node_ip "$other") $other"; done
    echo "$INGRESS_VIP harbor.skiff.lab.internal"
  } >"$home/hosts"
  cat >"$home/etc-cni/net.d/10-skiff.conflist" <<JSON
{
  "cniVersion": "0.4.0",
  "name": "skiff",
  "plugins": [
    {
      "type": "bridge", "bridge": "cni0", "isDefaultGateway": true, "ipMasq": false, "hairpinMode": true, "mtu": 1500,
      "ipam": { "type": "host-local", "ranges": [[{ "subnet": "$(pod_cidr "$node")" }]], "dataDir": "/run/cni-ipam" }
    },
    { "type": "portmap", "capabilities": { "portMappings": true }, "snat": true }
  ]
}
JSON
  # The nodes pull from the lab's own Harbor, whose certificate is one of the lab's.
  mkdir -p "$home/etc-containerd/certs.d/harbor.skiff.lab.internal"
  cat >"$home/etc-containerd/certs.d/harbor.skiff.lab.internal/hosts.toml" <<'TOML'
server = "https://harbor.skiff.lab.internal"
[host."https://harbor.skiff.lab.internal"]
  capabilities = ["pull", "resolve"]
  ca = "/etc/kubernetes/pki/ca.crt"
TOML
  # restrict_oom_score_adj: a machine without CAP_SYS_RESOURCE may not lower the score, and every sandbox would fail with
  # "can't get final child's PID from pipe".
  cat >"$home/etc-containerd/config.toml" <<'TOML'
version = 2
disabled_plugins = [
  "io.containerd.internal.v1.opt",
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
]
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/lab/pause:1"
  disable_apparmor = true
  restrict_oom_score_adj = true
  max_container_log_line_size = 16384
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "/etc/containerd/certs.d"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
TOML
  cat >"$home/etc-kubernetes/kubelet-config.json" <<JSON
{
  "kind": "KubeletConfiguration",
  "apiVersion": "kubelet.config.k8s.io/v1beta1",
  "staticPodPath": "/etc/kubernetes/manifests",
  "address": "0.0.0.0",
  "port": 10250,
  "readOnlyPort": 0,
  "healthzBindAddress": "127.0.0.1",
  "healthzPort": 10248,
  "tlsCertFile": "/etc/kubernetes/pki/kubelet.crt",
  "tlsPrivateKeyFile": "/etc/kubernetes/pki/kubelet.key",
  "authentication": {
    "anonymous": { "enabled": false },
    "webhook": { "enabled": true, "cacheTTL": "2m0s" },
    "x509": { "clientCAFile": "/etc/kubernetes/pki/ca.crt" }
  },
  "authorization": { "mode": "Webhook" },
  "cgroupDriver": "cgroupfs",
  "cgroupRoot": "/skifflab/$node",
  "cgroupsPerQOS": true,
  "enforceNodeAllocatable": ["pods"],
  "clusterDNS": ["10.96.0.10"],
  "clusterDomain": "cluster.local",
  "resolvConf": "/etc/resolv.conf",
  "failSwapOn": false,
  "evictionHard": { "memory.available": "200Mi", "nodefs.available": "2Gi", "imagefs.available": "2Gi" },
  "imageGCHighThresholdPercent": 100,
  "imageGCLowThresholdPercent": 99,
  "volumeStatsAggPeriod": "1m0s",
  "serializeImagePulls": false,
  "registryPullQPS": 50,
  "registryBurst": 100,
  "eventRecordQPS": 50,
  "eventBurst": 100,
  "kubeAPIQPS": 50,
  "kubeAPIBurst": 100,
  "volumePluginDir": "/var/lib/kubelet/volumeplugins",
  "maxPods": 110
}
JSON
}

start_holder() {
  local node=$1 log=$STATE/nodes/$1/log/init.log unshare holder='' i
  say "$node: namespaces"
  rm -f "$RUN/$node".*.pid
  (
    enter_node_cgroup "$node"
    exec 9>&-
    exec setsid nsenter --net="$(node_netns "$node")" unshare --mount --uts --ipc --pid --fork --mount-proc --kill-child \
      env -i PATH="$PATH" STATE=$STATE CACHE="$CACHE" bash "$LAB/node/init.sh" "$node" </dev/null >"$log" 2>&1
  ) &
  unshare=$!
  echo $unshare >"$RUN/$node.unshare.pid"
  for ((i = 0; i < 100; i++)); do
    holder=$(tr -d ' ' <"/proc/$unshare/task/$unshare/children" 2>/dev/null || true)
    [ -n "$holder" ] && [ "$(cat "/proc/$holder/comm" 2>/dev/null)" = pause ] && break
    sleep 0.1
  done
  [ "$(cat "/proc/${holder:-0}/comm" 2>/dev/null)" = pause ] || { cat "$log" >&2; die "$node: its first process did not start in 10 s"; }
  echo "$holder" >"$RUN/$node.holder.pid"
}

# The images come from archives, since there is no registry; once per node and version of the images.
import_images() {
  local node=$1 image stamp=$STATE/nodes/$1/img.stamp
  if [ "$(cat "$stamp" 2>/dev/null)" = "$(cat "$CACHE/images/stamp")" ] &&
    [ "$(on "$node" timeout 20 ctr -n k8s.io images ls -q | grep -c 'lab/\(pause\|base\):1$')" = 2 ]; then return; fi
  for image in pause base; do on "$node" timeout 60 ctr -n k8s.io images import "$CACHE/images/lab_${image}_1.tar" >/dev/null; done
  cp "$CACHE/images/stamp" "$stamp"
}

for node in $NODES; do
  write_node_files "$node"
  holder_alive "$node" || start_holder "$node"
  on "$node" pgrep -x containerd >/dev/null || start_daemon "$node" containerd containerd --log-level warn
done
for node in $NODES; do
  wait_for 60 "$node's containerd" on "$node" timeout 5 ctr version || die "see $STATE/nodes/$node/log/containerd.log"
  import_images "$node"
  "$LAB/node/kubelet.sh" "$node"
done
