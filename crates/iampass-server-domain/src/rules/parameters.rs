//! Which parameters are good.

use std::time::Duration;

use iampass_core::wire::AuthenticationMethod;

/// Why a parameter is not good, for a person. It never repeats what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidParameter(pub &'static str);

/// Reads `methods`: words joined by bare commas; nothing at all means that none was given \[P\].
pub fn methods(text: &str) -> Result<Vec<AuthenticationMethod>, InvalidParameter> {
    let mut methods = Vec::new();
    if text.is_empty() {
        return Ok(methods);
    }
    for word in text.split(',') {
        let method = AuthenticationMethod::from(word);
        if matches!(method, AuthenticationMethod::Unknown(_)) {
            return Err(InvalidParameter("methods is a comma-separated list of: acceptance, device, facial"));
        }
        if !methods.contains(&method) {
            methods.push(method);
        }
    }
    Ok(methods)
}

/// The methods of a login: those that were asked for, if the application's settings name them. Where none were asked for, all that the
/// settings name, and `acceptance` where they name none \[X\].
pub fn asked_methods(
    asked: Vec<AuthenticationMethod>,
    named: Option<&[AuthenticationMethod]>,
) -> Result<Vec<AuthenticationMethod>, InvalidParameter> {
    // A list of nothing is none: it would be satisfied by anything.
    match named.filter(|named| !named.is_empty()) {
        None if asked.is_empty() => Ok(vec![AuthenticationMethod::Acceptance]),
        None => Ok(asked),
        Some(named) if asked.is_empty() => Ok(named.to_vec()),
        Some(named) if asked.iter().all(|method| named.contains(method)) => Ok(asked),
        Some(_) => Err(InvalidParameter(
            "methods names one that this application does not allow: an owner sets the allowed ones in the Console",
        )),
    }
}

/// Reads `duration_seconds`: a positive whole number up to `longest`. The published client also lets `-5` and `True` through \[P\].
pub fn positive_seconds(text: &str, longest: Duration) -> Result<Duration, InvalidParameter> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse().map(Duration::from_secs) {
        Ok(duration) if digits && !duration.is_zero() && duration <= longest => Ok(duration),
        Ok(duration) if digits && duration > longest => {
            Err(InvalidParameter("duration_seconds is longer than the service allows"))
        }
        _ => Err(InvalidParameter("duration_seconds is a positive whole number of seconds")),
    }
}

/// Checks a phone number: `+`, then 6 to 15 digits (E.164) \[P\].
pub fn phone_number(text: &str) -> Result<(), InvalidParameter> {
    match text.strip_prefix('+') {
        Some(digits)
            if (6..=15).contains(&digits.len())
                && digits.bytes().all(|byte| byte.is_ascii_digit())
                && !digits.starts_with('0') =>
        {
            Ok(())
        }
        _ => Err(InvalidParameter(
            "phone_number is a + with the country code and the number, digits only: +15550100",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use AuthenticationMethod::{Acceptance, Device, Facial};

    #[test]
    fn methods_are_joined_by_bare_commas() {
        assert_eq!(methods(""), Ok(vec![]));
        assert_eq!(methods("acceptance"), Ok(vec![Acceptance]));
        assert_eq!(methods("facial,device,facial"), Ok(vec![Facial, Device]));
        for text in
            ["voice", "acceptance,", ",", "acceptance, device", "Acceptance", "acceptance;device", " "]
        {
            assert!(methods(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_application_may_allow_less_than_all() {
        assert_eq!(asked_methods(vec![Facial], None), Ok(vec![Facial]));
        assert_eq!(
            asked_methods(vec![], Some(&[Device])),
            Ok(vec![Device]),
            "nothing weaker than what is named"
        );
        assert_eq!(
            asked_methods(vec![], Some(&[Device, Acceptance])),
            Ok(vec![Device, Acceptance]),
            "all of them"
        );
        assert_eq!(asked_methods(vec![Device], Some(&[Device, Facial])), Ok(vec![Device]));
        assert!(asked_methods(vec![Acceptance], Some(&[Device])).is_err());
        assert!(asked_methods(vec![Device, Acceptance], Some(&[Device])).is_err());
    }

    #[test]
    fn a_login_that_names_nothing_asks_for_acceptance() {
        assert_eq!(asked_methods(vec![], None), Ok(vec![Acceptance]));
        assert_eq!(asked_methods(vec![], Some(&[])), Ok(vec![Acceptance]));
        assert_eq!(asked_methods(vec![Device], Some(&[])), Ok(vec![Device]));
    }

    #[test]
    fn a_duration_is_a_positive_whole_number_within_the_limit() {
        let longest = Duration::from_secs(100);
        assert_eq!(positive_seconds("1", longest), Ok(Duration::from_secs(1)));
        assert_eq!(positive_seconds("100", longest), Ok(longest));
        for text in ["", "0", "-5", "+5", "True", "1.5", "1e2", "101", "99999999999999999999", " 1", "٣"] {
            assert!(positive_seconds(text, longest).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_phone_number_has_its_country_code() {
        assert!(phone_number("+15550100").is_ok());
        for text in
            ["", "+", "15550100", "+1555-0100", "+1 555 0100", "+0123456", "+1234567890123456", "+12345"]
        {
            assert!(phone_number(text).is_err(), "{text:?}");
        }
    }
}
