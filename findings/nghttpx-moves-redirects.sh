#!/bin/bash
# nghttpx changes the scheme and the port of a redirect to its own, also when the redirect names another service.
#
# Versions: nghttp2-proxy 1.52.0-1+deb12u3 (nghttpx, Debian 12), Python 3's http.client as the client.
# Guess: a reverse proxy that rewrites Location turns the address of its backend into its own, as ProxyPassReverse of Apache and h2o do.
# Seen: it is the other way about. An address of the backend is left as it is; one whose host is the Host of the request gets the scheme of
#   the proxy and the port of the request. A redirect from http to https on one host comes out as a redirect to the very page that was asked
#   for, and one to another port of the host (an application beside the login service) comes back to the login service.
#   `--no-location-rewrite` heals it.
# Output seen: "https://login.test/start -> http://login.test/start" / "http://login.test:3000/done -> http://login.test/done" /
#   "http://127.0.0.1:BACK/start -> the same" / "http://other.test:3000/done -> the same"; with the option all four "the same".
# For users: a service that sends people to https sends them in circles, and a login that ends at a return address of another port of the same
#   host (every trial on one machine) ends with 404.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d); PIDS=()
finish() { for p in ${PIDS[@]+"${PIDS[@]}"}; do kill "$p" 2>/dev/null; done; wait 2>/dev/null; rm -rf "$T"; }
trap finish EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v apt-get >/dev/null && command -v dpkg >/dev/null && command -v python3 >/dev/null || skip "needs apt-get, dpkg and python3"
mkdir "$T/deb" "$T/root"
for p in nghttp2-proxy=1.52.0-1+deb12u3 libnghttp2-14=1.52.0-1+deb12u3 libc-ares2=1.18.1-3 libev4=1:4.33-1 libjemalloc2=5.3.0-1; do
  (cd "$T/deb" && apt-get download "$p" >/dev/null 2>&1) || skip "$p is not to be had"
done
for f in "$T"/deb/*.deb; do dpkg -x "$f" "$T/root" || skip "$f does not unpack"; done
LD_LIBRARY_PATH=$(echo "$T"/root/usr/lib/*-linux-gnu)
NGHTTPX=$T/root/usr/sbin/nghttpx
LD_LIBRARY_PATH=$LD_LIBRARY_PATH "$NGHTTPX" --version >/dev/null 2>&1 || skip "nghttpx does not run"
read -r BACK ONE TWO < <(python3 -c 'import socket
s=[socket.socket() for _ in "abc"]
for x in s: x.bind(("127.0.0.1",0))
print(*[x.getsockname()[1] for x in s])')
cat > "$T/backend.py" <<'E'
import http.server, sys, urllib.parse
class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(303)
        self.send_header("Location", urllib.parse.unquote(self.path.partition("?to=")[2]))
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
E
cat > "$T/ask.py" <<'E'
import http.client, sys, urllib.parse
to = sys.argv[2]
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)
c.request("GET", "/start?to=" + urllib.parse.quote(to, safe=""), headers={"Host": "login.test"})
r = c.getresponse()
got = r.getheader("Location") if r.status == 303 else "status %d" % r.status
print("the same" if got == to else got)
E
python3 "$T/backend.py" "$BACK" & PIDS+=($!)
serve() { # port, further options
  LD_LIBRARY_PATH=$LD_LIBRARY_PATH exec "$NGHTTPX" --conf=/dev/null --workers=1 --frontend="127.0.0.1,$1;no-tls" --backend="127.0.0.1,$BACK" "${@:2}" \
    >"$T/$1.out" 2>&1
}
serve "$ONE" & PIDS+=($!)
serve "$TWO" --no-location-rewrite & PIDS+=($!)
UP=no
for _ in $(seq 100); do python3 -c 'import socket,sys
for p in sys.argv[1:]: socket.create_connection(("127.0.0.1",int(p)),1).close()' "$BACK" "$ONE" "$TWO" 2>/dev/null && { UP=yes; break; }; sleep 0.1; done
[ $UP = yes ] || skip "a server does not start: $(cat "$T"/*.out | tail -1)"
GOOD=0
try() { # redirect of the backend, what was seen, what was seen with the option
  local a b; a=$(python3 "$T/ask.py" "$ONE" "$1" 2>&1 | tail -1); b=$(python3 "$T/ask.py" "$TWO" "$1" 2>&1 | tail -1)
  echo "$1 -> $a; with --no-location-rewrite: $b"
  [ "$a, $b" = "$2, the same" ] || GOOD=1
}
try "https://login.test/start" "http://login.test/start"
try "http://login.test:3000/done" "http://login.test/done"
try "http://127.0.0.1:$BACK/start" "the same"
try "http://other.test:3000/done" "the same"
exit $GOOD
