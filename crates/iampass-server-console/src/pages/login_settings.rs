//! The settings for the logins of an application: by which methods and phones, how long a session lasts, and whether it follows the phone.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use iampass_core::wire::AuthenticationMethod;
use iampass_server_domain::rules::{self, AllowedPhones, Approval, LONGEST_PROMISE, Walkaway};
use iampass_server_domain::{Unlocking, UnverifiedMethods};
use iampass_server_storage::{ApplicationChange, ApplicationSettings};
use serde::Deserialize;

use super::settings::{METHODS, change, settings_of, stored};
use crate::access::InApplication;
use crate::fields::{Fields, Problem};
use crate::frame::{Frame, Tab, done, show};
use crate::page_error::PageError;
use crate::speech::Speech;
use crate::state::Console;

const UNITS: [(&str, &str, u64); 3] =
    [("minutes", "unit-minutes", 60), ("hours", "unit-hours", 3_600), ("days", "unit-days", 86_400)];

#[derive(Template)]
#[template(path = "console/login_settings.html")]
struct LoginSettingsPage {
    frame: Frame,
    unverified: UnverifiedMethods,
    unlocking: Unlocking,
    form: Form,
    methods_problem: Option<Problem>,
    phones_problem: Option<Problem>,
    duration_problem: Option<String>,
    /// The duration without one of its own, and the longest.
    duration_hint: String,
    longest_promise: String,
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
        let is_real = rules::can_be_verified(method, UnverifiedMethods::Refused, self.unlocking);
        Some(match self.unverified {
            // Where methods are simulated, none but the acceptance itself is real.
            UnverifiedMethods::Simulated if *method != AuthenticationMethod::Acceptance => "method-simulated",
            _ if is_real => return None,
            _ => "method-not-available",
        })
    }

    fn has_problem(&self) -> bool {
        self.methods_problem.is_some() || self.phones_problem.is_some() || self.duration_problem.is_some()
    }
}

/// The content of the fields.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Form {
    /// `any` or `these`.
    methods: String,
    acceptance: Option<String>,
    device: Option<String>,
    facial: Option<String>,
    /// `code` or `tap`.
    approval: String,
    /// The approval when the form was shown. A form that was open for long does not undo what was chosen since.
    approval_before: String,
    /// `on` or `off`.
    walkaway: String,
    /// As `approval_before`.
    walkaway_before: String,
    /// `any`, `key` or `unlock`.
    phones: String,
    /// As `approval_before`.
    phones_before: String,
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
            approval: settings.approval.word().to_owned(),
            approval_before: settings.approval.word().to_owned(),
            walkaway: settings.walkaway.word().to_owned(),
            walkaway_before: settings.walkaway.word().to_owned(),
            phones: settings.phones.word().to_owned(),
            phones_before: settings.phones.word().to_owned(),
            duration,
            unit: unit.to_owned(),
        }
    }

    fn methods(
        &self,
        unverified: UnverifiedMethods,
        unlocking: Unlocking,
    ) -> Result<Option<Vec<AuthenticationMethod>>, Problem> {
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
            return Err("logins-choose-methods");
        }
        if !chosen.iter().all(|method| rules::can_be_verified(method, unverified, unlocking)) {
            return Err("logins-cannot-verify");
        }
        Ok(Some(chosen))
    }

    /// The approval that was chosen. A form that names none, or the one that it showed, leaves it as it is.
    fn approval(&self) -> Option<Approval> {
        Approval::from_word(&self.approval).filter(|approval| approval.word() != self.approval_before)
    }

    /// The presence of phones that was chosen, in the same way.
    fn walkaway(&self) -> Option<Walkaway> {
        Walkaway::from_word(&self.walkaway).filter(|walkaway| walkaway.word() != self.walkaway_before)
    }

    /// The phones that were chosen, in the same way. Unlocking is chosen only where this service verifies it: nobody could sign in otherwise.
    fn phones(
        &self,
        unverified: UnverifiedMethods,
        unlocking: Unlocking,
    ) -> Result<Option<AllowedPhones>, Problem> {
        let chosen =
            AllowedPhones::from_word(&self.phones).filter(|phones| phones.word() != self.phones_before);
        let is_possible = rules::can_be_verified(&AuthenticationMethod::Device, unverified, unlocking);
        match chosen {
            Some(AllowedPhones::Unlocked) if !is_possible => Err("logins-phones-cannot-verify"),
            chosen => Ok(chosen),
        }
    }

    fn seconds(&self, speech: &Speech, longest: u64) -> Result<Option<u64>, String> {
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
            .ok_or_else(|| speech.t("logins-whole-number").to_owned())?;
        match count.checked_mul(unit) {
            Some(seconds) if seconds <= longest => Ok(Some(seconds)),
            _ => Err(speech.one("logins-too-long", "longest", speech.duration(longest))),
        }
    }
}

