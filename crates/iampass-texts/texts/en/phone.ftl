# The texts of the page that plays the phone, and of the notifications of its worker. Each language has a file like this one; a variable such as
# { $user } stands in it as it does here. A text that names a button refers to the button's own text, such as { register-now }.

language-name = English
language-label = Language
language-of-browser = As the browser asks

app-name = IAMPASS phone
app-description = Accepts sign-ins.
tab-title = { $page } · { app-name }
connection-lost = Connection lost, trying again

front-title = Sign-in service
front = Here people accept their sign-ins on a phone. There are no passwords. To sign in to an application, open that application.
front-phone = Open the phone page
front-phone-how = The phone page makes this browser a phone that accepts your sign-ins.
front-console = Open the Console
front-console-how = In the Console, developers add applications whose users sign in by phone.
front-docs = Description of the API, for programs

no-script-title = The phone needs JavaScript
no-script = This page signs what it sends, and a browser does that by script only. Allow scripts for this address and reload.
insecure-title = This page needs a secure connection
insecure = Browsers offer the cryptography that a phone needs only over https, or at localhost. Open this page again under such an address.
link-stays-valid = A registration link stays valid: nothing was used up.
no-storage-title = This browser keeps nothing
no-storage = A phone has to remember whose it is, and this browser does not let the page store anything. Allow site data for this address, or use another browser.
elsewhere-title = The phone is open in another tab
elsewhere = Requests appear there. When that tab closes, this one takes over.
elsewhere-use-here = Use it here
elsewhere-tab = Open in another tab

register-title = Register this phone?
register-ask = This browser will then accept sign-ins for the person whom the link is for. Continue only if that is you.
register-service = Service:
register-here = This browser is a phone already:
register-here-how = If the link is for another phone, tap { register-later } and open it there. It stays valid. Tap { register-now } only to add another user to this phone.
register-keyless-title = This browser keeps no keys.
register-keyless = IndexedDB is missing here, or does not work. This phone would be known by a shared secret only, and some applications want more.
register-keyless-how = Better: allow site data for this address, or open the link in another browser. It stays valid until you tap { register-now }.
register-later = Not now
register-now = Register
register-again = Try again
register-to-phone = Go to the phone
register-unusable-title = This phone cannot be used
register-foreign = It was registered, but the service named addresses of another host, which this page does not call. Open a new link under the service's public address.
register-not-kept = It was registered, but this browser did not keep what it has to remember. Make room in its storage, or use another browser, with a new link.
register-not-let-in-title = This phone was not let in
register-not-let-in = Another phone has denied it, its code was wrong three times, or an hour has passed. Make a new link on a phone that you have, and open it here.
register-link-tab = Link not valid
register-link-title = This link cannot be used
register-link = It was used already, a newer one replaced it, or its time is over. Ask for a new link where you got this one.
register-failed-title = This phone was not registered
register-here-already-title = This browser is your phone already
register-here-already = It accepts sign-ins of { $user } to { $application }, and goes on to do so. The link was for another phone, and is used up: on this phone, open { phones-open }, make a new link, and open that on the other one.
registered-title = This phone is registered
registered = Sign-in requests from { $application } for { $user } appear here by themselves.
codes-offer-title = Keep a way back
codes-offer = If this phone is lost or broken, a recovery code lets a new phone of { $user } in for { $application }. Make the codes now, and keep them away from this phone. You can also do it later, under { phones-open }.
codes-offer-make = Make recovery codes
codes-offer-later = Later

waiting-tab = Waiting to be confirmed
waiting-title = Confirm this phone on another one
waiting = On a phone that you have, open { phones-open } and type these digits. You may close this page meanwhile: it shows them again for an hour.
waiting-recovery-label = No other phone at hand? Type a recovery code
waiting-recovery-use = Use the recovery code
waiting-stop = Do not add this phone

