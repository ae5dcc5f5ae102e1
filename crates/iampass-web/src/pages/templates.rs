//! Our pages. Belongs here: what the templates in `templates/` are given, and which words stand for which state. Does not belong here:
//! markup.

use askama::Template;

use super::wording::{ago, filled, timestamp, wait as time_to_wait};
use super::{
    Assets, AwayPage, EndPage, EnrolPage, EnrolState, LoginEnd, LoginPage, LoginProblem, LostPhonePage,
    LostPhoneState, MessagePage, PageContext, SessionsPage, Texts, WaitPage,
};

/// A string is written to, so only a text that cannot be shown could make it fail, and there is none.
fn rendered(template: &impl Template) -> String {
    template.render().unwrap_or_default()
}

/// The frame around every page.
struct Frame<'a> {
    site: &'a PageContext,
    /// The title of the tab.
    title: String,
    css: String,
    /// The script tag.
    script: String,
}

impl<'a> Frame<'a> {
    fn new(site: &'a PageContext, title: &str) -> Self {
        let script = Script { src: site.links.asset(Assets::script_name()), session: None };
        Self::with_script(site, title, &script)
    }

    /// Of a page that only a logged-in user sees.
    fn watched(site: &'a PageContext, title: &str) -> Self {
        Self::with_script(site, title, &Script::watching(site, false))
    }

    fn with_script(site: &'a PageContext, title: &str, script: &Script<'a>) -> Self {
        let title =
            filled(&site.texts.tab_title, &[("page", &said(site, title)), ("application", &site.name)]);
        Self { site, title, css: site.links.asset(Assets::css_name()), script: rendered(script) }
    }

    fn texts(&self) -> &'a Texts {
        &self.site.texts
    }

    /// A text in which the application may be named.
    fn said(&self, text: &str) -> String {
        said(self.site, text)
    }

    /// A text in which a user may be named, too.
    fn said_of(&self, name: &str, text: &str) -> String {
        filled(text, &[("application", &self.site.name), ("name", name)])
    }
}

fn said(site: &PageContext, text: &str) -> String {
    filled(text, &[("application", &site.name)])
}

#[derive(Template)]
#[template(path = "script.html")]
struct Script<'a> {
    src: String,
    session: Option<WatchedSession<'a>>,
}

struct WatchedSession<'a> {
    texts: &'a Texts,
    events: String,
    state: String,
    /// The page is the cover itself: it is loaded anew when the user is back.
    is_cover: bool,
    /// Says who is signed in, on the first page after a login.
    signed_in: Option<String>,
}

impl<'a> Script<'a> {
    fn watching(site: &'a PageContext, is_cover: bool) -> Self {
        let session = WatchedSession {
            texts: &site.texts,
            events: site.links.session_events(),
            state: site.links.session_state(),
            is_cover,
            signed_in: None,
        };
        Self { src: site.links.asset(Assets::script_name()), session: Some(session) }
    }
}

pub(super) fn session_script(site: &PageContext, name: Option<&str>) -> String {
    let mut script = Script::watching(site, false);
    if let Some(session) = &mut script.session {
        session.signed_in = name.map(|name| filled(&site.texts.signed_in_as, &[("name", name)]));
    }
    rendered(&script)
}

#[derive(Template)]
#[template(path = "login.html")]
struct Login<'a> {
    frame: Frame<'a>,
    page: &'a LoginPage<'a>,
    problem: Option<String>,
    /// The problem is with what was given.
    is_name_wrong: bool,
    /// The address at which the application is, when the form came from another.
    own_address: Option<String>,
    button: &'a str,
}

