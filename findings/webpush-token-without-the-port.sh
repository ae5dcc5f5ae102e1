#!/bin/bash
# The Python package webpush leaves the port of the push service out of the token that names the push service.
#
# Versions: PyPI webpush 1.0.6; beside it pywebpush 2.5.0 and npm web-push 3.6.7.
# Guess: "aud" of the token is the origin of the push service (RFC 8292, 2): scheme, host, and the port when it is not that of the scheme.
# Seen: webpush writes scheme and host only. For a service at 443 that is right. pywebpush and web-push write the port.
# Output seen: "https://push.example.net/x: webpush https://push.example.net, pywebpush https://push.example.net, web-push https://push.example.net" /
#   "https://push.example.net:8443/x: webpush https://push.example.net, pywebpush https://push.example.net:8443, web-push
#   https://push.example.net:8443".
# For users: a push service of one's own at another port refuses every message of such a sender as meant for somebody else, and the same
#   sender works with the services of the browsers.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v python3 >/dev/null && command -v node >/dev/null && command -v npm >/dev/null || skip "needs python3, node and npm"
python3 -m venv "$T/v" >/dev/null 2>&1 || skip "needs python3's venv"
"$T/v/bin/pip" -q install webpush==1.0.6 pywebpush==2.5.0 >/dev/null 2>&1 || skip "a package is not to be had"
(cd "$T" && npm install --silent --no-audit --no-fund web-push@3.6.7 >/dev/null 2>&1) || skip "web-push 3.6.7 is not to be had"
cat > "$T/js.cjs" <<'E'
const push = require('web-push')
const keys = push.generateVAPIDKeys()
const subscription = { endpoint: process.argv[2], keys: { p256dh: process.argv[3], auth: process.argv[4] } }
const vapidDetails = { subject: 'mailto:admin@example.org', publicKey: keys.publicKey, privateKey: keys.privateKey }
console.log(push.generateRequestDetails(subscription, 'hello', { vapidDetails }).headers.Authorization)
E
cat > "$T/run.py" <<'E'
import base64, json, subprocess, sys
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02
from pywebpush import webpush as pywebpush
from webpush import WebPush
from webpush.types import WebPushSubscription
from webpush.vapid import VAPID
def text(some):
    return base64.urlsafe_b64encode(some).decode().rstrip("=")
def aud(header):
    return json.loads(base64.urlsafe_b64decode(header.split(".")[1] + "=="))["aud"]
class Catch:
    def post(self, url, **how):
        self.head = {k.lower(): v for k, v in how["headers"].items()}
        return type("Answer", (), {"status_code": 201, "text": "", "headers": {}})()
private, public, _ = VAPID.generate_keys()
point = text(ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(
    serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint))
auth = text(bytes(16))
own = Vapid02()
own.generate_keys()
for endpoint in ("https://push.example.net/x", "https://push.example.net:8443/x"):
    phone = {"endpoint": endpoint, "keys": {"p256dh": point, "auth": auth}}
    one = WebPush(private_key=private, public_key=public, subscriber="admin@example.org").get("hello", WebPushSubscription.model_validate(phone))
    catch = Catch()
    pywebpush(phone, "hello", vapid_private_key=own, vapid_claims={"sub": "mailto:admin@example.org"}, requests_session=catch)
    three = subprocess.run(["node", sys.argv[1], endpoint, point, auth], capture_output=True, text=True, timeout=20).stdout
    print("%s: webpush %s, pywebpush %s, web-push %s" % (endpoint, aud(one.headers["authorization"]), aud(catch.head["authorization"]), aud(three)))
E
SEEN=$("$T/v/bin/python" "$T/run.py" "$T/js.cjs" 2>&1)
echo "$SEEN"
case $SEEN in *Traceback*) skip "the script does not run with these packages" ;; esac
[ "$SEEN" = "https://push.example.net/x: webpush https://push.example.net, pywebpush https://push.example.net, web-push https://push.example.net
https://push.example.net:8443/x: webpush https://push.example.net, pywebpush https://push.example.net:8443, web-push https://push.example.net:8443" ]