request-tab = ({ $count }) Sign-in request · { $application }
request-said = Sign-in request from { $application } for { $user }.
request-title = Is this you signing in?
request-seconds = { $seconds } s
request-left = left
request-application = Application
request-user = User
request-browser = Browser
request-known = used before
request-unknown = not used before
request-address = Address
request-asked = Asked
request-in-front = Accept only if the sign-in page is in front of you, and never because somebody asks you to.
request-by-link = Accept only if you began to sign in in this browser just now. Afterwards you go back to the sign-in page.
request-more = { $count ->
    [one] { $count } more request waits.
   *[other] { $count } more requests wait.
}
request-no-unlocking = The application asks for unlocking this phone. { $why } Here you can only deny.
request-impossible = The application asks for something that this page cannot give ({ $what }). You can only deny.
request-also-unlock = You will also be asked to unlock this phone.
request-also-unlock-simulated = You will also be asked to unlock this phone (simulated).
request-also-face-simulated = You will also be asked to show your face (simulated).
accept = Accept
deny = Deny
report = Not me: report it
report-word = This denies the request, and records that somebody else asked in your name. For a while, requests do not appear here by themselves. You can still sign in with the code.

code-label = Six digits from the sign-in page
code-hint = They stand beside a QR code, which you can scan instead.
code-scan-short = Scan
code-scan = Scan the code
code-typed = The code { $code } is there.
code-scanned = The code was scanned.
code-by-link = You came here from the sign-in page of this browser.
code-wrong = { $count ->
    [one] Wrong code. Type what the sign-in page shows. { $count } try is left.
   *[other] Wrong code. Type what the sign-in page shows. { $count } tries are left.
}
code-wanted = The service wants the code: type it, or scan it.
code-too-many = Too many wrong codes were typed in a row. Scan the code instead, or try again later.
code-too-many-minutes = { $count ->
    [one] Too many wrong codes were typed in a row. Scan the code instead, or try again in a minute.
   *[other] Too many wrong codes were typed in a row. Scan the code instead, or try again in { $count } minutes.
}

unlock-title = Unlock this phone
unlock-button = Unlock
unlock = Your fingerprint, face or PIN shows that it is you. The browser asks for it, and neither this page nor the service gets to see it. The first time it makes a passkey for this phone.
unlock-set-up = The passkey of this phone is made. Tap { unlock-button } once more to sign in with it.
unlock-simulated-title = Unlock this phone (simulated)
unlock-simulated = This is simulated, for development. No fingerprint and no code is checked: the page only says that you unlocked the phone, and the service believes it. It proves nothing.
face-simulated-title = Show your face (simulated)
face-simulated = This is simulated, for development. No picture is taken: the page only says that you showed your face, and the service believes it. It proves nothing.
simulate-button = Simulate
unlock-no-name = Browsers unlock nothing for an address that is a number. Open this page under the name of the service, or under the name localhost on its own machine, with a new link.
unlock-no-webauthn = This browser cannot prove that you unlocked this phone. Update it, or register this phone in another browser with a new link.
unlock-no-key = This phone was registered without a key of its own, so it cannot prove that you unlocked it. Register it again with a new link.
unlock-not-taken = The service did not take it: { $why } Tap { unlock-button } to try again.
unlock-unreachable = The service could not be reached. Check the connection, and tap { unlock-button } to try again.
unlock-on-this-device = Another browser or app on this device is registered as a phone of yours and has its passkey. Answer the request there. If you do not use it any more, remove it under { phones-open }, and tap { unlock-button } to try again.
unlock-wrong-address = This browser unlocks nothing at this address. Open this page under the public address of the service, with a new link.
unlock-too-long = Unlocking took too long and was stopped. If the request still waits, tap { unlock-button } to try again.
unlock-no-screen-lock = This device has no fingerprint, face or PIN that the browser can use. Set up a screen lock in the settings of the device, and tap { unlock-button } to try again.
unlock-not-done = This phone was not unlocked. Tap { unlock-button } to try again, or deny the request.
unlock-failed = This phone could not be unlocked. Tap { unlock-button } to try again, or deny the request and sign in another way.

reported-title = Denied and reported
reported = Nobody was signed in to { $application }. It is recorded that somebody else asked in the name of { $user }. For a while, requests do not appear here by themselves: to sign in, enter or scan the code.
denied-title = Denied
denied = Nobody was signed in to { $application }.
over-title = This request is over
over = Too many wrong codes were sent, so nobody was signed in to { $application }. Begin again on the page where you sign in.
not-signed-in-title = Not signed in
not-signed-in = The service did not accept the answer to { $application }.
accepted-title = Accepted
accepted = { $application } signs you in as { $user }.
accepted-go-back = If you sign in on this device, go back to the page where you began.
time-over-title = The time ran out
time-over = Nobody answered { $application }, so nobody was signed in. To sign in, begin again on the sign-in page.
newer-title = A newer request took its place
newer = The request before is not asked any more: a newer sign-in to { $application } was begun. Answer the newer one. If you did not begin it, deny it.
taken-back-title = No longer asked
taken-back = The request of { $application } was taken back, or answered on another phone. If you are still signing in, begin again on the sign-in page.
too-late-title = Too late
too-late = The request of { $application } is not asked any more, so your answer did nothing. If you are still signing in, begin again on the sign-in page.
not-sent = Your answer did not reach the service. Try again.

