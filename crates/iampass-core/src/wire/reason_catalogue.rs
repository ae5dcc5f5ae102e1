//! The catalogue of the reasons: when each is given, with which HTTP status, and what to do about it.
//!
//! Belongs here: one entry a reason, for people and for programs. Does not belong here: the words themselves
//! ([`super::Reason`]); how the catalogue is shown (the service's documentation).

use super::Reason;

/// The meaning of a [`Reason`], and its remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// The HTTP statuses that the service gives it with. 200 is that of an answer with `"status": false` or
    /// `"authenticated": false`: the request was good, and was not done.
    pub statuses: &'static [u16],
    /// Whether the same request, signed anew, may be done later without anything being changed.
    pub retry: bool,
    /// When it is given.
    pub when: &'static str,
    /// The remedy, for the caller.
    pub what_to_do: &'static str,
}

impl Reason {
    /// Its entry in the catalogue. None for a word that this version does not know.
    ///
    /// ```
    /// use iampass_core::wire::Reason;
    ///
    /// let explanation = Reason::NonceReplayed.explanation().expect("it is in the catalogue");
    /// assert_eq!(explanation.statuses, [403]);
    /// assert!(Reason::from("NEW_REASON").explanation().is_none());
    /// ```
    #[must_use]
    pub fn explanation(&self) -> Option<Explanation> {
        Some(match self {
            Self::NoMobileDevice => entry(
                &[200],
                "The user has no registered phone, or it was lost and not replaced yet.",
                "Give the user a registration link, and ask again when the phone is registered.",
            ),
            Self::UnknownApplication => entry(
                &[404],
                "The request is signed with an id that no application has, or names such an id.",
                "Check the application's id, and that this is the service at which it was added.",
            ),
            Self::ApplicationDisabled => entry(
                &[403],
                "The application was disabled: its requests are refused, and its sessions have ended.",
                "An owner of the application can enable it again in the Console.",
            ),
            Self::UnknownUser => entry(
                &[200, 404],
                "The application has no user with this id.",
                "Add the user with add_users first. A user that was deleted has to be added again and needs a new link.",
            ),
            Self::UnknownDevice => entry(
                &[401],
                "The phone that signs was replaced, reported lost, removed, or never there.",
                "On the phone: forget this registration. The user needs a new registration link.",
            ),
            Self::UnknownSession => entry(
                &[404, 409],
                "404: no session has this token, or it ended so long ago that it is forgotten. \
                 409: it is the phone's, but in a state in which this cannot be done.",
                "Take the session as ended. On a phone, read active_sessions again.",
            ),
            Self::UnknownRequest => entry(
                &[404, 409],
                "404: no such question was ever put. 409: it is not open any more: it was answered, withdrawn, or its time was up.",
                "On the phone: take the question off the screen and read pending_requests again.",
            ),
            Self::NotFound => entry(
                &[404],
                "There is no call or page at this address.",
                "Check the path. The addresses of a session, a phone and a question are taken from the answers as they are.",
            ),
            Self::MethodNotAllowed => entry(
                &[405],
                "The call exists, but is made with another method.",
                "Use the method that the header Allow names.",
            ),
            Self::LinkNotValid => entry(
                &[404],
                "The registration link has been used, has expired, was replaced by a newer one, or was never given out.",
                "Ask the application for a new link.",
            ),
            Self::NotYours => entry(
                &[401],
                "The signature is good, but its id is not the one in the URL.",
                "Sign with the credentials of the application, session, phone or question that the URL is about.",
            ),
            Self::InvalidUserId => entry(
                &[422],
                "A user id is empty, longer than 255 bytes, holds control characters, or is not percent-encoded UTF-8 in the path.",
                "Use a random token as the user id, and percent-encode it in paths.",
            ),
            Self::InvalidMethods => entry(
                &[422],
                "The parameter methods names a method that does not exist or that the application does not allow, or is there twice.",
                "Send a list of acceptance, device and facial, joined by commas without spaces, or leave it out.",
            ),
            Self::InvalidDuration => entry(
                &[422],
                "The parameter duration_seconds is not a positive whole number, is more than the service allows, or is there twice.",
                "Send a positive whole number of seconds within the limit, or leave it out.",
            ),
            Self::InvalidParameter => entry(
                &[200, 414, 422],
                "422: a parameter or a field of the body is not as it has to be; the message names it. 414: the URL is too long. \
                 200: the phone's answer lacks data that was asked for, so the login has failed.",
                "Correct what the message names. A login that failed is begun anew.",
            ),
            Self::InvalidBody => entry(
                &[408, 422],
                "422: the body is not JSON, not of the shape that the call takes, or broke off. 408: it did not arrive in time.",
                "Correct the body; the message names line and column. After a 408, send it again, signed anew.",
            ),
            Self::BodyTooLarge => entry(
                &[413],
                "The body is larger than the service allows.",
                "Send less at a time: split the list of users.",
            ),
            Self::TooManyUsers => entry(
                &[422],
                "One call names more users than the service allows.",
                "Split the list into several calls.",
            ),
            Self::UserLimitReached => entry(
                &[409],
                "An account made the application that is no administrator of the service, and the application has no room for these users: the operator's setting \
                 console.users_per_application says how many it may have. Of a long list the first ones may have been added.",
                "Delete users who are gone, or ask the operator for more. Adding the same users again does no harm.",
            ),
            Self::SmsNotConfigured => entry(
                &[200],
                "The service has no way to send SMS.",
                "Take the link from device_registration_link and send it yourself, or ask the operator to set up SMS.",
            ),
            Self::MailNotConfigured => entry(
                &[200],
                "The service has no way to send e-mail.",
                "Take the link from device_registration_link and send it yourself, or ask the operator to set up e-mail.",
            ),
            Self::MessagesNotAllowed => entry(
                &[200],
                "No administrator of the service has allowed messages of this application.",
                "Take the link from device_registration_link and send it yourself, or ask an administrator to allow messages on the application's page Messages.",
            ),
            Self::SignatureMissing => entry(
                &[401],
                "One of the two headers of the signature is not there.",
                "Send both Authentication and X-IAMPASS-Authentication-Timestamp. A proxy in between must let them through.",
            ),
            Self::SignatureMalformed => entry(
                &[401],
                "A header of the signature cannot be read or is there twice, the Host header is no host, or the URL holds `://` in its path or query.",
                "Write the headers as documented; the message says what is wrong with them.",
            ),
            Self::UnknownId => entry(
                &[401],
                "No signer has this id, and it is not the one in the URL either.",
                "Check the id in the header Authentication.",
            ),
            Self::BadSignature => entry(
                &[401],
                "The signature does not match: it was made with another secret or over another URL.",
                "Check the secret, and sign exactly the URL that is called, with host, port, path and query byte for byte, \
                 as clients see it: behind a proxy, the operator sets the public URL.",
            ),
            Self::UrlRewritten => entry(
                &[401],
                "The secret is right, but a proxy has changed the URL or the host after it was signed. The message names what was signed \
                 and what arrived.",
                "The operator sets the proxy so that it leaves URLs as they are, or sets the public URL; see \"TLS and the proxy\" in the \
                 operating guide. Until then, user ids of letters, digits, `-` and `_` pass every proxy.",
            ),
            Self::TimestampTooOld => entry(
                &[403],
                "It was signed longer ago than the window allows.",
                "Set the caller's clock. Sign a request right before it is sent, and each attempt anew.",
            ),
            Self::TimestampTooNew => entry(
                &[403],
                "It was signed further in the future than the window allows.",
                "Set the caller's clock.",
            ),
            Self::NonceReplayed => retried(
                &[403],
                "The nonce was used before with this id: the request was sent twice, or is a replay by another sender.",
                "Sign every request anew, also when it is tried again. \
                 If the first attempt got no answer, it may have been done: ask before repeating a change.",
            ),
            Self::BodyNotSigned => entry(
                &[401],
                "The query member body_sha256 of a phone's POST is missing, is there twice, or is not the SHA-256 of the body that came.",
                "On the phone: append body_sha256=, with the SHA-256 of the body in 64 lower-case hexadecimal digits, to the URL from the \
                 answer, then sign and call that URL. An empty body has a digest too.",
            ),
            Self::MethodNotAvailable => entry(
                &[200, 409],
                "The login asks, by itself or by the application's settings, for a method that this service cannot verify: facial, or device \
                 where the service has no public URL that WebAuthn works at (a name over https, or the name localhost).",
                "Ask for acceptance, or let the operator set the public URL. An owner of the application sets in the Console which methods a \
                 login without methods asks for.",
            ),
            Self::TooManyDenials => retried(
                &[200],
                "The user has denied two requests or more in a row, so no other is put for a while: 30 s after the second denial, and \
                 twice as long after each further one, up to an hour. An accepted login ends it. \
                 Requests of browsers that the application knows are counted apart from all others.",
                "Tell the user that sign-in is paused because requests were denied on the phone, and try again later.",
            ),
            Self::BrowserNotKnown => entry(
                &[200],
                "The application says that it knows the browser, and a phone of the user was removed or replaced since the user last signed in there \
                 (known_since), or the application does not say when that was. That phone may have let somebody else in there. No session was started.",
                "Take the browser for a stranger's: forget it, and start again without known_browser. iampass-web does so by itself.",
            ),
            Self::CodeNotShown => entry(
                &[200],
                "The application's setting approval is code, and the login says of no browser that it shows one.",
                "Use a client that shows the code: iampass-web does. For a client that can show nothing, an owner of the application \
                 can set the approval to tap in the Console; that is below today's standards.",
            ),
            Self::CodeRequired => entry(
                &[422],
                "The phone accepted a question whose browser shows a code, and brought neither the digits nor the scanned secret.",
                "On the phone: scan the QR code of the page where you sign in, or type its digits, and accept again.",
            ),
            Self::WrongCode => entry(
                &[200, 422],
                "422: no question that waits for this user shows what the phone brought. 200: it was the third wrong one for this \
                 question, so the login has failed; the session's status says so too.",
                "On the phone: compare the digits with the page where you sign in. A login that failed is begun anew.",
            ),
            Self::Reported => entry(
                &[200],
                "The user has said on the phone that somebody else has begun this login.",
                "Take the browser for a stranger's. For a while nothing rings: to sign in, the user scans or types the code of the page.",
            ),
            Self::SignedAnswerRequired => entry(
                &[422],
                "The phone was registered with a key of its own, and what it sends is not signed with that key.",
                "On the phone: send the answer or the change as a JWS. A phone that has lost its key needs a new registration link.",
            ),
            Self::DeviceKeyRequired => entry(
                &[422],
                "The phone was registered without a key of its own, and only such a key can do this: claim a login without a name, answer by the \
                 link of a page, or register an unlock credential. Nothing has changed.",
                "On the phone: type or scan the code of a login with a name. For all else it is registered anew, by a new link, in a browser or app \
                 that makes keys.",
            ),
            Self::PhoneNotAllowed => entry(
                &[422],
                "The application's setting phones is key or unlock, and this phone has no key of its own: it is not registered, and what it accepts is not \
                 taken. Nothing has changed; the question waits on, and the phone may deny it.",
                "On the phone: register it by a new link, in a browser or app that makes keys.",
            ),
            Self::UnlockRequired => entry(
                &[422],
                "The question asks for unlocking the phone, and the answer accepts it without the member os_authentication. Or the application's setting \
                 phones has become unlock since the question was put. Nothing has changed.",
                "On the phone: ask for the challenge at challenge_url, let the person unlock the phone, and send what the authenticator gives \
                 as os_authentication. Where the question has no challenge_url, begin the login anew.",
            ),
            Self::UnlockNotRegistered => entry(
                &[409],
                "The question asks for unlocking the phone, and this phone has no unlock credential yet.",
                "On the phone: register one at registration_url, and accept again. A phone without a key of its own cannot: it is registered \
                 anew by a new link.",
            ),
            Self::UnlockAlreadyRegistered => entry(
                &[409],
                "The phone has an unlock credential, or the authenticator's credential is that of another phone. It is never replaced, since \
                 a copy of the phone's key could then put its own in its place.",
                "On the phone: use the one that it has. If that is gone, register the phone anew by a new link.",
            ),
            Self::UnlockNotValid => entry(
                &[422],
                "The answer of the authenticator is not good: it is for another challenge, which may have been used or be too old, for another \
                 address, the person was not verified, or the credential was copied. The message says which. Nothing has changed.",
                "On the phone: ask for a new challenge, unlock the phone with fingerprint, face or PIN, and answer again.",
            ),
            Self::TooManyPhones => entry(
                &[409],
                "The user has as many phones as can be: five.",
                "Remove a phone that is not used any more, then open the link again: it is still good.",
            ),
            Self::PhoneKeyRequired => entry(
                &[409],
                "A phone was to be added to those of a user, and it or one of those has no key of its own. All phones of a user know the \
                 secret of a question, so the key alone tells which of them answers.",
                "Register the phone that the user has anew, in a browser or app that makes keys. Or use a link that replaces it.",
            ),
            Self::PhoneWaits => entry(
                &[403],
                "The phone was added to those of a user, and is none of them before one of them, or a recovery code, has confirmed it.",
                "On the phone: show its code, ask at state_url, and make other calls once it is confirmed.",
            ),
            Self::UnknownPhone => entry(
                &[404],
                "The user has no phone of this id, or no phone of this id waits: it was confirmed, denied, removed, or its time is up.",
                "On the phone: read the list of phones again.",
            ),
            Self::PhoneInUse => entry(
                &[409],
                "A phone of the user was registered, or has answered or changed something, after asked_at: it is not lost, or is in other hands. Or \
                 the user has no phone any more. Nothing has changed.",
                "Tell the user. If the phone is lost all the same, make the call without asked_at once it is certain who asks.",
            ),
            Self::PhoneTooNew => entry(
                &[403],
                "A recovery code let it in less than a day ago, or its user could prove unlocking by another phone then: it changes nothing about the others, and in the second case proves no unlocking.",
                "Wait as long as the message says, or use another phone. The other phones can remove this one meanwhile.",
            ),
            Self::WrongRecoveryCode => entry(
                &[422],
                "It is none of the user's recovery codes, it was used, newer ones have taken its place, or it was mistyped. The third \
                 wrong one ends the waiting of the phone that brings it; one that was mistyped is not counted.",
                "Compare it with the printed one, or take another of the ten.",
            ),
            Self::WalkawayOff => entry(
                &[409],
                "A phone says that it is near or away, and the application does not want to know it: its setting walkaway is off.",
                "Stop saying it. An owner or developer of the application can switch walkaway on in the Console, or an operator by \
                 iampass-server application walkaway.",
            ),
            Self::SessionLocked => entry(
                &[409],
                "A phone says that it is near, of a session that its user has locked by hand.",
                "Leave it locked: the user taps that they are back, on the phone.",
            ),
            Self::PresenceLate => retried(
                &[409],
                "A phone says that it is near, and the promise had passed before that arrived: it runs from when it was signed. Nothing has changed.",
                "Say it again, signed anew. Where this comes each time, set the phone's clock, or promise for longer.",
            ),
            Self::KeyExpired => entry(
                &[401],
                "The key of the Admin API that signs has expired.",
                "Make another key, in the Console or by iampass-server admin-key make on the machine of the service.",
            ),
            Self::KeyRevoked => entry(
                &[401],
                "The key of the Admin API that signs is good no longer: it was revoked, a backup was restored, or the account that made it was disabled, \
                 demoted or deleted, was logged out everywhere, or has another phone.",
                "Make another key. A key that has ended is never good again.",
            ),
            Self::ScopeMissing => entry(
                &[403],
                "The key of the Admin API has no scope for this call, or is limited to one application and the call is about more.",
                "Make a key with the scope that the description of the call names.",
            ),
            Self::NotAllowed => entry(
                &[403],
                "The account that made the key of the Admin API may not do this in the Console either, or its phone was let in less than a day ago. No key enables an administrator.",
                "Use a key of an account that may, such as an owner of the application who administers the service, or one that was made on the machine of the \
                 service.",
            ),
            Self::UnknownAccount => entry(
                &[404],
                "The Console has no account of this name.",
                "Check the name: names are in small letters, and the list of accounts has them all.",
            ),
            Self::LastAdministrator => entry(
                &[409],
                "The account is the last administrator who has signed in: it stays one that can.",
                "Make another administrator first, in the Console.",
            ),
            Self::TooManyRequests => retried(
                &[429],
                "A limit was reached: too many requests in a while, or too many questions that wait for one user.",
                "Wait for as many seconds as the header Retry-After says, then try again, signed anew.",
            ),
            Self::Unavailable => retried(
                &[503, 504],
                "503: the service cannot reach its store, or is stopping: nothing was changed, unless the message says that this is not known. \
                 504: it took too long, and may be done yet.",
                "Try again, signed anew, with growing pauses. It says nothing about a session: never take it for active or for ended.",
            ),
            Self::Unknown(_) => return None,
        })
    }
}

const fn entry(statuses: &'static [u16], when: &'static str, what_to_do: &'static str) -> Explanation {
    Explanation { statuses, retry: false, when, what_to_do }
}

const fn retried(statuses: &'static [u16], when: &'static str, what_to_do: &'static str) -> Explanation {
    Explanation { statuses, retry: true, when, what_to_do }
}

#[cfg(test)]
mod tests;
