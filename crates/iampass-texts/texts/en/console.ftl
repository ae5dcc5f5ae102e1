# The texts of the Console. Each language has a file like this one; a variable such as { $application } stands in it as it does here. Texts that
# somebody has typed, such as names, stay as they are.

skip = Skip to the content
menu = Menu
languages = Language
signed-in-as = Signed in as
sign-out = Sign out
applications = Applications
accounts = Accounts
your-account = Your account
tab-overview = Overview
tab-users = Users
tab-sessions = Sessions
tab-snippets = Snippets
tab-settings = Settings
tab-members = Members
tab-messages = Messages
tab-pushes = Pushes
tab-log = Log
application-disabled = This application is disabled: none of its requests is answered, and nobody can sign in to it.
copy = Copy
copied = Copied
not-copied = Not copied: the text is selected, copy it by hand.
cancel = Cancel
continue = Continue
back = Back
sign-in = Sign in

moment-now = just now
moment-soon = in a moment
moment-minutes-ago = { $count ->
    [one] { $count } minute ago
   *[other] { $count } minutes ago
}
moment-hours-ago = { $count ->
    [one] { $count } hour ago
   *[other] { $count } hours ago
}
moment-days-ago = { $count ->
    [one] { $count } day ago
   *[other] { $count } days ago
}
moment-in-minutes = { $count ->
    [one] in { $count } minute
   *[other] in { $count } minutes
}
moment-in-hours = { $count ->
    [one] in { $count } hour
   *[other] in { $count } hours
}
moment-in-days = { $count ->
    [one] in { $count } day
   *[other] in { $count } days
}

role-owner = Owner
role-owner-may = Everything, also members, switching off and deleting.
role-developer = Developer
role-developer-may = Users, phones, sessions, settings and the secret.
role-read-only = Read-only
role-read-only-may = Sees everything but the secret, changes nothing.
role-administrator = Administrator
role-administrator-may = Administrator of the service. You see this application, and may say who belongs to it.

login-no-account = No account yet?
login-lost-help = Ask an administrator of this Console, or the operator of the service: `iampass-server console link --name` makes a link that replaces the phone.
login-account-open = An account takes a name and a phone, and no password. If you have an account and no phone, whoever runs the service makes you a link with `iampass-server console link`.
login-account-invited = Accounts are made by invitation here: ask an owner of an application for a link. If you have an account and no phone, whoever runs the service makes you one with `iampass-server console link`.

error-to-console = To the Console
error-not-found-title = Page not found
error-not-found = There is nothing at this address, or nothing that is shown to you.
error-method = This address cannot be used that way.
error-not-allowed-title = Not allowed
error-may-not-see = You may not see this application. Ask an owner of the application.
error-may-not-manage-users = You may not add or delete users here. Ask an owner of the application.
error-may-not-manage-devices = You may not change the phones of users here. Ask an owner of the application.
error-may-not-end-sessions = You may not log users out here. Ask an owner of the application.
error-may-not-rotate-secret = You may not change the secret of this application. Ask an owner of the application.
error-may-not-configure = You may not change the settings of this application. Ask an owner of the application.
error-may-not-switch-off = You may not switch this application on or off. Ask an owner of the application.
error-may-not-delete = You may not delete this application. Ask an owner of the application.
error-may-not-manage-members = You may not change who belongs to this application. Ask an owner of the application.
error-may-not-decide-messages = You may not decide about the messages of this application: administrators do. Ask an owner of the application.
error-may-not-leave = You may not leave this application: you are no member of it. Ask an owner of the application.
error-unchanged-title = Nothing was changed
error-right-ended = Your session or your right to do this ended before it was done. Sign in again, or ask an owner of the application.
error-cross-site = This form was not sent by a page of the Console, so it was refused. If you wanted it, do it on its page.
error-not-for-scripts = This page shows something secret, so it is shown to a person and to no script. Use its button on the page of the Console.
error-too-long-title = Too long
error-too-long = What was sent is longer than anything here can be.
error-not-understood-title = Not understood
error-not-understood = What was sent is none of the Console's forms. Load the page again.
error-void-link-title = This link is not valid
error-void-link = It was used already, has expired, or was not copied as a whole. Ask the person who gave it to you for a new one.
error-invited-title = By invitation
error-invited = Accounts are made by invitation here. Ask an owner of an application, or the service's operator, for a link.
error-too-many-title = Too many at once
error-too-many = Many accounts were made from your address in a short time. Nothing was done; try again in some minutes.
error-phone-too-new-title = Not yet
error-phone-too-new = A recovery code has let in one of your phones less than a day ago. Until a day has passed no link replaces the others, so that you can remove that phone if it is not yours. An administrator can make a link for you.
error-unavailable-title = Not available just now
error-unavailable = Nothing was changed. Load this page again in a moment.
error-perhaps-done-title = It may have been done
error-perhaps-done = The database gave no answer at the end of it, so it is not known whether it was done. Open the page where it would be seen, and look before you do it again. If it made something that is shown once, such as a secret or a link, make a new one.
error-internal-title = Something went wrong
error-internal = This is our fault, not yours. Please try again in a moment.

