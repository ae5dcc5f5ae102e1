//! Our pages about phones: registering one, and having lost one. Belongs here: what their templates are given, and which words stand for which
//! state. Does not belong here: markup.

use askama::Template;

use super::frame::{Frame, rendered, said};
use super::templates::element;
use super::wording::{filled, wait as time_to_wait};
use super::{EnrolPage, EnrolState, LostPhonePage, LostPhoneProblem, LostPhoneState, PageContext};

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
        EnrolState::Adds { .. } => &texts.add_title,
        EnrolState::Registered => &texts.enrol_registered_title,
        EnrolState::NotInTime => &texts.enrol_not_in_time_title,
        EnrolState::Failed => &texts.enrol_failed_title,
        EnrolState::NoTicket => &texts.enrol_no_ticket_title,
    };
    let qr = match page.state {
        EnrolState::Link { qr_svg, .. } | EnrolState::Adds { qr_svg, .. } => element(qr_svg),
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
#[template(path = "lost_phone.html")]
struct LostPhone<'a> {
    frame: Frame<'a>,
    page: &'a LostPhonePage<'a>,
    duration: String,
    problem: Option<String>,
}

impl LostPhone<'_> {
    /// A text in which the user and a duration may be named.
    fn said(&self, text: &str) -> String {
        let (site, name) = (self.frame.site, self.page.name.unwrap_or_default());
        filled(text, &[("application", &site.name), ("name", name), ("duration", &self.duration)])
    }

    fn is_signed_in(&self) -> bool {
        !matches!(self.page.state, LostPhoneState::SignIn | LostPhoneState::NotOffered)
    }

    /// Where to sign in, to come back to this page.
    fn sign_in(&self) -> String {
        let links = &self.frame.site.links;
        links.login_to(&links.lost_phone())
    }
}

pub(super) fn lost_phone(site: &PageContext, page: &LostPhonePage<'_>) -> String {
    let texts = &site.texts;
    let seconds = match page.state {
        LostPhoneState::Offer { wait_seconds } => wait_seconds,
        LostPhoneState::Waiting { seconds_left, .. } => seconds_left,
        LostPhoneState::NotOffered
        | LostPhoneState::SignIn
        | LostPhoneState::SignedIn
        | LostPhoneState::Ready => 0,
    };
    let problem = page.problem.map(|problem| match problem {
        LostPhoneProblem::Incomplete => said(site, &texts.lost_problem_incomplete),
        LostPhoneProblem::WrongCode => said(site, &texts.lost_problem_wrong_code),
        LostPhoneProblem::TooMany { wait_seconds } => {
            let duration = time_to_wait(texts, wait_seconds);
            filled(&texts.lost_problem_too_many, &[("application", &site.name), ("duration", &duration)])
        }
        LostPhoneProblem::NoRoom => said(site, &texts.lost_problem_no_room),
        LostPhoneProblem::PhoneWithoutKey => said(site, &texts.lost_problem_no_key),
        LostPhoneProblem::PhoneInUse => said(site, &texts.lost_problem_in_use),
        LostPhoneProblem::ServiceUnreachable => said(site, &texts.lost_problem_unreachable),
    });
    let title = match page.problem {
        // It is not known whether something was changed.
        Some(LostPhoneProblem::ServiceUnreachable) => &texts.end_unreachable_title,
        Some(_) => &texts.lost_problem_title,
        None => &texts.lost_title,
    };
    rendered(&LostPhone {
        frame: Frame::new(site, title),
        page,
        duration: time_to_wait(texts, seconds),
        problem,
    })
}
