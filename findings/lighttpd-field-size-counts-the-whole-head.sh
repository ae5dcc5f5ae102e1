#!/bin/bash
# lighttpd's limit for a request field counts the request line and all headers together.
#
# Versions: lighttpd 1.4.69-1 (Debian 12).
# Guess: `server.max-request-field-size` bounds one header field, as its name says, or one line of the head: a URL that passes once passes
#   whatever headers come with it, as long as each of them is short.
# Seen: with the built-in limit of 8192 a URL of 8000 bytes passes with few headers. With ten more headers of 30 bytes the same URL is 431. Raising
#   `server.max-request-field-size` lets it through.
# Output seen: "8000 bytes, few headers: 200" / "8000 bytes, ten short headers more: 431" / "the same with a limit of 16384: 200".
# For users: a signed call with a long address works from one client, and fails from another that sends more headers of its own, or behind a
#   proxy that adds some. The error names no header and no URL.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d); PID=
finish() { [ -n "$PID" ] && kill "$PID" 2>/dev/null; wait 2>/dev/null; rm -rf "$T"; }
trap finish EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v apt-get >/dev/null && command -v dpkg >/dev/null && command -v python3 >/dev/null || skip "needs apt-get, dpkg and python3"
mkdir "$T/deb" "$T/root" "$T/www"
for p in lighttpd=1.4.69-1 libxxhash0=0.8.1-1; do
  (cd "$T/deb" && apt-get download "$p" >/dev/null 2>&1) || skip "$p is not to be had"
done
for f in "$T"/deb/*.deb; do dpkg -x "$f" "$T/root" || skip "$f does not unpack"; done
LIBRARIES=$(echo "$T"/root/usr/lib/*-linux-gnu)
PORT=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
echo found > "$T/www/index.html"
ask() { # HEADERS: the status of a GET with 8000 bytes of query
  python3 - "$PORT" "$1" <<'P'
import socket, sys
port, more = int(sys.argv[1]), int(sys.argv[2])
head = "GET /index.html?" + "x" * 7984 + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
head += "".join(f"X-Header-{n}: {'y' * 16}\r\n" for n in range(more)) + "\r\n"
c = socket.create_connection(("127.0.0.1", port), 5)
c.sendall(head.encode())
print(c.makefile("rb").readline().split()[1].decode())
P
}
start() { # LINE: a further line of the configuration
  [ -n "$PID" ] && { kill "$PID"; wait "$PID" 2>/dev/null; }
  printf 'server.document-root = "%s"\nserver.port = %s\nserver.bind = "127.0.0.1"\nserver.modules = ()\n%s\n' "$T/www" "$PORT" "$1" > "$T/conf"
  LD_LIBRARY_PATH=$LIBRARIES "$T/root/usr/sbin/lighttpd" -D -f "$T/conf" -m "$LIBRARIES/../lighttpd" 2>"$T/log" &
  PID=$!
  for _ in $(seq 50); do python3 -c "import socket; socket.create_connection(('127.0.0.1',$PORT),1)" 2>/dev/null && return; sleep 0.1; done
  skip "lighttpd does not start: $(head -c 300 "$T/log")"
}
start ''
FEW=$(ask 0); MORE=$(ask 10)
start 'server.max-request-field-size = 16384'
RAISED=$(ask 10)
echo "8000 bytes, few headers: $FEW"
echo "8000 bytes, ten short headers more: $MORE"
echo "the same with a limit of 16384: $RAISED"
[ "$FEW $MORE $RAISED" = "200 431 200" ] || { echo "this has changed"; exit 1; }
