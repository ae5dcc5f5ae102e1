//! The words for why the service said no, and the body in which it says so.

use serde::{Deserialize, Serialize};

use super::word::word_enum;
use crate::signing::Refusal;

word_enum! {
    /// Why the service did not do what it was asked (`reason`). \[P\] knows one; the others are this project's service's own \[X\].
    ///
    /// ```
    /// use iampass_core::wire::Reason;
    ///
    /// assert_eq!(Reason::from("NO_MOBILE_DEVICE"), Reason::NoMobileDevice);
    /// assert_eq!(Reason::from("NEW_REASON").as_str(), "NEW_REASON");
    /// ```
    Reason {
        /// The user has no registered phone \[P\].
        NoMobileDevice = "NO_MOBILE_DEVICE",
        /// No application has this id \[X\].
        UnknownApplication = "UNKNOWN_APPLICATION",
        /// The application was disabled by its owners \[X\].
        ApplicationDisabled = "APPLICATION_DISABLED",
        /// The application has no such user \[X\].
        UnknownUser = "UNKNOWN_USER",
        /// No phone has this id, or it was replaced or removed \[X\].
        UnknownDevice = "UNKNOWN_DEVICE",
        /// No session has this token, or not at this address \[X\].
        UnknownSession = "UNKNOWN_SESSION",
        /// The question was answered, withdrawn or never put \[X\].
        UnknownRequest = "UNKNOWN_REQUEST",
        /// There is no such page or call \[X\].
        NotFound = "NOT_FOUND",
        /// The call exists, but not with this method \[X\].
        MethodNotAllowed = "METHOD_NOT_ALLOWED",
        /// The registration link was used already, replaced, or never given out \[X\].
        LinkNotValid = "LINK_NOT_VALID",
        /// The credentials are good, but not for this application, session or phone \[X\].
        NotYours = "NOT_YOURS",
        /// The user id is empty, too long, or holds control characters \[X\].
        InvalidUserId = "INVALID_USER_ID",
        /// `methods` names one that does not exist \[X\].
        InvalidMethods = "INVALID_METHODS",
        /// `duration_seconds` is not a positive number of seconds within the service's limit \[X\].
        InvalidDuration = "INVALID_DURATION",
        /// A parameter of the query or a field of the body is not as it has to be \[X\].
        InvalidParameter = "INVALID_PARAMETER",
        /// The body is not JSON of the shape that the call takes \[X\].
        InvalidBody = "INVALID_BODY",
        /// The body is over the limit \[X\].
        BodyTooLarge = "BODY_TOO_LARGE",
        /// More users in one call than the limit allows \[X\].
        TooManyUsers = "TOO_MANY_USERS",
        /// The application has as many users as it may have \[X\].
        UserLimitReached = "USER_LIMIT_REACHED",
        /// The service has no way to send SMS \[X\].
        SmsNotConfigured = "SMS_NOT_CONFIGURED",
        /// The service has no way to send e-mail \[X\].
        MailNotConfigured = "MAIL_NOT_CONFIGURED",
        /// An administrator of the service has to allow messages of this application first \[X\].
        MessagesNotAllowed = "MESSAGES_NOT_ALLOWED",
        /// The request is not signed \[X\].
        SignatureMissing = "SIGNATURE_MISSING",
        /// The signature's headers cannot be read \[X\].
        SignatureMalformed = "SIGNATURE_MALFORMED",
        /// No signer has the id that signed \[X\].
        UnknownId = "UNKNOWN_ID",
        /// The signature does not match \[X\].
        BadSignature = "BAD_SIGNATURE",
        /// The signature is that of another spelling of the URL: a proxy has changed it \[X\].
        UrlRewritten = "URL_REWRITTEN",
        /// Signed too long ago \[X\].
        TimestampTooOld = "TIMESTAMP_TOO_OLD",
        /// Signed in the future \[X\].
        TimestampTooNew = "TIMESTAMP_TOO_NEW",
        /// The nonce was used before \[X\].
        NonceReplayed = "NONCE_REPLAYED",
        /// The body of a phone's POST is not covered by its signature \[X\].
        BodyNotSigned = "BODY_NOT_SIGNED",
        /// The service cannot verify a method that was asked for \[X\].
        MethodNotAvailable = "METHOD_NOT_AVAILABLE",
        /// The user has denied several requests in a row, so starts are paused \[X\].
        TooManyDenials = "TOO_MANY_DENIALS",
        /// A phone of the user was removed or replaced since the user signed in from that browser \[X\].
        BrowserNotKnown = "BROWSER_NOT_KNOWN",
        /// The application takes logins only from browsers that show a code \[X\].
        CodeNotShown = "CODE_NOT_SHOWN",
        /// The phone accepted without what the browser shows \[X\].
        CodeRequired = "CODE_REQUIRED",
        /// The phone brought something that the browser does not show \[X\].
        WrongCode = "WRONG_CODE",
        /// The user says that somebody else has asked: *Not me* \[X\].
        Reported = "REPORTED",
        /// The phone has a key of its own, and this is not signed with it \[X\].
        SignedAnswerRequired = "SIGNED_ANSWER_REQUIRED",
        /// The call takes a phone with a key of its own, and this one shares a secret with the service \[X\].
        DeviceKeyRequired = "DEVICE_KEY_REQUIRED",
        /// The application takes only phones with a key of their own \[X\].
        PhoneNotAllowed = "PHONE_NOT_ALLOWED",
        /// The question asks for unlocking, and the answer does not prove it \[X\].
        UnlockRequired = "UNLOCK_REQUIRED",
        /// The phone has registered no unlock credential yet \[X\].
        UnlockNotRegistered = "UNLOCK_NOT_REGISTERED",
        /// The phone has an unlock credential already \[X\].
        UnlockAlreadyRegistered = "UNLOCK_ALREADY_REGISTERED",
        /// The answer of the phone's authenticator is not good \[X\].
        UnlockNotValid = "UNLOCK_NOT_VALID",
        /// The user has as many phones as can be \[X\].
        TooManyPhones = "TOO_MANY_PHONES",
        /// A phone beside others needs a key of its own, and one has none \[X\].
        PhoneKeyRequired = "PHONE_KEY_REQUIRED",
        /// The phone waits to be confirmed, and can do nothing else \[X\].
        PhoneWaits = "PHONE_WAITS",
        /// The user has no phone of this id, or none that waits \[X\].
        UnknownPhone = "UNKNOWN_PHONE",
        /// A phone of the user was registered or used after it was said to be lost \[X\].
        PhoneInUse = "PHONE_IN_USE",
        /// The phone was let in less than a day ago, by a recovery code or beside a phone that proves unlocking \[X\].
        PhoneTooNew = "PHONE_TOO_NEW",
        /// It is none of the user's recovery codes, or was used \[X\].
        WrongRecoveryCode = "WRONG_RECOVERY_CODE",
        /// The application does not want to know whether a phone is near \[X\].
        WalkawayOff = "WALKAWAY_OFF",
        /// The user has locked the session, and no sensor opens it \[X\].
        SessionLocked = "SESSION_LOCKED",
        /// A phone has said that it is near, and its promise had passed before that arrived \[X\].
        PresenceLate = "PRESENCE_LATE",
        /// The key of the Admin API has expired \[X\].
        KeyExpired = "KEY_EXPIRED",
        /// The key of the Admin API was revoked, or ended with the right of the account that made it \[X\].
        KeyRevoked = "KEY_REVOKED",
        /// The key of the Admin API has no scope for the call \[X\].
        ScopeMissing = "SCOPE_MISSING",
        /// The account that made the key of the Admin API may not do this \[X\].
        NotAllowed = "NOT_ALLOWED",
        /// The Console has no account of this name \[X\].
        UnknownAccount = "UNKNOWN_ACCOUNT",
        /// The change would leave the service without an administrator \[X\].
        LastAdministrator = "LAST_ADMINISTRATOR",
        /// The service asks for patience \[X\].
        TooManyRequests = "TOO_MANY_REQUESTS",
        /// The service cannot reach what it stores things in \[X\].
        Unavailable = "UNAVAILABLE",
    }
}

impl From<&Refusal> for Reason {
    fn from(refusal: &Refusal) -> Self {
        Self::from(refusal.code())
    }
}

/// The body of an answer that says no: `{"status": false, "reason": "…", "message": "…"}` \[X\].
///
/// ```
/// use iampass_core::wire::{Problem, Reason};
///
/// let problem: Problem = serde_json::from_str(r#"{"status": false, "reason": "UNKNOWN_USER", "new": 1}"#)?;
/// assert_eq!(problem.reason, Some(Reason::UnknownUser));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Problem {
    /// Always false.
    #[serde(default)]
    pub status: bool,
    /// The code, for programs.
    #[serde(default)]
    pub reason: Option<Reason>,
    /// The sentence, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// With [`Reason::WrongCode`]: how many more may be wrong before the login fails \[X\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries_left: Option<u64>,
}

impl Problem {
    /// A problem with its code and sentence.
    #[must_use]
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { status: false, reason: Some(reason), message: Some(message.into()), tries_left: None }
    }

    /// The same with the number of codes that may still be wrong.
    #[must_use]
    pub fn tries_left(mut self, tries_left: Option<u64>) -> Self {
        self.tries_left = tries_left;
        self
    }
}
