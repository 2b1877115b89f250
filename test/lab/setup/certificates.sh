#!/bin/bash
# The lab's certificate authorities, certificates and kubeconfigs. Keeps what is there: a certificate is made once, until down.sh --purge.
set -euo pipefail
. "$(dirname "$0")/../lab.sh"
umask 077
pki=$STATE/pki
mkdir -p "$pki/etcd"
cd "$pki"

# Everything is written under another name first: an interrupted run must not leave half a file that counts as made.
key() { [ -s "$1.key" ] || { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key.new" && mv "$1.key.new" "$1.key"; }; }

# authority FILE COMMON-NAME
authority() {
  [ ! -s "$1.crt" ] || return 0
  key "$1"
  openssl req -x509 -new -key "$1.key" -subj "/CN=$2" -days 3650 -out "$1.crt.new" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,digitalSignature,keyCertSign,cRLSign
  mv "$1.crt.new" "$1.crt"
}

# certificate FILE AUTHORITY SUBJECT [ALTERNATIVE-NAMES] [DAYS]
certificate() {
  local file=$1 authority=$2 subject=$3 names=${4:-} days=${5:-365}
  [ ! -s "$file.crt" ] || return 0
  key "$file"
  {
    echo basicConstraints=CA:FALSE
    echo keyUsage=digitalSignature,keyEncipherment
    echo extendedKeyUsage=serverAuth,clientAuth
    [ -z "$names" ] || echo "subjectAltName=$names"
  } >"$file.ext"
  openssl req -new -key "$file.key" -subj "$subject" |
    openssl x509 -req -CA "$authority.crt" -CAkey "$authority.key" -set_serial "0x$(openssl rand -hex 12)" -days "$days" \
      -extfile "$file.ext" -out "$file.crt.new" 2>/dev/null
  rm -f "$file.ext"
  mv "$file.crt.new" "$file.crt"
}

authority ca kubernetes
authority etcd/ca etcd-ca
authority front-proxy-ca front-proxy-ca
[ -s sa.key ] || { openssl genrsa -out sa.key.new 2048 2>/dev/null && mv sa.key.new sa.key; }
[ -s sa.pub ] || { openssl rsa -in sa.key -pubout -out sa.pub.new 2>/dev/null && mv sa.pub.new sa.pub; }

# What Harbor signs the registry's tokens with, and what the registry knows it by.
[ -s registry-token.key ] || { openssl genrsa -out registry-token.key.new 2048 2>/dev/null && mv registry-token.key.new registry-token.key; }
authority registry-token harbor-token-issuer

names=DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,DNS:localhost
names+=,IP:127.0.0.1,IP:10.96.0.1,IP:$MASTER_VIP
for node in $NODES; do names+=,DNS:$node,IP:$(node_ip "$node"); done
certificate apiserver ca /CN=kube-apiserver "$names"
certificate apiserver-kubelet-client ca /O=system:masters/CN=kube-apiserver-kubelet-client
certificate apiserver-etcd-client etcd/ca /O=system:masters/CN=kube-apiserver-etcd-client
certificate etcd/healthcheck-client etcd/ca /O=system:masters/CN=kube-etcd-healthcheck-client
certificate front-proxy-client front-proxy-ca /CN=front-proxy-client
for node in $NODES; do
  certificate "etcd/server-$node" etcd/ca "/CN=$node" "DNS:$node,DNS:localhost,IP:127.0.0.1,IP:$(node_ip "$node")"
  certificate "kubelet-$node" ca "/O=system:nodes/CN=system:node:$node" "DNS:$node,IP:$(node_ip "$node")"
done
certificate controller-manager ca /CN=system:kube-controller-manager DNS:localhost,IP:127.0.0.1
certificate scheduler ca /CN=system:kube-scheduler DNS:localhost,IP:127.0.0.1
certificate kube-proxy ca /CN=system:kube-proxy

# people
certificate admin ca /O=system:masters/CN=kubernetes-admin
certificate skiff-doctor ca /O=skiff:ops/CN=skiff-doctor       # an operator who may only look
certificate apm-viewer ca /O=skiff:apm/CN=apm-viewer           # may see one namespace
certificate stranger front-proxy-ca /O=system:masters/CN=stranger # signed by a CA that the API servers do not ask: 401

# servers inside; the -expiring ones end in 5 days, for tests that put them in place
ingress=DNS:skiff.lab.internal,DNS:*.skiff.lab.internal,IP:$INGRESS_VIP
webhook=localstorage-webhook.kube-system.svc
certificate ingress ca /CN=skiff.lab.internal "$ingress"
certificate ingress-expiring ca /CN=skiff.lab.internal "$ingress" 5
certificate localstorage-webhook ca "/CN=$webhook" "DNS:$webhook,DNS:$webhook.cluster.local"
certificate localstorage-webhook-expiring ca "/CN=$webhook" "DNS:$webhook" 5

# kubeconfig FILE CERTIFICATE SERVER
kubeconfig() {
  cat >"$1.new" <<JSON
{
  "apiVersion": "v1", "kind": "Config", "current-context": "skiff-lab",
  "clusters": [{ "name": "skiff-lab", "cluster": { "server": "$3", "certificate-authority-data": "$(base64 -w0 <ca.crt)" } }],
  "users": [{ "name": "$2", "user": { "client-certificate-data": "$(base64 -w0 <"$2.crt")", "client-key-data": "$(base64 -w0 <"$2.key")" } }],
  "contexts": [{ "name": "skiff-lab", "context": { "cluster": "skiff-lab", "user": "$2" } }]
}
JSON
  mv "$1.new" "$1"
}
first=https://$(node_ip node1):6443
kubeconfig $STATE/admin.kubeconfig admin "$first"
kubeconfig $STATE/admin-vip.kubeconfig admin https://$MASTER_VIP:6443
kubeconfig $STATE/doctor.kubeconfig skiff-doctor "$first"
kubeconfig $STATE/apm-viewer.kubeconfig apm-viewer "$first"
kubeconfig $STATE/stranger.kubeconfig stranger "$first"

# what each node holds, where kubeadm puts it
for node in $NODES; do
  kubernetes=$STATE/nodes/$node/etc-kubernetes
  mkdir -p "$kubernetes/manifests" "$kubernetes/pki/etcd"
  kubeconfig "$kubernetes/kubelet.conf" "kubelet-$node" "https://$(node_ip "$node"):6443"
  for component in controller-manager scheduler kube-proxy; do
    kubeconfig "$kubernetes/$component.conf" "$component" "https://$(node_ip "$node"):6443"
  done
  cp -u ca.crt ca.key sa.key sa.pub front-proxy-ca.crt front-proxy-client.{crt,key} apiserver.{crt,key} \
    apiserver-kubelet-client.{crt,key} apiserver-etcd-client.{crt,key} "$kubernetes/pki/"
  cp -u etcd/ca.crt etcd/healthcheck-client.{crt,key} "$kubernetes/pki/etcd/"
  for end in crt key; do
    cp -u "etcd/server-$node.$end" "$kubernetes/pki/etcd/server.$end"
    cp -u "kubelet-$node.$end" "$kubernetes/pki/kubelet.$end"
  done
done
