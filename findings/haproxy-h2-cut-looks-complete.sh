#!/bin/bash
# An answer that HAProxy cuts off in the middle ends over HTTP/2 as if it were complete.
#
# Versions: haproxy 2.6.12-1+deb12u4 (Debian 12), PyPI h2 4.3.0 as the client.
# Guess: when the server falls silent within a chunked answer and `timeout server` strikes, an HTTP/2 client gets RST_STREAM, as an
#   HTTP/1.1 client gets a connection that closes without the last chunk.
# Seen: over HTTP/1.1 it is so. Over HTTP/2 the same cut arrives as END_STREAM, with no error: a client cannot tell it from a whole answer.
#   With a Content-Length in the answer the stream ends the same way, and only counting the bytes tells.
# Output seen: "HTTP/1.1, chunked: cut off, 22 bytes" / "HTTP/2, chunked: ended cleanly, 22 bytes" /
#   "HTTP/2, Content-Length 50: ended cleanly, too short, 22 bytes".
# For users: half of a status answer, or an event stream that was cut while the phone was being asked, looks finished. A page that takes the
#   stream's end for the session's end says "over" to somebody who is about to accept.
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
LIBRARIES=$(echo "$T"/root/usr/lib/*-linux-gnu)
LD_LIBRARY_PATH=$LIBRARIES "$T/root/usr/sbin/haproxy" -v >/dev/null 2>&1 || skip "haproxy does not run"
python3 -m venv "$T/v" >/dev/null 2>&1 || skip "needs python3's venv"
"$T/v/bin/pip" -q install h2==4.3.0 >/dev/null 2>&1 || skip "h2 4.3.0 is not to be had"
read -r BACK ONE TWO < <(python3 -c 'import socket
s=[socket.socket() for _ in "abc"]
for x in s: x.bind(("127.0.0.1",0))
print(*[x.getsockname()[1] for x in s])')
cat > "$T/backend.py" <<'E'
import socket, sys, threading, time
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen(8)
HALF = b'{"authenticated":false'
def serve(c):
    request = b""
    while b"\r\n\r\n" not in request:
        more = c.recv(4096)
        if not more:
            return
        request += more
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"
    if b" /counted " in request:
        c.sendall(head + b"Content-Length: 50\r\n\r\n" + HALF)
    else:
        c.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(HALF) + HALF + b"\r\n")
    time.sleep(30)  # Silent from here on, as a server that has frozen.
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
E
cat > "$T/haproxy.cfg" <<E
defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 2s
frontend one
  bind 127.0.0.1:$ONE
  default_backend back
frontend two
  bind 127.0.0.1:$TWO proto h2
  default_backend back
backend back
  server one 127.0.0.1:$BACK
E
cat > "$T/one.py" <<'E'
import http.client, sys
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=15)
c.request("GET", sys.argv[2])
try:
    text = c.getresponse().read()
    print("ended cleanly, %d bytes" % len(text))
except http.client.IncompleteRead as cut:
    print("cut off, %d bytes" % len(cut.partial))
E
cat > "$T/two.py" <<'E'
import socket, sys
import h2.config, h2.connection, h2.events, h2.exceptions
c = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.settimeout(15)
c.initiate_connection()
c.send_headers(1, [(":method", "GET"), (":scheme", "http"), (":authority", "login.test"), (":path", sys.argv[2])], end_stream=True)
s.sendall(c.data_to_send())
size, end = 0, None
while end is None:
    some = s.recv(65536)
    if not some:
        end = "connection closed"
        break
    try:
        events = c.receive_data(some)
    except h2.exceptions.InvalidBodyLengthError:
        end = "ended cleanly, too short"
        break
    for event in events:
        if isinstance(event, h2.events.DataReceived):
            size += len(event.data)
        elif isinstance(event, h2.events.StreamEnded):
            end = "ended cleanly"
        elif isinstance(event, h2.events.StreamReset):
            end = "reset"
        elif isinstance(event, h2.events.ConnectionTerminated):
            end = "connection ended"
    s.sendall(c.data_to_send())
print("%s, %d bytes" % (end, size))
E
python3 "$T/backend.py" "$BACK" >"$T/backend.out" 2>&1 & PIDS+=($!)
LD_LIBRARY_PATH=$LIBRARIES "$T/root/usr/sbin/haproxy" -db -f "$T/haproxy.cfg" >"$T/haproxy.out" 2>&1 & PIDS+=($!)
UP=no
for _ in $(seq 100); do python3 -c 'import socket,sys
for p in sys.argv[1:]: socket.create_connection(("127.0.0.1",int(p)),1).close()' "$BACK" "$ONE" "$TWO" 2>/dev/null && { UP=yes; break; }; sleep 0.1; done
[ $UP = yes ] || skip "a server does not start: $(cat "$T"/*.out | tail -1)"
CUT=$(python3 "$T/one.py" "$ONE" /chunked 2>&1 | tail -1)
CLEAN=$("$T/v/bin/python" "$T/two.py" "$TWO" /chunked 2>&1 | tail -1)
COUNTED=$("$T/v/bin/python" "$T/two.py" "$TWO" /counted 2>&1 | tail -1)
echo "HTTP/1.1, chunked: $CUT"
echo "HTTP/2, chunked: $CLEAN"
echo "HTTP/2, Content-Length 50: $COUNTED"
[ "$CUT" = "cut off, 22 bytes" ] && [ "$CLEAN" = "ended cleanly, 22 bytes" ] && [ "$COUNTED" = "ended cleanly, too short, 22 bytes" ]
