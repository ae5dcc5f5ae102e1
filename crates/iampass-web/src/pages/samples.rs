//! Every page in every state, with made-up data. Belongs here: the list. Does not belong here: when a page is shown.

use std::time::Duration;

use iampass_core::wire::MovingQr;

use super::{
    AwayPage, EndPage, EnrolPage, EnrolState, ForbiddenPage, KeepChoice, ListedBrowser, ListedSession,
    LoginEnd, LoginPage, LoginProblem, LostPhonePage, LostPhoneProblem, LostPhoneState, MessageLink,
    MessagePage, PageContext, Pages, RegisteredPhone, SessionsPage, ShownCode, WaitPage,
};
use crate::lost_phone_policy::{LostPhone, LostPhoneWays};

/// A page in one state.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SamplePage {
    /// The page and its state, such as `login EmptyName`.
    pub name: String,
    /// The whole document.
    pub html: String,
}

/// Every page in every state, as `pages` renders it for this application: to look at pages of one's own, or to test them, without a login for each.
/// The data are made up: no link and no code of these pages leads anywhere.
///
/// ```
/// use iampass_web::pages::{Links, OurPages, PageContext, Texts, samples};
///
/// let site = PageContext::new("Microblog", Texts::default(), Links { mount_path: "/auth".to_owned() });
/// let all = samples(&OurPages, &site);
/// assert!(all.len() > 40);
/// assert!(all.iter().all(|page| page.html.starts_with("<!doctype html>")));
/// ```
#[must_use]
pub fn samples(pages: &dyn Pages, site: &PageContext) -> Vec<SamplePage> {
    let qr = MovingQr::new("https://service.example/phone#scan=", "sample", "sample");
    let qr_svg = qr.qr_svg(Duration::ZERO, QR_SIZE).unwrap_or_default();
    samples_of(pages, site, &Sample { name: "ann", return_to: "/posts?page=2", qr_svg: &qr_svg })
}

const QR_SIZE: u32 = 240;

/// The made-up data that differ.
pub(super) struct Sample<'a> {
    pub(super) name: &'a str,
    pub(super) return_to: &'a str,
    pub(super) qr_svg: &'a str,
}

pub(super) const LINK: &str = "https://service.example/r/abc?d=1&e=2";
pub(super) const SCAN: &str = "https://service.example/phone#scan=AAAAAAAAAAAAAAAAAAAAAA";

const PROBLEMS: [LoginProblem; 8] = [
    LoginProblem::EmptyName,
    LoginProblem::NameTooLong,
    LoginProblem::TooMany { wait_seconds: 1 },
    LoginProblem::TooMany { wait_seconds: 300 },
    LoginProblem::TooMany { wait_seconds: 45 },
    LoginProblem::TooMany { wait_seconds: 8_000 },
    LoginProblem::ServiceUnreachable,
    LoginProblem::CrossSite,
];

pub(super) const ENDS: [LoginEnd; 15] = [
    LoginEnd::Declined,
    LoginEnd::Reported,
    LoginEnd::WrongCode,
    LoginEnd::NoAnswer,
    LoginEnd::Cancelled,
    LoginEnd::Failed,
    LoginEnd::Unreachable,
    LoginEnd::CompletedElsewhere,
    LoginEnd::Replaced,
    LoginEnd::Superseded,
    LoginEnd::Busy,
    LoginEnd::Paused,
    LoginEnd::TooMany,
    LoginEnd::Refused,
    LoginEnd::UnknownUser,
];

const LOST: [LostPhoneState; 6] = [
    LostPhoneState::NotOffered,
    LostPhoneState::SignIn,
    LostPhoneState::Offer { wait_seconds: 86_400 },
    LostPhoneState::Waiting { seconds_left: 3_600, is_own: true },
    LostPhoneState::Waiting { seconds_left: 3_600, is_own: false },
    LostPhoneState::Ready,
];

const LOST_PROBLEMS: [LostPhoneProblem; 7] = [
    LostPhoneProblem::Incomplete,
    LostPhoneProblem::WrongCode,
    LostPhoneProblem::TooMany { wait_seconds: 60 },
    LostPhoneProblem::NoRoom,
    LostPhoneProblem::PhoneWithoutKey,
    LostPhoneProblem::PhoneInUse,
    LostPhoneProblem::ServiceUnreachable,
];

/// The ages at which a time is said in another way.
const AGES: [u64; 7] = [0, 60, 300, 3_600, 9_000, 86_400, 864_000];

