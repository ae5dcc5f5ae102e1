"""A phone that is unlocked by Yubico's `fido2`, which we did not write, against our service.

`fido2` is the browser: it reads the options, collects the client data, speaks CTAP to the authenticator and makes the JSON. The authenticator
below it is a few lines of ours, with a key in software. Prints what was checked, a line each, and fails with the first that is not so.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import sys
import time
import urllib.error
import urllib.request

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from fido2 import cbor
from fido2.client import DefaultClientDataCollector, Fido2Client, UserInteraction
from fido2.cose import ES256
from fido2.ctap import CtapDevice
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticatorData,
    PublicKeyCredentialCreationOptions,
    PublicKeyCredentialRequestOptions,
)

SERVER = os.environ["IAMPASS_SERVER"]
APPLICATION = (os.environ["IAMPASS_APPLICATION_ID"], os.environ["IAMPASS_APPLICATION_SECRET"])


def check(name, fine, found=None):
    if not fine:
        sys.exit(f"{name}: {found!r}")
    print(name)


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


# ---- the wire


def call(method, url, signer, body=None, phone=False):
    text = b"" if body is None else json.dumps(body).encode()
    if phone and method == "POST":
        url += ("&" if "?" in url else "?") + "body_sha256=" + hashlib.sha256(text).hexdigest()
    headers = {"Content-Type": "application/json"}
    if signer:
        identity, secret = signer
        nonce, at = str(secrets.randbits(63)), str(int(time.time()))
        key = hashlib.sha256((nonce + secret).encode()).digest()[:16]
        message = nonce + url.split("://", 1)[1] + at
        tag = hmac.new(key, message.encode(), hashlib.sha256).digest()[:16]
        headers["Authentication"] = f"hmac {identity}:{nonce}:{base64.b64encode(tag).decode()}"
        headers["X-IAMPASS-Authentication-Timestamp"] = at
    request = urllib.request.Request(url, data=text if method == "POST" else None, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


# ---- the authenticator


class SoftwareDevice(CtapDevice):
    """A platform authenticator that speaks CTAP2. Its person is verified unless a test says otherwise."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.counter = 0
        self.verified = True

    @property
    def capabilities(self):
        return 0x04

    def close(self):
        pass

    @classmethod
    def list_devices(cls):
        return iter(())

    def call(self, cmd, data=b"", event=None, on_keepalive=None):
        command, parameters = data[0], cbor.decode(data[1:]) if len(data) > 1 else {}
        answers = {0x01: self.make_credential, 0x02: self.get_assertion, 0x04: self.get_info}
        return b"\0" + cbor.encode(answers[command](parameters))

    def get_info(self, _):
        options = {"rk": True, "up": True, "uv": True, "plat": True}
        return {1: ["FIDO_2_0"], 2: [], 3: bytes(16), 4: options, 5: 1200, 6: [1]}

    def flags(self):
        flags = AuthenticatorData.FLAG.UP
        return flags | AuthenticatorData.FLAG.UV if self.verified else flags

    def make_credential(self, parameters):
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(bytes(16), self.id, public)
        rp_hash = hashlib.sha256(parameters[2]["id"].encode()).digest()
        flags = self.flags() | AuthenticatorData.FLAG.AT
        return {1: "none", 2: bytes(AuthenticatorData.create(rp_hash, flags, self.counter, credential)), 3: {}}

    def get_assertion(self, parameters):
        self.counter += 1
        data = AuthenticatorData.create(hashlib.sha256(parameters[1].encode()).digest(), self.flags(), self.counter)
        signature = self.key.sign(bytes(data) + parameters[2], ec.ECDSA(hashes.SHA256()))
        return {1: {"type": "public-key", "id": self.id}, 2: bytes(data), 3: signature}


# ---- the phone


