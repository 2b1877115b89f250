#!/bin/sh
# A Redis sentinel. Learns the master from the other sentinels; in a new set, replica 0 is the master.
domain=$SET.$NS.svc.cluster.local
sentinels=$SET-sentinel.$NS.svc.cluster.local
conf=/data/sentinel.conf
find_master() {
  for i in 0 1 2; do
    [ "$SET-sentinel-$i" = "$HOSTNAME" ] && continue
    address=$(timeout 2 redis-cli -h "$SET-sentinel-$i.$sentinels" -p 26379 sentinel get-master-addr-by-name mymaster 2>/dev/null | head -1)
    case $address in [0-9]*) echo "$address" && return ;; esac
  done
  getent hosts "$SET-0.$domain" | awk '{ print $1 }'
}
# An address of the last time may be that of another set's server by now (see redis.sh), and a sentinel that watches a wrong one never finds back.
is_of_this_set() {
  timeout 2 redis-cli -h "$1" ${REDIS_PASSWORD:+-a "$REDIS_PASSWORD" --no-auth-warning} config get pidfile 2>/dev/null |
    grep -q "^/data/$SET-[0-9]*\.pid$"
}
if [ ! -s $conf ]; then
  until master=$(find_master) && [ -n "$master" ] && is_of_this_set "$master"; do sleep 1; done
  cat >$conf <<CONF
port 26379
bind 0.0.0.0
protected-mode no
dir /data
sentinel announce-ip $POD_IP
sentinel monitor mymaster $master 6379 2
sentinel down-after-milliseconds mymaster 5000
sentinel failover-timeout mymaster 20000
sentinel parallel-syncs mymaster 1
CONF
  [ -z "$REDIS_PASSWORD" ] || echo "sentinel auth-pass mymaster $REDIS_PASSWORD" >>$conf
fi
exec redis-sentinel $conf
