#!/bin/bash
# Tinyproxy passes only the first of several Set-Cookie headers, and only the first of any header that comes twice.
#
# Versions: tinyproxy-bin 1.11.1-2.1+deb12u1 (Debian 12), Python 3's http.client as the client.
# Guess: a proxy changes the hop-by-hop headers and passes the others as they are; Set-Cookie above all, which cannot be joined into one line.
# Seen: of two Set-Cookie headers the second is gone, in the reverse form (ReversePath) and in the forward form. So are the second
#   Content-Security-Policy, WWW-Authenticate and Link of an answer, and the second Cookie line of a request. No log line says so.
# Output seen: "directly: 2 Set-Cookie, 2 Content-Security-Policy, 2 WWW-Authenticate, 2 Link; 2 Cookie lines arrive" /
#   "reverse: 1 Set-Cookie, 1 Content-Security-Policy, 1 WWW-Authenticate, 1 Link; 1 Cookie lines arrive" / "forward: 1 Set-Cookie, ..." alike.
# For users: an answer that removes the cookie of the login and sets the one of the session does only the first of the two. The order of
#   the two lines decides whether a person is logged in behind this proxy.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d); PIDS=()
finish() { for p in ${PIDS[@]+"${PIDS[@]}"}; do kill "$p" 2>/dev/null; done; wait 2>/dev/null; rm -rf "$T"; }
trap finish EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v apt-get >/dev/null && command -v dpkg >/dev/null && command -v python3 >/dev/null || skip "needs apt-get, dpkg and python3"
mkdir "$T/deb" "$T/root"
(cd "$T/deb" && apt-get download tinyproxy-bin=1.11.1-2.1+deb12u1 >/dev/null 2>&1) || skip "tinyproxy-bin 1.11.1-2.1+deb12u1 is not to be had"
dpkg -x "$T"/deb/*.deb "$T/root" || skip "the package does not unpack"
read -r BACK REVERSE FORWARD < <(python3 -c 'import socket
s=[socket.socket() for _ in "abc"]
for x in s: x.bind(("127.0.0.1",0))
print(*[x.getsockname()[1] for x in s])')
cat > "$T/backend.py" <<'E'
import socket, sys, threading
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
    lines = request.lower().count(b"\r\ncookie:")
    c.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1\r\nConnection: close\r\n"
              b"Set-Cookie: login=; Path=/; HttpOnly; Max-Age=0\r\nSet-Cookie: session=x; Path=/; HttpOnly\r\n"
              b"Content-Security-Policy: default-src 'self'\r\nContent-Security-Policy: frame-ancestors 'none'\r\n"
              b"WWW-Authenticate: Bearer\r\nWWW-Authenticate: Basic realm=\"a\"\r\n"
              b"Link: </a.css>; rel=preload\r\nLink: </b.js>; rel=preload\r\n\r\n%d" % lines)
    c.close()
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
E
cat > "$T/ask.py" <<'E'
import http.client, sys
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)
c.putrequest("GET", sys.argv[2])
c.putheader("Cookie", "a=1")
c.putheader("Cookie", "b=2")
c.endheaders()
r = c.getresponse()
body = r.read().decode()
names = ("Set-Cookie", "Content-Security-Policy", "WWW-Authenticate", "Link")
print(r.status == 200 and ", ".join("%d %s" % (len(r.msg.get_all(n, [])), n) for n in names) + "; " + body + " Cookie lines arrive")
E
printf 'Port %s\nListen 127.0.0.1\nTimeout 10\nLogLevel Error\nMaxClients 20\nReversePath "/" "http://127.0.0.1:%s/"\nReverseOnly Yes\n' "$REVERSE" "$BACK" > "$T/reverse.conf"
printf 'Port %s\nListen 127.0.0.1\nTimeout 10\nLogLevel Error\nMaxClients 20\n' "$FORWARD" > "$T/forward.conf"
python3 "$T/backend.py" "$BACK" & PIDS+=($!)
"$T/root/usr/bin/tinyproxy" -d -c "$T/reverse.conf" >"$T/reverse.out" 2>&1 & PIDS+=($!)
"$T/root/usr/bin/tinyproxy" -d -c "$T/forward.conf" >"$T/forward.out" 2>&1 & PIDS+=($!)
UP=no
for _ in $(seq 100); do python3 -c 'import socket,sys
for p in sys.argv[1:]: socket.create_connection(("127.0.0.1",int(p)),1).close()' "$BACK" "$REVERSE" "$FORWARD" 2>/dev/null && { UP=yes; break; }; sleep 0.1; done
[ $UP = yes ] || skip "a server does not start: $(cat "$T"/*.out | tail -1)"
GOOD=0
try() { # name, port, target, what was seen
  local seen; seen=$(python3 "$T/ask.py" "$2" "$3" 2>&1 | tail -1)
  echo "$1: $seen"
  [ "$seen" = "$4" ] || GOOD=1
}
ONE="1 Set-Cookie, 1 Content-Security-Policy, 1 WWW-Authenticate, 1 Link; 1 Cookie lines arrive"
try directly "$BACK" / "2 Set-Cookie, 2 Content-Security-Policy, 2 WWW-Authenticate, 2 Link; 2 Cookie lines arrive"
try reverse "$REVERSE" / "$ONE"
try forward "$FORWARD" "http://127.0.0.1:$BACK/" "$ONE"
exit $GOOD
