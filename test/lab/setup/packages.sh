#!/bin/bash
# Installs the Debian packages whose programs are missing. Their services are not started: the lab runs the programs in its own pods.
set -euo pipefail
. "$(dirname "$0")/../lab.sh"

# program package
needed='
awk mawk
chromium chromium
conntrack conntrack
containerd containerd
curl curl
docker-registry docker-registry
etcd etcd-server
etcdctl etcd-client
ethtool ethtool
gcc gcc
haproxy haproxy
ip iproute2
iptables iptables
jq jq
keepalived keepalived
kubectl kubernetes-client
mariadbd mariadb-server
modprobe kmod
nginx nginx-light
node nodejs
openssl openssl
pgrep procps
prometheus prometheus
prometheus-alertmanager prometheus-alertmanager
prometheus-mysqld-exporter prometheus-mysqld-exporter
prometheus-node-exporter prometheus-node-exporter
prometheus-redis-exporter prometheus-redis-exporter
redis-sentinel redis-sentinel
redis-server redis-server
runc runc
socat socat
'
missing=()
while read -r program package; do
  [ -z "$program" ] || command -v "$program" >/dev/null || missing+=("$package")
done <<<"$needed"
[ -x /usr/lib/postgresql/15/bin/postgres ] || missing+=(postgresql-15)
[ -x /usr/lib/cni/bridge ] || missing+=(containernetworking-plugins)
[ -e /usr/include/stdio.h ] || missing+=(libc6-dev)
[ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
# The pods see the machine's /usr and nothing else of it: a program that lives elsewhere would not be there for them.
case $(command -v node) in '' | /usr/*) ;; *) missing+=(nodejs) ;; esac

if [ ${#missing[@]} -gt 0 ]; then
  say "installing packages: ${missing[*]}"
  mkdir -p "$STATE"
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
  fi
  install() {
    apt-get update -qq -o DPkg::Lock::Timeout=300 &&
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o DPkg::Lock::Timeout=300 --no-install-recommends "${missing[@]}"
  }
  : >"$STATE/apt.log"
  for attempt in 1 2 3; do
    if install </dev/null >>"$STATE/apt.log" 2>&1; then break; fi
    [ $attempt -lt 3 ] || { tail -n 20 "$STATE/apt.log" >&2; die "the packages could not be installed (log: $STATE/apt.log)"; }
    sleep 10
  done
fi

# This directory comes first in the PATH of kubelet, kube-proxy and the CNI plugins, so that they all write the same (legacy) tables.
mkdir -p "$CACHE/bin"
for name in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
  ln -sfn /usr/sbin/xtables-legacy-multi "$CACHE/bin/$name"
done
