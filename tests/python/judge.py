"""Drives an IAMPASS service with the published Python client, unchanged, and with raw requests.

    judge.py checks    prints a line of JSON for each check: {"check", "ok", "detail"}
    judge.py through   the same for what a proxy can spoil: a stream of events, and a call that is answered late
    judge.py export    logs a user in and prints the session as the client stores it
    judge.py code      starts a login at an application that asks for a code, and prints what the client makes of the answer
    judge.py message   asks for a registration link by SMS, and prints what the client makes of the answer
    judge.py import    takes up a session from the standard input, asks for its state and ends it

Where and who comes from IAMPASS_SERVER, IAMPASS_APPLICATION_ID and IAMPASS_APPLICATION_SECRET; IAMPASS_PHONE is the command that
plays the phone, ANSWER_TIMEOUT how many seconds the service waits for it.
"""

import base64
import hashlib
import hmac
import http.client
import itertools
import json
import logging
import os
import secrets
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request
import warnings

from IAMPASS.authentication_api import AuthenticationAPI
from IAMPASS.authentication_method import AuthenticationMethod
from IAMPASS.management_api import ManagementAPI, ManagementAPIResult
from IAMPASS.session import Session
from IAMPASS.status import Status

SERVER = os.environ["IAMPASS_SERVER"]
APP = os.environ["IAMPASS_APPLICATION_ID"]
SECRET = os.environ["IAMPASS_APPLICATION_SECRET"]
PHONE = os.environ["IAMPASS_PHONE"]
ANSWER_TIMEOUT = float(os.environ["ANSWER_TIMEOUT"])

management = ManagementAPI(APP, SECRET)
authentication = AuthenticationAPI(APP, SECRET)

logging.getLogger("IAMPASS").setLevel(logging.CRITICAL)
warnings.simplefilter("ignore")


# The phone.


class Phone:
    """A user with a phone of their own."""

    def __init__(self, user, name="Ann"):
        self.user = user
        self.state = os.path.join(tempfile.mkdtemp(prefix="judge-"), "phone.json")
        self.registered = self.does("register", management.get_registration_link(user, name))

    def does(self, *arguments, code=0):
        run = subprocess.run(
            [PHONE, "--json", "--state", self.state, *arguments], capture_output=True, text=True, timeout=30
        )
        if run.returncode != code:
            raise AssertionError(f"the phone's {arguments[0]} ended with {run.returncode}: {run.stderr}")
        return json.loads(run.stdout) if run.stdout else None

    def accept(self):
        return self.does("accept", "--wait", "5")

    def deny(self):
        return self.does("deny", "--wait", "5")


numbers = itertools.count(1)


def new_user():
    user = f"user-{next(numbers)}-{secrets.token_hex(4)}"
    equal(management.add_user(user), ManagementAPIResult.success)
    return user


def logged_in(phone, **options):
    session = authentication.authenticate_user(phone.user, **options)
    phone.accept()
    equal(session.get_status(), Status.active)
    return session


# Raw requests: signed here by hand, so that one thing at a time can be wrong.


def sign(url, client_id, secret, at=None, nonce=None):
    nonce = str(secrets.randbits(64)) if nonce is None else nonce
    at = int(time.time()) if at is None else at
    token = hashlib.sha256((nonce + secret).encode()).digest()[:16]
    digest = hmac.new(token, (nonce + url + str(at)).encode(), hashlib.sha256).digest()[:16]
    return f"hmac {client_id}:{nonce}:{base64.b64encode(digest).decode()}", str(at)


def raw(method, path, body=None, client_id=APP, secret=SECRET, signed=None, headers=None, at=None, nonce=None):
    """The status and the JSON of a request. `path` may be a whole URL."""
    url = path if "://" in path else SERVER + path
    authority, target = url.split("://", 1)[1].split("/", 1)
    proof, at = sign(signed or f"{authority}/{target}", client_id, secret, at, nonce)
    named = headers or (lambda proof, at: {"Authentication": proof, "X-IAMPASS-Authentication-Timestamp": at})
    connection = connected(url, authority)
    try:
        connection.request(method, "/" + target, body, named(proof, at))
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def connected(url, authority, timeout=10):
    secure = url.startswith("https://")
    return (http.client.HTTPSConnection if secure else http.client.HTTPConnection)(authority, timeout=timeout)


def has_device(user):
    return f"/management/has_registered_mobile_device/{APP}/{urllib.parse.quote(user, safe='')}"


