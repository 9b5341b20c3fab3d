# Keeps a private database cluster for a test process.
#
#   postgres.sh FOLDER PROGRAMS   with the server's settings in $SERVER_CONFIG
#
# Prints "ready" when the server takes connections. Ends it and removes the
# folder when standard input ends, which the kernel sees to however the test
# process dies, and likewise when this script itself is asked to end. Nothing
# here writes to standard error: a reader of the test's output would wait for
# it.
folder=$1
programs=$2
exec 2>>"$folder/log"

end() {
	"$programs/pg_ctl" -D "$folder/data" -m immediate -w stop </dev/null >>"$folder/log"
	cd /
	rm -rf "$folder"
}
trap end EXIT
trap 'exit 1' HUP INT TERM
trap '' PIPE # nobody may be left to read "ready"

if
	"$programs/initdb" -D "$folder/data" -N -A trust -U postgres -E UTF8 --locale=C </dev/null >>"$folder/log" &&
		printf '%s\n' "$SERVER_CONFIG" "unix_socket_directories = '$folder'" >>"$folder/data/postgresql.conf" &&
		"$programs/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 60 start </dev/null >>"$folder/log"
then
	echo ready
fi
exec >/dev/null

while read -r _; do :; done
