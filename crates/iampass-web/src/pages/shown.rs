//! The data that each page shows. Belongs here: the data that the flow hands to a page. Does not belong here: how it looks (`templates/`),
//! or its words ([`super::texts`]).

use std::fmt;

use super::{Links, Texts};
use crate::lost_phone_policy::LostPhoneWays;

/// The data that all pages of one application share.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PageContext {
    /// The application's name.
    pub name: String,
    /// Whether that name was set. Without one it is the application's host, which no phone shows.
    pub is_named: bool,
    /// The texts of the pages.
    pub texts: Texts,
    /// The languages to choose from. Empty if there is one only.
    pub languages: Vec<LanguageChoice>,
    /// Where their links and forms go.
    pub links: Links,
    /// Whether users can replace a lost phone by themselves, so that pages lead there.
    pub offers_lost_phone: bool,
    /// Whether users can sign in without a name, by a QR code that [`Links::code`] begins (POST, with `return_to`).
    pub offers_nameless: bool,
    /// The scheme, host and port under which browsers see the application. Empty where it is not said.
    pub origin: String,
}

impl PageContext {
    /// For the application of this name.
    #[must_use]
    pub fn new(name: impl Into<String>, texts: Texts, links: Links) -> Self {
        Self {
            name: name.into(),
            is_named: true,
            texts,
            languages: Vec::new(),
            links,
            offers_lost_phone: false,
            offers_nameless: false,
            origin: String::new(),
        }
    }
}

/// A language to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageChoice {
    /// Its tag, as in HTML's `lang`.
    pub tag: String,
    /// `ltr` or `rtl`, as in HTML's `dir`.
    pub direction: String,
    /// Its name in the language itself.
    pub name: String,
}

/// The login page.
#[derive(Debug, Clone, Copy)]
pub struct LoginPage<'a> {
    /// The text that is in the field already. The form sends it as `login_name`.
    pub login_name: &'a str,
    /// Where to go after the login. The form sends it as `return_to`.
    pub return_to: &'a str,
    /// Why no login was started, if one was tried.
    pub problem: Option<LoginProblem>,
    /// Whether the browser is to stay signed in, where that is a choice. Each form sends it as `keep`: `yes`, or nothing.
    pub keep: Option<KeepChoice>,
}

/// The choice that the browser stays signed in when it is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepChoice {
    /// Whether it is made already.
    pub is_chosen: bool,
    /// How long a session lasts at most where it is not made.
    pub otherwise_seconds: u64,
}

/// Why no login was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginProblem {
    /// No name was given.
    EmptyName,
    /// The given text is too long for a name, or has characters that no name has.
    NameTooLong,
    /// Too many were started for this name or from this address.
    TooMany {
        /// How long to wait.
        wait_seconds: u64,
    },
    /// The service does not answer.
    ServiceUnreachable,
    /// The form came from another site.
    CrossSite,
}

/// The page that waits for the phone.
#[derive(Clone, Copy)]
pub struct WaitPage<'a> {
    /// The application's name as the phone shows it.
    pub application: &'a str,
    /// The name that was given. Empty for a login without a name.
    pub login_name: &'a str,
    /// The proof that this page began the login. The form that takes the login back sends it as `proof`.
    pub proof: &'a str,
    /// How long the phone may still answer.
    pub seconds_left: u64,
    /// How long it could in all.
    pub seconds_in_all: u64,
    /// When that is over, in seconds since 1970 (UTC).
    pub waits_until: u64,
    /// Whether the phone is asked by now. Until then the page must not ask the user to accept anything.
    pub is_asked: bool,
    /// Whether another browser was signing in with this name, and its request was taken back for this one.
    pub has_displaced: bool,
    /// Whether the service does not answer at the moment.
    pub trouble: bool,
    /// The code that the phone has to bring, once the phone is asked. `None` where the service makes no codes: then the user only accepts on the
    /// phone.
    pub code: Option<ShownCode<'a>>,
}