home-title = Your phone
home-away-tab = Away
home-unregistered-tab = Not registered
away-title = You are away
away-who = Locked until you come back: { $names }.
come-back = Come back
walk-away = Walk away
welcome-title = This phone is not registered yet
welcome = It becomes your phone when you open a registration link in this browser:
welcome-ask = Ask the application for your registration link.
welcome-scan = Scan its QR code with this phone's camera or below, or open the link here.
welcome-register = Tap { register-now }.
empty = Nothing to accept. Requests appear here by themselves.
unreadable-title = Some users cannot be shown
unreadable = This browser does not give back what it keeps for this page. Reload the page, or restart the browser.
change-failed-title = That did not work
logged-out-title = Logged out
logged-out = { $user } is logged out of { $application }.

bring-title = Enter or scan a code
bring-another-title = Enter or scan another code
bring-lead = The page where you sign in shows six digits, and a QR code to scan.
bring-whom = Whose code is it?
bring-label = Six digits
bring-go = Continue
bring-no-digits = Type the six digits that the page shows where you sign in.
bring-looking-title = Looking for the request
bring-looking = The service is asked whom the code is for.
bring-needs-phone-title = The code needs a registered phone
bring-needs-phone = If another browser on this device, or the app, is registered, enter the six digits there. Otherwise register this one first, and then scan the code again.
bring-type-title = Type the six digits
bring-type = A link opened this page. Type the digits that stand on the page where you sign in. If you did not begin to sign in just now, do nothing: somebody else has sent you the link.
bring-answered-title = Answered already
bring-answered = The request of this code is over.
bring-nobody-here-title = Nobody is registered here
bring-nobody-here = You accept sign-ins in another browser or in the app. Open IAMPASS there and type the six digits, or scan the QR code, of the page where you sign in.
bring-no-codes-title = No code can be used here
bring-no-codes = The service at { $host } takes no codes from this phone.
bring-nobody-chosen-title = Nobody was chosen
bring-nobody-chosen = Nothing was sent. Scan the code again to sign in.
bring-unreachable-title = The code did not reach the service
bring-unreachable = Check the connection and try again.
bring-wrong-title = No request shows this code
bring-wrong-scan = It was used, its time is over, or it is for somebody who is not on this phone. Reload the page where you sign in and scan its new code.
bring-wrong-code = Compare it with the page where you sign in. If it is the same, that page is not asked any more: its time is over, or a newer sign-in took its place. Begin again there, and type the new code.
bring-wrong-code-several = Compare it with the page where you sign in. If it is the same, that page is not asked any more: its time is over, or a newer sign-in took its place. Begin again there, and type the new code. Or it is the code of another user on this phone: choose above whose it is.
bring-too-many-title = No code is taken now
bring-not-taken-title = The code was not taken
which-title = Who signs in?
which = The code does not say who signs in. Choose only yourself: the sign-in page signs in the user whom you choose.
which-below = Several users are registered here. Choose one below, and tap { bring-go }.
which-none = Nobody: cancel
which-again = The code has changed meanwhile. Hold it before the camera once more.

scanner-video = What the camera sees
scanner-stop = Stop
scanner-looking = Hold the QR code of the page where you sign in before the camera.
scanner-wrong = This code is not of a sign-in page of { $host }. Scan the one that the page shows where you sign in.
scanner-instead = Type the six digits instead.
scanner-link-looking = Hold the QR code of your registration link before the camera.
scanner-link-wrong = This code is not a registration link of { $host }.
scanner-link-instead = Paste the link instead.
camera-missing = This browser gives this page no camera.
camera-gone = The camera is not available any more.
camera-no-reader = The part of this page that reads codes could not be loaded.
camera-denied = The camera is not allowed for this page. Allow it in the browser's settings for this address, and try again.
camera-none = No camera was found.
camera-busy = The camera is in use by another program.
camera-broken = The camera does not start.

