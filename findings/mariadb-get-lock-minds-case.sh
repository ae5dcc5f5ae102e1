#!/bin/bash
# MariaDB's GET_LOCK minds the case of a name; its documentation says that it does not.
#
# Versions: mariadb-server-core 1:10.11.19-0+deb12u1 (Debian 12), PyMySQL 1.1.2 as the client.
# Guess: lock names are case-insensitive, as MariaDB's page on GET_LOCK says (and as names compare in its tables by default), so a lock on
#   the name that somebody typed holds for every spelling of it.
# Seen: while one connection holds 'anna', another gets 'ANNA', 'Anna' and 'anna ' at once, and is refused 'anna' only. In a table of the same
#   server 'ANNA' and 'anna ' are equal to 'anna', and a unique key refuses them.
# Output seen: "held: anna" / "'anna': lock refused, unique key refuses" / "'ANNA': lock granted, unique key refuses"; 'Anna' and 'anna ' likewise.
# For users: "one login at a time for a name", kept by a lock on the name as it was typed, is kept apart by the caps-lock key: two requests
#   for the same row run side by side, each sure of being alone.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d); PIDS=()
finish() { for p in ${PIDS[@]+"${PIDS[@]}"}; do kill "$p" 2>/dev/null; done; wait 2>/dev/null; rm -rf "$T"; }
trap finish EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v apt-get >/dev/null && command -v dpkg >/dev/null && command -v python3 >/dev/null || skip "needs apt-get, dpkg and python3"
mkdir "$T/deb" "$T/root" "$T/data"
(cd "$T/deb" && apt-get download mariadb-server-core=1:10.11.19-0+deb12u1 >/dev/null 2>&1) || skip "mariadb-server-core is not to be had"
dpkg -x "$T"/deb/*.deb "$T/root" || skip "the package does not unpack"
SERVER=$T/root/usr/sbin/mariadbd
"$SERVER" --no-defaults --version >/dev/null 2>&1 || skip "mariadbd does not run: $("$SERVER" --version 2>&1 | head -1)"
python3 -m venv "$T/v" >/dev/null 2>&1 || skip "needs python3's venv"
"$T/v/bin/pip" -q install PyMySQL==1.1.2 >/dev/null 2>&1 || skip "PyMySQL 1.1.2 is not to be had"
PORT=$(python3 -c 'import socket
s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
# A data folder of its own, without system tables and so without users: reached from this machine only, and gone at the end.
AS=(); [ "$(id -u)" = 0 ] && AS=(--user=root)
"$SERVER" --no-defaults ${AS[@]+"${AS[@]}"} --skip-grant-tables --datadir="$T/data" --port="$PORT" --bind-address=127.0.0.1 --socket="$T/s" --pid-file="$T/pid" \
  --lc-messages-dir="$T/root/usr/share/mysql" --character-sets-dir="$T/root/usr/share/mysql/charsets" --innodb-log-file-size=10M --innodb-buffer-pool-size=16M \
  >"$T/log" 2>&1 & PIDS+=($!)
cat > "$T/run.py" <<'E'
import sys, time, pymysql
def connect():
    return pymysql.connect(host="127.0.0.1", port=int(sys.argv[1]), user="root", autocommit=True)
for _ in range(150):
    try:
        one = connect()
        break
    except pymysql.err.OperationalError:
        time.sleep(0.2)
else:
    sys.exit("no connection")
two = connect()
def value(connection, statement, *what):
    with connection.cursor() as cursor:
        cursor.execute(statement, what)
        row = cursor.fetchone()
    return row and row[0]
value(one, "CREATE DATABASE login")
value(one, "CREATE TABLE login.names (name VARCHAR(40) PRIMARY KEY)")
value(one, "INSERT INTO login.names VALUES ('anna')")
assert value(one, "SELECT GET_LOCK('anna', 0)") == 1
print("held: anna")
for name in ("anna", "ANNA", "Anna", "anna "):
    lock = {1: "granted", 0: "refused"}[value(two, "SELECT GET_LOCK(%s, 0)", name)]
    try:
        value(two, "INSERT INTO login.names VALUES (%s)", name)
        key = "takes it"
    except pymysql.err.IntegrityError:
        key = "refuses"
    print("'%s': lock %s, unique key %s" % (name, lock, key))
E
SEEN=$("$T/v/bin/python" "$T/run.py" "$PORT" 2>"$T/errors")
echo "$SEEN"
case $SEEN in "held: anna"*) ;; *) skip "the server does not answer: $(tail -1 "$T/errors") $(grep -i error "$T/log" | head -1)" ;; esac
[ "$SEEN" = "held: anna
'anna': lock refused, unique key refuses
'ANNA': lock granted, unique key refuses
'Anna': lock granted, unique key refuses
'anna ': lock granted, unique key refuses" ]
