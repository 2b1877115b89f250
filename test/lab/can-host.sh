#!/bin/bash
# Can this machine host the lab? Prints nothing and exits 0 when it can; else prints the reason on one line and exits 1.
# Changes nothing: what has to be tried is tried in namespaces that end with the attempt.
set -uo pipefail
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
no() { echo "$*"; exit 1; }

[ "$(uname -s)" = Linux ] || no "the lab needs Linux, this is $(uname -s)"
[ "$(id -u)" = 0 ] || no 'the lab needs root'
. "$(dirname "$0")/lab.sh"

command -v apt-get >/dev/null && command -v dpkg >/dev/null || no 'the lab installs its programs with apt-get, which is not here'
built=1
for binary in kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy; do [ -x "$KUBERNETES/bin/$binary" ] || built=0; done
release=$(. /etc/os-release 2>/dev/null && echo "${ID:-?} ${VERSION_ID:-?}")
[ $built = 1 ] || [ "$release" = 'debian 12' ] || no "Kubernetes 1.20 is built from the source package of Debian 12, this is $release"
case $(dpkg --print-architecture) in amd64 | arm64) ;; *) no "the lab is for amd64 and arm64, this is $(dpkg --print-architecture)" ;; esac

for tool in unshare nsenter mount flock findmnt; do command -v $tool >/dev/null || no "$tool (util-linux) is missing"; done
unshare --mount --uts --ipc --net --pid --fork true 2>/dev/null || no 'namespaces cannot be created (CAP_SYS_ADMIN is missing, or a seccomp profile forbids it)'
if command -v ip >/dev/null; then
  unshare --net sh -c 'ip link add name probe0 type veth peer name probe1 && ip link add name probe2 type bridge' 2>/dev/null ||
    no 'the kernel offers no veth pairs or no bridge'
  used=$(ip -o -4 addr show 2>/dev/null | awk '$2 != "sl-ops" && $4 ~ /^10\.99\.0\./ { print $2 " has " $4 }' | head -n 1)
  [ -z "$used" ] || no "the lab's addresses 10.99.0.0/24 are in use: $used"
fi

layers=$(mktemp -d /var/tmp/skifflab.XXXXXX) || no '/var/tmp cannot be written'
mkdir "$layers/lower" "$layers/upper" "$layers/work" "$layers/merged"
unshare --mount mount -t overlay overlay -o "lowerdir=$layers/lower,upperdir=$layers/upper,workdir=$layers/work" "$layers/merged" 2>/dev/null
overlay=$?
rm -rf "$layers"
[ $overlay = 0 ] || no 'overlay file systems cannot be mounted under /var'

# kube-proxy and kubelet use the legacy tables. Before the package is there, only the kernel can be asked.
if command -v xtables-legacy-multi >/dev/null; then
  unshare --net --mount sh -c 'mount -t tmpfs tmpfs /run && xtables-legacy-multi iptables -t nat -A PREROUTING -m comment --comment x -m addrtype \
    --dst-type LOCAL -j MARK --set-mark 1 && xtables-legacy-multi iptables -A INPUT -m conntrack --ctstate NEW -m statistic --mode random \
    --probability 0.5 -j DROP' 2>/dev/null || no "the kernel lacks iptables' nat or filter table, or matches that kube-proxy uses"
else
  [ -e /proc/net/ip_tables_names ] || modprobe -q iptable_nat 2>/dev/null || no 'the kernel lacks iptables'
fi

if [ "$(cgroup_version)" = 2 ]; then
  for controller in cpu cpuset memory pids; do
    grep -qw $controller /sys/fs/cgroup/cgroup.controllers || no "the control group (v2) of this machine lacks the controller $controller"
  done
else
  for controller in cpu cpuacct cpuset memory devices freezer pids; do
    awk -v c=$controller '$3 == "cgroup" && ("," $4 ",") ~ ("," c ",") { found = 1 } END { exit !found }' /proc/self/mounts ||
      no "the control group hierarchy $controller (v1) is not mounted"
  done
fi
for root in $(cgroup_roots); do
  [ -d "$root/skifflab" ] && continue
  { mkdir "$root/skifflab-probe" && rmdir "$root/skifflab-probe"; } 2>/dev/null || no "control groups cannot be created in $root"
done

memory=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)
for limit in /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max; do
  bytes=$(cat $limit 2>/dev/null)
  case $bytes in '' | max | *[!0-9]*) continue ;; esac
  ((bytes / 1048576 >= memory)) || memory=$((bytes / 1048576))
done
((memory >= 6000)) || no "the lab needs 6 GiB of memory, this machine has $memory MiB"

# The kubelets evict when less than 2 GiB are free; the build needs 4 GiB for a while, the data and images of the nodes 2 GiB.
need=5
[ $built = 1 ] || need=9
for directory in /var/lib /var/cache; do
  [ -d $STATE/nodes ] && break # it is up, or was, and has what it needs
  free=$(($(df --output=avail -k $directory | tail -n 1) / 1048576))
  ((free >= need)) || no "the lab needs $need GiB free in $directory, there are $free"
done
exit 0
