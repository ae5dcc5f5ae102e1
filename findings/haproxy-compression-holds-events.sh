#!/bin/bash
# HAProxy's gzip holds back the last bytes of nearly every server-sent event.
#
# Versions: haproxy 2.6.12-1+deb12u4 (Debian 12, built with libslz), Python's zlib as the reader.
# Guess: a proxy either compresses an event stream as it comes, or holds all of it. Either is seen at the first try.
# Seen: the head and most bytes of an event come at once. The last one to three bytes come only with the next event;
#   the compressor seems to keep a short tail until it gets more input. The blank line that ends an event is in that tail,
#   so a correct reader hands such an event out when the next one comes, and the last one at the end of the stream.
#   `Cache-Control: no-transform` switches the compression off, and each event comes whole and at once.
# Output seen: "compressed (gzip): 7 of 8 events late" / "no-transform (plain): 0 of 8 events late".
# For users: "accepted on the phone" reaches the waiting page only with the next event or comment. In a trace the bytes seem to be there.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d); PIDS=()
finish() { for p in ${PIDS[@]+"${PIDS[@]}"}; do kill "$p" 2>/dev/null; done; wait 2>/dev/null; rm -rf "$T"; }
trap finish EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v apt-get >/dev/null && command -v dpkg >/dev/null && command -v python3 >/dev/null || skip "needs apt-get, dpkg and python3"
mkdir "$T/deb" "$T/root"
for p in haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2 libopentracing-c-wrapper0=1.1.3-3+b1 libopentracing1=1.6.0-4; do
  (cd "$T/deb" && apt-get download "$p" >/dev/null 2>&1) || skip "$p is not to be had"
done
for f in "$T"/deb/*.deb; do dpkg -x "$f" "$T/root" || skip "$f does not unpack"; done
export LD_LIBRARY_PATH=$(echo "$T"/root/usr/lib/*-linux-gnu)
"$T/root/usr/sbin/haproxy" -v >/dev/null 2>&1 || skip "haproxy does not run: $("$T/root/usr/sbin/haproxy" -v 2>&1 | head -1)"
read -r BACK FRONT < <(python3 -c 'import socket
s=[socket.socket() for _ in "ab"]
for x in s: x.bind(("127.0.0.1",0))
print(*[x.getsockname()[1] for x in s])')

cat > "$T/backend.py" <<'E'
import socket, sys, threading, time
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen(8)
def serve(c):
    request = b""
    while b"\r\n\r\n" not in request:
        more = c.recv(4096)
        if not more:
            return
        request += more
    extra = b", no-transform" if b"GET /whole" in request else b""
    c.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store" + extra
              + b"\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
    try:
        for n in range(8):
            event = b'event: status\ndata: {"session_status":"pending","n":%d%s}\n\n' % (n, b"7" * (3 * n))
            c.sendall(b"%x\r\n%s\r\n" % (len(event), event))
            time.sleep(0.6)
        c.sendall(b"0\r\n\r\n")
    except OSError:
        pass
    c.close()
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
E
cat > "$T/haproxy.cfg" <<E
defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 20s
  compression algo gzip
  compression type text/event-stream
frontend front
  bind 127.0.0.1:$FRONT
  default_backend back
backend back
  server one 127.0.0.1:$BACK
E
cat > "$T/read.py" <<'E'
import http.client, sys, time, zlib
port, path = int(sys.argv[1]), sys.argv[2]
c = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
c.request("GET", path, headers={"Accept-Encoding": "gzip"})
r = c.getresponse()
gunzip = zlib.decompressobj(31) if r.getheader("Content-Encoding") == "gzip" else None
text, begun, whole = b"", {}, {}
while True:
    some = r.read1(65536)
    if not some:
        break
    text += gunzip.decompress(some) if gunzip else some
    now = time.monotonic()
    for n in range(text.count(b"event:")):
        begun.setdefault(n, now)
    for n in range(text.count(b"\n\n")):
        whole.setdefault(n, now)
late = sum(1 for n in begun if whole[n] - begun[n] > 0.4)
print("%s %d %d" % (r.getheader("Content-Encoding") or "plain", late, len(begun)))
E
python3 "$T/backend.py" "$BACK" & PIDS+=($!)
"$T/root/usr/sbin/haproxy" -db -f "$T/haproxy.cfg" >"$T/haproxy.out" 2>&1 & PIDS+=($!)
UP=no
for _ in $(seq 100); do python3 -c 'import socket,sys
for p in sys.argv[1:]: socket.create_connection(("127.0.0.1",int(p)),1).close()' "$BACK" "$FRONT" 2>/dev/null && { UP=yes; break; }; sleep 0.1; done
[ $UP = yes ] || skip "a server does not start: $(cat "$T"/*.out | tail -1)"
read -r COMPRESSED LATE ALL < <(python3 "$T/read.py" "$FRONT" /stream)
read -r PLAIN LATE_PLAIN ALL_PLAIN < <(python3 "$T/read.py" "$FRONT" /whole)
[ -n "${ALL_PLAIN:-}" ] && [ -n "${ALL:-}" ] || skip "haproxy does not answer: $(head -1 "$T/haproxy.out")"
echo "compressed ($COMPRESSED): $LATE of $ALL events late"
echo "no-transform ($PLAIN): $LATE_PLAIN of $ALL_PLAIN events late"
[ "$COMPRESSED" = gzip ] && [ "$LATE" -ge 6 ] && [ "$PLAIN" = plain ] && [ "$LATE_PLAIN" = 0 ]
