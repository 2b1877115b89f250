#!/bin/sh
# Real keepalived for one virtual address (VIP, VRID). CHECK is the tracked script; node1 is preferred, then node2.
node=${NODE_NAME#node}
home=/tmp/keepalived
mkdir -p $home
# keepalived runs only scripts that are plain files of root: a mounted ConfigMap is a symbolic link
printf '#!/bin/sh\n%s\n' "$CHECK" >$home/check.sh
chmod 755 $home/check.sh
cat >$home/keepalived.conf <<CONF
global_defs {
  router_id $NODE_NAME
  script_user root
  enable_script_security
  vrrp_garp_master_refresh 30
}
vrrp_script check {
  script "$home/check.sh"
  interval 3
  timeout 3
  fall 3
  rise 2
}
vrrp_instance VI_$VRID {
  state BACKUP
  interface eth0
  virtual_router_id $VRID
  priority $((100 - node * 10 + ${PRIO_SHIFT:-0}))
  advert_int 1
  authentication {
    auth_type PASS
    auth_pass skiff$VRID
  }
  virtual_ipaddress {
    $VIP/32 dev eth0
  }
  track_script {
    check
  }
}
CONF
rm -f $home/*.pid
exec keepalived -n -l -D -P -f $home/keepalived.conf -p $home/keepalived.pid -r $home/vrrp.pid