class Phone:
    def __init__(self, link):
        self.key = ec.generate_private_key(ec.SECP256R1())
        point = self.key.public_key().public_numbers()
        jwk = {"kty": "EC", "crv": "P-256", "x": base64url(point.x.to_bytes(32, "big")), "y": base64url(point.y.to_bytes(32, "big"))}
        status, record = call("POST", link, None, {"notification_token": "*fido2", "platform": "web", "key": jwk})
        check("a phone with a key registers", status == 200, record)
        self.record = record
        self.signer = (record["device"]["device_id"], record["device"]["device_secret"])

    def jws(self, kind, claims):
        record = self.record
        named = {
            "iss": record["device"]["device_id"],
            "aud": record["service"]["service_id"],
            "sub": record["user"]["user_id"],
            "iat": int(time.time()),
        }
        parts = [{"alg": "ES256", "typ": kind}, {**claims, **named}]
        signed = ".".join(base64url(json.dumps(part).encode()) for part in parts)
        r, s = decode_dss_signature(self.key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def question(self):
        url = self.record["service"]["service_urls"]["pending_requests"] + "?wait=5"
        return call("GET", url, self.signer)[1]["requests"][-1]

    def register(self, question, browser):
        url = question["identify"]["unlock"]["registration_url"]
        status, begun = call("POST", url, self.signer, {"unlock": self.jws("iampass-unlock+jwt", {})}, phone=True)
        check("a registration begins", status == 200, begun)
        options = PublicKeyCredentialCreationOptions.from_dict(begun["options"]["publicKey"])
        made = browser.make_credential(options)
        body = {"unlock": self.jws("iampass-unlock+jwt", {"credential": plain(made)})}
        return call("POST", begun["finish_url"], self.signer, body, phone=True)

    def challenge(self, question):
        identify = question["identify"]
        pair = (question["auth_request_id"], identify["identification_data_secret"])
        return call("POST", identify["unlock"]["challenge_url"], pair, {}, phone=True)

    def accept(self, question, proof):
        identify = question["identify"]
        pair = (question["auth_request_id"], identify["identification_data_secret"])
        claims = {"accepted": True, "os_authentication": proof, "jti": question["auth_request_id"]}
        body = {"answer": self.jws("iampass-answer+jwt", claims)}
        return call("POST", identify["identification_url"], pair, body, phone=True)


def plain(response):
    """The JSON that `fido2` makes of a credential, as a page would send it."""
    return json.loads(json.dumps(dict(response)))


def main():
    device = SoftwareDevice()
    browser = Fido2Client(device, DefaultClientDataCollector(SERVER), UserInteraction())
    identity = APPLICATION[0]
    user = "fido2-" + secrets.token_hex(8)
    call("POST", f"{SERVER}/management/add_users/{identity}", APPLICATION, {"users": [user]})
    link = call("GET", f"{SERVER}/management/device_registration_link/{identity}/{user}", APPLICATION)[1]["register_url"]
    phone = Phone(link)

    def start():
        url = f"{SERVER}/authentication/authenticate_user/{identity}/{user}?methods=acceptance,device"
        status, answer = call("POST", url, APPLICATION, {})
        check("a login by device starts", status == 202, answer)
        return answer["authentication_status"]

    def status_of(session):
        return call("GET", session["status_url"], (session["session_token"], session["session_secret"]))[1]

    def proof(question):
        status, challenge = phone.challenge(question)
        check("a question has a challenge", status == 200, challenge)
        options = PublicKeyCredentialRequestOptions.from_dict(challenge["options"]["publicKey"])
        return plain(browser.get_assertion(options).get_response(0))

    session = start()
    question = phone.question()
    status, refused = phone.challenge(question)
    check("without a credential there is no challenge", (status, refused["reason"]) == (409, "UNLOCK_NOT_REGISTERED"), refused)
    status, done = phone.register(question, browser)
    check("fido2 registers", status == 200, done)
    status, done = phone.accept(question, proof(question))
    check("fido2 approves", status == 200, done)
    found = status_of(session)
    check("the session is active", found["session_status"] == "active", found)
    check("the session says unlocked", found["assurance"]["unlocked"] is True, found)

    session = start()
    question = phone.question()
    device.verified = False
    # The client of fido2 hands it on, as two browsers do.
    status, refused = phone.accept(question, proof(question))
    check("an unverified person is refused", (status, refused["reason"]) == (422, "UNLOCK_NOT_VALID"), refused)
    device.verified, device.counter = True, 0
    status, refused = phone.accept(question, proof(question))
    check("a counter that went back is refused", (status, refused["reason"]) == (422, "UNLOCK_NOT_VALID"), refused)
    check("nobody is in", status_of(session)["session_status"] == "pending")
    status, done = phone.accept(question, proof(question))
    check("the honest one is taken after that", status == 200, done)


main()
