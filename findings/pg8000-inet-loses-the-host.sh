#!/bin/bash
# pg8000 reads an address with a prefix length as the network around it: the host is gone.
#
# Versions: PyPI pg8000 1.31.6 with postgresql-15 15.20-0+deb12u1 (Debian 12); beside it psycopg 3.3.9 and asyncpg 0.32.0.
# Guess: a PostgreSQL inet such as 192.0.2.1/24, which is a host and the size of its network, comes as Python's ip_interface, as from psycopg
#   and asyncpg, or as text.
# Seen: it comes as IPv4Network 192.0.2.0/24, with no warning. Two hosts of a network read alike, the value that was read finds no row any more,
#   and written back it overwrites the host. Without a prefix it is right, so nobody notices at first; a cidr comes as text.
# Output seen: "psycopg 192.0.2.1/24 192.0.2.77/24" / "asyncpg 192.0.2.1/24 192.0.2.77/24" / "pg8000 192.0.2.0/24 192.0.2.0/24" /
#   "pg8000 finds again what it read: 0 rows; after writing back: 192.0.2.0/24 192.0.2.0/24".
# For users: a list of the addresses that people came from, or may come from, shows one address for all of a network. Ask for text(address) or host(address).
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d); PIDS=()
finish() { for p in ${PIDS[@]+"${PIDS[@]}"}; do kill "$p" 2>/dev/null; done; wait 2>/dev/null; rm -rf "$T"; }
trap finish EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v apt-get >/dev/null && command -v dpkg >/dev/null && command -v python3 >/dev/null || skip "needs apt-get, dpkg and python3"
mkdir "$T/deb" "$T/root"
(cd "$T/deb" && apt-get download postgresql-15=15.20-0+deb12u1 >/dev/null 2>&1) || skip "postgresql-15 15.20-0+deb12u1 is not to be had"
dpkg -x "$T"/deb/*.deb "$T/root" || skip "the package does not unpack"
python3 -m venv "$T/v" >/dev/null 2>&1 || skip "needs python3's venv"
"$T/v/bin/pip" -q install pg8000==1.31.6 psycopg==3.3.9 psycopg-binary==3.3.9 asyncpg==0.32.0 >/dev/null 2>&1 || skip "a package is not to be had"
# The server refuses to run as root.
AS=()
if [ "$(id -u)" = 0 ]; then command -v setpriv >/dev/null || skip "needs setpriv"; AS=(setpriv --reuid=65534 --regid=65534 --clear-groups); chown -R 65534:65534 "$T/root"; chmod 711 "$T"; fi
BIN=$T/root/usr/lib/postgresql/15/bin
PORT=$(python3 -c 'import socket
s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
cd "$T/root" || skip "no folder"
${AS[@]+"${AS[@]}"} "$BIN/initdb" -D "$T/root/data" -U postgres -A trust -E UTF8 --locale=C -N >"$T/log" 2>&1 || skip "initdb does not run: $(tail -1 "$T/log")"
${AS[@]+"${AS[@]}"} "$BIN/postgres" -D "$T/root/data" -p "$PORT" -h 127.0.0.1 -k "$T/root" -F >"$T/log" 2>&1 & PIDS+=($!)
cat > "$T/run.py" <<'E'
import asyncio, sys, time
import asyncpg, pg8000.native, psycopg
PORT = int(sys.argv[1])
for _ in range(150):
    try:
        c = pg8000.native.Connection("postgres", host="127.0.0.1", port=PORT, database="postgres")
        break
    except Exception:
        time.sleep(0.2)
else:
    sys.exit("no connection")
c.run("create table seen(n int, address inet)")
c.run("insert into seen values (1, '192.0.2.1/24'), (2, '192.0.2.77/24'), (3, '192.0.2.5')")
ASK = "select address from seen order by n"
with psycopg.connect("host=127.0.0.1 user=postgres dbname=postgres port=%d" % PORT) as p:
    print("psycopg", *[r[0] for r in p.execute(ASK)])
async def by_asyncpg():
    a = await asyncpg.connect(host="127.0.0.1", port=PORT, user="postgres", database="postgres")
    print("asyncpg", *[r[0] for r in await a.fetch(ASK)])
    await a.close()
asyncio.run(by_asyncpg())
read = [r[0] for r in c.run(ASK)]
print("pg8000", *read)
found = c.run("select count(*) from seen where address = :a", a=read[0])[0][0]
for n, a in enumerate(read):
    c.run("update seen set address = :a where n = :n", a=a, n=n + 1)
print("pg8000 finds again what it read: %d rows; after writing back:" % found, *[r[0] for r in c.run("select text(address) from seen order by n")])
E
SEEN=$("$T/v/bin/python" "$T/run.py" "$PORT" 2>&1)
echo "$SEEN"
case $SEEN in *Traceback* | "no connection") skip "the server or the script does not run here: $(tail -1 "$T/log")" ;; esac
[ "$SEEN" = "psycopg 192.0.2.1/24 192.0.2.77/24 192.0.2.5
asyncpg 192.0.2.1/24 192.0.2.77/24 192.0.2.5
pg8000 192.0.2.0/24 192.0.2.0/24 192.0.2.5
pg8000 finds again what it read: 0 rows; after writing back: 192.0.2.0/24 192.0.2.0/24 192.0.2.5/32" ]
