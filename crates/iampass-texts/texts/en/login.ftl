# The texts of the login pages. Each language has a file like this one; a variable such as { $application } stands in it as it does here.
# `crates/iampass-web/src/pages/texts.rs` says where each text stands and which variables it has.

language-name = English
languages-label = Language
tab-title = { $page } · { $application }

login-title = Sign in
login-heading = Sign in to { $application }
login-lead = Your phone asks whether it is you. There is no password.
login-name-label = User name
login-button = Sign in
login-button-busy = Asking your phone…
login-code-lead = Open IAMPASS on your phone and scan the code. You need no user name and no password.
login-code-button = Show QR code
login-code-button-phone = Sign in with IAMPASS
login-code-or = Or sign in with your user name
login-code-over = The QR code was shown for some minutes, and nobody scanned it.
login-code-gone = The QR code is not shown here any more.
login-keep = Keep me signed in in this browser
login-keep-how = Without it you are signed out when the browser is closed, and after { $duration } at the latest.
login-no-phone = No phone registered yet?
login-lost-phone = Lost your phone?

problem-title = Not signed in
problem-empty-name = Enter your user name.
problem-name-too-long = This cannot be a user name: it is too long, or has characters that cannot be typed.
problem-too-many = Too many sign-ins were started in a short time. Try again in { $duration }.
problem-unreachable = The sign-in service does not answer just now. Nothing is lost: try again in a moment.
problem-cross-site = This sign-in was begun on another site or at another address, so your phone was not asked. If it is you who wants to sign in, do it here:
try-again = Try again

wait-preparing-title = One moment
wait-preparing = Your request is on its way to the phone. Do not accept any request yet.
wait-displaced = Another browser was signing in with this name, and its request was taken back. If that was not you, deny every request that you did not ask for in this browser.
wait-title = Check your phone
wait-lead = Accept the request on your phone, and this page goes on by itself.
wait-code-title = Accept on your phone
wait-code-lead-ringing = Your phone shows the request. Scan this code there, or type the digits, and this page goes on by itself.
wait-code-lead = Open IAMPASS on your phone. Scan this code there, or type the digits, and this page goes on by itself.
wait-code-qr-label = QR code for IAMPASS on your phone
wait-moving-title = Scan with your phone
wait-moving-lead = Open IAMPASS on your phone and scan this code. It changes all the time, and this page goes on by itself.
wait-moving-preparing = The QR code appears in a moment.
wait-moving-reloads = This page reloads every few seconds. If the phone says that the code is too old, scan the newest one. To sign in on the phone itself, switch JavaScript on, or use your user name.
wait-code-label = Code
wait-code-said = The code is { $code }.
wait-code-open = Open IAMPASS on this phone
wait-application = Application
wait-user = User
wait-until = Waits until
wait-deny = Deny it if your phone names another application than { $application }.
wait-seconds = { $seconds } s
wait-left = left to accept
wait-soon-over = { $seconds } seconds left to accept.
wait-trouble = The sign-in service does not answer just now. This page keeps trying, and nothing is lost.
wait-trouble-over = The sign-in service answers again.
wait-offline = This page has lost its connection to { $application }. It keeps trying by itself.
wait-online = The connection is back.
wait-cancel = Cancel

