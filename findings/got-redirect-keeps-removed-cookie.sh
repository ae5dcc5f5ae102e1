#!/bin/bash
# got follows a redirect with the cookie that the redirect has just removed.
#
# Versions: npm got 14.6.6 with tough-cookie 6.1.0, Node.js of this machine.
# Guess: a client with a cookie store asks the store anew for each hop, so after `303` with `Max-Age=0` the next hop has no cookie.
# Seen: the store has forgotten the cookie, yet the request that follows the redirect still carries it: the header of the hop before is
#   left as it was when the store has nothing more for the address. The next call of its own is without. When another cookie remains,
#   the removed one is not sent.
# Output seen: "the hop after the redirect: s=x" / "the next call: none" / "with a second cookie: t=y".
# For users: signing out by POST and a redirect to the start page asks for the start page as a user who is signed in; a page that trusts the
#   cookie without asking the server's record shows the account again, and may even renew the cookie.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v node >/dev/null && command -v npm >/dev/null || skip "needs node and npm"
npm --prefix "$T" --cache "$T/cache" install --ignore-scripts --no-audit --no-fund got@14.6.6 tough-cookie@6.1.0 >/dev/null 2>&1 || skip "got 14.6.6 or tough-cookie 6.1.0 is not to be had"
cat > "$T/run.mjs" <<'E'
import http from 'node:http';
import got from 'got';
import {CookieJar} from 'tough-cookie';
const server = http.createServer((request, answer) => {
  if (request.url === '/in') {
    answer.setHeader('Set-Cookie', 's=x; Path=/; HttpOnly');
    answer.end();
  } else if (request.url === '/two') {
    answer.setHeader('Set-Cookie', ['s=x; Path=/; HttpOnly', 't=y; Path=/']);
    answer.end();
  } else if (request.url === '/out') {
    answer.writeHead(303, {'Set-Cookie': 's=; Path=/; HttpOnly; Max-Age=0; Expires=Wed, 05 Nov 2025 08:49:37 GMT', Location: '/start'});
    answer.end();
  } else {
    answer.end(request.headers.cookie ?? 'none');
  }
});
server.listen(0, '127.0.0.1', async () => {
  const at = 'http://127.0.0.1:' + server.address().port;
  const one = {cookieJar: new CookieJar()};
  await got(at + '/in', one);
  console.log('the hop after the redirect: ' + await got.post(at + '/out', one).text());
  console.log('the next call: ' + await got(at + '/start', one).text());
  const two = {cookieJar: new CookieJar()};
  await got(at + '/two', two);
  console.log('with a second cookie: ' + await got.post(at + '/out', two).text());
  server.close();
});
E
SEEN=$(cd "$T" && node run.mjs 2>&1)
echo "$SEEN"
case $SEEN in *SyntaxError* | *ERR_MODULE*) skip "this node does not run it" ;; esac
[ "$SEEN" = "the hop after the redirect: s=x
the next call: none
with a second cookie: t=y" ]