pub(super) const fn waiting(name: &str, trouble: bool) -> WaitPage<'_> {
    WaitPage {
        application: name,
        login_name: name,
        proof: "pro+of",
        seconds_left: 90,
        seconds_in_all: 120,
        waits_until: 1_767_225_690,
        is_asked: true,
        has_displaced: false,
        trouble,
        code: None,
    }
}

pub(super) const fn shown_code(is_ringing: bool, qr_svg: &str) -> ShownCode<'_> {
    ShownCode { digits: "482913", scan_url: SCAN, open_url: "", qr_svg, is_ringing }
}

/// The list with these data.
pub(super) fn samples_of(pages: &dyn Pages, site: &PageContext, sample: &Sample<'_>) -> Vec<SamplePage> {
    let mut all = Vec::new();
    let mut add = |name: String, html| all.push(SamplePage { name, html });
    logins(pages, site, sample, &mut add);
    waits(pages, site, sample, &mut add);
    ends(pages, site, sample, &mut add);
    nameless(pages, site, sample, &mut add);
    phones(pages, site, sample, &mut add);
    sessions(pages, site, sample, &mut add);
    messages(pages, site, sample, &mut add);
    all
}

type Add<'a> = &'a mut dyn FnMut(String, String);

fn logins(pages: &dyn Pages, site: &PageContext, sample: &Sample<'_>, add: Add<'_>) {
    for problem in [None].into_iter().chain(PROBLEMS.map(Some)) {
        let page = LoginPage { login_name: sample.name, return_to: sample.return_to, problem, keep: None };
        add(format!("login {problem:?}"), pages.login(site, &page));
    }
    let keep = |is_chosen| Some(KeepChoice { is_chosen, otherwise_seconds: 28_800 });
    for keep in [keep(false), keep(true)] {
        let page = LoginPage { login_name: sample.name, return_to: sample.return_to, problem: None, keep };
        let nameless = &PageContext { offers_nameless: true, ..site.clone() };
        add(format!("login {keep:?}"), pages.login(site, &page));
        add(format!("login nameless {keep:?}"), pages.login(nameless, &page));
    }
}

fn waits(pages: &dyn Pages, site: &PageContext, sample: &Sample<'_>, add: Add<'_>) {
    for trouble in [false, true] {
        add(format!("wait {trouble}"), pages.wait(site, &waiting(sample.name, trouble)));
    }
    for is_ringing in [false, true] {
        let code = Some(shown_code(is_ringing, sample.qr_svg));
        let page = WaitPage { code, ..waiting(sample.name, false) };
        add(format!("wait code {is_ringing}"), pages.wait(site, &page));
    }
    let preparing = WaitPage { is_asked: false, has_displaced: true, ..waiting(sample.name, false) };
    add("wait preparing".to_owned(), pages.wait(site, &preparing));
}

fn ends(pages: &dyn Pages, site: &PageContext, sample: &Sample<'_>, add: Add<'_>) {
    // The picture that says that the page has arrived.
    let arrived = site.links.arrived("sample");
    for end in ENDS {
        let (login_name, return_to, arrived) = (sample.name, sample.return_to, Some(arrived.as_str()));
        add(
            format!("end {end:?}"),
            pages.end(site, &EndPage { end, login_name, return_to, arrived, keeps: true }),
        );
    }
}

/// The pages of a login without a name.
fn nameless(pages: &dyn Pages, site: &PageContext, sample: &Sample<'_>, add: Add<'_>) {
    let site = &PageContext { offers_nameless: true, ..site.clone() };
    let return_to = sample.return_to;
    for problem in [None, Some(LoginProblem::ServiceUnreachable)] {
        let page = LoginPage { login_name: "", return_to, problem, keep: None };
        add(format!("login nameless {problem:?}"), pages.login(site, &page));
    }
    for open_url in ["", SCAN] {
        let code = ShownCode { digits: "", scan_url: "", open_url, ..shown_code(false, sample.qr_svg) };
        let page = WaitPage { code: Some(code), ..waiting("", false) };
        add(format!("wait nameless {}", !open_url.is_empty()), pages.wait(site, &page));
    }
    let preparing = WaitPage { is_asked: false, ..waiting("", false) };
    add("wait nameless preparing".to_owned(), pages.wait(site, &preparing));
    let page = EndPage { end: LoginEnd::NoAnswer, login_name: "", return_to, arrived: None, keeps: false };
    add("end nameless".to_owned(), pages.end(site, &page));
}