landing-title = Welcome
landing = Here developers add applications whose users sign in by phone. You sign in the same way: there are no passwords.
landing-invited = Accounts are made by invitation. The operator of the service makes the first one:

register-title = Create an account
register = On the next page you register your phone. You accept each of your sign-ins on it from then on.
register-failed = No account was made.
register-name = User name
register-name-hint = 3 to 32 letters a to z, digits, and . - _ between them. It cannot be changed later.
register-continue = Continue to your phone
register-have = Have an account already?
register-unfinished = Began here and did not finish?
register-phone = Register your phone within 15 minutes
name-none = Choose a user name.
name-letters = Use only the letters a to z, digits, and . - _ between them.
name-ends = Begin and end with a letter or a digit.
name-short = Use at least 3 characters.
name-long = Use at most 32 characters.
name-reserved = Others would take this name for the service's own. Choose another one.
name-taken = This name is taken. Choose another one.

applications-first-title = Three steps to the first login
applications-first-add = Add your application.
applications-first-add-why = It gets an ID and a secret, by which the service knows it.
applications-first-environment = Put them into its environment,
applications-first-environment-how = with { $variable }, and mount the login: a few lines with axum or actix-web.
applications-first-phone = Register a phone for a user and sign in.
applications-first-phone-how = No phone at hand? The service has a page that plays one:
applications-add = Add application
applications-name = Name
applications-role = Your role
applications-added = Added
applications-disabled = disabled
applications-left = You have left the application.
applications-deleted = The application is deleted.

new-application-title = Add an application
new-application = It gets an ID and a secret, which is shown once. You become its owner.
new-application-failed = No application was added.
new-application-name-hint = Phones show it with every request: use the name that your users know. It can be changed later.
application-name-none = Enter the name that your users know it by.
application-name-unseen = Use characters that can be seen.
application-name-long = Use at most 60 characters.
application-name-scripts = Use letters of one script, or Latin ones beside one other: some that look alike are mixed here.
application-name-reserved = This is the name of the Console itself. Choose another one, which your users know.

credentials-title = Credentials
credentials-added = { $application } is added
credentials-these = These are its credentials.
credentials-new-title = New secret
credentials-new = { $application } has a new secret
credentials-before-over = The one before is good no longer.
credentials-before-stays = The one before stays good for a while: put the new one in its place meanwhile.
credentials-once = The secret is shown this once:
credentials-once-why = nobody can look it up later, not even here. Keep it where your application finds it, and nowhere else.
credentials-lines = As lines for a shell or an .env file
credentials-copy-all = Copy all
credentials-kept = I have kept the secret

overview-id = Application ID
overview-server = Server
overview-users = Users
overview-sessions = Open sessions
overview-role = Your role
overview-first-title = No users yet
overview-first-variables = Set the three variables
overview-first-variables-how = where your application runs: { $variables }, and the secret that you were shown.
overview-first-enrol = Enrol a user:
overview-first-enrol-how = your application adds the user here and shows a link for the phone.
overview-first-sign-in = Sign in:
overview-first-sign-in-how = the phone asks, the user accepts, and you see the session here.
overview-leave = Leave this application
overview-joined = You belong to this application now.
overview-is-member = You belong to this application already; the invitation is still good for somebody else.

