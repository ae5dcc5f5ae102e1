#!/bin/bash
# Lynx reads SameSite as a second cookie, and gives that one the attributes that stand after it.
#
# Versions: lynx 2.9.0dev.12-1 (Debian 12).
# Guess: a browser ignores attributes that it does not know, as RFC 6265 says, so their order is all the same.
# Seen: `Set-Cookie: s=x; HttpOnly; SameSite=Lax; Path=/` makes two cookies. `Path=/` goes to the one named SameSite; `s` has none, so
#   it is good for the folder of the page that set it only. The page after the sign-in gets `Cookie: SameSite=Lax` without `s`.
#   With SameSite as the last attribute `s` arrives everywhere. `Partitioned`, without a value, does no harm.
# Output seen: "SameSite before Path: SameSite=Lax" / "SameSite last: s=x" / "no SameSite: s=x" / "Partitioned before Path: s=x".
# For users: nobody signs in by Lynx to a server that writes the attributes in the order HttpOnly, SameSite, Secure, Path (as well-known
#   libraries do), and the login has no script to blame. A server may also meet a cookie named SameSite.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d); PIDS=()
finish() { for p in ${PIDS[@]+"${PIDS[@]}"}; do kill "$p" 2>/dev/null; done; wait 2>/dev/null; rm -rf "$T"; }
trap finish EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v apt-get >/dev/null && command -v dpkg >/dev/null && command -v python3 >/dev/null || skip "needs apt-get, dpkg and python3"
mkdir "$T/deb" "$T/root"
for p in lynx=2.9.0dev.12-1 lynx-common=2.9.0dev.12-1; do
  (cd "$T/deb" && apt-get download "$p" >/dev/null 2>&1) || skip "$p is not to be had"
done
for f in "$T"/deb/*.deb; do dpkg -x "$f" "$T/root" || skip "$f does not unpack"; done
"$T/root/usr/bin/lynx" -version >/dev/null 2>&1 || skip "lynx does not run: $("$T/root/usr/bin/lynx" -version 2>&1 | head -1)"

cat > "$T/site.py" <<'E'
import http.server, sys
SET = {
    "before": "s=x; HttpOnly; SameSite=Lax; Path=/",
    "last": "s=x; HttpOnly; Path=/; SameSite=Lax",
    "none": "s=x; HttpOnly; Path=/",
    "partitioned": "s=x; HttpOnly; Partitioned; Path=/",
}
class Site(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass
    def do_GET(self):
        which = self.path.split("/")[-1]
        text = b""
        if self.path.startswith("/login/"):
            self.send_response(303)
            self.send_header("Set-Cookie", SET[which])
            self.send_header("Location", "/account/" + which)
        else:
            self.send_response(200)
            text = ("[" + (self.headers.get("Cookie") or "nothing") + "]\n").encode()
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
print(server.server_port, flush=True)
server.serve_forever()
E
python3 "$T/site.py" > "$T/port" & PIDS+=($!)
for _ in $(seq 50); do [ -s "$T/port" ] && break; sleep 0.1; done
PORT=$(cat "$T/port"); [ -n "$PORT" ] || skip "the server does not start"
GOOD=0
try() { # name, which, what was seen
  local seen; seen=$(HOME=$T "$T/root/usr/bin/lynx" -cfg=/dev/null -accept_all_cookies -dump "http://127.0.0.1:$PORT/login/$2" </dev/null 2>&1 | grep -o '\[.*\]' | tr -d '[]')
  echo "$1: $seen"
  [ "$seen" = "$3" ] || GOOD=1
}
try "SameSite before Path" before "SameSite=Lax"
try "SameSite last" last "s=x"
try "no SameSite" none "s=x"
try "Partitioned before Path" partitioned "s=x"
exit $GOOD
