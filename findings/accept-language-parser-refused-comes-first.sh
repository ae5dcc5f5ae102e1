#!/bin/bash
# accept-language-parser picks a language that the browser refuses with q=0, and reads a weight with a space before it as no weight.
#
# Versions: npm accept-language-parser 1.5.0; beside it negotiator 1.1.0.
# Guess: q=0 means "not acceptable" (RFC 9110, 12.4.2), so such a language is never picked; and "en ; q=0.1" is "en;q=0.1", as the same RFC allows
#   spaces on both sides of the semicolon.
# Seen: accept-language-parser sorts q=0 to the end and picks it when nothing else fits, where another supported language would do. With a space
#   the weight is cut off: the language counts as 1, comes first, and a language called "q" appears beside it. negotiator does both as the RFC says.
# Output seen: the table below, each line as stated in the script.
# For users: a person whose client writes the spaces gets the page in the language that they want least.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v node >/dev/null && command -v npm >/dev/null || skip "needs node and npm"
(cd "$T" && npm install --silent --no-audit --no-fund accept-language-parser@1.5.0 negotiator@1.1.0 >/dev/null 2>&1) || skip "a package is not to be had"
cat > "$T/run.cjs" <<'E'
const parser = require('accept-language-parser')
const { default: Negotiator = require('negotiator') } = require('negotiator')
const supported = ['en', 'de']
for (const header of ['de;q=0, *;q=0.5', 'fr, de;q=0, *;q=0.1', 'en ; q=0.1, de', 'en; q=0.1, de;q=0.9', 'en;q=0.1, de']) {
  const right = new Negotiator({ headers: { 'accept-language': header } }).language(supported)
  const read = parser.parse(header).map(l => l.code + '=' + l.quality).join(' ')
  console.log(`${header}: accept-language-parser ${parser.pick(supported, header)} (${read}), negotiator ${right}`)
}
E
SEEN=$(cd "$T" && node run.cjs 2>&1)
echo "$SEEN"
case $SEEN in *Error:*) skip "the script does not run with these packages" ;; esac
[ "$SEEN" = "de;q=0, *;q=0.5: accept-language-parser de (*=0.5 de=0), negotiator en
fr, de;q=0, *;q=0.1: accept-language-parser de (fr=1 *=0.1 de=0), negotiator en
en ; q=0.1, de: accept-language-parser en (en=1 q=1 de=1), negotiator de
en; q=0.1, de;q=0.9: accept-language-parser en (en=1 q=1 de=0.9), negotiator de
en;q=0.1, de: accept-language-parser de (de=1 en=0.1), negotiator de" ]
