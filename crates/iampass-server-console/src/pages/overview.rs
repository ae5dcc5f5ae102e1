//! The first page of an application: what it is, what to do next, and its logins in charts.

use std::borrow::Borrow;
use std::time::Duration;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use iampass_core::UnixSeconds;
use iampass_server_domain::rules::{Act, Role};
use iampass_server_storage::{HOUR, LoginHours};

use super::Asked;
use crate::access::InApplication;
use crate::charts::{Part, Slot, Slots};
use crate::frame::{Frame, Tab, show};
use crate::moment::Moment;
use crate::page_error::PageError;
use crate::state::Console;

#[derive(Template)]
#[template(path = "console/overview.html")]
struct OverviewPage {
    frame: Frame,
    id: String,
    server: String,
    role: Option<Role>,
    users: u64,
    sessions: u64,
    may_leave: bool,
    /// Whether logins are being counted for others, for too long.
    is_busy: bool,
    hours: Slots,
    days: Slots,
    /// Since when logins are counted, where they are not all counted yet.
    counted_since: Option<Moment>,
    /// How long a login is kept after its end, where that is not as long as the drawings reach back.
    kept: Option<String>,
    /// How many of those without an answer may have been denied.
    not_told: u64,
}

/// The charts of bars, which differ in the length of their slots alone.
#[derive(Clone, Copy)]
enum Chart {
    Hours,
    Days,
}

impl Chart {
    const ALL: [Self; 2] = [Self::Hours, Self::Days];

    /// The beginning of the ids of its elements.
    const fn id(self) -> &'static str {
        match self {
            Self::Hours => "hours",
            Self::Days => "days",
        }
    }

    /// The name of the text of its heading.
    const fn heading(self) -> &'static str {
        match self {
            Self::Hours => "chart-hours",
            Self::Days => "chart-days",
        }
    }

    /// The name of the text for the times of its slots.
    const fn slot(self) -> &'static str {
        match self {
            Self::Hours => "chart-hour",
            Self::Days => "chart-day",
        }
    }

    /// A slot's time, as the table says it.
    fn written(self, at: &Moment) -> String {
        match self {
            Self::Hours => at.minute(),
            Self::Days => at.day(),
        }
    }
}

impl OverviewPage {
    fn slots(&self, chart: &Chart) -> &Slots {
        match chart {
            Chart::Hours => &self.hours,
            Chart::Days => &self.days,
        }
    }

    fn at(&self, slot: &Slot) -> Moment {
        self.frame.moment(slot.at)
    }

    fn since(&self, slots: &Slots) -> Option<Moment> {
        slots.0.first().map(|slot| self.at(slot))
    }

    fn about(&self, seconds: impl Borrow<u64>) -> String {
        self.frame.about(*seconds.borrow())
    }

    fn half(&self, number: impl Borrow<u64>) -> u64 {
        number.borrow() / 2
    }

    fn is_drawn(&self, part: &Part) -> bool {
        part.height > 0.0
    }
}

/// `GET /console/applications/{application}`
pub(crate) async fn page(
    State(console): State<Console>,
    here: InApplication,
    Query(asked): Asked,
) -> Result<Response, PageError> {
    let notice = match asked.get("done").map(String::as_str) {
        Some("joined") => Some("overview-joined"),
        Some("is-member") => Some("overview-is-member"),
        _ => None,
    };
    let application = here.application();
    let (now, database) = (console.now(), console.database());
    let extent = database.application_extent(application.key).await?;
    let keep_ended = console.facts().keep_ended;
    let since = Slots::first_day(now).max(kept_since(now, keep_ended));
    let counted = database.login_hours(application.key, since, now).await?;
    let slots = |by: fn(&LoginHours, UnixSeconds) -> Slots| {
        counted.as_deref().map(|counted| by(counted, now)).unwrap_or_default()
    };
    let since_when = counted.as_ref().map(|counted| counted.counted_since).filter(|at| *at > since);
    let not_told = counted.iter().flat_map(|counted| counted.hours.values()).map(|hour| hour.not_told).sum();
    let frame = Frame::in_application(&console, &here, "tab-overview", Tab::Overview).with_notice(notice);
    let page = OverviewPage {
        id: application.id.clone(),
        server: console.server(),
        role: application.standing.role,
        users: extent.users,
        sessions: extent.sessions,
        may_leave: here.may(Act::Leave),
        is_busy: counted.is_none(),
        hours: slots(Slots::by_hour),
        days: slots(Slots::by_day),
        counted_since: since_when.map(|at| frame.moment(at)),
        kept: (since > Slots::first_day(now)).then(|| frame.duration(keep_ended.as_secs())),
        not_told,
        frame,
    };
    show(StatusCode::OK, &page)
}