def equal(found, expected):
    if found != expected:
        raise AssertionError(f"expected {expected!r}, found {found!r}")


def refused(answer, status, reason):
    equal((answer[0], answer[1].get("status"), answer[1].get("reason")), (status, False, reason))
    if not answer[1].get("message"):
        raise AssertionError("no sentence for a person")


# The checks.

CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


@check
def add_user_new_and_again():
    user = f"u-{secrets.token_hex(4)}"
    equal(management.add_user(user), ManagementAPIResult.success)
    equal(management.add_user(user), ManagementAPIResult.user_exists)


@check
def add_users_tells_new_from_existing():
    old, new = new_user(), f"n-{secrets.token_hex(4)}"
    equal(management.add_users([old, new]), ([new], [old]))
    equal(management.add_users([]), ([], []))


# The first is the one of the issue; the others are those that a path, a query or a URL parser would take apart.
ODD = ["a b/c@d+é?&=%", ".", "..", "...", "*~'()!", "a%2Fb", "+", " ", "日本語", "a:b:c", "a\\b", "#x", "x;y,z", "//", "%", "é" * 127]


@check
def odd_user_ids_are_one_and_the_same_everywhere():
    for user in ODD:
        if management.add_user(user) != ManagementAPIResult.success:
            raise AssertionError(f"{user!r} was not added")
        link = management.get_registration_link(user, "é & +")
        if not link or not link.startswith(SERVER + "/"):
            raise AssertionError(f"{user!r} got the link {link!r}")
        equal((user, management.has_registered_mobile_device(user)), (user, ManagementAPIResult.no_mobile_device))
        equal((user, authentication.authenticate_user(user).failure_reason), (user, "NO_MOBILE_DEVICE"))
    for user in ODD:
        equal((user, management.add_user(user)), (user, ManagementAPIResult.user_exists))
        equal((user, management.delete_user(user)), (user, ManagementAPIResult.success))
        equal((user, management.add_user(user)), (user, ManagementAPIResult.success))


@check
def an_odd_user_logs_in():
    phone = Phone("a b/c@d+é?&=%", "é & +")
    equal(phone.registered["users"][0]["user"], phone.user)
    equal(phone.registered["users"][0]["name"], "é & +")
    logged_in(phone, authentication_methods=[AuthenticationMethod.acceptance], duration_seconds=60)


@check
def plus_is_a_space_in_paths_and_percent_2b_a_plus():
    management.add_users(["plus and space"])
    equal(raw("GET", f"/management/has_registered_mobile_device/{APP}/plus+and+space")[0], 200)
    equal(raw("GET", f"/management/has_registered_mobile_device/{APP}/plus%20and%20space")[0], 200)
    answer = raw("GET", f"/management/has_registered_mobile_device/{APP}/plus%2Band%2Bspace")
    refused(answer, 404, "UNKNOWN_USER")


@check
def has_registered_mobile_device_before_and_after():
    user = new_user()
    equal(management.has_registered_mobile_device(user), ManagementAPIResult.no_mobile_device)
    Phone(user)
    equal(management.has_registered_mobile_device(user), ManagementAPIResult.has_mobile_device)


@check
def a_registration_link_works_once():
    user = new_user()
    link = management.get_registration_link(user, "")
    phone = Phone(user)
    phone.does("register", link, code=2)


@check
def no_mobile_device():
    session = authentication.authenticate_user(new_user())
    equal((session.failed, session.active, session.in_progress), (True, False, False))
    equal((session.failure_reason, session.session_status), ("NO_MOBILE_DEVICE", Status.failed))
    equal((session.session_token, session.session_secret, session.status_url, session.logout_url), (None,) * 4)


@check
def each_method_with_a_duration():
    phone = Phone(new_user())
    every = list(AuthenticationMethod)
    for methods in [[method] for method in every if method != AuthenticationMethod.acceptance] + [every]:
        session = authentication.authenticate_user(phone.user, methods, 60)
        if methods == [AuthenticationMethod.device] and session.in_progress:
            # Under a name, the service verifies that a phone was unlocked.
            equal(session.get_status(), Status.pending)
            session.destroy()
            continue
        # The service cannot verify them, and says so.
        equal((session.failed, session.in_progress, session.active), (True, False, False))
        equal(session.failure_reason, "METHOD_NOT_AVAILABLE")
    phone.does("requests", code=1)
    for methods in [None, [], [AuthenticationMethod.acceptance]]:
        session = authentication.authenticate_user(phone.user, methods, 60)
        equal((session.session_status, session.in_progress, session.active), (Status.pending, True, False))
        equal(session.get_status(), Status.pending)
        phone.accept()
        equal(session.get_status(), Status.active)
        equal((session.active, session.failed, session.in_progress), (True, False, False))