/// The largest unit in which it is a whole number.
fn in_units(seconds: u64) -> (String, &'static str) {
    let fitting = UNITS.iter().rev().find(|(.., unit)| seconds.is_multiple_of(*unit));
    let (word, _, unit) = fitting.copied().unwrap_or(("minutes", "minutes", 60));
    (seconds.div_ceil(unit).to_string(), word)
}

/// `GET /console/applications/{application}/settings/login`
pub(crate) async fn page(State(console): State<Console>, here: InApplication) -> Result<Response, PageError> {
    let form = Form::of(&stored(&console, &here).await?.settings);
    show_form(StatusCode::OK, &console, &here, form, Problems::default())
}

/// The faults of a form, by field.
#[derive(Debug, Default)]
struct Problems {
    methods: Option<Problem>,
    phones: Option<Problem>,
    duration: Option<String>,
}

fn show_form(
    status: StatusCode,
    console: &Console,
    here: &InApplication,
    form: Form,
    problems: Problems,
) -> Result<Response, PageError> {
    let facts = console.facts();
    let frame = Frame::in_application(console, here, "settings-logins", Tab::Settings);
    let default = frame.duration(facts.default_session.as_secs());
    let longest = frame.duration(facts.longest_session.as_secs());
    let page = LoginSettingsPage {
        unverified: facts.unverified_methods,
        unlocking: facts.unlocking,
        form,
        methods_problem: problems.methods,
        phones_problem: problems.phones,
        duration_problem: problems.duration,
        duration_hint: frame.two("logins-duration-hint", ("default", default), ("longest", longest)),
        longest_promise: frame.duration(LONGEST_PROMISE.as_secs()),
        frame,
    };
    show(status, &page)
}

