//! The settings for the logins of an application: by which methods, and how long a session lasts.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use iampass_core::wire::AuthenticationMethod;
use iampass_server_domain::UnverifiedMethods;
use iampass_server_domain::rules;
use iampass_server_storage::{ApplicationChange, ApplicationSettings};
use serde::Deserialize;

use super::settings::{METHODS, change, settings_of, stored};
use crate::console::access::InApplication;
use crate::console::fields::{Fields, Problem};
use crate::console::frame::{Frame, Tab, done, show};
use crate::console::page_error::PageError;
use crate::console::state::Console;

const UNITS: [(&str, &str, u64); 3] =
    [("minutes", "minutes", 60), ("hours", "hours", 3_600), ("days", "days", 86_400)];

#[derive(Template)]
#[template(path = "console/login_settings.html")]
struct LoginSettingsPage {
    frame: Frame,
    unverified: UnverifiedMethods,
    form: Form,
    methods_problem: Option<Problem>,
    duration_problem: Option<String>,
    default_duration: String,
    longest_duration: String,
}

impl LoginSettingsPage {
    fn is_chosen(&self, word: &str) -> bool {
        match word {
            "acceptance" => self.form.acceptance.is_some(),
            "device" => self.form.device.is_some(),
            _ => self.form.facial.is_some(),
        }
    }

    /// The limits of a method on this service, where it does less than its name says.
    fn caveat(&self, method: &AuthenticationMethod) -> Option<&'static str> {
        if rules::can_be_verified(method, UnverifiedMethods::Refused) {
            return None;
        }
        Some(match self.unverified {
            UnverifiedMethods::Simulated => "Simulated by this service, for development: it proves nothing.",
            _ => "This service cannot verify it: logins that ask for it are refused (METHOD_NOT_AVAILABLE).",
        })
    }

    fn has_problem(&self) -> bool {
        self.methods_problem.is_some() || self.duration_problem.is_some()
    }
}

/// The content of the fields.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::console) struct Form {
    /// `any` or `these`.
    methods: String,
    acceptance: Option<String>,
    device: Option<String>,
    facial: Option<String>,
    duration: String,
    unit: String,
}

impl Form {
    /// The stored settings.
    fn of(settings: &ApplicationSettings) -> Self {
        let chosen = |method: &AuthenticationMethod| {
            let is_in = settings.methods.as_ref().is_some_and(|methods| methods.contains(method));
            is_in.then(|| "on".to_owned())
        };
        let (duration, unit) = match settings.duration_seconds {
            Some(seconds) => in_units(seconds),
            None => (String::new(), "hours"),
        };
        Self {
            methods: if settings.methods.is_some() { "these" } else { "any" }.to_owned(),
            acceptance: chosen(&AuthenticationMethod::Acceptance),
            device: chosen(&AuthenticationMethod::Device),
            facial: chosen(&AuthenticationMethod::Facial),
            duration,
            unit: unit.to_owned(),
        }
    }

    fn methods(&self, unverified: UnverifiedMethods) -> Result<Option<Vec<AuthenticationMethod>>, Problem> {
        if self.methods != "these" {
            return Ok(None);
        }
        let given = [&self.acceptance, &self.device, &self.facial];
        let chosen: Vec<_> = METHODS
            .iter()
            .zip(given)
            .filter(|(_, given)| given.is_some())
            .map(|((method, ..), _)| method.clone())
            .collect();
        if chosen.is_empty() {
            return Err("Choose at least one method, or let each login say.");
        }
        if !chosen.iter().all(|method| rules::can_be_verified(method, unverified)) {
            return Err(
                "This service cannot verify device or facial, so nobody could sign in: choose acceptance.",
            );
        }
        Ok(Some(chosen))
    }

    fn seconds(&self, longest: u64) -> Result<Option<u64>, String> {
        let text = self.duration.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let unit = UNITS.iter().find(|(word, ..)| *word == self.unit).map_or(3_600, |(.., seconds)| *seconds);
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        let count: u64 = text
            .parse()
            .ok()
            .filter(|&count| is_number && count > 0)
            .ok_or("Enter a whole number, 1 or more.")?;
        match count.checked_mul(unit) {
            Some(seconds) if seconds <= longest => Ok(Some(seconds)),
            _ => Err(format!("This service lets no session last longer than {}.", spoken(longest))),
        }
    }
}