pub(super) fn login(site: &PageContext, page: &LoginPage<'_>) -> String {
    let texts = &site.texts;
    let waiting = |text: &str, seconds| filled(text, &[("duration", &time_to_wait(texts, seconds))]);
    let problem = page.problem.map(|problem| match problem {
        LoginProblem::EmptyName => said(site, &texts.problem_empty_name),
        LoginProblem::NameTooLong => said(site, &texts.problem_name_too_long),
        LoginProblem::TooMany { wait_seconds } => waiting(&texts.problem_too_many, wait_seconds),
        LoginProblem::ServiceUnreachable => said(site, &texts.problem_unreachable),
        LoginProblem::CrossSite => said(site, &texts.problem_cross_site),
    });
    let is_name_wrong = matches!(page.problem, Some(LoginProblem::EmptyName | LoginProblem::NameTooLong));
    let title = if problem.is_some() { &texts.problem_title } else { &texts.login_title };
    let button = match page.problem {
        Some(LoginProblem::ServiceUnreachable) => &texts.try_again,
        _ => &texts.login_button,
    };
    let is_elsewhere = page.problem == Some(LoginProblem::CrossSite) && !site.origin.is_empty();
    let own_address = is_elsewhere.then(|| format!("{}{}", site.origin, site.links.login_to(page.return_to)));
    rendered(&Login { frame: Frame::new(site, title), page, problem, is_name_wrong, own_address, button })
}

#[derive(Template)]
#[template(path = "wait.html")]
struct Wait<'a> {
    frame: Frame<'a>,
    page: &'a WaitPage<'a>,
    title: &'a str,
    events: String,
    state: String,
    next: String,
    seconds: String,
    /// How much of the ring's line is hidden, in hundredths.
    passed: u64,
}

pub(super) fn wait(site: &PageContext, page: &WaitPage<'_>) -> String {
    let left = page.seconds_left.min(page.seconds_in_all);
    let title = if page.is_asked { &site.texts.wait_title } else { &site.texts.wait_preparing_title };
    // So that the page learns when the phone is asked.
    let shown = if page.is_asked { "" } else { "&shown=preparing" };
    rendered(&Wait {
        frame: Frame::new(site, title),
        page,
        title,
        events: site.links.wait_events(page.proof) + shown,
        state: site.links.wait_state(page.proof) + shown,
        next: site.links.wait_after(page.proof),
        seconds: filled(&site.texts.wait_seconds, &[("seconds", &page.seconds_left.to_string())]),
        passed: 100 - left.saturating_mul(100) / page.seconds_in_all.max(1),
    })
}

#[derive(Template)]
#[template(path = "end.html")]
struct End<'a> {
    frame: Frame<'a>,
    page: &'a EndPage<'a>,
    title: String,
    text: String,
    button: &'a str,
    may_have_no_phone: bool,
}

pub(super) fn end(site: &PageContext, page: &EndPage<'_>) -> String {
    let texts = &site.texts;
    let (title, text, button) = match page.end {
        LoginEnd::Declined => (&texts.end_declined_title, &texts.end_declined, &texts.end_send_again),
        LoginEnd::NoAnswer => (&texts.end_no_answer_title, &texts.end_no_answer, &texts.end_send_again),
        LoginEnd::Cancelled => (&texts.end_cancelled_title, &texts.end_cancelled, &texts.end_send_again),
        LoginEnd::Failed => (&texts.end_failed_title, &texts.end_failed, &texts.try_again),
        LoginEnd::Unreachable => (&texts.end_unreachable_title, &texts.end_unreachable, &texts.try_again),
        LoginEnd::CompletedElsewhere => {
            (&texts.end_elsewhere_title, &texts.end_elsewhere, &texts.login_button)
        }
        LoginEnd::Replaced => (&texts.end_replaced_title, &texts.end_replaced, &texts.end_send_again),
        LoginEnd::Superseded => (&texts.end_superseded_title, &texts.end_superseded, &texts.end_send_again),
        LoginEnd::Busy => (&texts.end_busy_title, &texts.end_busy, &texts.try_again),
        LoginEnd::Paused => (&texts.end_paused_title, &texts.end_paused, &texts.try_again),
        LoginEnd::Refused => (&texts.end_refused_title, &texts.end_refused, &texts.try_again),
    };
    rendered(&End {
        frame: Frame::new(site, title),
        page,
        title: said(site, title),
        text: said(site, text),
        button,
        may_have_no_phone: page.end == LoginEnd::NoAnswer,
    })
}

