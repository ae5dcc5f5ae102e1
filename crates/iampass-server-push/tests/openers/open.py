"""Opens messages with PyPI's http-ece and verifies their tokens with py-vapid: JSON of keys and bodies in, one text a line out."""
import base64
import json
import sys

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


for message in json.load(sys.stdin):
    assert Vapid02.verify(message["authorization"]), "the token is not signed by its key"
    number = int.from_bytes(decoded(message["private"]), "big")
    key = ec.derive_private_key(number, ec.SECP256R1())
    text = http_ece.decrypt(decoded(message["body"]), private_key=key, auth_secret=decoded(message["auth"]), version="aes128gcm")
    print(text.decode())
