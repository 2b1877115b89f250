#!/bin/bash
# Builds Kubernetes 1.20.2 from Debian's source package, with Debian's Go 1.19. About 6 minutes on two cores. Skipped when the binaries are there.
# Every step writes to a name of its own and renames at the end, so that an interrupted build goes on where it was.
set -euo pipefail
. "$(dirname "$0")/../lab.sh"

binaries="kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy"
complete() { for binary in $binaries; do [ -x "$KUBERNETES/bin/$binary" ] || return 1; done; }
if complete; then exit 0; fi

work=$KUBERNETES/build
log=$KUBERNETES/build.log
mkdir -p "$work" "$KUBERNETES/bin"
say "building Kubernetes 1.20.2, about 6 minutes (log: $log)"
trap 'rc=$?; [ $rc = 0 ] || { tail -n 20 "$log"; echo "Kubernetes could not be built (log: $log)"; } >&3' EXIT
exec 3>&2 >>"$log" 2>&1 </dev/null

# The machine's own Debian package sources with source packages switched on, as a configuration of our own: the machine's stays as it is.
apt=$KUBERNETES/apt
rm -rf "$apt/sources"
mkdir -p "$apt/lists/partial" "$apt/sources"
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
  [ -f "$file" ] || continue
  case $file in
    *.sources) ! grep -q bookworm "$file" || sed 's/^Types:.*/Types: deb-src/' "$file" >"$apt/sources/${file##*/}" ;;
    *.list) sed -n '/bookworm/s/^deb /deb-src /p' "$file" >"$apt/sources/${file##*/}" ;;
  esac
done
source_apt() {
  apt-get -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$apt/sources" -o Dir::State::lists="$apt/lists" "$@"
}
apt-get update -qq -o DPkg::Lock::Timeout=300
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o DPkg::Lock::Timeout=300 --no-install-recommends \
  golang-1.19-go dpkg-dev rsync make gcc libc6-dev git ca-certificates

export GOPATH=$work/gopath GOCACHE=$work/gocache GO111MODULE=off CGO_ENABLED=0 HOME=/root PATH=/usr/lib/go-1.19/bin:$PATH
tree=$GOPATH/src/k8s.io/kubernetes
if [ ! -d "$tree" ]; then
  cd "$work"
  source_apt update -qq
  source_apt source -qq --download-only kubernetes
  rm -rf unpacked
  dpkg-source --no-check -x kubernetes_*.dsc unpacked
  mkdir -p "${tree%/*}"
  mv unpacked "$tree"
fi
cd "$tree"

# The vendored reflect2 1.0.1 knows reflect.mapiterinit as it was before Go 1.18. Built with a later Go, any walk through a map may crash.
reflect2=vendor/github.com/modern-go/reflect2
if grep -q 'm unsafe.Pointer) \*hiter' $reflect2/unsafe_link.go; then
  sed -i 's/^func mapiterinit(rtype unsafe.Pointer, m unsafe.Pointer) \*hiter/func mapiterinit(rtype unsafe.Pointer, m unsafe.Pointer, it *hiter)/
    s#^\t// rest fields are ignored#\tt, h, buckets, bptr unsafe.Pointer\
\toverflow, oldoverflow *[]unsafe.Pointer\
\tstartBucket uintptr\
\toffset uint8\
\twrapped bool\
\tB, i uint8\
\tbucket, checkBucket uintptr#' $reflect2/unsafe_link.go
  sed -i 's/^\treturn &UnsafeMapIterator{/\tit := \&hiter{}\
\tmapiterinit(type2.rtype, *(*unsafe.Pointer)(obj), it)\
\treturn \&UnsafeMapIterator{/
    s/^\t\thiter: .*/\t\thiter:      it,/' $reflect2/unsafe_map.go
fi

make generated_files # without them the API server does not compile
version=k8s.io/component-base/version client=k8s.io/client-go/pkg/version vendor=k8s.io/kubernetes/vendor
flags="-s -w -X $vendor/$version.gitVersion=v1.20.2 -X $vendor/$version.gitMajor=1 -X $vendor/$version.gitMinor=20 -X $vendor/$client.gitVersion=v1.20.2"
rm -rf "$work/bin"
mkdir -p "$work/bin"
packages=()
for binary in $binaries; do packages+=("./cmd/$binary"); done
go build -ldflags "$flags" -o "$work/bin/" "${packages[@]}"
mv -f "$work"/bin/* "$KUBERNETES/bin/"
# 2 GiB that nobody needs once the binaries are there
rm -rf "$work" "$apt"