/// The first hour of which no login has been deleted.
fn kept_since(now: UnixSeconds, keep_ended: Duration) -> UnixSeconds {
    UnixSeconds(now.0.saturating_sub(keep_ended.as_secs()).div_ceil(HOUR) * HOUR)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use iampass_server_storage::{LoginCounts, LoginHour};

    use super::*;

    const NOW: UnixSeconds = UnixSeconds(40 * 24 * HOUR + 5 * HOUR);

    /// The page of an application with users. None: others are busy with counting.
    fn shown(counted: Option<&LoginHours>) -> String {
        let slots = |by: fn(&LoginHours, UnixSeconds) -> Slots| {
            counted.map(|counted| by(counted, NOW)).unwrap_or_default()
        };
        let page = OverviewPage {
            frame: Frame::for_tests(NOW),
            id: "APP".to_owned(),
            server: "https://login.example".to_owned(),
            role: None,
            users: 1,
            sessions: 0,
            may_leave: false,
            is_busy: counted.is_none(),
            hours: slots(Slots::by_hour),
            days: slots(Slots::by_day),
            counted_since: None,
            kept: None,
            not_told: 0,
        };
        page.render().unwrap()
    }

    fn with(hours: impl IntoIterator<Item = (u64, LoginHour)>) -> LoginHours {
        let hours = hours.into_iter().map(|(number, hour)| (UnixSeconds(number * HOUR), Arc::new(hour)));
        LoginHours { hours: hours.collect::<BTreeMap<_, _>>(), counted_since: UnixSeconds(0) }
    }

    #[test]
    fn while_others_are_busy_with_counting_the_page_says_so_and_draws_nothing() {
        let page = shown(None);
        assert!(page.contains("Load it again to see them drawn."), "{page}");
        assert!(!page.contains("role=\"img\"") && !page.contains("There were no logins"), "{page}");
    }

    #[test]
    fn an_hour_with_too_many_is_said_to_be_left_out_and_no_number_stands_for_it() {
        const TOO_MANY: &str = "<td colspan=\"3\">too many to count</td>";
        let few = |accepted| LoginHour {
            counts: LoginCounts { accepted, ..LoginCounts::default() },
            answers: [(3, accepted)].into(),
            ..LoginHour::default()
        };
        let full = LoginHour { is_too_much: true, ..LoginHour::default() };
        let page =
            shown(Some(&with([(40 * 24 + 1, full.clone()), (40 * 24 + 2, few(7)), (39 * 24, few(5))])));
        // The hour, and its day.
        assert_eq!(page.matches(TOO_MANY).count(), 2, "{page}");
        assert_eq!(
            page.matches("An hour with more than 1,000,000 logins is not counted.").count(),
            1,
            "{page}"
        );
        assert!(page.contains("Signed in: 7</li>") && page.contains("Signed in: 5</li>"), "{page}");
        // So it is where there is nothing else, in place of a drawing of nothing.
        let page = shown(Some(&with([(40 * 24 + 1, full)])));
        assert!(!page.contains("There were no logins in this time."), "{page}");
        assert_eq!(page.matches(TOO_MANY).count(), 2, "{page}");
        // Without such an hour nothing is said of it.
        let page = shown(Some(&with([(40 * 24 + 2, few(7))])));
        assert!(!page.contains("too many to count") && !page.contains("1,000,000"), "{page}");
    }
}