/// The code of one login. Only the page of the browser that began the login may show it. The phone brings it by scanning or by typing, and what it
/// answers then lets this browser in and no other.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShownCode<'a> {
    /// The digits, six as a rule. Empty for a login without a name, whose QR code changes each second: the stream of [`Links::wait_events`] tells
    /// each new one as `qr`, the SVG in base64.
    pub digits: &'a str,
    /// The link in the QR code. On the same device it opens IAMPASS, which then asks for the digits and does not come back: it is for services that
    /// give no `open_url`. Empty if there is none.
    pub scan_url: &'a str,
    /// The link that leads to IAMPASS in this very browser, which comes back when the user has accepted there. Empty if there is none.
    pub open_url: &'a str,
    /// The QR code of the link as SVG, which is put into the page as it is. Empty if there is no link.
    pub qr_svg: &'a str,
    /// Whether the phone shows the request by itself, since the user has signed in in this browser before. Otherwise it shows the request when it
    /// has brought the code.
    pub is_ringing: bool,
}

impl fmt::Debug for ShownCode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShownCode").field("is_ringing", &self.is_ringing).finish_non_exhaustive()
    }
}

impl fmt::Debug for WaitPage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitPage")
            .field("proof", &"redacted")
            .field("seconds_left", &self.seconds_left)
            .field("is_asked", &self.is_asked)
            .field("has_displaced", &self.has_displaced)
            .field("trouble", &self.trouble)
            .field("has_code", &self.code.is_some())
            .finish_non_exhaustive()
    }
}

/// The end of a login that let nobody in.
#[derive(Debug, Clone, Copy)]
pub struct EndPage<'a> {
    /// How it ended.
    pub end: LoginEnd,
    /// The name that was given, to try again with. Empty for a login without a name.
    pub login_name: &'a str,
    /// Where to go after the login.
    pub return_to: &'a str,
    /// The address of a picture that the page has to load, without showing it. The request for it says that the page has arrived. Without it the
    /// next request to the user's phone waits 10 seconds, since this browser may still show a page that says to accept.
    pub arrived: Option<&'a str>,
    /// Whether the user chose that the browser stays signed in. The form sends it as `keep`: `yes`, or nothing.
    pub keeps: bool,
}

/// How a login ended that let nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginEnd {
    /// Denied on the phone.
    Declined,
    /// Denied on the phone, and said to be begun by somebody else.
    Reported,
    /// The phone brought too many wrong codes.
    WrongCode,
    /// No answer came in time, or none could: a user without a phone and a name without a user end here too, and look the same.
    NoAnswer,
    /// Taken back in the browser.
    Cancelled,
    /// Anything else.
    Failed,
    /// The service did not answer.
    Unreachable,
    /// Another browser has taken it up.
    CompletedElsewhere,
    /// The same browser began a newer login.
    Replaced,
    /// Another browser began a login with this name, and this one was taken back.
    Superseded,
    /// A browser that the user has signed in with before is signing in with this name at the moment. No phone was asked for this one.
    Busy,
    /// The user denied several requests in a row, so the phone is not asked for a while.
    Paused,
    /// Too many logins of this user wait or were begun, so no phone was asked. A browser that the user has not signed in with is not told.
    TooMany,
    /// The service refuses the application: its operator has to look.
    Refused,
    /// The phone that brought the QR code accepted, and its user is none of the application's, or is none any more.
    UnknownUser,
}

/// Registering a phone.
#[derive(Debug, Clone, Copy)]
pub struct EnrolPage<'a> {
    /// The name of the phone's user, for a person.
    pub name: &'a str,
    /// How far it is.
    pub state: EnrolState<'a>,
    /// Where to go when the phone is registered.
    pub return_to: &'a str,
}

