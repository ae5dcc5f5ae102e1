//! The calls that make a link for one more phone, beside those that the user has.

use http::Method;

use super::{UnsignedCall, check_text, user_call};
use crate::wire::RecoveryLink;
use crate::{Application, Error, Secret, UnixSeconds, UserToken};

/// `GET /management/device_registration_link/{app}/{user}?add=true&display_name=` \[X\]: the new phone waits until a phone that the user has, or
/// a recovery code, confirms it.
///
/// # Errors
/// [`Error::BadInput`] when the display name is over 255 bytes or holds control characters.
pub fn adding_link(
    application: &Application,
    user: &UserToken,
    display_name: Option<&str>,
) -> Result<UnsignedCall, Error> {
    let display_name = display_name.filter(|name| !name.is_empty());
    check_text("the display name", display_name)?;
    let mut query = vec![("add", "true")];
    query.extend(display_name.map(|name| ("display_name", name)));
    Ok(user_call(application, Method::GET, "device_registration_link", user, &query))
}

/// `POST /management/recovery_link/{app}/{user}` \[X\]: a recovery code is used up, and the phone that opens the link need not be confirmed.
///
/// # Errors
/// [`Error::BadInput`] when the display name is over 255 bytes or holds control characters.
pub fn recovery_link(
    application: &Application,
    user: &UserToken,
    recovery_code: &Secret,
    display_name: Option<&str>,
) -> Result<UnsignedCall, Error> {
    let display_name = display_name.filter(|name| !name.is_empty());
    check_text("the display name", display_name)?;
    let body =
        RecoveryLink { recovery_code: recovery_code.clone(), display_name: display_name.map(str::to_owned) };
    user_call(application, Method::POST, "recovery_link", user, &[]).with_json(&body)
}

/// `GET /management/lost_user_mobile_device/{app}/{user}?asked_at=` \[X\], for a user who said at `asked_at` that the phone is lost, and was to wait: nothing is done where a phone of the user was registered or used
/// after that. A service that does not know the parameter does not look.
#[must_use]
pub fn lost_device_since(application: &Application, user: &UserToken, asked_at: UnixSeconds) -> UnsignedCall {
    let asked_at = asked_at.0.to_string();
    user_call(application, Method::GET, "lost_user_mobile_device", user, &[("asked_at", &asked_at)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::UnixSeconds;
    use crate::machine::test_rig::{application, user};
    use crate::signing::Nonce;

    #[test]
    fn a_link_that_adds_a_phone_says_so_and_a_code_stands_in_no_url() {
        let app = application();
        let request = |call: Result<UnsignedCall, Error>| call.unwrap().sign(Nonce::new(1), UnixSeconds(2));
        let adding = request(adding_link(&app, &user("a/b"), Some("Jürgen M")));
        assert_eq!(
            (adding.method(), adding.uri().to_string()),
            (
                &Method::GET,
                "https://login.example/management/device_registration_link/APP/a%2Fb?add=true&display_name=J%C3%BCrgen%20M"
                    .to_owned()
            )
        );
        let plain = request(adding_link(&app, &user("u"), None));
        assert_eq!(plain.uri().query(), Some("add=true"));

        let recovery = request(recovery_link(&app, &user("u"), &"0123-4567".into(), Some("Ann")));
        assert_eq!(recovery.method(), Method::POST);
        assert_eq!(recovery.uri(), "https://login.example/management/recovery_link/APP/u");
        assert_eq!(recovery.body(), br#"{"recovery_code":"0123-4567","display_name":"Ann"}"#);
        assert!(recovery_link(&app, &user("u"), &"c".into(), Some("a\nb")).is_err());
        assert!(adding_link(&app, &user("u"), Some(&"x".repeat(256))).is_err());
    }
}
