#!/bin/bash
# Neither Max-Age=0 nor an Expires of 1970 removes a cookie from every cookie store.
#
# Versions: libhttp-cookies-perl 6.10-1 (HTTP::Cookies, the store of LWP; Debian 12), PyPI aiohttp 3.14.5, Python 3's http.cookiejar.
# Guess: each of the two forms alone removes a cookie everywhere; Max-Age is the newer and safer one.
# Seen: HTTP::Cookies does not know Max-Age in a Set-Cookie line: with 0 the cookie is sent on, and with 1 it lives on after two seconds.
#   aiohttp takes "Thu, 01 Jan 1970 00:00:00 GMT", the date that everybody writes, for no date at all (one second later is a date).
#   Max-Age=0 and an Expires in the past together remove it from all three.
# Output seen: the table below, each line as stated in the script.
# For users: after a sign-out that sends one form only, a client keeps presenting the cookie. What is signed out has to be ended on the server.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v apt-get >/dev/null && command -v dpkg >/dev/null && command -v python3 >/dev/null && command -v perl >/dev/null || skip "needs apt-get, dpkg, perl and python3"
mkdir "$T/deb" "$T/root"
for p in libhttp-cookies-perl=6.10-1 libhttp-message-perl=6.44-1 libhttp-date-perl=6.05-2 liburi-perl=5.17-1 libio-html-perl=1.004-3 \
  liblwp-mediatypes-perl=6.04-2 libencode-locale-perl=1.05-3 libtimedate-perl=2.3300-2 libclone-perl=0.46-1; do
  (cd "$T/deb" && apt-get download "$p" >/dev/null 2>&1) || skip "$p is not to be had"
done
for f in "$T"/deb/*.deb; do dpkg -x "$f" "$T/root" || skip "$f does not unpack"; done
PERL5LIB=$T/root/usr/share/perl5:$(echo "$T"/root/usr/lib/*-linux-gnu/perl5/5.*)
export PERL5LIB
perl -MHTTP::Cookies -MHTTP::Response -e 1 2>/dev/null || skip "HTTP::Cookies does not load: $(perl -MHTTP::Cookies -MHTTP::Response -e 1 2>&1 | head -1)"
python3 -m venv "$T/v" >/dev/null 2>&1 || skip "needs python3's venv"
"$T/v/bin/pip" -q install aiohttp==3.14.5 >/dev/null 2>&1 || skip "aiohttp 3.14.5 is not to be had"

cat > "$T/perl.pl" <<'E'
use strict; use warnings; use HTTP::Cookies; use HTTP::Request; use HTTP::Response;
my $store = HTTP::Cookies->new;
for my $line ('s=x; Path=/; HttpOnly', $ARGV[0]) {
    my $answer = HTTP::Response->new(200, 'OK', ['Set-Cookie' => $line]);
    $answer->request(HTTP::Request->new(GET => 'http://login.example.org/a'));
    $store->extract_cookies($answer);
}
sleep $ARGV[1];
my $next = HTTP::Request->new(GET => 'http://login.example.org/b');
$store->add_cookie_header($next);
print defined $next->header('Cookie') ? "kept\n" : "removed\n";
E
cat > "$T/aio.py" <<'E'
import asyncio, sys, time
import aiohttp
from yarl import URL
async def main():
    store, url = aiohttp.CookieJar(), URL("http://login.example.org/a")
    for line in ("s=x; Path=/; HttpOnly", sys.argv[1]):
        store.update_cookies_from_headers([line], url)
    await asyncio.sleep(float(sys.argv[2]))
    print("kept" if store.filter_cookies(url) else "removed")
asyncio.run(main())
E
cat > "$T/std.py" <<'E'
import email.message, http.cookiejar, sys, time, urllib.request
store, request = http.cookiejar.CookieJar(), urllib.request.Request("http://login.example.org/a")
class Answer:
    def __init__(self, line):
        self.head = email.message.Message()
        self.head["Set-Cookie"] = line
    def info(self):
        return self.head
for line in ("s=x; Path=/; HttpOnly", sys.argv[1]):
    store.extract_cookies(Answer(line), request)
time.sleep(float(sys.argv[2]))
store.add_cookie_header(request)
print("kept" if request.has_header("Cookie") else "removed")
E
GOOD=0
try() { # the line, seconds to wait, seen with HTTP::Cookies, aiohttp, http.cookiejar
  local a b c
  a=$(perl "$T/perl.pl" "$1" "$2" 2>&1 | tail -1); b=$("$T/v/bin/python" "$T/aio.py" "$1" "$2" 2>&1 | tail -1); c=$(python3 "$T/std.py" "$1" "$2" 2>&1 | tail -1)
  printf '%-86s HTTP::Cookies %-8s aiohttp %-8s http.cookiejar %s\n' "$1" "$a" "$b" "$c"
  [ "$a $b $c" = "$3 $4 $5" ] || GOOD=1
}
try "s=; Path=/; HttpOnly; Max-Age=0" 0 kept removed removed
try "s=y; Path=/; HttpOnly; Max-Age=1" 2.2 kept removed removed
try "s=; Path=/; HttpOnly; Expires=Thu, 01 Jan 1970 00:00:00 GMT" 0 removed kept removed
try "s=; Path=/; HttpOnly; Expires=Thu, 01 Jan 1970 00:00:01 GMT" 0 removed removed removed
try "s=; Path=/; HttpOnly; Max-Age=0; Expires=Wed, 05 Nov 2025 08:49:37 GMT" 0 removed removed removed
exit $GOOD
