"""Signs a user in by phone: python login.py USER-ID"""

import os
import sys
import time

os.environ["IAMPASS_SERVER"] = "https://iampass.example"  # Before the client is imported: it reads this then.

from IAMPASS.authentication_api import AuthenticationAPI
from IAMPASS.management_api import ManagementAPI, ManagementAPIResult
from IAMPASS.status import Status

APPLICATION_ID = "YOUR-APPLICATION-ID"
SECRET = os.environ["IAMPASS_APPLICATION_SECRET"]

management = ManagementAPI(APPLICATION_ID, SECRET)
authentication = AuthenticationAPI(APPLICATION_ID, SECRET)


def has_phone(user):
    return management.has_registered_mobile_device(user) == ManagementAPIResult.has_mobile_device


user = sys.argv[1]  # A token of your own making, no name.
management.add_user(user)
if not has_phone(user):
    link = management.get_registration_link(user, "A user")
    if link is None:
        sys.exit("The service gave no link: check the application ID and the secret.")
    print("Open this on the phone:", link, flush=True)
    while not has_phone(user):
        time.sleep(2)

session = authentication.authenticate_user(user)
if session is None or session.failed:
    sys.exit("The login could not be started.")
print("Accept on the phone.", flush=True)
status = session.get_status()
while status in (Status.pending, Status.identifying):
    time.sleep(1)
    status = session.get_status()
if status != Status.active:  # Only "active" is a yes.
    sys.exit("Not signed in.")
print("Signed in. Press Enter to log out.", flush=True)
sys.stdin.readline()
session.destroy()