@check
def the_default_duration():
    logged_in(Phone(new_user()))


@check
def urls_are_issued_under_the_address_that_was_called():
    session = authentication.authenticate_user(Phone(new_user()).user)
    for url in (session.status_url, session.logout_url):
        if not url.startswith(SERVER + "/") or "#" in url:
            raise AssertionError(url)


@check
def denied_is_cancelled_and_the_documented_loop_ends():
    phone = Phone(new_user())
    session = authentication.authenticate_user(phone.user)
    phone.deny()
    looks = 0
    while session.in_progress and looks < 100:
        session.get_status()
        looks += 1
    equal((looks, session.session_status, session.failed), (1, Status.cancelled, True))


@check
def unanswered_is_timeout():
    session = authentication.authenticate_user(Phone(new_user()).user)
    deadline = time.time() + ANSWER_TIMEOUT + 5
    while session.in_progress and time.time() < deadline:
        session.get_status()
        time.sleep(0.05)
    equal((session.session_status, session.failed), (Status.timeout, True))
    equal(session.get_status(), Status.timeout)


@check
def past_its_duration_is_closed():
    # The service counts whole seconds, so it may live for up to a second less. It has to be seen active before.
    session = logged_in(Phone(new_user()), duration_seconds=5)
    deadline = time.time() + 15
    while session.active and time.time() < deadline:
        session.get_status()
        time.sleep(0.05)
    equal(session.session_status, Status.closed)


@check
def destroy_and_status_after_destroy():
    session = logged_in(Phone(new_user()))
    equal(session.destroy(), True)
    equal(session.get_status(), Status.closed)
    equal(session.active, False)
    equal(session.destroy(), True)
    equal(session.get_status(), Status.closed)


@check
def destroy_while_pending():
    phone = Phone(new_user())
    session = authentication.authenticate_user(phone.user)
    equal(session.destroy(), True)
    equal(session.get_status() in (Status.closed, Status.cancelled), True)
    phone.does("accept", code=1)
    equal(session.get_status() in (Status.closed, Status.cancelled), True)


@check
def walkaway_and_return():
    phone = Phone(new_user())
    session = logged_in(phone)
    phone.does("walk-away")
    equal((session.get_status(), session.active), (Status.walkaway, False))
    phone.does("return")
    equal((session.get_status(), session.active), (Status.active, True))


@check
def remote_logout_is_closed():
    phone = Phone(new_user())
    session = logged_in(phone)
    phone.does("log-out")
    equal((session.get_status(), session.active), (Status.closed, False))


@check
def a_removed_phone_closes_its_sessions():
    phone = Phone(new_user())
    session = logged_in(phone)
    phone.does("unregister")
    equal(session.get_status(), Status.closed)
    equal(authentication.authenticate_user(phone.user).failure_reason, "NO_MOBILE_DEVICE")


@check
def a_lost_phone_closes_its_sessions_and_gives_a_link():
    phone = Phone(new_user())
    session = logged_in(phone)
    status, answer = raw("GET", f"/management/lost_user_mobile_device/{APP}/{phone.user}")
    equal((status, answer["status"]), (200, True))
    equal(session.get_status(), Status.closed)
    equal(management.has_registered_mobile_device(phone.user), ManagementAPIResult.no_mobile_device)
    phone.does("register", answer["register_url"])
    equal(management.has_registered_mobile_device(phone.user), ManagementAPIResult.has_mobile_device)


@check
def a_deleted_user_is_unknown_and_its_session_closed():
    phone = Phone(new_user())
    session = logged_in(phone)
    equal(management.delete_user(phone.user), ManagementAPIResult.success)
    equal(session.get_status(), Status.closed)
    equal(session.active, False)
    refused_session = authentication.authenticate_user(phone.user)
    equal((refused_session.failed, refused_session.failure_reason), (True, "UNKNOWN_USER"))
    equal(management.get_registration_link(phone.user, "x"), None)
    equal(management.has_registered_mobile_device(phone.user), ManagementAPIResult.failed)
    equal(management.delete_users([phone.user, "never there"]), ManagementAPIResult.success)
    refused(raw("GET", has_device(phone.user)), 404, "UNKNOWN_USER")