/// `POST /console/applications/{application}/settings/login`
pub(crate) async fn configure(
    State(console): State<Console>,
    here: InApplication,
    Fields(given): Fields<Form>,
) -> Result<Response, PageError> {
    let facts = console.facts();
    match (
        given.methods(facts.unverified_methods, facts.unlocking),
        given.phones(facts.unverified_methods, facts.unlocking),
        given.seconds(&Speech::asked(), facts.longest_session.as_secs()),
    ) {
        (Ok(methods), Ok(phones), Ok(duration_seconds)) => {
            let noted = here.noted("application.configured", None);
            let (approval, walkaway) = (given.approval(), given.walkaway());
            // The form always says both.
            let (methods, duration_seconds) = (Some(methods), Some(duration_seconds));
            let configured =
                ApplicationChange::Configure { methods, duration_seconds, approval, walkaway, phones };
            change(&console, &here, configured, noted).await?;
            Ok(done(&settings_of(&console, &here), "configured"))
        }
        (methods, phones, duration) => {
            let problems =
                Problems { methods: methods.err(), phones: phones.err(), duration: duration.err() };
            show_form(StatusCode::UNPROCESSABLE_ENTITY, &console, &here, given, problems)
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
        let seconds = |form: Form, longest| form.seconds(&Speech::english(), longest);
        assert_eq!(seconds(form("", "hours"), 10), Ok(None));
        assert_eq!(seconds(form(" 8 ", "hours"), 86_400), Ok(Some(28_800)));
        assert_eq!(seconds(form("30", "days"), 30 * 86_400), Ok(Some(2_592_000)));
        for (duration, unit) in
            [("0", "hours"), ("-1", "hours"), ("1.5", "hours"), ("x", "days"), ("31", "days")]
        {
            assert!(seconds(form(duration, unit), 30 * 86_400).is_err(), "{duration}");
        }
        assert!(seconds(form("99999999999999999999", "days"), 10).is_err());
        assert!(seconds(form("999999999999999999", "days"), u64::MAX - 1).is_err());
    }

    #[test]
    fn durations_are_shown_in_the_largest_unit() {
        assert_eq!(in_units(7_200), ("2".to_owned(), "hours"));
        assert_eq!(in_units(5_400), ("90".to_owned(), "minutes"));
        assert_eq!(in_units(172_800), ("2".to_owned(), "days"));
        let spoken = |seconds| Speech::english().duration(seconds);
        assert_eq!([spoken(3_600), spoken(5_400), spoken(172_800)], ["1 hour", "90 minutes", "2 days"]);
        assert_eq!(spoken(45), "45 seconds");
    }

    #[test]
    fn only_an_approval_that_was_chosen_is_changed() {
        let of = |approval: &str, before: &str| {
            Form { approval: approval.to_owned(), approval_before: before.to_owned(), ..Form::default() }
                .approval()
        };
        assert_eq!([of("code", "tap"), of("tap", "code")], [Some(Approval::Code), Some(Approval::Tap)]);
        // A form that was shown before somebody chose *code* does not set *tap* again.
        assert_eq!([of("tap", "tap"), of("code", "code"), of("", "tap"), of("Tap", "code")], [None; 4]);
    }

    #[test]
    fn only_a_walkaway_that_was_chosen_is_changed() {
        let of = |walkaway: &str, before: &str| {
            Form { walkaway: walkaway.to_owned(), walkaway_before: before.to_owned(), ..Form::default() }
                .walkaway()
        };
        assert_eq!([of("on", "off"), of("off", "on")], [Some(Walkaway::On), Some(Walkaway::Off)]);
        assert_eq!([of("on", "on"), of("off", "off"), of("", "off"), of("On", "off")], [None; 4]);
    }

    #[test]
    fn phones_are_changed_where_they_were_chosen_and_unlocking_where_it_is_verified() {
        use UnverifiedMethods::{Refused, Simulated};
        let of = |phones: &str, before: &str, unverified, unlocking| {
            Form { phones: phones.to_owned(), phones_before: before.to_owned(), ..Form::default() }
                .phones(unverified, unlocking)
        };
        let verified = |phones, before| of(phones, before, Refused, Unlocking::Verified);
        assert_eq!(verified("key", "any"), Ok(Some(AllowedPhones::WithKey)));
        assert_eq!(verified("any", "unlock"), Ok(Some(AllowedPhones::Any)));
        assert_eq!(verified("unlock", "any"), Ok(Some(AllowedPhones::Unlocked)));
        for (phones, before) in [("any", "any"), ("key", "key"), ("", "key"), ("Any", "key")] {
            assert_eq!(verified(phones, before), Ok(None), "{phones}");
        }
        assert!(of("unlock", "any", Refused, Unlocking::NotPossible).is_err(), "nobody could sign in");
        assert!(of("unlock", "any", Simulated, Unlocking::NotPossible).is_ok());
        assert_eq!(of("unlock", "unlock", Refused, Unlocking::NotPossible), Ok(None), "it stays as it is");
    }

    #[test]
    fn these_methods_are_some() {
        use UnverifiedMethods::{Refused, Simulated};
        let these = Form { methods: "these".to_owned(), ..Form::default() };
        assert!(these.methods(Simulated, Unlocking::NotPossible).is_err());
        let acceptance = Form { acceptance: Some("on".to_owned()), ..these.clone() };
        assert_eq!(
            acceptance.methods(Refused, Unlocking::NotPossible),
            Ok(Some(vec![AuthenticationMethod::Acceptance]))
        );
        let device = Form { device: Some("on".to_owned()), ..these };
        assert_eq!(
            device.methods(Simulated, Unlocking::NotPossible),
            Ok(Some(vec![AuthenticationMethod::Device]))
        );
        assert!(device.methods(Refused, Unlocking::NotPossible).is_err(), "nobody could sign in");
        assert_eq!(
            Form { methods: "any".to_owned(), ..device }.methods(Refused, Unlocking::NotPossible),
            Ok(None)
        );
    }
}
