# Keeps a private Ceph object store for a test process: one monitor, one storage
# daemon that holds everything in memory, and the gateway that speaks S3.
#
#   ceph.sh FOLDER MONITOR_PORT GATEWAY_PORT ACCESS_KEY SECRET_KEY
#
# Prints "ready" when the gateway has been started. Ends everything and removes
# the folder when standard input ends, which the kernel sees to however the test
# process dies, and likewise when this script itself is asked to end. Nothing
# here writes to standard error: a reader of the test's output would wait for it.
folder=$1
monitor=$2
gateway=$3
access=$4
secret=$5
exec 2>>"$folder/log"

daemons=
end() {
	[ -z "$daemons" ] || kill -9 $daemons
	wait
	cd /
	rm -rf "$folder"
}
trap end EXIT
trap 'exit 1' HUP INT TERM
trap '' PIPE # nobody may be left to read "ready"

# One copy of everything on one daemon, nothing authenticated or encrypted among
# the daemons, and no waiting to gather changes.
cluster=$(cat /proc/sys/kernel/random/uuid)
cat >"$folder/ceph.conf" <<CONF
[global]
fsid = $cluster
mon host = v2:127.0.0.1:$monitor/0
mon initial members = a
public network = 127.0.0.0/8
cluster network = 127.0.0.0/8
ms bind ipv6 = false
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
mon allow pool size one = true
mon data avail crit = 0
mon max pg per osd = 1000
paxos propose interval = 0.02
paxos min wait = 0.01
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 2147483648
run dir = $folder
crash dir = $folder
log file = $folder/log
admin socket = $folder/\$name.\$pid.asok
pid file = $folder/\$name.pid
mon data = $folder/mon
osd data = $folder/osd
rgw data = $folder/rgw
rgw frontends = beast endpoint=127.0.0.1:$gateway
CONF
export CEPH_CONF="$folder/ceph.conf"
mkdir "$folder/mon" "$folder/osd" "$folder/rgw"
disk=$(cat /proc/sys/kernel/random/uuid)

if
	monmaptool --create --fsid "$cluster" --addv a "[v2:127.0.0.1:$monitor]" "$folder/monmap" >>"$folder/log" &&
		ceph-mon --mkfs -i a --monmap "$folder/monmap" </dev/null >>"$folder/log" &&
		{
			ceph-mon -f -i a </dev/null >>"$folder/log" 2>&1 &
			daemons="$daemons $!"
		} &&
		ceph --connect-timeout 30 osd new "$disk" </dev/null >>"$folder/log" &&
		ceph-osd --mkfs -i 0 --osd-uuid "$disk" </dev/null >>"$folder/log" &&
		{
			ceph-osd -f -i 0 </dev/null >>"$folder/log" 2>&1 &
			daemons="$daemons $!"
		} &&
		radosgw-admin user create --uid=test --display-name=test --access-key="$access" --secret-key="$secret" </dev/null >>"$folder/log" &&
		{
			radosgw -f -n client.admin </dev/null >>"$folder/log" 2>&1 &
			daemons="$daemons $!"
		}
then
	echo ready
fi
exec >/dev/null

while read -r _; do :; done
