//! Statements that a phone's own key has signed: a JWS in compact form (RFC 7515) with ES256 \[X\].
//!
//! Belongs here: whether it is signed, and for whom it says it is. Does not belong here: what the answer does ([`crate::api`]).

use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use iampass_core::signing::{MovingCode, Presented, ReturnLink};
use iampass_core::wire::{
    ANSWER_TYPE, AnswerClaims, BRING_TYPE, BringClaims, CHANGE_TYPE, ChangeClaims, DeviceKey as PublicKey,
    Identification, PhoneChange, PhonePresence, Reason, Shown, UNLOCK_TYPE, UnlockClaims,
};
use iampass_core::{Secret, UnixSeconds};
use iampass_server_storage::{Answerer, DeviceKey, PhoneSigner};
use jsonwebtoken::{Algorithm, DecodingKey, TokenData, Validation};
use serde::de::DeserializeOwned;

use crate::problem::Refused;

#[cfg(test)]
mod tests;

/// Whether the key is a point of the curve. One that is not could verify nothing.
pub(crate) fn is_on_curve(key: &PublicKey) -> bool {
    ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.sec1()).is_ok()
}

/// The answer in a JWS that one of these phones has signed for this very question, and which of them it is.
pub(crate) fn signed_answer(
    jws: &str,
    phones: &[Answerer],
    question: &str,
    now: UnixSeconds,
    window: Duration,
) -> Result<(Identification, DeviceKey), Refused> {
    let mut refused = bad("it is not signed with the key of a phone that was asked");
    for Answerer { device, signer } in phones {
        let claims: AnswerClaims = match verified(jws, ANSWER_TYPE, &signer.key) {
            Ok(claims) => claims,
            Err(by_this) => {
                refused = by_this;
                continue;
            }
        };
        let AnswerClaims { iss, aud, sub, jti, iat, identification } = claims;
        let is_for_this = iss == signer.device && aud == signer.application && sub == signer.user;
        if !is_for_this || jti.as_str() != question {
            return Err(bad("it names another phone, application, user or question"));
        }
        is_timely(iat, now, window)?;
        return Ok((identification, *device));
    }
    Err(refused)
}

/// The code or secret that was brought in a JWS, signed by this very phone.
pub(crate) fn signed_bring(
    jws: &str,
    signer: &PhoneSigner,
    now: UnixSeconds,
    window: Duration,
) -> Result<Shown, Refused> {
    let BringClaims { iss, aud, sub, iat, shown } = verified(jws, BRING_TYPE, &signer.key)?;
    if iss != signer.device || aud != signer.application || sub != signer.user {
        return Err(bad("it names another phone, application or user"));
    }
    is_timely(iat, now, window)?;
    Ok(shown)
}

/// The change in a JWS, signed by this very phone. The caller looks whether it is the one that the call is about.
///
/// `sent` is the signature of the request, which was verified, and whose nonce was spent. A change that names a nonce is good for the request
/// with that nonce alone, and so once: the nonce is remembered as long as the time of that request is good, which is no earlier than that of the
/// change. The request itself is signed by the shared secret, which a thief may have.
pub(crate) fn signed_change(
    jws: &str,
    signer: &PhoneSigner,
    sent: &Presented<'_>,
    now: UnixSeconds,
    window: Duration,
) -> Result<PhoneChange, Refused> {
    Ok(change_claims(jws, signer, sent, now, window)?.change)
}

/// The word of this very phone about being near or away, and when it was signed. It always names the nonce of its request: no phone says such a word
/// that does not know how.
pub(crate) fn signed_word(
    jws: &str,
    signer: &PhoneSigner,
    sent: &Presented<'_>,
    now: UnixSeconds,
    window: Duration,
) -> Result<(PhonePresence, UnixSeconds), Refused> {
    let ChangeClaims { iat, jti, change, .. } = change_claims(jws, signer, sent, now, window)?;
    let PhoneChange::Presence(presence) = change else { return Err(for_another_change()) };
    if jti.is_none() {
        return Err(bad("`jti` is missing: name the nonce of the request in it"));
    }
    Ok((presence, iat))
}

