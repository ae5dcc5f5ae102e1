//! Our pages. Belongs here: what the templates in `templates/` are given, and which words stand for which state. Does not belong here:
//! markup.

use askama::Template;

use super::frame::{Frame, Script, rendered, said};
use super::wording::{ago, filled, time_of_day, timestamp, wait as time_to_wait, whole};
use super::{
    AwayPage, EndPage, ForbiddenPage, LoginEnd, LoginPage, LoginProblem, MessagePage, PageContext,
    RegisteredPhone, SessionsPage, ShownCode, Texts, WaitPage,
};

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
    /// Says how long a session lasts that is not kept.
    keep_how: String,
}

pub(super) fn login(site: &PageContext, page: &LoginPage<'_>) -> String {
    let texts = &site.texts;
    let waiting = |text: &str, seconds| filled(text, &[("duration", &time_to_wait(texts, seconds))]);
    let lasting = |text: &str, seconds| filled(text, &[("duration", &whole(texts, seconds))]);
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
    let keep_how = page.keep.map(|keep| lasting(&texts.login_keep_how, keep.otherwise_seconds));
    let keep_how = keep_how.unwrap_or_default();
    let frame = Frame::new(site, title);
    rendered(&Login { frame, page, problem, is_name_wrong, own_address, button, keep_how })
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
    /// The instant until which it waits, and the same for people. The script says it in the browser's own time zone.
    until: String,
    until_utc: String,
    /// How much of the ring's line is hidden, in hundredths.
    passed: u64,
    code: Option<WaitCode<'a>>,
    preparing: &'a str,
    is_nameless: bool,
}

/// The code on the page that waits.
struct WaitCode<'a> {
    lead: &'a str,
    /// The link, if it may stand in a page.
    link: Option<&'a str>,
    /// The QR code, without what may stand before the element.
    qr: Option<&'a str>,
    /// The digits in groups of three.
    groups: Vec<String>,
    /// The digits with spaces between them, for those who hear the page.
    spelled: String,
    said: String,
}

impl<'a> WaitCode<'a> {
    fn new(texts: &'a Texts, code: &ShownCode<'a>) -> Self {
        let digits: Vec<char> = code.digits.chars().collect();
        let spelled: Vec<_> = digits.iter().map(char::to_string).collect();
        let spelled = spelled.join(" ");
        Self {
            lead: match (code.digits.is_empty(), code.is_ringing) {
                (true, _) => &texts.wait_moving_lead,
                (false, true) => &texts.wait_code_lead_ringing,
                (false, false) => &texts.wait_code_lead,
            },
            link: [code.open_url, code.scan_url].into_iter().find(|link| !link.is_empty()),
            qr: element(code.qr_svg),
            groups: digits.chunks(3).map(|group| group.iter().collect()).collect(),
            said: if spelled.is_empty() {
                String::new()
            } else {
                filled(&texts.wait_code_said, &[("code", &spelled)])
            },
            spelled,
        }
    }
}

/// The SVG element, without what may stand before it.
pub(super) fn element(svg: &str) -> Option<&str> {
    svg.find("<svg").and_then(|at| svg.get(at..))
}

pub(super) fn wait(site: &PageContext, page: &WaitPage<'_>) -> String {
    let left = page.seconds_left.min(page.seconds_in_all);
    let code = page.code.as_ref().filter(|_| page.is_asked);
    let is_nameless = page.login_name.is_empty();
    let title = match code {
        Some(code) if code.digits.is_empty() => &site.texts.wait_moving_title,
        _ if !page.is_asked => &site.texts.wait_preparing_title,
        Some(_) => &site.texts.wait_code_title,
        None => &site.texts.wait_title,
    };
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
        until_utc: time_of_day(page.waits_until),
        until: timestamp(page.waits_until),
        passed: 100 - left.saturating_mul(100) / page.seconds_in_all.max(1),
        code: code.map(|code| WaitCode::new(&site.texts, code)),
        preparing: if is_nameless { &site.texts.wait_moving_preparing } else { &site.texts.wait_preparing },
        is_nameless,
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
    is_nameless: bool,
}

