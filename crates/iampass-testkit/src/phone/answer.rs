//! The data that a virtual phone brings with its acceptance.

use iampass_core::wire::{Identification, RequestedData};
use serde_json::{Map, Value, json};

/// Yes, with everything that was asked for. Only the acceptance is real: the service simulates the rest, and so does this phone.
pub(super) fn yes(requested: &RequestedData) -> Identification {
    let mut collected = Map::new();
    let mut bring = |name: &str, value: Value| {
        collected.insert(name.to_owned(), value);
    };
    if requested.acceptance.is_some() {
        bring("acceptance", json!({"accepted": true}));
    }
    if requested.os_authentication.is_some() {
        bring("os_authentication", json!({"authenticated": true}));
    }
    if let Some(facial) = &requested.facial {
        bring("facial", json!({"encoding": facial.image.encoding, "images": [], "match": true}));
    }
    if requested.proximity.is_some() {
        bring("proximity", json!({}));
    }
    Identification::yes(collected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use iampass_core::wire::AuthenticationMethod::{Acceptance, Device, Facial};

    #[test]
    fn yes_brings_what_was_asked_for() {
        let keys = |methods: &[_]| {
            let answer = yes(&RequestedData::for_methods(methods));
            assert!(answer.accepted && answer.code.is_none() && answer.scan.is_none());
            answer.collected.keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(keys(&[]), ["acceptance"]);
        assert_eq!(keys(&[Device]), ["os_authentication"]);
        assert_eq!(keys(&[Facial, Acceptance]), ["acceptance", "facial"]);
    }
}