@check
def sms_is_declined_without_an_error():
    equal(management.send_registration_sms(new_user(), "Ann", "+15550100", "Hello"), False)


@check
def an_unknown_application_is_404():
    answer = raw("POST", "/management/add_users/NOBODY", "{}", client_id="NOBODY")
    refused(answer, 404, "UNKNOWN_APPLICATION")


@check
def a_wrong_secret_is_refused():
    user = new_user()
    equal(ManagementAPI(APP, "X" * 32).add_user("u"), ManagementAPIResult.failed)
    equal(AuthenticationAPI(APP, "X" * 32).authenticate_user(user), None)
    refused(raw("GET", has_device(user), secret="X" * 32), 401, "BAD_SIGNATURE")
    refused(raw("GET", has_device(user), secret=""), 401, "BAD_SIGNATURE")


@check
def an_unsigned_request_is_refused():
    user = new_user()
    refused(raw("GET", has_device(user), headers=lambda proof, at: {}), 401, "SIGNATURE_MISSING")


@check
def a_session_is_asked_with_its_own_pair_only():
    phone = Phone(new_user())
    one, other = logged_in(phone), logged_in(phone)
    own = raw("GET", one.status_url, client_id=one.session_token, secret=one.session_secret)
    equal((own[0], own[1]["session_status"]), (200, "active"))
    refused(
        raw("GET", one.status_url, client_id=one.session_token, secret=other.session_secret), 401, "BAD_SIGNATURE"
    )
    for who in ((other.session_token, other.session_secret), (APP, SECRET)):
        equal(raw("GET", one.status_url, client_id=who[0], secret=who[1])[0], 401)
        equal(raw("POST", one.logout_url, client_id=who[0], secret=who[1])[0], 401)
    equal(one.get_status(), Status.active)


@check
def the_status_has_both_shapes():
    session = logged_in(Phone(new_user()))
    _, answer = raw("GET", session.status_url, client_id=session.session_token, secret=session.session_secret)
    fields = {"authenticated": True, "session_status": "active"}
    # What the approval has proven is a member that this client ignores.
    inner = dict(answer.pop("authentication_status"))
    equal(answer.pop("assurance"), inner.pop("assurance"))
    equal((answer, inner), (fields, fields))


@check
def stale_and_future_timestamps_are_refused():
    user, now = new_user(), int(time.time())
    for near in (-290, 0, 290):
        equal(raw("GET", has_device(user), at=now + near)[0], 200)
    refused(raw("GET", has_device(user), at=now - 310), 403, "TIMESTAMP_TOO_OLD")
    refused(raw("GET", has_device(user), at=now + 310), 403, "TIMESTAMP_TOO_NEW")


@check
def a_replayed_request_is_refused():
    user, once = new_user(), str(secrets.randbits(64))
    equal(raw("GET", has_device(user), nonce=once)[0], 200)
    refused(raw("GET", has_device(user), nonce=once), 403, "NONCE_REPLAYED")
    refused(raw("POST", f"/management/add_users/{APP}", '{"users": []}', nonce=once), 403, "NONCE_REPLAYED")


@check
def many_requests_in_one_second_are_normal():
    session = logged_in(Phone(new_user()))
    begun = time.time()
    equal({session.get_status() for _ in range(40)}, {Status.active})
    if time.time() - begun > 20:
        raise AssertionError("40 questions took more than 20 s")


@check
def headers_are_read_without_regard_to_case():
    user = new_user()
    for spell in (str.lower, str.upper, str.title):
        names = lambda proof, at: {
            spell("Authentication"): proof,
            spell("X-IAMPASS-Authentication-Timestamp"): at,
            spell("X-IAMOASS-Authentication-Version"): "1",
        }
        equal(raw("GET", has_device(user), headers=names)[0], 200)


@check
def documented_spellings_of_headers_are_read():
    user = new_user()
    documented = lambda proof, at: {
        "Authentication": proof,
        "X-IAMPASS-Authentiaction-Timestamp": at,
        "X-IAMPASS-Authentiaction-Version": "1",
    }
    equal(raw("GET", has_device(user), headers=documented)[0], 200)


@check
def the_version_is_not_needed_and_authorization_is_not_read():
    user = new_user()
    equal(raw("GET", has_device(user))[0], 200)
    standard = lambda proof, at: {"Authorization": proof, "X-IAMPASS-Authentication-Timestamp": at}
    refused(raw("GET", has_device(user), headers=standard), 401, "SIGNATURE_MISSING")


