#!/bin/bash
# node:http leaves out the "?" of an empty query, though the URL that it was given keeps it.
#
# Versions: npm undici 7.30.2, got 14.6.6, axios 1.21.1, node-fetch 3.3.2; node:http of Node.js 20.20.2 (of the machine, not installed here).
# Guess: they all build the request target from the same WHATWG URL, whose href ends in "?", so all send the "?"; only a server or a proxy
#   would take it off.
# Seen: node:http, got, axios and undici's request send "/a" for ".../a?". undici's fetch and node-fetch, in the same program, send "/a?".
#   "?x" and "?x=" are sent as they are by all.
# Output seen: "URL.href ends in /a?" / "node:http: /a /a?x /a?x=" / the same for got, axios, undici request / "undici fetch: /a? /a?x /a?x=" /
#   the same for node-fetch.
# For users: a request that is signed over String(url) is refused as badly signed when all its optional parameters happen to be left out and
#   the program writes the "?" all the same. With another client library of the same Node.js it works.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v node >/dev/null && command -v npm >/dev/null || skip "needs node and npm"
npm --prefix "$T" --cache "$T/cache" install --ignore-scripts --no-audit --no-fund undici@7.30.2 got@14.6.6 axios@1.21.1 node-fetch@3.3.2 >/dev/null 2>&1 || skip "a package is not to be had"
cat > "$T/run.mjs" <<'E'
import http from 'node:http';
import {fetch, request} from 'undici';
import got from 'got';
import axios from 'axios';
import nodeFetch from 'node-fetch';
const server = http.createServer((request, answer) => answer.end(request.url));
server.listen(0, '127.0.0.1', async () => {
  const clients = {
    'undici fetch': async url => (await fetch(url)).text(),
    'undici request': async url => (await request(url)).body.text(),
    got: url => got(url).text(),
    axios: async url => (await axios.get(url.href, {responseType: 'text', transformResponse: text => text})).data,
    'node-fetch': async url => (await nodeFetch(url)).text(),
    'node:http': url => new Promise((done, failed) => http.get(url, async answer => {
      let text = '';
      for await (const part of answer) text += part;
      done(text);
    }).on('error', failed)),
  };
  const at = 'http://127.0.0.1:' + server.address().port;
  console.log('URL.href ends in ' + new URL(at + '/a?').href.slice(at.length));
  for (const [name, get] of Object.entries(clients)) {
    const seen = [];
    for (const target of ['/a?', '/a?x', '/a?x=']) seen.push(await get(new URL(at + target)));
    console.log(name + ': ' + seen.join(' '));
  }
  server.close();
});
E
SEEN=$(cd "$T" && node run.mjs 2>&1)
echo "$SEEN"
case $SEEN in *SyntaxError* | *ERR_MODULE*) skip "this node does not run it" ;; esac
[ "$SEEN" = "URL.href ends in /a?
undici fetch: /a? /a?x /a?x=
undici request: /a /a?x /a?x=
got: /a /a?x /a?x=
axios: /a /a?x /a?x=
node-fetch: /a? /a?x /a?x=
node:http: /a /a?x /a?x=" ]