#[derive(Template)]
#[template(path = "enrol.html")]
struct Enrol<'a> {
    frame: Frame<'a>,
    page: &'a EnrolPage<'a>,
    title: String,
    /// The QR code, without what may stand before the element.
    qr: Option<&'a str>,
    is_under_way: bool,
}

pub(super) fn enrol(site: &PageContext, page: &EnrolPage<'_>) -> String {
    let texts = &site.texts;
    let title = match page.state {
        EnrolState::Preparing => &texts.enrol_preparing_title,
        EnrolState::Link { .. } => &texts.enrol_title,
        EnrolState::Registered => &texts.enrol_registered_title,
        EnrolState::NotInTime => &texts.enrol_not_in_time_title,
        EnrolState::Failed => &texts.enrol_failed_title,
        EnrolState::NoTicket => &texts.enrol_no_ticket_title,
    };
    let qr = match page.state {
        EnrolState::Link { qr_svg, .. } => qr_svg.find("<svg").and_then(|at| qr_svg.get(at..)),
        _ => None,
    };
    rendered(&Enrol {
        frame: Frame::new(site, title),
        page,
        title: said(site, title),
        qr,
        is_under_way: matches!(page.state, EnrolState::Preparing | EnrolState::Link { .. }),
    })
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct Sessions<'a> {
    frame: Frame<'a>,
    page: &'a SessionsPage<'a>,
    sessions: Vec<ShownSession<'a>>,
    browsers: Vec<ShownSession<'a>>,
}

struct ShownSession<'a> {
    id: &'a str,
    is_this_one: bool,
    since: String,
    exactly: String,
}

pub(super) fn sessions(site: &PageContext, page: &SessionsPage<'_>) -> String {
    let texts = &site.texts;
    let sessions = page.sessions.iter().map(|session| ShownSession {
        id: &session.id,
        is_this_one: session.is_this_one,
        since: filled(&texts.sessions_since, &[("ago", &ago(texts, session.started_ago_seconds))]),
        exactly: timestamp(session.started_at),
    });
    let browsers = page.browsers.iter().map(|browser| ShownSession {
        id: &browser.id,
        is_this_one: browser.is_this_one,
        since: filled(&texts.browsers_used, &[("ago", &ago(texts, browser.used_ago_seconds))]),
        exactly: timestamp(browser.used_at),
    });
    rendered(&Sessions {
        frame: Frame::watched(site, &texts.sessions_title),
        page,
        sessions: sessions.collect(),
        browsers: browsers.collect(),
    })
}

#[derive(Template)]
#[template(path = "lost_phone.html")]
struct LostPhone<'a> {
    frame: Frame<'a>,
    name: &'a str,
    state: LostPhoneState,
    duration: String,
}

impl LostPhone<'_> {
    /// A text in which the user and a duration may be named.
    fn said(&self, text: &str) -> String {
        let site = self.frame.site;
        filled(text, &[("application", &site.name), ("name", self.name), ("duration", &self.duration)])
    }
}

pub(super) fn lost_phone(site: &PageContext, page: &LostPhonePage<'_>) -> String {
    let title = &site.texts.lost_title;
    let seconds = match page.state {
        LostPhoneState::Offer { wait_seconds } => wait_seconds,
        LostPhoneState::Waiting { seconds_left, .. } => seconds_left,
        LostPhoneState::NotOffered | LostPhoneState::SignIn | LostPhoneState::Ready => 0,
    };
    rendered(&LostPhone {
        frame: Frame::new(site, title),
        name: page.name.unwrap_or_default(),
        state: page.state,
        duration: time_to_wait(&site.texts, seconds),
    })
}

#[derive(Template)]
#[template(path = "away.html")]
struct Away<'a> {
    frame: Frame<'a>,
}

pub(super) fn away(site: &PageContext, _page: &AwayPage) -> String {
    let frame = Frame::with_script(site, &site.texts.away_title, &Script::watching(site, true));
    rendered(&Away { frame })
}

#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    frame: Frame<'a>,
    page: &'a MessagePage<'a>,
}

pub(super) fn message(site: &PageContext, page: &MessagePage<'_>) -> String {
    rendered(&Message { frame: Frame::new(site, page.title), page })
}