fn change_claims(
    jws: &str,
    signer: &PhoneSigner,
    sent: &Presented<'_>,
    now: UnixSeconds,
    window: Duration,
) -> Result<ChangeClaims, Refused> {
    let claims: ChangeClaims = verified(jws, CHANGE_TYPE, &signer.key)?;
    let is_of_another = |jti: &String| *jti != sent.nonce().to_string() || claims.iat > sent.timestamp();
    if claims.jti.as_ref().is_some_and(is_of_another) {
        return Err(bad(
            "it was signed for another request: sign each change anew, with the nonce of its request in it",
        ));
    }
    if claims.iss != signer.device || claims.aud != signer.application || claims.sub != signer.user {
        return Err(bad("it names another phone, application or user"));
    }
    is_timely(claims.iat, now, window)?;
    Ok(claims)
}

/// The refusal of a JWS that was signed for another call, or for another session.
pub(crate) fn for_another_change() -> Refused {
    bad("it was signed for another call, or for another session")
}

/// The claims of a phone about its unlock credential, in a JWS that this very phone has signed.
pub(crate) fn signed_unlock(
    jws: &str,
    signer: &PhoneSigner,
    now: UnixSeconds,
    window: Duration,
) -> Result<UnlockClaims, Refused> {
    let claims: UnlockClaims = verified(jws, UNLOCK_TYPE, &signer.key)?;
    if claims.iss != signer.device || claims.aud != signer.application || claims.sub != signer.user {
        return Err(bad("it names another phone, application or user"));
    }
    is_timely(claims.iat, now, window)?;
    Ok(claims)
}

/// The refusal of what is not signed by a phone that has a key of its own.
pub(crate) fn required() -> Refused {
    Refused::unprocessable(
        Reason::SignedAnswerRequired,
        "this phone was registered with a key of its own: send it as a JWS that is signed with that key",
    )
}

/// Whether bringing this takes a phone with a key of its own: what it brings would otherwise be claimed by anybody who has the service's database.
pub(crate) fn takes_key(shown: &Shown) -> bool {
    let Shown::Scan(scan) = shown else { return false };
    is_link(scan) || MovingCode::parse(scan.expose()).is_some()
}

/// Whether it is the link of a page, by which only a phone with a key of its own answers.
pub(crate) fn is_link(scan: &Secret) -> bool {
    ReturnLink::parse(scan.expose()).is_some()
}

/// The refusal of a call that takes a key of the phone's own, by a phone that shares a secret with the service.
pub(crate) fn key_required() -> Refused {
    Refused::unprocessable(
        Reason::DeviceKeyRequired,
        "this phone was registered without a key of its own, which this takes: register it anew by a new link, in a browser or app that makes keys",
    )
}

fn is_timely(iat: UnixSeconds, now: UnixSeconds, window: Duration) -> Result<(), Refused> {
    let apart = iat.since(now).max(now.since(iat));
    if apart > window {
        Err(bad("it was signed too long ago, or in the future: set the phone's clock"))
    } else {
        Ok(())
    }
}

fn verified<T: DeserializeOwned>(jws: &str, typ: &str, key: &PublicKey) -> Result<T, Refused> {
    let found = decoded(jws, key)?;
    // An extension that has to be understood is not.
    if found.header.typ.as_deref() != Some(typ) || found.header.crit.is_some() {
        return Err(bad("its header does not say what it is"));
    }
    Ok(found.claims)
}

/// The parts of a JWS that this key has signed, whatever it is for.
fn decoded<T: DeserializeOwned>(jws: &str, key: &PublicKey) -> Result<TokenData<T>, Refused> {
    let key = decoding_key(key)?;
    let mut expected = Validation::new(Algorithm::ES256);
    // These claims are compared by the callers. There is no `exp`: the question's own deadline counts.
    expected.required_spec_claims.clear();
    expected.validate_exp = false;
    expected.validate_aud = false;
    jsonwebtoken::decode::<T>(jws, &key, &expected).map_err(|_| {
        bad("it is not signed with the key of this phone, or is not of the form that is expected")
    })
}

fn decoding_key(key: &PublicKey) -> Result<DecodingKey, Refused> {
    let sec1 = key.sec1();
    let coordinate = |range| URL_SAFE_NO_PAD.encode(sec1.get(range).unwrap_or_default());
    DecodingKey::from_ec_components(&coordinate(1..33), &coordinate(33..65))
        .map_err(|_| bad("the key of this phone cannot be used"))
}

fn bad(what: &str) -> Refused {
    Refused::new(StatusCode::UNAUTHORIZED, Reason::BadSignature, format!("the JWS is not good: {what}"))
}