pub(super) fn end(site: &PageContext, page: &EndPage<'_>) -> String {
    let texts = &site.texts;
    let (title, text, button) = match page.end {
        LoginEnd::Declined => (&texts.end_declined_title, &texts.end_declined, &texts.end_send_again),
        LoginEnd::Reported => (&texts.end_reported_title, &texts.end_reported, &texts.try_again),
        LoginEnd::WrongCode => (&texts.end_wrong_code_title, &texts.end_wrong_code, &texts.try_again),
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
        LoginEnd::TooMany => (&texts.end_too_many_title, &texts.end_too_many, &texts.try_again),
        LoginEnd::Refused => (&texts.end_refused_title, &texts.end_refused, &texts.try_again),
        LoginEnd::UnknownUser => {
            (&texts.end_unknown_user_title, &texts.end_unknown_user, &texts.end_sign_in_again)
        }
    };
    rendered(&End {
        frame: Frame::new(site, title),
        page,
        title: said(site, title),
        text: said(site, text),
        button,
        may_have_no_phone: page.end == LoginEnd::NoAnswer,
        is_nameless: page.login_name.is_empty(),
    })
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct Sessions<'a> {
    frame: Frame<'a>,
    page: &'a SessionsPage<'a>,
    sessions: Vec<ShownSession<'a>>,
    browsers: Vec<ShownSession<'a>>,
    phone: &'a str,
}

struct ShownSession<'a> {
    id: &'a str,
    is_this_one: bool,
    /// The browser's name, if it is known.
    browser: Option<String>,
    from: Option<String>,
    since: String,
    exactly: String,
}

/// `Firefox on Windows`, or the part of it that is known.
fn browser_in_words(texts: &Texts, browser: &str, system: &str) -> Option<String> {
    match (browser, system) {
        ("", "") => None,
        (one, "") | ("", one) => Some(one.to_owned()),
        (browser, system) => {
            Some(filled(&texts.sessions_browser, &[("browser", browser), ("system", system)]))
        }
    }
}

pub(super) fn sessions(site: &PageContext, page: &SessionsPage<'_>) -> String {
    let texts = &site.texts;
    let sessions = page.sessions.iter().map(|session| ShownSession {
        id: &session.id,
        is_this_one: session.is_this_one,
        browser: browser_in_words(texts, &session.browser, &session.system),
        from: session
            .address
            .map(|address| filled(&texts.sessions_from, &[("address", &address.to_string())])),
        since: filled(&texts.sessions_since, &[("ago", &ago(texts, session.started_ago_seconds))]),
        exactly: timestamp(session.started_at),
    });
    let browsers = page.browsers.iter().map(|browser| ShownSession {
        id: &browser.id,
        is_this_one: browser.is_this_one,
        browser: browser_in_words(texts, &browser.browser, &browser.system),
        from: None,
        since: filled(&texts.browsers_used, &[("ago", &ago(texts, browser.used_ago_seconds))]),
        exactly: timestamp(browser.used_at),
    });
    rendered(&Sessions {
        frame: Frame::watched(site, &texts.account_title),
        page,
        sessions: sessions.collect(),
        browsers: browsers.collect(),
        phone: match page.phone {
            RegisteredPhone::Yes => &texts.phones_some,
            RegisteredPhone::No => &texts.phones_none,
            RegisteredPhone::Unknown => &texts.phones_unknown,
        },
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
#[template(path = "forbidden.html")]
struct Forbidden<'a> {
    frame: Frame<'a>,
    page: &'a ForbiddenPage<'a>,
}

pub(super) fn forbidden(site: &PageContext, page: &ForbiddenPage<'_>) -> String {
    rendered(&Forbidden { frame: Frame::new(site, &site.texts.forbidden_title), page })
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