fn phones(pages: &dyn Pages, site: &PageContext, sample: &Sample<'_>, add: Add<'_>) {
    let Sample { name, return_to, qr_svg } = *sample;
    for state in [
        EnrolState::Preparing,
        EnrolState::Link { url: LINK, qr_svg },
        EnrolState::Adds { url: LINK, qr_svg, is_confirmed: false },
        EnrolState::Adds { url: LINK, qr_svg, is_confirmed: true },
        EnrolState::Registered,
        EnrolState::NotInTime,
        EnrolState::Failed,
        EnrolState::NoTicket,
    ] {
        add(format!("enrol {state:?}"), pages.enrol(site, &EnrolPage { name, state, return_to }));
    }
    let wait = LostPhone::AfterWait(Duration::from_secs(86_400));
    let lost = |state, ways| LostPhonePage { name: Some(name), state, ways, login_name: name, problem: None };
    for state in LOST {
        let page = lost(state, wait.into());
        add(format!("lost_phone {state:?}"), pages.lost_phone(site, &page));
    }
    let all = LostPhoneWays::from([LostPhone::RecoveryCode, LostPhone::OtherPhone, wait]);
    for state in [LostPhoneState::SignIn, LostPhoneState::Offer { wait_seconds: 86_400 }] {
        add(format!("lost_phone all ways {state:?}"), pages.lost_phone(site, &lost(state, all)));
    }
    let ways = LostPhoneWays::from([LostPhone::RecoveryCode, LostPhone::OtherPhone]);
    for state in [LostPhoneState::SignIn, LostPhoneState::SignedIn] {
        add(format!("lost_phone adding {state:?}"), pages.lost_phone(site, &lost(state, ways)));
    }
    for problem in LOST_PROBLEMS {
        let page = LostPhonePage { problem: Some(problem), ..lost(LostPhoneState::SignIn, ways) };
        add(format!("lost_phone {problem:?}"), pages.lost_phone(site, &page));
    }
}

fn sessions(pages: &dyn Pages, site: &PageContext, sample: &Sample<'_>, add: Add<'_>) {
    let (name, started_at) = (sample.name, 1_767_225_600);
    // Nothing is known of the oldest ones.
    let known = |seconds: u64, text: &str| if seconds < 86_400 { text.to_owned() } else { String::new() };
    let sessions = AGES.map(|started_ago_seconds| ListedSession {
        id: format!("{name}{started_ago_seconds}"),
        browser: known(started_ago_seconds, "Firefox"),
        system: known(started_ago_seconds, "Windows"),
        address: known(started_ago_seconds, "2001:db8:85a3:8d3:1319:8a2e:370:7348").parse().ok(),
        started_at,
        started_ago_seconds,
        is_this_one: started_ago_seconds == 0,
    });
    let browsers = [60, 864_000].map(|used_ago_seconds| ListedBrowser {
        id: format!("{name}{used_ago_seconds}"),
        browser: known(used_ago_seconds, "Samsung Internet"),
        system: known(used_ago_seconds, "Android"),
        used_at: started_at,
        used_ago_seconds,
        is_this_one: used_ago_seconds == 60,
    });
    for phone in [RegisteredPhone::Yes, RegisteredPhone::No, RegisteredPhone::Unknown] {
        let page = SessionsPage { name, sessions: &sessions, browsers: &browsers, phone, home: "/" };
        add(format!("sessions {phone:?}"), pages.sessions(site, &page));
    }
    add("away".to_owned(), pages.away(site, &AwayPage));
    add("forbidden".to_owned(), pages.forbidden(site, &ForbiddenPage { name }));
}

fn messages(pages: &dyn Pages, site: &PageContext, sample: &Sample<'_>, add: Add<'_>) {
    let texts = &site.texts;
    for (title, text) in [
        (&texts.unavailable_title, &texts.unavailable_text),
        (&texts.unproven_title, &texts.unproven_code),
        (&texts.unproven_title, &texts.unproven_unlocked),
        (&texts.unproven_title, &texts.unproven_key),
        (&texts.cross_site_title, &texts.cross_site_text),
        (&texts.not_found_title, &texts.not_found_text),
        (&texts.returned_elsewhere_title, &texts.returned_elsewhere),
    ] {
        let label = if *title == texts.unproven_title { &texts.unproven_link } else { sample.name };
        let link = Some(MessageLink { address: "/", label });
        add(format!("message {text}"), pages.message(site, &MessagePage { title, text, link }));
    }
    let label = texts.cross_site_link.replace("{address}", "app.example");
    let link = Some(MessageLink { address: "/", label: &label });
    let page = MessagePage { title: &texts.cross_site_title, text: &texts.cross_site_text, link };
    add("message with a text".to_owned(), pages.message(site, &page));
}
