#!/bin/sh
# etcd-mysql: real MariaDB. Replica 0 of the StatefulSet is the primary, the other replicates from it by GTID.
ordinal=${HOSTNAME##*-}
home=/data/mysql
primary=etcd-mysql-0.etcd-mysql.$NS.svc.cluster.local
if [ ! -d $home/mysql ]; then
  mkdir -p $home
  mariadb-install-db --no-defaults --datadir=$home --user=mysql --auth-root-authentication-method=normal --skip-test-db >/data/install.log 2>&1
fi
cat >/data/accounts.sql <<SQL
SET SESSION sql_log_bin=0;
CREATE OR REPLACE USER 'root'@'%' IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';
GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;
CREATE OR REPLACE USER 'repl'@'%' IDENTIFIED BY 'repl';
GRANT REPLICATION SLAVE ON *.* TO 'repl'@'%';
CREATE OR REPLACE USER 'exporter'@'%' IDENTIFIED BY 'exporter';
GRANT PROCESS, REPLICATION CLIENT, SLAVE MONITOR, SELECT ON *.* TO 'exporter'@'%';
CREATE OR REPLACE USER 'platform'@'%' IDENTIFIED BY 'platform';
GRANT SELECT ON *.* TO 'platform'@'%';
SQL
client="mariadb --no-defaults -uroot -S /tmp/mysql.sock"
(
  until $client -e 'select 1' >/dev/null 2>&1; do sleep 1; done
  $client </data/accounts.sql || echo 'the accounts could not be made'
  if [ "$ordinal" != 0 ] && ! $client -e 'show slave status' | grep -q .; then
    $client -e "CHANGE MASTER TO MASTER_HOST='$primary', MASTER_USER='repl', MASTER_PASSWORD='repl', MASTER_CONNECT_RETRY=5,
      MASTER_USE_GTID=slave_pos; START SLAVE"
  fi
) &
[ "$ordinal" = 0 ] || read_only=--read-only=1
exec mariadbd --no-defaults --datadir=$home --user=mysql --bind-address=0.0.0.0 --socket=/tmp/mysql.sock --pid-file=/tmp/mysql.pid \
  --server-id=$((ordinal + 1)) --log-bin=binlog --gtid-strict-mode=1 --log-slave-updates=1 --expire-logs-days=1 --innodb-buffer-pool-size=32M \
  --innodb-log-file-size=8M --performance-schema=0 --max-connections=50 --skip-name-resolve --slave-net-timeout=20 ${read_only:-}
