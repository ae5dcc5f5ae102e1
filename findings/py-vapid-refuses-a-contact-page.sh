#!/bin/bash
# py-vapid takes an https contact without a path only, and says of any other that there is none.
#
# Versions: PyPI py-vapid 1.9.6 (what pywebpush signs with); beside it npm web-push 3.6.7.
# Guess: the contact of a push sender ("sub" of RFC 8292) is a mailto: or an https: URI, and py-vapid takes what web-push takes.
# Seen: py-vapid takes mailto: and https://HOST. With a path, a single slash, a port, a query or an IPv6 literal it raises "Missing 'sub' from
#   claims", and the advice beside it speaks of an e-mail address. The address of the push service is refused in the same way ("Missing 'aud'")
#   when its host is an IPv6 literal. web-push takes all of these.
# Output seen: the table below, each line as stated in the script.
# For users: a contact such as https://example.org/contact, which is set once for a service in JavaScript and one in Python, sends pushes from
#   the first and none from the second.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v python3 >/dev/null && command -v node >/dev/null && command -v npm >/dev/null || skip "needs python3, node and npm"
python3 -m venv "$T/v" >/dev/null 2>&1 || skip "needs python3's venv"
"$T/v/bin/pip" -q install py-vapid==1.9.6 >/dev/null 2>&1 || skip "py-vapid 1.9.6 is not to be had"
(cd "$T" && npm install --silent --no-audit --no-fund web-push@3.6.7 >/dev/null 2>&1) || skip "web-push 3.6.7 is not to be had"
cat > "$T/py.py" <<'E'
import sys
from py_vapid import Vapid02, VapidException
v = Vapid02()
v.generate_keys()
try:
    v.sign({"aud": sys.argv[1], "sub": sys.argv[2]})
    print("signed")
except VapidException as e:
    print(str(e).split(" from")[0].split('"')[-1])
E
cat > "$T/js.cjs" <<'E'
const push = require('web-push')
const keys = push.generateVAPIDKeys()
try {
  push.getVapidHeaders(process.argv[2], process.argv[3], keys.publicKey, keys.privateKey, 'aes128gcm')
  console.log('signed')
} catch (e) { console.log(e.message) }
E
GOOD=0
try() { # push service, contact, what py-vapid says
  local a b; a=$("$T/v/bin/python" "$T/py.py" "$1" "$2" 2>&1 | tail -1); b=$(cd "$T" && node js.cjs "$1" "$2" 2>&1 | tail -1)
  printf 'aud %-26s sub %-34s py-vapid: %-16s web-push: %s\n' "$1" "$2" "$a" "$b"
  [ "$a/$b" = "$3/signed" ] || GOOD=1
}
try https://push.example.net mailto:admin@example.org signed
try https://push.example.net https://example.org signed
try https://push.example.net https://example.org/ "Missing 'sub'"
try https://push.example.net https://example.org/contact "Missing 'sub'"
try https://push.example.net https://example.org:8443 "Missing 'sub'"
try https://push.example.net "https://[2001:db8::1]" "Missing 'sub'"
try "https://[2001:db8::1]:443" mailto:admin@example.org "Missing 'aud'"
exit $GOOD