/// The largest unit in which it is a whole number.
fn in_units(seconds: u64) -> (String, &'static str) {
    let fitting = UNITS.iter().rev().find(|(.., unit)| seconds.is_multiple_of(*unit));
    let (word, _, unit) = fitting.copied().unwrap_or(("minutes", "minutes", 60));
    (seconds.div_ceil(unit).to_string(), word)
}

pub(super) fn spoken(seconds: u64) -> String {
    if !seconds.is_multiple_of(60) {
        return format!("{seconds} seconds");
    }
    let (count, unit) = in_units(seconds);
    match count.as_str() {
        "1" => format!("1 {}", unit.trim_end_matches('s')),
        count => format!("{count} {unit}"),
    }
}

/// `GET /console/applications/{application}/settings/login`
pub(in crate::console) async fn page(
    State(console): State<Console>,
    here: InApplication,
) -> Result<Response, PageError> {
    let form = Form::of(&stored(&console, &here).await?.settings);
    show_form(StatusCode::OK, &console, &here, form, None, None)
}

fn show_form(
    status: StatusCode,
    console: &Console,
    here: &InApplication,
    form: Form,
    methods_problem: Option<Problem>,
    duration_problem: Option<String>,
) -> Result<Response, PageError> {
    let app = console.app()?;
    let config = &app.config;
    let page = LoginSettingsPage {
        frame: Frame::in_application(console, here, "Logins", Tab::Settings),
        unverified: config.unverified_methods,
        form,
        methods_problem,
        duration_problem,
        default_duration: spoken(config.default_session.as_secs()),
        longest_duration: spoken(config.longest_session.as_secs()),
    };
    show(status, &page)
}

/// `POST /console/applications/{application}/settings/login`
pub(in crate::console) async fn configure(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<Form>,
) -> Result<Response, PageError> {
    let app = console.app()?;
    let longest = app.config.longest_session.as_secs();
    match (given.methods(app.config.unverified_methods), given.seconds(longest)) {
        (Ok(methods), Ok(duration_seconds)) => {
            let noted = here.noted("application.configured", None);
            let settings = ApplicationSettings { methods, duration_seconds };
            change(&console, &here, ApplicationChange::Configure(settings), noted).await?;
            Ok(done(&settings_of(&console, &here), "configured"))
        }
        (methods, duration) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show_form(status, &console, &here, given, methods.err(), duration.err())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(duration: &str, unit: &str) -> Form {
        Form { duration: duration.to_owned(), unit: unit.to_owned(), ..Form::default() }
    }

    #[test]
    fn durations_are_whole_numbers_within_the_longest() {
        assert_eq!(form("", "hours").seconds(10), Ok(None));
        assert_eq!(form(" 8 ", "hours").seconds(86_400), Ok(Some(28_800)));
        assert_eq!(form("30", "days").seconds(30 * 86_400), Ok(Some(2_592_000)));
        for (duration, unit) in
            [("0", "hours"), ("-1", "hours"), ("1.5", "hours"), ("x", "days"), ("31", "days")]
        {
            assert!(form(duration, unit).seconds(30 * 86_400).is_err(), "{duration}");
        }
        assert!(form("99999999999999999999", "days").seconds(10).is_err());
        assert!(form("999999999999999999", "days").seconds(u64::MAX - 1).is_err());
    }

    #[test]
    fn durations_are_shown_in_the_largest_unit() {
        assert_eq!(in_units(7_200), ("2".to_owned(), "hours"));
        assert_eq!(in_units(5_400), ("90".to_owned(), "minutes"));
        assert_eq!(in_units(172_800), ("2".to_owned(), "days"));
        assert_eq!(spoken(3_600), "1 hour");
        assert_eq!(spoken(45), "45 seconds");
    }

    #[test]
    fn these_methods_are_some() {
        use UnverifiedMethods::{Refused, Simulated};
        let these = Form { methods: "these".to_owned(), ..Form::default() };
        assert!(these.methods(Simulated).is_err());
        let acceptance = Form { acceptance: Some("on".to_owned()), ..these.clone() };
        assert_eq!(acceptance.methods(Refused), Ok(Some(vec![AuthenticationMethod::Acceptance])));
        let device = Form { device: Some("on".to_owned()), ..these };
        assert_eq!(device.methods(Simulated), Ok(Some(vec![AuthenticationMethod::Device])));
        assert!(device.methods(Refused).is_err(), "nobody could sign in");
        assert_eq!(Form { methods: "any".to_owned(), ..device }.methods(Refused), Ok(None));
    }
}
