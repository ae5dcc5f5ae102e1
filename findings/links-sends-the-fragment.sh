#!/bin/bash
# The browser Links sends the part after "#" to the server, and HAProxy answers 400 to it.
#
# Versions: links 2.28-1+b2, lua-socket 3.1.0-1+b1 with lua5.1 5.1.5-9, haproxy 2.6.12-1+deb12u4 (Debian 12); lynx 2.9.0dev.12-1 beside them.
# Guess: no client sends a fragment; what stands there is known to the page and its script alone.
# Seen: for "http://host/s#secret" Links and LuaSocket ask for "/s#secret". When the fragment comes in a Location line, Links leaves it out
#   and LuaSocket sends it. HAProxy answers 400 to such a request, and the server behind it sees nothing. Lynx asks for "/s" always.
# Output seen: "links: /s#secret" / "links, by redirect: /s" / "LuaSocket: /s#secret" / "LuaSocket, by redirect: /s#secret" / "lynx: /s" /
#   "lynx, by redirect: /s" / "links behind haproxy: 400".
# For users: a secret that a link carries in its fragment "because no server sees it" stands in access logs, and the link does not open
#   behind some proxies. A link that is signed or compared as a whole does not match.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d); PIDS=()
finish() { for p in ${PIDS[@]+"${PIDS[@]}"}; do kill "$p" 2>/dev/null; done; wait 2>/dev/null; rm -rf "$T"; }
trap finish EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v apt-get >/dev/null && command -v dpkg >/dev/null && command -v python3 >/dev/null || skip "needs apt-get, dpkg and python3"
mkdir "$T/deb" "$T/root" "$T/home"
for p in links=2.28-1+b2 libev4=1:4.33-1 liblz1=1.13-5 lua-socket=3.1.0-1+b1 lua5.1=5.1.5-9 lynx=2.9.0dev.12-1 lynx-common=2.9.0dev.12-1 \
  haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2 libopentracing-c-wrapper0=1.1.3-3+b1 libopentracing1=1.6.0-4; do
  (cd "$T/deb" && apt-get download "$p" >/dev/null 2>&1) || skip "$p is not to be had"
done
for f in "$T"/deb/*.deb; do dpkg -x "$f" "$T/root" || skip "$f does not unpack"; done
LIBRARIES=$(echo "$T"/root/usr/lib/*-linux-gnu)
run() { HOME=$T/home LD_LIBRARY_PATH=$LIBRARIES LUA_CPATH="$LIBRARIES/lua/5.1/?.so" LUA_PATH="$T/root/usr/share/lua/5.1/?.lua" timeout 20 "$@" </dev/null 2>&1; }
for p in bin/links bin/lua5.1 bin/lynx sbin/haproxy; do
  LD_LIBRARY_PATH=$LIBRARIES ldd "$T/root/usr/$p" | grep -q "not found" && skip "$p lacks $(LD_LIBRARY_PATH=$LIBRARIES ldd "$T/root/usr/$p" | grep "not found" | head -1)"
done
read -r BACK FRONT < <(python3 -c 'import socket
s=[socket.socket() for _ in "ab"]
for x in s: x.bind(("127.0.0.1",0))
print(*[x.getsockname()[1] for x in s])')
cat > "$T/site.py" <<'E'
import socket, sys, threading
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen(16)
def serve(c):
    request = b""
    while b"\r\n\r\n" not in request:
        more = c.recv(4096)
        if not more:
            return
        request += more
    target = request.split(b" ")[1]
    if target == b"/go":
        c.sendall(b"HTTP/1.1 303 See Other\r\nLocation: /s#secret\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    else:
        text = b"[" + target + b"]\n"
        c.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(text) + text)
    c.close()
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
E
cat > "$T/haproxy.cfg" <<E
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend front
  bind 127.0.0.1:$FRONT
  default_backend back
backend back
  server one 127.0.0.1:$BACK
E
python3 "$T/site.py" "$BACK" >"$T/site.out" 2>&1 & PIDS+=($!)
LD_LIBRARY_PATH=$LIBRARIES "$T/root/usr/sbin/haproxy" -db -f "$T/haproxy.cfg" >"$T/haproxy.out" 2>&1 & PIDS+=($!)
UP=no
for _ in $(seq 100); do python3 -c 'import socket,sys
for p in sys.argv[1:]: socket.create_connection(("127.0.0.1",int(p)),1).close()' "$BACK" "$FRONT" 2>/dev/null && { UP=yes; break; }; sleep 0.1; done
[ $UP = yes ] || skip "a server does not start: $(cat "$T"/*.out | tail -1)"
GOOD=0
told() { # name, what was seen, what is expected
  echo "$1: $2"
  [ "$2" = "$3" ] || GOOD=1
}
target() { grep -o '\[.*\]' | tr -d '[]' | head -1; }
links() { run "$T/root/usr/bin/links" -dump "$1"; }
lynx() { run "$T/root/usr/bin/lynx" -cfg=/dev/null -dump "$1"; }
lua() { run "$T/root/usr/bin/lua5.1" -e "io.write((require('socket.http').request('$1')))"; }
AT=http://127.0.0.1:$BACK
told "links" "$(links "$AT/s#secret" | target)" "/s#secret"
told "links, by redirect" "$(links "$AT/go" | target)" "/s"
told "LuaSocket" "$(lua "$AT/s#secret" | target)" "/s#secret"
told "LuaSocket, by redirect" "$(lua "$AT/go" | target)" "/s#secret"
told "lynx" "$(lynx "$AT/s#secret" | target)" "/s"
told "lynx, by redirect" "$(lynx "$AT/go" | target)" "/s"
told "links behind haproxy" "$(links "http://127.0.0.1:$FRONT/s#secret" | grep -o 400 | head -1)" "400"
exit $GOOD
