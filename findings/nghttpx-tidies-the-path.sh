#!/bin/bash
# nghttpx sends another path to the backend than the one it was asked for, in upper and lower case, escapes and a `?` at the end.
#
# Versions: nghttp2-proxy 1.52.0-1+deb12u3 (nghttpx, Debian 12); h2o 2.2.5+dfsg2-7 beside it.
# Guess: a reverse proxy that is told of no rewriting passes the path byte for byte; if one tidies it, then by removing dots and double slashes.
# Seen: nghttpx removes these (its manual speaks of a normalization for choosing the backend only), and besides decodes what needs no escape
#   (%7E, %61), writes the others in upper case (%c3 becomes %C3) and drops a `?` with nothing behind it. The query is left as it is: the same
#   %7e stays there. Its help names no option against it. h2o passes every one unchanged.
# Output seen: the table below, each line as stated in the script.
# For users: a request that is signed over its URL is refused behind this proxy when a name in its path was escaped by a client that writes
#   hex digits in lower case or escapes the tilde, and only then: most names work.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d); PIDS=()
finish() { for p in ${PIDS[@]+"${PIDS[@]}"}; do kill "$p" 2>/dev/null; done; wait 2>/dev/null; rm -rf "$T"; }
trap finish EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v apt-get >/dev/null && command -v dpkg >/dev/null && command -v python3 >/dev/null || skip "needs apt-get, dpkg and python3"
mkdir "$T/deb" "$T/root"
for p in nghttp2-proxy=1.52.0-1+deb12u3 libnghttp2-14=1.52.0-1+deb12u3 libc-ares2=1.18.1-3 libev4=1:4.33-1 libjemalloc2=5.3.0-1 h2o=2.2.5+dfsg2-7; do
  (cd "$T/deb" && apt-get download "$p" >/dev/null 2>&1) || skip "$p is not to be had"
done
for f in "$T"/deb/*.deb; do dpkg -x "$f" "$T/root" || skip "$f does not unpack"; done
LD_LIBRARY_PATH=$(echo "$T"/root/usr/lib/*-linux-gnu)
NGHTTPX=$T/root/usr/sbin/nghttpx
LD_LIBRARY_PATH=$LD_LIBRARY_PATH "$NGHTTPX" --version >/dev/null 2>&1 || skip "nghttpx does not run"
"$T/root/usr/bin/h2o" --version >/dev/null 2>&1 || skip "h2o does not run"
read -r BACK ONE TWO < <(python3 -c 'import socket
s=[socket.socket() for _ in "abc"]
for x in s: x.bind(("127.0.0.1",0))
print(*[x.getsockname()[1] for x in s])')
cat > "$T/backend.py" <<'E'
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def parse_request(self):
        self.target = self.raw_requestline.split(b" ")[1]  # BaseHTTPRequestHandler shortens `//` at the front.
        return super().parse_request()
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.target)))
        self.end_headers()
        self.wfile.write(self.target)
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
E
cat > "$T/ask.py" <<'E'
import http.client, sys
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)
c.request("GET", sys.argv[2], headers={"Host": "login.test"})
r = c.getresponse()
print(r.read().decode() if r.status == 200 else "status %d" % r.status)
E
printf 'listen: {host: 127.0.0.1, port: %s}\nuser: %s\nhosts:\n  default:\n    paths:\n      "/":\n        proxy.reverse.url: "http://127.0.0.1:%s/"\n' \
  "$TWO" "$(id -un)" "$BACK" > "$T/h2o.conf"
python3 "$T/backend.py" "$BACK" & PIDS+=($!)
LD_LIBRARY_PATH=$LD_LIBRARY_PATH "$NGHTTPX" --conf=/dev/null --workers=1 --frontend="127.0.0.1,$ONE;no-tls" --backend="127.0.0.1,$BACK" >"$T/one.out" 2>&1 &
PIDS+=($!)
"$T/root/usr/bin/h2o" -c "$T/h2o.conf" >"$T/two.out" 2>&1 & PIDS+=($!)
UP=no
for _ in $(seq 100); do python3 -c 'import socket,sys
for p in sys.argv[1:]: socket.create_connection(("127.0.0.1",int(p)),1).close()' "$BACK" "$ONE" "$TWO" 2>/dev/null && { UP=yes; break; }; sleep 0.1; done
[ $UP = yes ] || skip "a server does not start: $(cat "$T"/*.out | tail -1)"
GOOD=0
try() { # what was asked for, what came from nghttpx
  local a b; a=$(python3 "$T/ask.py" "$ONE" "$1" 2>&1 | tail -1); b=$(python3 "$T/ask.py" "$TWO" "$1" 2>&1 | tail -1)
  printf 'asked %-26s nghttpx %-26s h2o %s\n' "$1" "$a" "$b"
  [ "$a $b" = "$2 $1" ] || GOOD=1
}
try "/link/app/caf%c3%a9" "/link/app/caf%C3%A9"
try "/link/app/%7Eanna" "/link/app/~anna"
try "/link/app/%61nna" "/link/app/anna"
try "/link/app/a%2fb" "/link/app/a%2Fb"
try "/link//anna" "/link/anna"
try "/link/anna?" "/link/anna"
try "/link/anna?name=%7ea%c3%a9" "/link/anna?name=%7ea%c3%a9"
exit $GOOD
