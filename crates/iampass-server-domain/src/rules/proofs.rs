//! The proof that an answer has to bring for each method.

use iampass_core::wire::AuthenticationMethod;
use serde_json::{Map, Value};

use super::Proven;
use crate::{Unlocking, UnverifiedMethods};

/// Whether an answer can prove this method. That the user accepts is the answer itself, and that the phone was unlocked is proven by its unlock
/// credential. Otherwise the service has only the phone's word, which proves nothing, so that the method can be simulated at most.
pub fn can_be_verified(
    method: &AuthenticationMethod,
    unverified: UnverifiedMethods,
    unlocking: Unlocking,
) -> bool {
    let is_simulated = unverified == UnverifiedMethods::Simulated;
    match method {
        AuthenticationMethod::Acceptance => true,
        AuthenticationMethod::Device => is_simulated || unlocking == Unlocking::Verified,
        AuthenticationMethod::Facial => is_simulated,
        _ => false,
    }
}

/// Whether the phone's answer holds what the methods ask for: `facial` for `facial` \[F\], and for `device` a proof that was verified. Where
/// methods are simulated, an explicit yes is enough: `{"authenticated": true}` in `os_authentication` \[F\], `{"match": true}` \[X\]. A missing
/// member, another type and any other value are none.
pub fn brings_what_was_asked(
    methods: &[AuthenticationMethod],
    collected: &Map<String, Value>,
    proven: Proven,
    unverified: UnverifiedMethods,
) -> bool {
    let affirms = |field: &str, member: &str| {
        collected.get(field).and_then(|field| field.get(member)).and_then(Value::as_bool) == Some(true)
    };
    let is_simulated = unverified == UnverifiedMethods::Simulated;
    methods.iter().all(|method| match method {
        // `accepted` itself is the confirmation. One that contradicts itself is none.
        AuthenticationMethod::Acceptance => {
            let said = collected.get("acceptance").and_then(|acceptance| acceptance.get("accepted"));
            said.is_none_or(|said| said.as_bool() == Some(true))
        }
        AuthenticationMethod::Device => {
            proven.unlocked || (is_simulated && affirms("os_authentication", "authenticated"))
        }
        AuthenticationMethod::Facial => is_simulated && affirms("facial", "match"),
        // Nothing is known that could prove it.
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn brings(methods: &[AuthenticationMethod], json: &Value, unverified: UnverifiedMethods) -> bool {
        brings_what_was_asked(methods, json.as_object().unwrap(), Proven::default(), unverified)
    }

    #[test]
    fn what_cannot_be_verified_is_never_brought() {
        let all = json!({"os_authentication": {"authenticated": true}, "facial": {"match": true}});
        for method in [AuthenticationMethod::Device, AuthenticationMethod::Facial] {
            assert!(!can_be_verified(&method, UnverifiedMethods::Refused, Unlocking::NotPossible));
            assert!(!brings(std::slice::from_ref(&method), &all, UnverifiedMethods::Refused), "{method}");
            assert!(brings(std::slice::from_ref(&method), &all, UnverifiedMethods::Simulated), "{method}");
        }
        let unknown = AuthenticationMethod::Unknown("voice".into());
        assert!(!can_be_verified(&unknown, UnverifiedMethods::Simulated, Unlocking::Verified));
        assert!(!brings(&[unknown], &json!({"voice": {"match": true}}), UnverifiedMethods::Simulated));
    }

    #[test]
    fn only_a_verified_unlocking_proves_that_a_phone_was_unlocked() {
        let refused = UnverifiedMethods::Refused;
        assert!(can_be_verified(&AuthenticationMethod::Device, refused, Unlocking::Verified));
        assert!(!can_be_verified(&AuthenticationMethod::Facial, refused, Unlocking::Verified));
        let brings = |methods: &[AuthenticationMethod], proven| {
            brings_what_was_asked(methods, &Map::new(), proven, refused)
        };
        let unlocked = Proven { unlocked: true, ..Proven::default() };
        let locked = Proven { code: true, device_key: true, ..Proven::default() };
        assert!(brings(&[AuthenticationMethod::Device], unlocked));
        assert!(!brings(&[AuthenticationMethod::Device], locked));
        assert!(!brings(&[AuthenticationMethod::Device, AuthenticationMethod::Facial], unlocked));
    }

    #[test]
    fn a_simulated_proof_is_an_explicit_yes_under_the_right_name() {
        for (method, field, member) in [
            (AuthenticationMethod::Device, "os_authentication", "authenticated"),
            (AuthenticationMethod::Facial, "facial", "match"),
        ] {
            let satisfies =
                |json: Value| brings(std::slice::from_ref(&method), &json, UnverifiedMethods::Simulated);
            assert!(satisfies(json!({field: {member: true}})));
            assert!(satisfies(json!({field: {member: true, "simulated": true}})));
            for not in [
                json!({}),
                json!({field: null}),
                json!({field: true}),
                json!({field: {}}),
                json!({field: [true]}),
                json!({field: {member: false}}),
                json!({field: {member: null}}),
                json!({field: {member: "true"}}),
                json!({field: {member: 1}}),
                json!({field: {member: [true]}}),
                json!({field: {"simulated": true}}),
                json!({member: true}),
                json!({"acceptance": {member: true}}),
            ] {
                assert!(!satisfies(not.clone()), "{method}: {not}");
            }
        }
        let both = [AuthenticationMethod::Device, AuthenticationMethod::Facial];
        let one = json!({"os_authentication": {"authenticated": true, "match": true}});
        assert!(!brings(&both, &one, UnverifiedMethods::Simulated));
    }

    #[test]
    fn an_acceptance_that_contradicts_itself_is_none() {
        let accepts = |json| brings(&[AuthenticationMethod::Acceptance], &json, UnverifiedMethods::Refused);
        assert!(accepts(json!({})));
        assert!(accepts(json!({"acceptance": {"automatic": false}})));
        assert!(accepts(json!({"acceptance": {"accepted": true}})));
        for not in [json!(false), json!(null), json!("true"), json!(1)] {
            assert!(!accepts(json!({"acceptance": {"accepted": not}})));
        }
    }
}
