//! The settings of an application: its name, and what holds for its logins. Also the page from which everything else is changed.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use iampass_core::wire::AuthenticationMethod;
use serde::Deserialize;

use super::Asked;
use crate::UnverifiedMethods;
use crate::console::access::InApplication;
use crate::console::errors::PageError;
use crate::console::fields::{self, Fields, LONGEST_APPLICATION_NAME, Problem};
use crate::console::frame::{Frame, Tab, done, show};
use crate::console::house::Console;
use crate::console::moment::Moment;
use crate::rules::{self, Act};
use crate::storage::{Application, ApplicationChange, ApplicationSettings, Noted, UserKey};

/// The methods there are, as they are stored and for people.
const METHODS: [(AuthenticationMethod, &str, &str); 3] = [
    (AuthenticationMethod::Acceptance, "acceptance", "The user accepts on the phone."),
    (AuthenticationMethod::Device, "device", "The user unlocks the phone."),
    (AuthenticationMethod::Facial, "facial", "The phone recognises the user's face."),
];

const UNITS: [(&str, &str, u64); 3] =
    [("minutes", "minutes", 60), ("hours", "hours", 3_600), ("days", "days", 86_400)];

#[derive(Template)]
#[template(path = "console/settings.html")]
struct SettingsPage {
    frame: Frame,
    id: String,
    created: Moment,
    overlap_until: Option<Moment>,
    is_disabled: bool,
    unverified: UnverifiedMethods,
    form: Form,
    name_problem: Option<Problem>,
    methods_problem: Option<Problem>,
    duration_problem: Option<String>,
    default_duration: String,
    longest_duration: String,
    may_configure: bool,
    may_rotate: bool,
    may_switch: bool,
    may_delete: bool,
}

impl SettingsPage {
    fn is_chosen(&self, word: &str) -> bool {
        match word {
            "acceptance" => self.form.acceptance.is_some(),
            "device" => self.form.device.is_some(),
            _ => self.form.facial.is_some(),
        }
    }

    /// What this service makes of a method, where that is less than its name says.
    fn caveat(&self, method: &AuthenticationMethod) -> Option<&'static str> {
        if rules::can_be_verified(method, UnverifiedMethods::Refused) {
            return None;
        }
        Some(match self.unverified {
            UnverifiedMethods::Simulated => "Simulated by this service, for development: it proves nothing.",
            UnverifiedMethods::Refused => {
                "This service cannot verify it: logins that ask for it are refused (METHOD_NOT_AVAILABLE)."
            }
        })
    }

    fn has_problem(&self) -> bool {
        self.name_problem.is_some() || self.methods_problem.is_some() || self.duration_problem.is_some()
    }
}

/// What stands in the fields.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::console) struct Form {
    name: String,
    /// `any` or `these`.
    methods: String,
    acceptance: Option<String>,
    device: Option<String>,
    facial: Option<String>,
    duration: String,
    unit: String,
}

#[derive(Default)]
struct Problems {
    name: Option<Problem>,
    methods: Option<Problem>,
    duration: Option<String>,
}

