#!/bin/bash
# In the Python package webpush the time to live that is given for one message is that of all messages after it.
#
# Versions: PyPI webpush 1.0.6.
# Guess: the arguments of WebPush(...) are what holds, and ttl, subscriber and expiration of get(...) hold for the one message, as its
#   documentation tells them apart ("global" is said of the first only).
# Seen: each of the three stays until another value is given. A ttl of 0 ("only if the device can be reached now") cannot be given for one
#   message: it is passed over, and the last value goes out.
# Output seen: "as made: TTL 86400, contact admin, token 43200 s" / "asked 60: TTL 60, contact login, token 600 s" /
#   "asked nothing: TTL 60, contact login, token 600 s" / "asked 0: TTL 60, contact login, token 600 s".
# For users: after the first request for a login, which may wait for one minute, a message that should wait for a day is dropped after a minute
#   when the phone is off.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v python3 >/dev/null || skip "needs python3"
python3 -m venv "$T/v" >/dev/null 2>&1 || skip "needs python3's venv"
"$T/v/bin/pip" -q install webpush==1.0.6 >/dev/null 2>&1 || skip "webpush 1.0.6 is not to be had"
cat > "$T/run.py" <<'E'
import base64, json, time
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from webpush import WebPush
from webpush.types import WebPushSubscription
from webpush.vapid import VAPID
def text(some):
    return base64.urlsafe_b64encode(some).decode().rstrip("=")
private, public, _ = VAPID.generate_keys()
point = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(
    serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
phone = WebPushSubscription.model_validate(
    {"endpoint": "https://push.example.net/x", "keys": {"p256dh": text(point), "auth": text(bytes(16))}})
push = WebPush(private_key=private, public_key=public, subscriber="admin@example.org", ttl=86400)
for name, asked in (("as made", {}), ("asked 60", {"ttl": 60, "subscriber": "login@example.org", "expiration": 600}), ("asked nothing", {}),
                    ("asked 0", {"ttl": 0})):
    head = push.get("hello", phone, **asked).headers
    claims = json.loads(base64.urlsafe_b64decode(head["authorization"].split(".")[1] + "=="))
    lives = round((claims["exp"] - time.time()) / 10) * 10
    print("%s: TTL %s, contact %s, token %d s" % (name, head["ttl"], claims["sub"][7:].split("@")[0], lives))
E
SEEN=$("$T/v/bin/python" "$T/run.py" 2>&1)
echo "$SEEN"
case $SEEN in *Traceback*) skip "the script does not run with these packages" ;; esac
[ "$SEEN" = "as made: TTL 86400, contact admin, token 43200 s
asked 60: TTL 60, contact login, token 600 s
asked nothing: TTL 60, contact login, token 600 s
asked 0: TTL 60, contact login, token 600 s" ]