/// How far the registration of a phone is.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EnrolState<'a> {
    /// There is no link yet.
    Preparing,
    /// The link is to be opened on the phone.
    Link {
        /// The link. The phone that opens it becomes the one that confirms.
        url: &'a str,
        /// Its QR code as SVG, which is put into the page as it is. Empty if it is too long for one.
        qr_svg: &'a str,
    },
    /// The link adds a phone to those that the user has. The page does not learn when it is opened.
    Adds {
        /// The link.
        url: &'a str,
        /// Its QR code as SVG, as with [`EnrolState::Link`].
        qr_svg: &'a str,
        /// Whether the new phone need not be confirmed, since a recovery code was used for the link.
        is_confirmed: bool,
    },
    /// The phone is registered.
    Registered,
    /// The link was not opened in time.
    NotInTime,
    /// It failed.
    Failed,
    /// This browser may register no phone.
    NoTicket,
}

impl fmt::Debug for EnrolState<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Preparing => "Preparing",
            Self::Link { .. } => "Link(redacted)",
            Self::Adds { is_confirmed: false, .. } => "Adds(redacted)",
            Self::Adds { is_confirmed: true, .. } => "Adds(redacted) confirmed",
            Self::Registered => "Registered",
            Self::NotInTime => "NotInTime",
            Self::Failed => "Failed",
            Self::NoTicket => "NoTicket",
        })
    }
}

/// The page about a lost phone.
#[derive(Debug, Clone, Copy)]
pub struct LostPhonePage<'a> {
    /// The user, for a person, if it is known who it is.
    pub name: Option<&'a str>,
    /// The actions that are possible here about a replacement.
    pub state: LostPhoneState,
    /// The ways that are on. The form of a recovery code goes to [`Links::lost_phone_code`] with `login_name` and `recovery_code`, and the one for another
    /// phone to [`Links::lost_phone_add`].
    pub ways: LostPhoneWays,
    /// The text that is in the field of the login name already.
    pub login_name: &'a str,
    /// Why nothing was done, if something was tried.
    pub problem: Option<LostPhoneProblem>,
}

/// Why no phone was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LostPhoneProblem {
    /// The login name or the recovery code is missing.
    Incomplete,
    /// The recovery code is none of this login name, was used, or was mistyped; or nobody has the name. The page must not say which.
    WrongCode,
    /// Too many were tried from this address.
    TooMany {
        /// How long to wait.
        wait_seconds: u64,
    },
    /// The user has as many phones as can be. No code was used up.
    NoRoom,
    /// The user has a phone without a key of its own, beside which no other can be. No code was used up.
    PhoneWithoutKey,
    /// A phone of the user was used after its replacement was asked for. The replacement is over.
    PhoneInUse,
    /// The service did not answer. It is not known whether a code was used up.
    ServiceUnreachable,
}

/// The actions that are possible about a lost phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LostPhoneState {
    /// Nothing here: the application's operator helps.
    NotOffered,
    /// Nothing by somebody who is not signed in.
    SignIn,
    /// Nothing about a replacement, which is off. The user is signed in.
    SignedIn,
    /// A replacement can be asked for.
    Offer {
        /// How long it takes until the phone can be replaced.
        wait_seconds: u64,
    },
    /// A replacement was asked for, and its time has not come.
    Waiting {
        /// How long that takes.
        seconds_left: u64,
        /// Whether this browser asked for it.
        is_own: bool,
    },
    /// The phone can be replaced now.
    Ready,
}

/// The page shown in place of any other while the user is away. It disappears by itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct AwayPage;

/// The page for a user who is signed in, and asks for what is for others.
#[derive(Debug, Clone, Copy)]
pub struct ForbiddenPage<'a> {
    /// The user's name.
    pub name: &'a str,
}

/// Says something, mostly that something went wrong.
#[derive(Debug, Clone, Copy)]
pub struct MessagePage<'a> {
    /// Title and heading.
    pub title: &'a str,
    /// The text. `{application}` in it is replaced.
    pub text: &'a str,
    /// Where to go from here.
    pub link: Option<MessageLink<'a>>,
}

/// A link on a [`MessagePage`].
#[derive(Debug, Clone, Copy)]
pub struct MessageLink<'a> {
    /// Where it leads.
    pub address: &'a str,
    /// The text of the link.
    pub label: &'a str,
}
