//! Signatures of phones against the vectors of others, which stand in `tests/vectors` of the workspace.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iampass_core::wire::DeviceKey;
use jsonwebtoken::Algorithm;
use serde_json::Value;

use super::{decoded, decoding_key, is_on_curve, verified};

/// None where the workspace is not at hand, as in a package of this crate alone.
fn vectors(file: &str) -> Option<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors");
    let text = std::fs::read_to_string(folder.join(file)).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    (0..hexadecimal.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hexadecimal[at..at + 2], 16).unwrap())
        .collect()
}

#[test]
fn the_example_of_rfc_7515_is_verified_and_no_other() {
    let Some(example) = vectors("rfc7515_a3.json") else { return };
    let key: DeviceKey = serde_json::from_value(example["jwk"].clone()).unwrap();
    assert!(is_on_curve(&key));
    let jws = example["jws"].as_str().unwrap();
    let found = decoded::<Value>(jws, &key).unwrap_or_else(|_| panic!("the example is not verified"));
    assert_eq!(found.claims, serde_json::from_str::<Value>(example["payload"].as_str().unwrap()).unwrap());
    // It says nothing of what it is for, so no phone's statement is made of it.
    assert!(verified::<Value>(jws, "iampass-answer+jws", &key).is_err());
    // The last bits of a part say nothing, so that another character there may be no other text.
    let parts: Vec<_> = jws.split('.').collect();
    let ends: Vec<_> = parts.iter().scan(0, |end, part| Some((*end += part.len() + 1, *end - 2).1)).collect();
    for at in (0..jws.len()).filter(|at| !ends.contains(at)) {
        let other = if jws.as_bytes()[at] == b'A' { "B" } else { "A" };
        let changed = format!("{}{other}{}", &jws[..at], &jws[at + 1..]);
        assert!(decoded::<Value>(&changed, &key).is_err(), "{at}");
    }
    for cut in ["", ".", "..", &jws[..jws.len() - 1], &jws[1..], &format!("{jws}A"), &format!("{jws}.")] {
        assert!(decoded::<Value>(cut, &key).is_err(), "{cut}");
    }
}

#[test]
fn wycheproof_finds_no_signature_that_is_wrongly_judged() {
    let Some(all) = vectors("ecdsa_secp256r1_sha256_p1363_test.json") else { return };
    let mut judged = 0;
    for group in all["testGroups"].as_array().unwrap() {
        let point = bytes(group["publicKey"]["uncompressed"].as_str().unwrap());
        let key = DeviceKey::from_sec1(&point).unwrap();
        assert!(is_on_curve(&key), "{group}");
        let key = decoding_key(&key).unwrap_or_else(|_| panic!("the key cannot be used: {group}"));
        for test in group["tests"].as_array().unwrap() {
            let text = |name: &str| bytes(test[name].as_str().unwrap());
            let signature = URL_SAFE_NO_PAD.encode(text("sig"));
            let is_good = jsonwebtoken::crypto::verify(&signature, &text("msg"), &key, Algorithm::ES256);
            let expected = match test["result"].as_str().unwrap() {
                "valid" => true,
                "invalid" => false,
                other => panic!("{other}"),
            };
            assert_eq!(is_good.unwrap_or(false), expected, "{test}");
            judged += 1;
        }
    }
    assert_eq!(judged, all["numberOfTests"].as_u64().unwrap());
    assert!(judged > 200, "{judged}");
}