@check
def a_signature_over_the_whole_url_is_read():
    path = has_device(new_user())
    equal(raw("GET", path, signed=SERVER + path)[0], 200)


@check
def another_url_than_the_signed_one_is_refused():
    user = new_user()
    authority = SERVER.split("://", 1)[1]
    refused(raw("GET", has_device(user), signed=authority + has_device("other")), 401, "BAD_SIGNATURE")
    refused(raw("GET", has_device(user), signed="elsewhere.example" + has_device(user)), 401, "BAD_SIGNATURE")


def plain_or_tls(host, port):
    connection = socket.create_connection((host, port), timeout=10)
    if SERVER.startswith("https://"):
        return ssl.create_default_context().wrap_socket(connection, server_hostname=host)
    return connection


@check
def old_and_closing_connections_are_served():
    user = new_user()
    # The service may be below a path prefix.
    authority, slash, prefix = SERVER.split("://", 1)[1].partition("/")
    target = slash + prefix + has_device(user)
    host, port = authority.rsplit(":", 1)
    for version, more in (("1.0", ""), ("1.1", "Connection: close\r\n")):
        proof, at = sign(authority + target, APP, SECRET)
        head = (
            f"GET {target} HTTP/{version}\r\nHost: {authority}\r\n{more}"
            f"Authentication: {proof}\r\nX-IAMPASS-Authentication-Timestamp: {at}\r\n\r\n"
        )
        with plain_or_tls(host, int(port)) as connection:
            connection.sendall(head.encode())
            answer = b""
            while chunk := connection.recv(4096):
                answer += chunk
        if b" 200 " not in answer.split(b"\r\n", 1)[0] or b'"device_registered"' not in answer:
            raise AssertionError(answer)


def start(user, query):
    return raw("POST", f"/authentication/authenticate_user/{APP}/{user}{query}", "{}")


@check
def empty_methods_mean_none_given():
    phone = Phone(new_user())
    for query in ("", "?methods=", "?methods=&duration_seconds=60", "?methods=acceptance"):
        equal(start(phone.user, query)[0], 202)
        phone.accept()


@check
def after_two_denials_the_next_request_is_refused_with_a_reason():
    phone = Phone(new_user())
    for _ in range(2):
        session = authentication.authenticate_user(phone.user)
        phone.deny()
        equal(session.get_status(), Status.cancelled)
    session = authentication.authenticate_user(phone.user)
    equal((session.failed, session.in_progress, session.active), (True, False, False))
    equal(session.failure_reason, "TOO_MANY_DENIALS")
    phone.does("requests", code=1)


@check
def unknown_methods_are_refused():
    phone = Phone(new_user())
    for methods in ("telepathy", "acceptance,telepathy", "Acceptance", "acceptance;device"):
        refused(start(phone.user, f"?methods={methods}"), 422, "INVALID_METHODS")
    phone.does("requests", code=1)


@check
def impossible_durations_are_refused():
    phone = Phone(new_user())
    for duration in (-5, True, 0):
        equal(authentication.authenticate_user(phone.user, None, duration), None)
        refused(start(phone.user, f"?duration_seconds={duration}"), 422, "INVALID_DURATION")
    for duration in ("", "1.5", "1e3", "abc", "99999999999999999999", "+5", "%2B5"):
        refused(start(phone.user, f"?duration_seconds={duration}"), 422, "INVALID_DURATION")
    phone.does("requests", code=1)


@check
def bad_bodies_are_refused():
    path = f"/management/add_users/{APP}"
    for body in ("", "{", "[]", "{}", '{"users": "u"}', '{"users": [1]}', '{"users": [null]}'):
        equal((body, raw("POST", path, body)[0]), (body, 422))
    for user in ("", "x" * 256, "é" * 128, "line\nbreak"):
        refused(raw("POST", path, json.dumps({"users": [user]})), 422, "INVALID_USER_ID")
    many = [f"many-{n}" for n in range(1001)]
    refused(raw("POST", path, json.dumps({"users": many})), 422, "TOO_MANY_USERS")
    equal(management.add_users(many[:1000]), (many[:1000], []))
    equal(management.delete_users(many[:1000]), ManagementAPIResult.success)


@check
def a_body_over_the_limit_is_413():
    answer = raw("POST", f"/management/add_users/{APP}", json.dumps({"users": ["x" * 70_000]}))
    refused(answer, 413, "BODY_TOO_LARGE")