users-title = On this phone
user-forgotten = No longer registered: this phone was removed, or another one took its place. Ask for a new registration link to use it again.
user-without-key = This phone shares a secret with the service, which is less secure than a key of its own. No key can be added to it: ask for a new registration link, and open it here.
user-no-session = No active session.
user-sessions = Active sessions
user-remove = Remove from this phone
session-active = Active
session-away = Away
session-since = Signed in
session-log-out = Log out

add-user = Add another user
add-link = Paste a registration link
link-label = Registration link
link-scan = Scan the link
link-open = Open the link
link-wrong = This is not a registration link of this service. Such a link begins with { $start }

remove-title = Remove { $user } from this phone?
remove = Sessions of { $user } in { $application } that this phone opened will end. To accept sign-ins here again, a new registration link is needed.
remove-keep = Keep
remove-now = Remove
remove-anyway = Forget here only
remove-failed = { $why } The service still counts this phone as registered. Try again, or forget the user here only.
removed-title = Removed
removed = This browser no longer accepts sign-ins of { $user } to { $application }.

phones-open = Your phones
phones-title = Phones of { $user }
phones-waiting-title = A new phone waits
phones-waiting = If it is yours, type the six digits that it shows. If not, deny it.
phones-waiting-label = Six digits from the new phone
phones-confirm = Confirm
phones-this = This phone
phones-added = Added
phones-paused = It was added less than a day ago, and changes nothing about the other phones yet. If that was not you, remove it.
phones-new-name = New name for { $phone }
phones-rename = Rename
phones-rename-one = Rename { $phone }
phones-remove = Remove
phones-remove-one = Remove { $phone }
phones-add = Add a phone
phones-link = Open this link on the new phone within an hour. It works once.
phones-copy-link = Copy the link
phones-codes-left = { $count ->
    [one] { $count } recovery code is left.
   *[other] { $count } recovery codes are left.
}
phones-codes-made = The codes were made
phones-codes-not-yours = If it was not you, make new ones. The ones made before then stop working.
phones-make-codes = Make new recovery codes
phones-codes = Print these codes, or write them down, and keep them away from the phone. They are shown this once, each works once, and codes made before work no longer.
phones-copy = Copy
phones-print = Print
phones-close = Close
phones-failure = That did not work. Check the connection and try again.
phones-codes-failure = No answer came. If new codes were made all the same, the ones before work no longer, and nobody has seen the new ones: make codes again.
phone-ios = iPhone
phone-android = Android phone
phone-web = Browser
phone-nameless = Phone without a name

news-title = Phones of { $user } have changed
news-nameless = A phone without a name
news-waits = { $phone } waits to be let in. If it is not yours, open { phones-open } and deny it.
news-confirmed = { $phone } is one of your phones now. If that was not you, open { phones-open } and remove it.
news-recovered = { $phone } was let in by a recovery code. If that was not you, open { phones-open } and remove it now: after a day it can remove this one.
news-registered = { $phone } was registered. If that was not you, open { phones-open } and remove it.
news-removed = { $phone } was removed. If that was not you, open { phones-open } and remove every phone that is not yours.
news-codes-made = New recovery codes were made on { $phone }. Codes of before work no longer. If that was not you, open { phones-open } and make new ones here.
news-link-made = A link for one more phone was made on { $phone }. It is good for an hour. If that was not you, open { phones-open } and deny the phone that comes by it.

