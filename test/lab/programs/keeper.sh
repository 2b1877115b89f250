#!/bin/sh
# stolon-keeper: real PostgreSQL, as the user postgres. Keeper 0 is the master, keeper 1 its streaming standby.
ordinal=${HOSTNAME##*-}
home=/data/pg
bin=/usr/lib/postgresql/15/bin
master=stolon-keeper-0.stolon-keeper.$NS.svc.cluster.local
umask 077
if [ ! -s $home/PG_VERSION ]; then
  if [ "$ordinal" = 0 ]; then
    echo stolon >/tmp/password
    $bin/initdb -D $home -U stolon --pwfile=/tmp/password -A scram-sha-256 --no-sync -E UTF8 --locale=C.UTF-8 >/tmp/initdb.log 2>&1
    printf 'host all all 0.0.0.0/0 scram-sha-256\nhost replication all 0.0.0.0/0 scram-sha-256\n' >>$home/pg_hba.conf
  else
    export PGPASSWORD=stolon
    rm -rf $home
    until $bin/pg_basebackup -h "$master" -U stolon -D $home -R -X stream -c fast --no-sync 2>/tmp/basebackup.log; do
      rm -rf $home
      sleep 3
    done
  fi
fi
# a kubelet that applies fsGroup opens it to the group, which PostgreSQL refuses
chmod 0700 $home
exec $bin/postgres -D $home -c listen_addresses='*' -c unix_socket_directories=/tmp -c shared_buffers=16MB -c max_connections=100 \
  -c wal_level=replica -c max_wal_senders=10 -c hot_standby=on -c fsync=off -c logging_collector=off
