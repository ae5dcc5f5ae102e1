#!/bin/bash
# Perl's HTTP::Tiny follows a 303 after a form with a GET that carries the form again, and lighttpd refuses that.
#
# Versions: HTTP::Tiny 0.080 (perl-modules-5.36 5.36.0-7+deb12u4), lighttpd 1.4.69-1 (Debian 12).
# Guess: "303 See Other" turns POST into a GET without content, as in every client that knows 303. A proxy has nothing to do with it.
# Seen: the request after the 303 is a GET with the Content-Type, the Content-Length and the content of the POST. A server that ignores
#   content of a GET answers as usual. lighttpd, before any server of one's own, answers 400 to a GET with content.
# Output seen: "after the 303: GET /account, Content-Length 12, content name=ann&c=1" / "behind lighttpd: POST 303, then 400".
# For users: the one-time code of a sign-in form goes over the wire twice, and to the page that follows; behind lighttpd the sign-in
#   succeeds and looks like "400 Bad Request".
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d); PIDS=()
finish() { for p in ${PIDS[@]+"${PIDS[@]}"}; do kill "$p" 2>/dev/null; done; wait 2>/dev/null; rm -rf "$T"; }
trap finish EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v apt-get >/dev/null && command -v dpkg >/dev/null && command -v python3 >/dev/null && command -v perl >/dev/null || skip "needs apt-get, dpkg, perl and python3"
mkdir "$T/deb" "$T/root" "$T/perl" "$T/perl/HTTP"
for p in perl-modules-5.36=5.36.0-7+deb12u4 lighttpd=1.4.69-1; do
  (cd "$T/deb" && apt-get download "$p" >/dev/null 2>&1) || skip "$p is not to be had"
done
for f in "$T"/deb/*.deb; do dpkg -x "$f" "$T/root" || skip "$f does not unpack"; done
cp "$T"/root/usr/share/perl/5.36*/HTTP/Tiny.pm "$T/perl/HTTP/" 2>/dev/null || skip "no HTTP::Tiny in perl-modules"
PERL5LIB=$T/perl perl -MHTTP::Tiny -e 'exit($HTTP::Tiny::VERSION ne "0.080")' || skip "HTTP::Tiny 0.080 does not load"
MODULES=$(echo "$T"/root/usr/lib/lighttpd)
"$T/root/usr/sbin/lighttpd" -v >/dev/null 2>&1 || skip "lighttpd does not run: $("$T/root/usr/sbin/lighttpd" -v 2>&1 | head -1)"
read -r BACK FRONT < <(python3 -c 'import socket
s=[socket.socket() for _ in "ab"]
for x in s: x.bind(("127.0.0.1",0))
print(*[x.getsockname()[1] for x in s])')
cat > "$T/site.py" <<'E'
import http.server, sys
class Site(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass
    def answer(self, status, text, where=None):
        self.send_response(status)
        if where:
            self.send_header("Location", where)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())
    def content(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
    def do_POST(self):
        self.content()
        self.answer(303, "", "/account")
    def do_GET(self):
        length = self.headers.get("Content-Length") or "none"
        self.answer(200, "GET %s, Content-Length %s, content %s" % (self.path, length, self.content() or "none"))
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Site).serve_forever()
E
cat > "$T/lighttpd.conf" <<E
server.document-root = "$T"
server.bind = "127.0.0.1"
server.port = $FRONT
server.modules = ( "mod_proxy" )
proxy.server = ( "" => ( ( "host" => "127.0.0.1", "port" => $BACK ) ) )
E
cat > "$T/client.pl" <<'E'
use strict; use warnings; use HTTP::Tiny;
my $answer = HTTP::Tiny->new->post_form("http://127.0.0.1:$ARGV[0]/login", [name => 'ann', c => '1']);
if ($ARGV[1]) {
    print join(', then ', (map { "POST $_->{status}" } @{ $answer->{redirects} || [] }), $answer->{status}), "\n";
} else {
    print "$answer->{content}\n";
}
E
python3 "$T/site.py" "$BACK" >"$T/site.out" 2>&1 & PIDS+=($!)
"$T/root/usr/sbin/lighttpd" -D -f "$T/lighttpd.conf" -m "$MODULES" >"$T/lighttpd.out" 2>&1 & PIDS+=($!)
UP=no
for _ in $(seq 100); do python3 -c 'import socket,sys
for p in sys.argv[1:]: socket.create_connection(("127.0.0.1",int(p)),1).close()' "$BACK" "$FRONT" 2>/dev/null && { UP=yes; break; }; sleep 0.1; done
[ $UP = yes ] || skip "a server does not start: $(cat "$T"/*.out | tail -1)"
export PERL5LIB=$T/perl
DIRECT=$(perl "$T/client.pl" "$BACK" "" 2>&1); PROXIED=$(perl "$T/client.pl" "$FRONT" codes 2>&1)
echo "after the 303: $DIRECT"
echo "behind lighttpd: $PROXIED"
[ "$DIRECT" = "GET /account, Content-Length 12, content name=ann&c=1" ] && [ "$PROXIED" = "POST 303, then 400" ]
