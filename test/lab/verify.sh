#!/bin/bash
# Looks behind the pods' Ready: replication, quorums, leaders, virtual addresses, scrape targets. One line per fact; exit 1 when one is NOT OK.
# --running only asks whether all three nodes run at all, well or not.
. "$(dirname "$0")/lab.sh"
set +e
failed=0
if [ "${1:-}" = --running ]; then
  for node in $NODES; do holder_alive "$node" || exit 1; done
  exit 0
fi

# fact RESULT SUBJECT DETAIL: RESULT is the exit code of the test of this fact
fact() {
  if [ "$1" = 0 ]; then printf 'ok      %-32s %s\n' "$2" "$3"; else
    failed=1
    printf 'NOT OK  %-32s %s\n' "$2" "${3:-nothing}"
  fi
}

# A hanging server would hold kubectl exec for ever.
in_pod() {
  local namespace=$1 pod=$2
  shift 2
  timeout 10 kubectl --kubeconfig "$STATE/admin.kubeconfig" --request-timeout=9s -n "$namespace" exec "$pod" -- "$@" 2>/dev/null
}
through_service() { kube get --raw "/api/v1/namespaces/$1/services/$2/proxy$3" 2>/dev/null; }

# Workloads whose wanted number of pods is not what the manifests say, or not there, and Services that lead to nothing. A Deployment that was scaled
# down has no pod that is not ready.
deviations() {
  set -o pipefail
  { cat "$STATE"/manifests/*.json && kube get deployments,statefulsets,services,endpoints -A -o json; } | jq -rs '
    ([.[:-1][].items[] | select(.kind == "Deployment" or .kind == "StatefulSet")
      | { key: "\(.kind) \(.metadata.namespace)/\(.metadata.name)", value: .spec.replicas }] | from_entries) as $wanted
    | [.[-1].items[] | select(.kind == "Endpoints" and any((.subsets // [])[]; .addresses != null)) | "\(.metadata.namespace)/\(.metadata.name)"] as $led
    | (.[-1].items[] | "\(.metadata.namespace)/\(.metadata.name)" as $name
      | if .kind == "Service" then select(.spec.selector != null and ($led | index($name) == null)) | "Service \($name) has no endpoints"
        elif .kind == "Endpoints" then empty
        else select($wanted["\(.kind) \($name)"] as $n | $n != null and (.spec.replicas != $n or .status.readyReplicas != $n))
          | "\(.kind) \($name) has \(.status.readyReplicas // 0) ready of \(.spec.replicas) wanted, \($wanted["\(.kind) \($name)"]) declared"
        end)' | paste -sd ';'
}

nodes_and_pods() {
  local ready unready incomplete misplaced
  ready=$(kube get nodes -o json | jq -r '[.items[] | select(any(.status.conditions[]; .type == "Ready" and .status == "True")) | .metadata.name] | join(" ")')
  [ "$ready" = "$NODES" ]
  fact $? 'nodes ready' "$ready"
  unready=$("$LAB/status.sh" --not-ready)
  [ $? = 0 ] && [ -z "$unready" ]
  fact $? 'pods not ready' "${unready:-none}"
  incomplete=$(deviations)
  [ $? = 0 ] && [ -z "$incomplete" ]
  fact $? 'workloads other than declared' "${incomplete:-none}"
  misplaced=$("$LAB/setup/misplaced-pods.sh")
  [ $? = 0 ] && [ -z "$misplaced" ]
  fact $? 'pods away from their volume' "${misplaced:-none}"
}

redis_set() {
  local namespace=$1 set=$2 master='' linked=0 i info sentinel ip
  for i in 0 1 2; do
    # shellcheck disable=SC2016 # the pod's shell is to expand it
    info=$(in_pod "$namespace" "$set-$i" sh -c 'redis-cli ${REDIS_PASSWORD:+-a "$REDIS_PASSWORD" --no-auth-warning} info replication')
    if grep -q '^role:master' <<<"$info"; then master=$set-$i linked=$((linked + 1)); fi
    if grep -q '^master_link_status:up' <<<"$info"; then linked=$((linked + 1)); fi
  done
  sentinel=$(in_pod "$namespace" "$set-sentinel-0" redis-cli -p 26379 sentinel master mymaster | paste - - |
    awk '$1 ~ /^(flags|ip|num-slaves|num-other-sentinels)$/ { printf "%s=%s ", $1, $2 }')
  ip=$(kube -n "$namespace" get pod "${master:-none}" -o jsonpath='{.status.podIP}' 2>/dev/null)
  [ -n "$master" ] && [ "$linked" = 3 ] && [[ $sentinel == *"flags=master "* && $sentinel == *"num-other-sentinels=2"* && $sentinel == *"ip=$ip "* ]]
  fact $? "$set" "master ${master:-none}, $linked/3 linked; sentinel: $sentinel"
}

# Where HAProxy leads a client, and what it says of its servers itself. DOWN is right for all but the master: it counts no other as up.
harbor_redis_proxy() {
  local up role led
  up=$(through_service skiff-ncs redis-harbor-haproxy:8404 '/stats;csv' |
    awk -F, '$1 == "harbor-redis" && $2 ~ /^harbor-redis-/ && $18 == "UP" { print $2 }' | xargs)
  role=$(in_pod skiff-ncs harbor-redis-0 redis-cli -h redis-harbor-haproxy role | head -n 1)
  led=$(in_pod skiff-ncs harbor-redis-0 redis-cli -h redis-harbor-haproxy config get pidfile | sed -n 's#^/data/\(.*\)\.pid$#\1#p')
  [ "$role" = master ] && [ -n "$led" ] && [ "$up" = "$led" ]
  fact $? redis-harbor-haproxy "leads to ${led:-nothing} (${role:-no role}); up: ${up:-none}"
}

etcd_gtxs() {
  local members alarms
  members=$(timeout 15 kubectl --kubeconfig "$STATE/admin.kubeconfig" -n skiff-gtxs exec etcd-gtxs-0 -- etcdctl endpoint health --cluster 2>&1 |
    grep -c 'is healthy')
  [ "$members" = 3 ]
  fact $? 'etcd-gtxs members' "$members/3 healthy"
  alarms=$(in_pod skiff-gtxs etcd-gtxs-0 etcdctl alarm list)
  [ $? = 0 ] && [ -z "$alarms" ]
  fact $? 'etcd-gtxs alarms' "${alarms:-none}"
}

databases() {
  local threads
  threads=$(in_pod skiff-platform etcd-mysql-1 mariadb --no-defaults -uroot -S /tmp/mysql.sock -e 'show slave status\G' |
    awk '/Slave_(IO|SQL)_Running:/ { printf "%s ", $2 }')
  [ "$threads" = 'Yes Yes ' ]
  fact $? 'etcd-mysql replica threads' "$threads"
}

stolon() {
  local object data age keeper proxy answer answers='' state written
  object=$(kube -n skiff-ncs get configmap stolon-cluster-kube-stolon -o json 2>/dev/null)
  data=$(jq -c '.metadata.annotations["stolon-clusterdata"] | fromjson | .cluster.status.master as $master | {
      phase: .cluster.status.phase, master: .dbs[$master].spec.keeperUID, led: (.proxy.spec.masterDbUid == $master), proxies: (.proxy.spec.enabledProxies | length),
      healthy: ([(.keepers, .dbs)[].status | select(.healthy)] | length), converged: all(.dbs[]; .generation == .status.currentGeneration),
      timelines: ([.dbs[].status.timelineID] | unique | length),
      waits: (.dbs[$master].spec | .synchronousStandbys + .externalSynchronousStandbys | length) }' <<<"$object" 2>/dev/null)
  jq -e '.phase == "normal" and .led and .proxies == 2 and .healthy == 4 and .converged and .timelines == 1 and .waits == 1' <<<"$data" >/dev/null 2>&1
  fact $? 'stolon cluster data' "$data"
  # shellcheck disable=SC2016 # jq is to expand it
  age=$(jq -r '.metadata.annotations["control-plane.alpha.kubernetes.io/leader"] | fromjson | (now - (.renewTime | fromdate) | floor)' <<<"$object" 2>/dev/null)
  written=$(jq -r '.metadata.annotations["stolon-clusterdata"] | fromjson | (now - (.changeTime | sub("\\.[0-9]+"; "") | fromdate) | floor)' <<<"$object" 2>/dev/null)
  [ "${age:-99}" -lt 15 ] && [ "${written:-99}" -lt 15 ]
  fact $? 'leader of stolon-sentinel' "renewed ${age:-?} s ago, cluster data written ${written:-?} s ago"
  keeper=stolon-$(jq -r '.master // "none" | sub("keeper"; "keeper-")' <<<"$data" 2>/dev/null)
  sql() { in_pod skiff-ncs "$keeper" env PGPASSWORD=stolon PGCONNECT_TIMEOUT=5 /usr/lib/postgresql/15/bin/psql -h "$1" -U stolon -d postgres -Atc "$2"; }
  state=$(sql /tmp 'select state, sync_state from pg_stat_replication')
  [ "$state" = 'streaming|sync' ]
  fact $? 'PostgreSQL replication' "$keeper: ${state:-nothing}"
  for proxy in $(kube -n skiff-ncs get pods -l component=stolon-proxy -o json 2>/dev/null |
    jq -r '.items[] | select(.metadata.deletionTimestamp == null) | .status.podIP'); do
    answers+="$(sql "$proxy" 'select pg_is_in_recovery()') "
  done
  [ "$answers" = 'f f ' ]
  fact $? 'stolon-proxy, each' "in recovery: $answers"
  # Only a master takes this, and only when its standby confirms. It leaves nothing behind.
  written=$(sql stolon-proxy 'create temporary table written (x int)')
  [ "$written" = 'CREATE TABLE' ]
  fact $? 'write through stolon-proxy' "$written"
}

harbor() {
  local info pool challenge token answered
  info=$(through_service skiff-ncs harbor-core:8080 /api/systeminfo | jq -r '"\(.harbor_version) read_only=\(.read_only) scanned=\(.clair_vulnerability_status.overall_last_update > 0)"')
  [[ $info == v1.7.* && $info == *'read_only=false scanned=true' ]]
  fact $? 'harbor-core systeminfo' "$info"
  [ "$(through_service skiff-ncs harbor-core:8080 '/api/projects?public=true&page_size=1' | jq length)" = 1 ]
  fact $? 'harbor-core projects' 'from its database'
  pool=$(through_service skiff-ncs harbor-jobservice:8080 /api/v1/stats | jq -r '[.worker_pools[].status] | join(" ")')
  [ "$pool" = Healthy ]
  fact $? 'harbor-jobservice pool' "$pool"
  # As a client does: the challenge, the token, and the registry with it, all through the ingress.
  asked() { curl -s --noproxy '*' --max-time 4 --cacert "$STATE/pki/ca.crt" --resolve "harbor.skiff.lab.internal:443:$INGRESS_VIP" "$@"; }
  challenge=$(asked -i https://harbor.skiff.lab.internal/v2/ | tr -d '\r' | sed -n 's/^[Ww]ww-[Aa]uthenticate: //p')
  [ "$challenge" = 'Bearer realm="https://harbor.skiff.lab.internal/service/token",service="harbor-registry"' ]
  fact $? 'harbor challenge' "$challenge"
  token=$(asked 'https://harbor.skiff.lab.internal/service/token?service=harbor-registry' | jq -r .token)
  answered=$(asked -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" https://harbor.skiff.lab.internal/v2/)
  [ "$answered" = 200 ]
  fact $? 'harbor with a token' "$answered"
}

prometheis() {
  local service targets reload rules
  for service in skiff-apm/prometheus-apm skiff-ncs/prometheus-ncs skiff-platform/prometheus{,-nms,-platform}; do
    targets=$(through_service "${service%/*}" "${service#*/}:9090" /api/v1/targets |
      jq -r '[.data.activeTargets[].health] | group_by(.) | map("\(length) \(.[0])") | join(", ")')
    [ -n "$targets" ] && [[ $targets != *down* ]]
    fact $? "${service#*/} targets" "$targets"
    reload=$(through_service "${service%/*}" "${service#*/}:9090" /api/v1/status/runtimeinfo | jq -r .data.reloadConfigSuccess)
    rules=$(through_service "${service%/*}" "${service#*/}:9090" /api/v1/rules | jq -r '[.data.groups[].rules[] | select(.health == "err" or .state == "firing") | .name] | join(" ")')
    [ "$reload" = true ] && [ -z "$rules" ]
    fact $? "${service#*/} configuration" "loaded: $reload; rules that fire or fail: ${rules:-none}"
  done
}