end-declined-title = Declined
end-declined = The request was denied on the phone, so you are not signed in.
end-reported-title = Reported
end-reported = The phone's owner says that somebody else began this sign-in, so you are not signed in. This browser counts as unknown from now on, and the phone shows no request by itself for a while. If it is you who signs in: try again, open IAMPASS on your phone, and scan or type the code of this page.
end-wrong-code-title = Wrong code
end-wrong-code = The code that came from the phone was wrong three times, so you are not signed in. Try again, and scan or type the new code.
end-no-answer-title = No answer in time
end-no-answer = Nobody answered on a phone in time, so you are not signed in.
end-no-phone = No phone registered yet?
end-no-phone-how = See how to register one
end-cancelled-title = Cancelled
end-cancelled = The request was taken back. If your phone still shows it, deny it.
end-failed-title = That did not work
end-failed = Something went wrong on the way, so you are not signed in.
end-unreachable-title = Service not reachable
end-unreachable = The sign-in service does not answer just now, so you are not signed in. Nothing is lost: try again in a moment.
end-elsewhere-title = Completed elsewhere
end-elsewhere = This sign-in was completed in another browser, and is good for one only. If that was not you, log that session out on your phone.
end-replaced-title = Begun anew
end-replaced = A newer sign-in was begun in this browser, so this one was taken back. If you did not begin it yourself, deny the request on your phone.
end-superseded-title = Begun in another browser
end-superseded = Another browser began to sign in with this name, so your request was taken back. If that was not you, deny the request on your phone, then send yours again.
end-busy-title = Not asked
end-busy = Another browser is signing in with this name just now, so no phone was asked for this one. If that is not you, deny the request on your phone. Try again in a minute.
end-paused-title = Paused
end-paused = Several requests were denied on the phone, so it is not asked for a while. Try again later, or use a browser in which you have signed in before.
end-too-many-title = Too many sign-ins
end-too-many = Too many sign-ins with this name were begun, so no phone was asked for this one. Deny the requests that wait on your phone, and try again in a minute.
end-refused-title = Signing in is not possible at present
end-refused = The sign-in service refuses { $application } just now, so no phone was asked. Those who run { $application } find the reason in its log.
end-unknown-user-title = No account here
end-unknown-user = { $application } has no account for the user of this phone, or the account is disabled. Sign in with your user name, or ask those who run { $application }.
end-sign-in-again = Continue
returned-elsewhere-title = Not begun in this browser
returned-elsewhere = The sign-in that you accepted was begun in another browser, so nobody was signed in to { $application }. If somebody sent you a link, do not use it. To sign in, begin here:
end-send-again = Send again
end-other-name = Use another user name

enrol-title = Register your phone
enrol-lead = This phone will accept the sign-ins of { $name }.
enrol-preparing-title = Preparing your link
enrol-preparing = This takes a moment. The page goes on by itself.
enrol-step-scan = Scan this code with your phone.
enrol-step-confirm = Tap Register there. This page goes on by itself.
enrol-qr-label = QR code of the registration link
enrol-here-already = On this phone already?
enrol-open-link = Open the link
enrol-link-label = Registration link
enrol-link-warning = Whoever opens this link first becomes the one who accepts. Show it to nobody.
enrol-copy = Copy
enrol-copied = Copied
enrol-copy-failed = Not copied: the link is selected, copy it by hand.
add-title = Add another phone
add-step-scan = Scan this code with the new phone, and tap Register there.
add-step-confirm = The new phone shows six digits. On a phone that you have, open Your phones and type them.
add-step-remove = Remove the lost phone there, too. Until then it can accept sign-ins.
add-step-recovered = The new phone can accept sign-ins at once. Your other phones are told.
add-step-remove-later = The lost phone can accept sign-ins until it is removed. The new one can remove it in a day, under Your phones. If somebody may have it, ask those who run { $application } to disable it now.
enrol-registered-title = Phone registered
enrol-registered = From now on it is asked whenever { $name } signs in.
enrol-go-on = Continue
enrol-not-in-time-title = The link is no longer valid
enrol-not-in-time = No phone was registered in time. Make a new link and try again.
enrol-new-link = Make a new link
enrol-failed-title = The phone was not registered
enrol-failed = The sign-in service could not make a link, or did not answer. Nothing is lost: try again in a moment.
enrol-no-ticket-title = How to register a phone
enrol-no-ticket = A phone is registered from inside { $application }: when you create your account there, it shows you a link for your phone.
enrol-no-ticket-help = If you have an account but no phone, or your link is no longer valid, ask those who run { $application } for a new one.
back-to-login = Back to sign-in

