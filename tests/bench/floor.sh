#!/usr/bin/env bash
# The floor: what a person who knows everything would type, in plain bash over SSH. It proves nothing and checks nothing.
# floor.sh KEY ADDRESS... makes a cluster: the first bootstraps, the others join one at a time by rsync.
set -euo pipefail
key=$1
shift
sockets=$(mktemp -d)
trap 'for host in "$@"; do ssh -o ControlPath="$sockets/%h" -O exit "root@$host" 2>/dev/null || true; done; rm -rf "$sockets"' EXIT

on() {
    local host=$1
    shift
    ssh -n -i "$key" -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
        -o ControlMaster=auto -o ControlPath="$sockets/%h" -o ControlPersist=60 "root@$host" "$@"
}

settings() {
    local weight=1
    [ "$1" = "$first" ] && weight=2
    printf '%s\\n' '[mysqld]' wsrep_on=ON wsrep_provider=/usr/lib/galera/libgalera_smm.so wsrep_cluster_name=senhasegura \
        binlog_format=ROW default_storage_engine=InnoDB innodb_autoinc_lock_mode=2 wsrep_sst_method=rsync \
        "wsrep_cluster_address=gcomm://$members" "wsrep_node_address=$1" "wsrep_provider_options=pc.weight=$weight"
}

first=$1
members=$(IFS=,; echo "$*")
for host in "$@"; do
    start='systemctl restart mariadb'
    [ "$host" = "$first" ] && start=galera_new_cluster
    on "$host" "printf '$(settings "$host")' > /etc/mysql/mariadb.conf.d/99-floor.cnf && $start"
    until on "$host" "mariadb -Ne \"SHOW STATUS LIKE 'wsrep_local_state_comment'; SHOW STATUS LIKE 'wsrep_ready'\"" 2>/dev/null |
        grep -Pzq 'Synced\n.*ON'; do :; done
done