users-title = Users
users-failed = Nobody was added.
users-first-title = No users yet
users-first = A user is an opaque id that your application made up, such as a random token: no name, no address. Most applications add their users themselves, when somebody enrols; you can also add some here, and give each a link that registers a phone.
users-search-label = User id begins with
users-search = Search
users-all = All
users-none-here = There is nobody at this place of the list.
users-none-begins = No user id begins with { $prefix }.
users-none-begins-here = No user id begins with { $prefix } at this place of the list.
users-to-start = To the start
users-search-start = Search from the start
users-id = User id
users-phone = Phone
users-phone-since = registered
users-phone-none = none
users-sessions = Open sessions
users-added = Added
list-pages = Pages of the list
list-previous = Previous
list-next = Next
users-add-title = Add users
users-add-label = User ids, one a line
users-add-hint = Use tokens that say nothing about the person. Those that are here already stay as they are.
users-add = Add
users-deleted = The user is deleted.
users-were-here = Nothing was changed. Here already: { $existing }.
users-were-added = Added: { $created }.
users-were-added-and-here = Added: { $created }. Here already: { $existing }.
users-none-given = Enter at least one user id.
users-too-many = Add at most { $most } users at a time.
users-line-wrong = Line { $line } is no user id: it is too long, or has characters that no id has.
sessions-title = Sessions
sessions-reload = Reload
sessions-none-title = Nobody is signed in
sessions-none = A session appears here when your application asks a user's phone, and goes when the user logs out, when its time is up, or when it is ended here.
sessions-no-older = There are no older sessions.
sessions-state = State
sessions-since = Since
sessions-ends = Ends
sessions-actions = Actions
sessions-deleted = deleted
sessions-log-out = Log out
sessions-withdraw = Withdraw
sessions-older = Older
sessions-newest = To the newest
sessions-ended = The session has ended.
state-pending = waits for the phone
state-identifying = the phone asks
state-active = active
state-walkaway = walked away
state-ended = ended
end-session-heading = Log { $user } out?
end-session-at-once = The session that began { $since } ends at once, wherever it is open.
end-session-others = Other sessions of this user go on.
end-session-withdraw-heading = Withdraw what the phone of { $user } is asked?
end-session-withdraw = The login ends at once. Nobody is signed in by it.
confirm-unchanged = Nothing was changed.
confirm-type = Type { $name } to continue
confirm-not-the-name = This is not the name. Nothing was changed.
confirm-use-button = Use the button below to continue.

user-all = All users
user-phone = Phone
user-phones = Phones
user-phone-number = Phone { $number }
user-phone-name = Name
user-platform = Platform
user-platform-unknown = unknown
user-registered = Registered
user-last-used = Last used
user-key = Key
user-key-own = Its own: every answer is signed on the phone.
user-key-shared = Shared with this service. A new registration link gives the phone a key of its own.
user-unlocking = Unlocking
user-unlock-since = Proved by a passkey since { $since }.
user-unlock-synced = It is synced: it is on other devices of the user too.
user-unlock-can-sync = It can be synced to other devices of the user, and is not yet.
user-unlock-stays = It stays on this phone.
user-unlock-none = Not set up. The phone makes a passkey when a login first asks for the method device.
user-recovered = Recovered
user-recovered-until = A recovery code has added it. It changes nothing about the other phones until then:
user-remove = Remove
user-no-phone = No phone is registered, so this user cannot sign in.
user-make-link = Make a link, and let the user open it on the phone.
user-waits = A phone waits to be confirmed: by its code on a phone that the user has, or by a recovery code. It is forgotten then:
user-codes-left = Recovery codes left: { $count }
user-link-out = A registration link is out that was not used yet. Another one ends it. Otherwise it ends:
user-new-link = New registration link
user-add-phone = Add a phone
user-test-push = Send a test push
user-phone-lost = Phone lost
user-remove-phone = Remove phone
user-remove-phones = Remove all phones
user-log-out-everywhere = Log out everywhere
user-signed-in-nowhere = This user is signed in nowhere.
user-this-session = this session
user-delete = Delete this user
user-title = User
user-was-added = The user is added. Next: a phone.
user-was-here = This user was here already.
user-phone-registered = The phone is registered.
user-phone-removed = The phone is removed, and its sessions have ended.
user-push-queued = A test push is on its way. The page { tab-pushes } says what becomes of it.
user-push-nowhere = No phone of this user can be pushed to. Let the user open the phone's page and switch notifications on.
user-logged-out = The user is logged out everywhere.