account-title = Sign-ins and phones
account-back = Back to { $application }
sessions-title = Where you are signed in
sessions-lead = Signed in as { $name }.
sessions-list = Sessions
sessions-this-one = This browser
sessions-other = Another browser
sessions-browser = { $browser } on { $system }
sessions-from = From { $address }
sessions-since = Signed in { $ago }
sessions-end = Log out
sessions-end-all-lead = Something here that is not yours? End all sessions, this one too.
sessions-end-all = Log out everywhere
browsers-title = Browsers that know you
browsers-lead = You have signed in with these browsers. They may ask your phone when other browsers may not.
browsers-used = Last sign-in { $ago }
browsers-forget = Forget
browsers-forget-all = Forget all browsers
phones-title = Your phones
phones-some = You have a phone that accepts your sign-ins.
phones-none = No phone accepts your sign-ins any more. Ask those who run { $application } for a link to register one before you log out.
phones-unknown = It is not known just now whether a phone accepts your sign-ins: the sign-in service does not answer.
phones-how = To see all your phones, to add one or to remove one, open IAMPASS on a phone of yours and go to Your phones.
recovery-title = Recovery codes
recovery-how = A recovery code lets in a new phone when you have lost yours. To make new codes, open IAMPASS on your phone and go to Your phones. Codes made before stop working then. Keep the codes away from the phone.

lost-title = Lost your phone?
lost-offer = You can register another phone in { $duration }, { $name }, from this browser. Until then every sign-in that your phone accepts stops it, and so can you in any browser that is signed in.
lost-ask-button = Ask to replace the phone
lost-waiting = This browser can register another phone in { $duration }. Come back to this page then.
lost-waiting-elsewhere = Another browser has asked to replace your phone, { $name }. It can do so in { $duration }. If that was not you, stop it now and log out everywhere.
lost-stop-button = Stop it
lost-lead = The phone can be replaced now, { $name }. This does three things:
lost-disables = The phone can accept no sign-in any more.
lost-ends = All your sessions end, this one too.
lost-new-link = You get a link to register another phone. Have it at hand.
lost-button = Replace the phone
lost-keep = Keep it
lost-code-title = With a recovery code
lost-code-lead = Type your user name and one of the recovery codes that your phone has made under Your phones. You get a link for a new phone. Each code is good once.
lost-code-label = Recovery code
lost-code-button = Use the code
lost-other-title = With another phone of yours
lost-other-lead = You get a link for a new phone. It waits until a phone that you have confirms it.
lost-other-button = Add a phone
lost-other-sign-in = Sign in with the phone that you have, then come back to this page.
lost-problem-title = Nothing was changed
lost-problem-incomplete = Enter your user name and a recovery code.
lost-problem-wrong-code = This code does not exist for this user name, or was used already. Compare each letter with what you have written down, or take another code.
lost-problem-too-many = Too much was tried in a short time. Try again in { $duration }.
lost-problem-no-room = You have as many phones as you can have. On a phone that you have, open Your phones and remove one that you do not use. Then try again: no code was used up.
lost-problem-no-key = One of your phones cannot have another one beside it. Ask those who run { $application } for a link that replaces it. No code was used up.
lost-problem-in-use = One of your phones was used after its replacement was asked for, so it is not replaced. If you have no phone, ask those who run { $application } for help. If you did not ask for this, end all your sessions.
lost-problem-unreachable = The sign-in service does not answer just now. Try again in a moment. If the code is not taken then, use another one.
lost-logged-out = Without the phone you cannot sign in here, and nobody else can without unlocking it.
lost-elsewhere = Still signed in in another browser? Open this page there.
lost-help = Ask those who run { $application }. They can disable the phone and give you a link for another one.

away-title = You seem to be away
away-text = Come back to go on.
away-log-out = Log out
offline-title = Connection lost
offline-text = This page comes back by itself when the connection does.

unavailable-title = Not available just now
unavailable-text = It is not known at the moment whether you are signed in. Nothing is lost: load this page again in a moment.
signed-in-as = Signed in as { $name }

unproven-title = This needs a stronger sign-in
unproven-code = Sign in again, and bring the code that the sign-in page shows with your phone.
unproven-unlocked = Sign in again, and unlock your phone when it asks you to.
unproven-key = Your phone has no key of its own, which this needs. Ask those who run { $application } how to register it anew, then sign in again.
unproven-link = Sign in again
cross-site-title = Nothing was done
cross-site-text = This came from another site, or from another address of { $application }, and was refused. If you wanted it, do it at the address below.
cross-site-link = Continue at { $address }
not-found-title = No such page
not-found-text = There is nothing at this address.
forbidden-title = You may not open this page
forbidden-text = You are signed in as { $name }, and this page is for others. Those who run { $application } decide who may open it. If you have another user name, log out first.

ago = { $duration } ago
just-now = just now

duration-seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
duration-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
duration-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
duration-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