# How the services that say it see their own stores, each pod for itself.
spring_services() {
  local namespace pod port said bad=''
  while read -r namespace pod port; do
    said=$(kube get --raw "/api/v1/namespaces/$namespace/pods/$pod:$port/proxy/actuator/health" 2>/dev/null | jq -r .status)
    [ "$said" = UP ] || bad+="$namespace/$pod ${said:-says nothing}; "
  done < <(kube get pods -A -o json | jq -r '.items[] | select(.metadata.deletionTimestamp == null)
    | . as $pod | .spec.containers[0].env[]? | select(.name == "SERVER_PORT") | "\($pod.metadata.namespace) \($pod.metadata.name) \(.value)"')
  [ -z "$bad" ]
  fact $? 'Spring services' "${bad:-all UP}"
}

http_services() {
  local front logs
  logs=$(through_service skiff-logseer logseer:80 /api/v1/indices | jq -r .status)
  [ "$logs" = green ]
  fact $? 'logseer and its Elasticsearch' "$logs"
  front=$(curl -sk --noproxy '*' --max-time 4 -o /dev/null -w '%{http_code} %{content_type}' "https://$INGRESS_VIP/front/")
  [ "$front" = '200 text/html' ]
  fact $? 'front through the ingress' "$front"
}

virtual_addresses() {
  local address node holders
  for address in "$MASTER_VIP" "$INGRESS_VIP"; do
    holders=$(for node in $NODES; do on "$node" ip -o -4 addr show eth0 | grep -q " $address/32" && echo "$node"; done | xargs)
    [ "$(wc -w <<<"$holders")" = 1 ]
    fact $? "holder of $address" "${holders:-nobody}"
  done
}

leaders() {
  local name lease age
  for name in kube-scheduler kube-controller-manager; do
    lease=$(kube -n kube-system get lease "$name" -o jsonpath='{.spec.renewTime} {.spec.holderIdentity}')
    age=$(($(date +%s) - $(date -d "${lease% *}" +%s)))
    [ "$age" -lt 15 ] && [ "$age" -ge -2 ]
    fact $? "leader of $name" "${lease#* }, renewed $age s ago"
  done
}

for node in $NODES; do
  [ "$(curl -sk --noproxy '*' --max-time 4 "https://$(node_ip "$node"):6443/readyz")" = ok ]
  fact $? "API server of $node" readyz
done
# Without an API server every other question only waits.
[ $failed = 0 ] || exit 1

# All at once, for they mostly wait; told in this order.
said=$(mktemp -d)
trap 'rm -rf "$said"' EXIT
index=100
look() {
  index=$((index + 1))
  "$@" >"$said/$index" &
}
look nodes_and_pods
look redis_set skiff-apm apm-redis
look redis_set skiff-ncs harbor-redis
look redis_set skiff-platform platform-redis
look harbor_redis_proxy
look etcd_gtxs
look databases
look stolon
look harbor
look prometheis
look spring_services
look http_services
look virtual_addresses
look leaders
wait
cat "$said"/*
! grep -q '^NOT OK' "$said"/*
