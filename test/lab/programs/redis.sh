#!/bin/sh
# A Redis server of a set with sentinels. Asks the sentinels who the master is; in a new set, replica 0 is.
domain=$SET.$NS.svc.cluster.local
sentinels=$SET-sentinel.$NS.svc.cluster.local
ordinal=${HOSTNAME##*-}
conf=/data/redis.conf
export REDISCLI_AUTH="$REDIS_PASSWORD"
[ -n "$REDIS_PASSWORD" ] || unset REDISCLI_AUTH
mkdir -p /data
cat >$conf <<CONF
port 6379
bind 0.0.0.0
protected-mode no
dir /data
save ""
maxmemory 64mb
pidfile /data/$HOSTNAME.pid
replica-announce-ip $POD_IP
repl-timeout 10
repl-diskless-sync-delay 1
CONF
[ -z "$REDIS_PASSWORD" ] || printf 'requirepass %s\nmasterauth %s\n' "$REDIS_PASSWORD" "$REDIS_PASSWORD" >>$conf

# After a restart DNS and sentinels may still name an address of the last time, which by now is nobody's or, worse, that of another set's server. The
# name of the pid file tells whose it is.
is_of_this_set() { timeout 2 redis-cli -h "$1" config get pidfile 2>/dev/null | grep -q "^/data/$SET-[0-9]*\.pid$"; }
ask_sentinels() {
  for i in 0 1 2; do
    address=$(
      unset REDISCLI_AUTH
      timeout 2 redis-cli -h "$SET-sentinel-$i.$sentinels" -p 26379 sentinel get-master-addr-by-name mymaster 2>/dev/null | head -1
    )
    case $address in [0-9]*) echo "$address" && return ;; esac
  done
}
for _ in 1 2 3 4 5 6 7 8 9 10; do
  master=$(ask_sentinels)
  [ -z "$master" ] && break
  [ "$master" = "$POD_IP" ] && break
  is_of_this_set "$master" && break
  master=
  sleep 3
done
if [ -n "$master" ] && [ "$master" != "$POD_IP" ]; then
  echo "replicaof $master 6379" >>$conf
elif [ -z "$master" ] && [ "$ordinal" != 0 ]; then
  until master=$(getent hosts "$SET-0.$domain" | awk '{ print $1 }') && [ -n "$master" ] && is_of_this_set "$master"; do sleep 1; done
  echo "replicaof $master 6379" >>$conf
fi
exec redis-server $conf
