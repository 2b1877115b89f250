#!/bin/bash
# Makes the two container images of the lab out of nothing but tar and sha256sum: lab/pause (the sandbox) and lab/base (an empty root whose /usr
# the pods take from the machine). Made anew only when their inputs have changed.
set -euo pipefail
. "$(dirname "$0")/../lab.sh"

images=$CACHE/images
mkdir -p "$images"
inputs=$(cat "$0" "$LAB/node/pause.c" /etc/passwd /etc/group | sha256sum | cut -c1-16)
if [ "$(cat "$images/stamp" 2>/dev/null)" = "$inputs" ]; then exit 0; fi
say 'making the container images'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

digest() { sha256sum "$1" | cut -d' ' -f1; }

# pack NAME ROOT CONFIG: writes a docker-archive of one layer
pack() {
  local name=$1 root=$2 config=$3 image=$work/image-${1//[:\/]/_} layer
  mkdir -p "$image"
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$root" -cf "$image/layer.tar" .
  layer=$(digest "$image/layer.tar")
  jq -n --arg architecture "$(dpkg --print-architecture)" --arg layer "sha256:$layer" --argjson config "$config" \
    '{ $architecture, os: "linux", created: "2020-01-01T00:00:00Z", $config,
       rootfs: { type: "layers", diff_ids: [$layer] }, history: [{ created: "2020-01-01T00:00:00Z" }] }' >"$image/config"
  layer=$(digest "$image/config")
  mv "$image/config" "$image/$layer.json"
  jq -n --arg config "$layer.json" --arg tag "docker.io/$name" '[{ Config: $config, RepoTags: [$tag], Layers: ["layer.tar"] }]' >"$image/manifest.json"
  tar -C "$image" -cf "$images/${name//[:\/]/_}.tar.new" .
  mv "$images/${name//[:\/]/_}.tar.new" "$images/${name//[:\/]/_}.tar"
}

mkdir "$work/pause"
gcc -Os -static -s -o "$work/pause/pause" "$LAB/node/pause.c"
pack lab/pause:1 "$work/pause" '{ "Entrypoint": ["/pause"], "Env": ["PATH=/"] }'
# Also the first process of every node. A running one keeps the old file: a file in use cannot be overwritten, but replaced.
cp "$work/pause/pause" "$images/pause.new"
mv "$images/pause.new" "$images/pause"

base=$work/base
mkdir -p "$base"/{usr,etc/ssl,etc/alternatives,tmp,proc,sys,dev,run/lock,var/{lib,log,tmp,cache},root,home,data,scripts,opt}
for directory in bin sbin lib lib64; do ln -s "usr/$directory" "$base/$directory"; done
ln -s /run "$base/var/run"
chmod 1777 "$base/tmp" "$base/var/tmp"
chmod 777 "$base/data"
cp /etc/passwd /etc/group /etc/nsswitch.conf /etc/ld.so.cache /etc/ld.so.conf "$base/etc/"
cp -a /etc/ld.so.conf.d "$base/etc/"
printf 'PRETTY_NAME="skiff lab base"\nID=debian\n' >"$base/etc/os-release"
pack lab/base:1 "$base" '{
  "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"], "Cmd": ["/bin/sh"], "WorkingDir": "/" }'
echo "$inputs" >"$images/stamp"