impl Form {
    /// What is stored.
    fn of(application: &Application) -> Self {
        let settings = &application.settings;
        let chosen = |method: &AuthenticationMethod| {
            let is_in = settings.methods.as_ref().is_some_and(|methods| methods.contains(method));
            is_in.then(|| "on".to_owned())
        };
        let (duration, unit) = match settings.duration_seconds {
            Some(seconds) => in_units(seconds),
            None => (String::new(), "hours"),
        };
        Self {
            name: application.name.clone(),
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

fn spoken(seconds: u64) -> String {
    if !seconds.is_multiple_of(60) {
        return format!("{seconds} seconds");
    }
    let (count, unit) = in_units(seconds);
    match count.as_str() {
        "1" => format!("1 {}", unit.trim_end_matches('s')),
        count => format!("{count} {unit}"),
    }
}

/// The application with all that is stored about it.
pub(super) async fn stored(console: &Console, here: &InApplication) -> Result<Application, PageError> {
    let found = console.app()?.database.application(&here.application().id).await?;
    found.filter(|found| found.key == here.application().key).ok_or(PageError::NotFound)
}

/// Changes it, and wakes everybody whose sessions have ended by it.
pub(super) async fn change(
    console: &Console,
    here: &InApplication,
    change: ApplicationChange,
    noted: Noted,
) -> Result<(), PageError> {
    let app = console.app()?;
    let ended: Option<Vec<UserKey>> =
        app.database.change_application(here.application().key, change, noted).await?;
    for user in ended.ok_or(PageError::NotFound)? {
        app.wake(user);
    }
    // A deleted application leaves much behind.
    app.timers.free_soon();
    Ok(())
}

/// The path of the settings.
pub(super) fn settings_of(console: &Console, here: &InApplication) -> String {
    format!("{}/applications/{}/settings", console.base(), here.application().id)
}

/// `GET /console/applications/{application}/settings`
pub(in crate::console) async fn page(
    State(console): State<Console>,
    here: InApplication,
    Query(asked): Asked,
) -> Result<Response, PageError> {
    let notice = match asked.get("done").map(String::as_str) {
        Some("renamed") => Some("The name is changed."),
        Some("configured") => Some("The settings hold from the next login on."),
        Some("overlap-ended") => Some("The secret before is good no longer."),
        Some("disabled") => Some("The application is disabled, and its sessions have ended."),
        Some("enabled") => Some("The application is enabled again."),
        _ => None,
    };
    show_settings(StatusCode::OK, &console, &here, notice, None, Problems::default()).await
}

async fn show_settings(
    status: StatusCode,
    console: &Console,
    here: &InApplication,
    notice: Option<&'static str>,
    typed: Option<Form>,
    problems: Problems,
) -> Result<Response, PageError> {
    let application = stored(console, here).await?;
    let app = console.app()?;
    let frame = Frame::in_application(console, here, "Settings", Tab::Settings).with_notice(notice);
    let page = SettingsPage {
        id: application.id.to_string(),
        created: frame.moment(application.created_at),
        overlap_until: application.previous_secret.as_ref().map(|(_, until)| frame.moment(*until)),
        is_disabled: application.disabled_at.is_some(),
        unverified: app.config.unverified_methods,
        form: typed.unwrap_or_else(|| Form::of(&application)),
        name_problem: problems.name,
        methods_problem: problems.methods,
        duration_problem: problems.duration,
        default_duration: spoken(app.config.default_session.as_secs()),
        longest_duration: spoken(app.config.longest_session.as_secs()),
        may_configure: here.may(Act::Configure),
        may_rotate: here.may(Act::RotateSecret),
        may_switch: here.may(Act::SwitchOff),
        may_delete: here.may(Act::Delete),
        frame,
    };
    show(status, &page)
}

/// `POST /console/applications/{application}/settings/rename`
pub(in crate::console) async fn rename(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<Form>,
) -> Result<Response, PageError> {
    let name = match fields::application_name(&given.name) {
        Ok(name) => name,
        Err(problem) => {
            let form = Form { name: given.name, ..Form::of(&stored(&console, &here).await?) };
            let problems = Problems { name: Some(problem), ..Problems::default() };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return show_settings(status, &console, &here, None, Some(form), problems).await;
        }
    };
    let noted = here.noted("application.renamed", Some(name.clone()));
    change(&console, &here, ApplicationChange::Rename(name), noted).await?;
    Ok(done(&settings_of(&console, &here), "renamed"))
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
            let form = Form { name: here.application().name.clone(), ..given };
            let problems = Problems { name: None, methods: methods.err(), duration: duration.err() };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            show_settings(status, &console, &here, None, Some(form), problems).await
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