@check
def unknown_calls_and_methods_are_told_apart():
    refused(raw("GET", "/management/no_such_call/x"), 404, "NOT_FOUND")
    refused(raw("GET", f"/management/add_users/{APP}"), 405, "METHOD_NOT_ALLOWED")
    gone = SERVER + "/authentication/session/" + "0" * 40 + "/status"
    answer = raw("GET", gone, client_id="0" * 40)
    equal(answer[0] in (401, 404), True)


@check
def the_session_schema_round_trips():
    session = logged_in(Phone(new_user()))
    schema = Session.Schema()
    stored = schema.dumps(session)
    restored = schema.loads(stored)
    equal(restored, session)
    equal(json.loads(stored)["session_status"], "active")
    equal(restored.get_status(), Status.active)
    equal(restored.destroy(), True)
    equal(session.get_status(), Status.closed)


# What stands in between.

THROUGH = []


def through(function):
    THROUGH.append(function)
    return function


def signed_headers(url, client_id, secret):
    proof, at = sign(url.split("://", 1)[1], client_id, secret)
    return {"Authentication": proof, "X-IAMPASS-Authentication-Timestamp": at}


def status_in(line):
    return json.loads(line[len(b"data: ") :])["session_status"]


@through
def each_change_of_a_session_comes_by_its_stream_at_once():
    phone = Phone(new_user())
    answer = raw("POST", f"/authentication/authenticate_user/{APP}/{phone.user}", "{}")[1]["authentication_status"]
    url = answer["status_stream_url"]
    authority, target = url.split("://", 1)[1].split("/", 1)
    connection = connected(url, authority, timeout=5)
    connection.request(
        "GET", "/" + target, headers=signed_headers(url, answer["session_token"], answer["session_secret"])
    )
    stream = connection.getresponse()
    equal(stream.status, 200)

    def heard(within):
        begun = time.time()
        while line := stream.readline():
            if line.startswith(b"data: "):
                if time.time() - begun > within:
                    raise AssertionError(f"it came after {time.time() - begun:.1f} s")
                return status_in(line)
        raise AssertionError("the stream has ended")

    first = heard(2)
    phone.accept()
    while (status := heard(4)) != "active":
        first = status
    if first == "active":
        raise AssertionError("it was active before the phone answered")
    connection.close()


@through
def a_call_that_is_answered_after_25_seconds_is_answered():
    phone = Phone(new_user())
    with open(phone.state) as state:
        record = json.load(state)[0]
    url = record["service"]["service_urls"]["pending_requests"] + "?wait=25"
    authority, target = url.split("://", 1)[1].split("/", 1)
    connection = connected(url, authority, timeout=40)
    begun = time.time()
    device = record["device"]
    connection.request(
        "GET", "/" + target, headers=signed_headers(url, device["device_id"], device["device_secret"])
    )
    answer = connection.getresponse()
    equal((answer.status, json.loads(answer.read())["requests"]), (200, []))
    if time.time() - begun < 20:
        raise AssertionError("nobody waited")
    connection.close()


def run_checks(checks=CHECKS):
    for function in checks:
        begun = time.time()
        try:
            function()
            ok, detail = True, None
        except Exception:
            ok, detail = False, traceback.format_exc()
        line = {"check": function.__name__, "ok": ok, "detail": detail, "seconds": round(time.time() - begun, 3)}
        print(json.dumps(line), flush=True)


def export_session():
    session = logged_in(Phone(new_user()))
    print(Session.Schema().dumps(session))


def send_message():
    print(json.dumps(management.send_registration_sms(new_user(), "Ann", "+15550100", "Hello")))


def start_without_a_code():
    phone = Phone(new_user())
    session = authentication.authenticate_user(phone.user)
    rang = phone.does("requests", code=1)
    print(
        json.dumps(
            {
                "failed": session.failed,
                "active": session.active,
                "in_progress": session.in_progress,
                "reason": session.failure_reason,
                "token": session.session_token,
                "rang": bool(rang and rang.get("requests")),
            }
        )
    )


def import_session():
    session = Session.Schema().loads(sys.stdin.read())
    before = session.session_status.name
    print(
        json.dumps(
            {
                "stored": before,
                "asked": session.get_status().name,
                "destroyed": session.destroy(),
                "after": session.get_status().name,
                "again": json.loads(Session.Schema().dumps(session)),
            }
        )
    )


if __name__ == "__main__":
    {
        "checks": run_checks,
        "through": lambda: run_checks(THROUGH),
        "export": export_session,
        "code": start_without_a_code,
        "message": send_message,
        "import": import_session,
    }[sys.argv[1]]()
