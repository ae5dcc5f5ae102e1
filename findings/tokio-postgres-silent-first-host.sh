#!/bin/bash
# With a list of hosts, tokio-postgres never tries the second one when the first accepts the connection and says nothing.
#
# Versions: crate tokio-postgres 0.7.18; PyPI psycopg 3.3.4 (with libpq) beside it.
# Guess: connect_timeout bounds one attempt, as it does in libpq, whose form of URL the crate takes: after it the next host is tried.
# Seen: in the crate it bounds the TCP connection alone. A server that is frozen, or a machine that hangs, still accepts connections; the crate then waits
#   for its first answer without an end, and the second host sees no connection. libpq gives the first host up after connect_timeout and tries the
#   second.
# Output seen: "tokio-postgres: first 1, second 0, still waits after 8 s" and "libpq: first 1, second 1".
# For users: a standby in the list helps against a server that is gone, and not against one that is frozen, unless each attempt has a limit of one's own.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d)
trap 'kill $L 2>/dev/null; rm -rf "$T"' EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v cargo >/dev/null && command -v python3 >/dev/null || skip "needs cargo and python3"
python3 -m venv "$T/v" >/dev/null 2>&1 || skip "needs python3's venv"
"$T/v/bin/pip" -q install 'psycopg[binary]==3.3.4' >/dev/null 2>&1 || skip "a package is not to be had"
mkdir "$T/src"
cat > "$T/Cargo.toml" <<'C'
[package]
name = "seen"
version = "0.0.0"
edition = "2021"
[dependencies]
tokio-postgres = "=0.7.18"
tokio = { version = "1", features = ["rt", "time", "net"] }
C
cat > "$T/src/main.rs" <<'R'
use std::time::Duration;
fn main() {
    let url = std::env::args().nth(1).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let end = runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(8), tokio_postgres::connect(&url, tokio_postgres::NoTls)).await
    });
    println!("{}", if end.is_err() { "still waits after 8 s" } else { "has come to an end" });
}
R
# Two servers that accept connections, count those that said something, and never answer.
cat > "$T/listen.py" <<'E'
import socket, sys, threading
def serve(name, listener):
    kept = []
    while True:
        connection, _ = listener.accept()
        kept.append(connection)
        if connection.recv(8):
            open(f"{sys.argv[1]}/{name}", "a").write("1\n")
ports = []
for name in ("first", "second"):
    listener = socket.create_server(("127.0.0.1", 0))
    ports.append(str(listener.getsockname()[1]))
    threading.Thread(target=serve, args=(name, listener), daemon=True).start()
open(f"{sys.argv[1]}/ports", "w").write(",".join(ports))
threading.Event().wait()
E
(cd "$T" && CARGO_TARGET_DIR=$T/target cargo build -q 2>"$T/log") || skip "tokio-postgres 0.7.18 is not built: $(tail -n 1 "$T/log")"
python3 "$T/listen.py" "$T" & L=$!
for _ in $(seq 50); do [ -s "$T/ports" ] && break; sleep 0.1; done
PORTS=$(cat "$T/ports")
count() { if [ -f "$T/$1" ]; then wc -l < "$T/$1"; else echo 0; fi; }
END=$("$T/target/debug/seen" "postgresql://127.0.0.1:${PORTS%,*},127.0.0.1:${PORTS#*,}/x?user=x&connect_timeout=2&sslmode=disable")
A="first $(count first), second $(count second), $END"
echo "tokio-postgres: $A"
rm -f "$T/first" "$T/second"
"$T/v/bin/python" - "$PORTS" <<'E' >/dev/null 2>&1
import psycopg, sys
psycopg.connect(f"host=127.0.0.1,127.0.0.1 port={sys.argv[1]} user=x dbname=x connect_timeout=2 sslmode=disable")
E
B="first $(count first), second $(count second)"
echo "libpq: $B"
[ "$A" = "first 1, second 0, still waits after 8 s" ] && [ "$B" = "first 1, second 1" ]