settings = Settings
set-notifications = Wake this phone when a request waits
set-sound = Sound while this page is open
set-vibration = Vibration while this page is open
set-position = Lock my sessions when I leave with this phone
set-push-says = A push that wakes this phone says only that something waits. It names nobody.
pushes-off = Requests appear while this page is open.
pushes-on = This phone is woken when a request waits, also while this page is closed.
pushes-denied = Notifications are not allowed for this page. Allow them in the browser's settings for this address.
pushes-denied-now = Notifications are not allowed for this page any more. Switch them on again to be asked.
pushes-subscribing = Subscribing at the push service of this browser.
pushes-home-screen = First add this page to the home screen, and open it from there.
pushes-impossible = This browser cannot be woken while the page is closed. Requests appear while it is open.
pushes-unreachable = The service could not be reached. It is tried again at the next opening.
pushes-failed = This browser could not subscribe. It is tried again at the next opening.
pushes-none = The service pushes to no phone. Its operator can change that. Until then, keep this page open while you sign in.
pushes-not-taken = The service does not take the subscription of this browser. Keep this page open while you sign in, and tell its operator.
pushes-not-subscribed = This browser could not subscribe at its push service. Check the connection.
pushes-no-answer = The push service of this browser does not answer. Check the connection, and switch it on again later.
pushes-no-background = This browser does not let the page work in the background. Keep it open while you sign in, or register this phone in another browser.
pushes-no-worker = The worker of this page did not begin. Reload the page.
position-off = Switch it on before you sign in: this phone remembers where you accept, and tells the service only whether it is near that place. Sessions that it has followed are locked within two minutes after it is switched off.
position-on = This phone remembers where you accept a sign-in, and says whether it is near there: within 100 m, and as much farther as its position is vague. The place stays on this phone. Keep this page open, and the screen on: a closed or sleeping page says nothing, and the session is locked after two minutes.
position-denied = This page may not know where you are. Allow it in the browser's settings for this address, and switch it on again.
position-unknown = This phone cannot find out where it is at the moment. If that lasts, sessions are locked.
position-missing = This browser cannot say where it is.

just-now = just now

refused = The service refused: { $message }
refused-without-reason = The service said no and gave no reason.
refused-foreign-address = The address belongs to another service, so it was not called.
refused-lost-key = This phone has lost its key, or the service knows another one. Remove the user from this phone and register it anew with a new registration link.
refused-needs-key = This phone shares a secret with the service, and this takes a key of its own. Type or scan the code of a sign-in with your name, or register the phone anew with a new registration link.
refused-phone-not-allowed = This application takes only phones with a key of their own. Register this phone anew with a new registration link, in a browser that keeps keys.
refused-unlock-required = This application takes only sign-ins for which the phone was unlocked. Begin the sign-in anew, and unlock this phone when it asks for that.
refused-forgotten = This phone is not registered any more. Ask for a new registration link.
refused-wrong-code = { $count ->
    [one] The new phone shows another code. Compare the digits: one more may be wrong.
   *[other] The new phone shows another code. Compare the digits: { $count } more may be wrong.
}
refused-wrong-code-last = The code was wrong too often. Make a new link, and add the phone anew.
refused-wrong-recovery-code = This is no recovery code of yours, or it was used already. Compare each letter with what you have written down, or take another one.
refused-wrong-recovery-code-last = This was the third wrong recovery code, so this phone waits no longer, and takes no other code. Make a new link, and add the phone anew.
refused-too-many-phones = You have as many phones as you can have. Remove one that you do not use, then try again.
refused-phone-key = A phone can be added to others only if each has a key of its own. Use a browser or an app that keeps keys, or a link that replaces the phone.
refused-unknown-phone = This phone is not there any more, or no longer waits. Close the list and open it again.
refused-phone-too-new = This phone was added less than a day ago. Until the day is over it changes nothing about the other phones. Where another phone of yours can be asked to unlock, use that one.
refused-session-over = This session is not there any more, or its state has changed.
refused-unlock-not-valid = The service could not verify that you unlocked this phone. Unlock it once more.
refused-unlock-elsewhere = The service knows another passkey of this phone. Use that one. If it is gone, register the phone anew with a new link.
refused-unlock-none = The service knows no passkey of this phone. Accept once more to make one.
refused-method = The service cannot verify what the application asks for. Deny, and tell those who run the application.
refused-clock = The clock of this phone is wrong. Set it, then try again.
refused-too-many = Too much was tried in a short time. Wait a little, then try again.
refused-unavailable = The service is not available just now. It may have been done: look before you try again.
unreachable = The service could not be reached. Check the connection and try again.
unreachable-unchanged = The service could not be reached. Nothing was changed; try again.

push-question-title = A sign-in waits for your answer
push-question = Open it to see who asks. If you did not begin to sign in just now, deny it.
push-session-title = One of your sessions has changed
push-session = It has ended, or is locked or open again. Open the phone to see which are active.
push-test-title = This phone can be woken
push-test = A test has arrived. Nothing waits: you can close this.
push-unread-title = Something waits on your phone
push-unread = Open it to see what it is.
offline-title = No connection
offline = This phone asks the service for what waits, and cannot reach it now. Check the connection.
offline-again = Try again
