#!/bin/bash
# Two JWT libraries refuse a token in the second in which it was made, when its iat has a fraction.
#
# Versions: PyPI joserfc 1.8.0, Authlib 1.9.10; beside them PyJWT 2.15.1, jwcrypto 1.6.1.
# Guess: a NumericDate may have a fraction (RFC 7519), so an iat of this very moment is good everywhere; exp with a fraction is.
# Seen: joserfc and Authlib cut the fraction off their own clock and leave it in the token's, so the token is "issued in the future" until
#   the second is over: up to one second, with one and the same clock. The same token is good a second later, and exp with a fraction is good.
# Output seen: "iat now, with its fraction: joserfc refused, Authlib refused, PyJWT good, jwcrypto good" / "iat now, cut to the second: all good" /
#   "one second later: all good" / "exp with a fraction: all good".
# For users: a phone's answer that is signed as a JWS and verified at once fails now and then, the more often the faster the network is, and
#   never in a debugger. Trying again helps, so it is taken for a replay or a clock fault.
# Ends with 0 while it is so, 1 when it has changed, 2 when it cannot be tried here.
set -u
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
skip() { echo "cannot be tried here: $*"; exit 2; }
command -v python3 >/dev/null || skip "needs python3"
python3 -m venv "$T/v" >/dev/null 2>&1 || skip "needs python3's venv"
"$T/v/bin/pip" -q install joserfc==1.8.0 Authlib==1.9.10 PyJWT==2.15.1 jwcrypto==1.6.1 >/dev/null 2>&1 || skip "a package is not to be had"
cat > "$T/run.py" <<'E'
import base64, hashlib, hmac, json, time
import jwt as pyjwt
from authlib.jose import jwt as authlib_jwt
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import OctKey
from jwcrypto import jwk, jwt as jwcrypto_jwt

KEY = b"a key for this test and no other"
def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
def token(claims):
    text = b64(b'{"alg":"HS256"}') + "." + b64(json.dumps(claims).encode())
    return text + "." + b64(hmac.new(KEY, text.encode(), hashlib.sha256).digest())
def joserfc(text):
    joserfc_jwt.JWTClaimsRegistry().validate(joserfc_jwt.decode(text, OctKey.import_key(KEY), algorithms=["HS256"]).claims)
def authlib(text):
    authlib_jwt.decode(text, KEY).validate()
def PyJWT(text):
    pyjwt.decode(text, KEY, algorithms=["HS256"])
def jwcrypto(text):
    jwcrypto_jwt.JWT(jwt=text, key=jwk.JWK(kty="oct", k=b64(KEY)), algs=["HS256"])
def tell(name, text):
    seen = []
    for library, read in (("joserfc", joserfc), ("Authlib", authlib), ("PyJWT", PyJWT), ("jwcrypto", jwcrypto)):
        try:
            read(text)
            seen.append(library + " good")
        except Exception:
            seen.append(library + " refused")
    print(name + ": " + ", ".join(seen))
tell("warming up", token({}))
while not 0.2 < time.time() % 1 < 0.3:  # Early in a second, so that all four read the token within it.
    time.sleep(0.01)
now = time.time()
fresh = token({"iat": now})
tell("iat now, with its fraction", fresh)
tell("iat now, cut to the second", token({"iat": int(now)}))
time.sleep(1.1)
tell("one second later", fresh)
tell("exp with a fraction", token({"exp": time.time() + 60.5}))
E
SEEN=$("$T/v/bin/python" "$T/run.py" 2>"$T/errors" | grep -v '^warming up')
echo "$SEEN"
if grep -q Traceback "$T/errors"; then skip "the script does not run with these packages: $(tail -1 "$T/errors")"; fi
[ "$SEEN" = "iat now, with its fraction: joserfc refused, Authlib refused, PyJWT good, jwcrypto good
iat now, cut to the second: joserfc good, Authlib good, PyJWT good, jwcrypto good
one second later: joserfc good, Authlib good, PyJWT good, jwcrypto good
exp with a fraction: joserfc good, Authlib good, PyJWT good, jwcrypto good" ]
