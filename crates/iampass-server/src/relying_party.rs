//! [`RelyingParty`]: this service as authenticators know it, and what it takes from them (WebAuthn).
//!
//! Belongs here: what is asked of an authenticator, and whether its answer is good. Does not belong here: who asks ([`crate::api`]), and what is
//! stored.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use iampass_core::wire::{AuthenticationMethod, Reason};
use iampass_server_domain::{Unlocking, UnverifiedMethods, random, rules};
use iampass_server_storage::{NewUnlock, StorageError, UnlockCeremony, UnlockCredential, Unlocked};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::{Host, Url};
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::error::WebauthnError;
use webauthn_rs_core::proto::{
    AttestationConveyancePreference, AuthenticationState, COSEAlgorithm, Credential, PublicKeyCredential,
    PublicKeyCredentialHints, RegisterPublicKeyCredential, RegistrationState, UserVerificationPolicy,
};

use crate::PublicUrl;
use crate::problem::Refused;

/// How long a person may take, as it is told to the browser.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The longest id that an authenticator gives a credential (WebAuthn, 4).
const LONGEST_ID: usize = 1_023;

/// Whether and how this service verifies that a phone was unlocked.
pub(crate) struct UnlockCheck {
    /// None where no browser makes a credential for the service's address.
    party: Option<RelyingParty>,
    unverified: UnverifiedMethods,
}

impl UnlockCheck {
    pub(crate) fn new(public_url: Option<&PublicUrl>, unverified: UnverifiedMethods) -> Self {
        Self { party: public_url.and_then(RelyingParty::of), unverified }
    }

    /// Whether it can be verified.
    pub(crate) fn possible(&self) -> Unlocking {
        match self.party {
            Some(_) => Unlocking::Verified,
            None => Unlocking::NotPossible,
        }
    }

    /// Whether applications may ask for it: nobody could sign in where it is neither verified nor simulated.
    pub(crate) fn can_be_asked_for(&self) -> bool {
        rules::can_be_verified(&AuthenticationMethod::Device, self.unverified, self.possible())
    }

    /// Whether it is simulated, for development.
    pub(crate) fn is_simulated(&self) -> bool {
        self.unverified == UnverifiedMethods::Simulated
    }

    /// The one that verifies it; None where it is simulated, or not possible.
    pub(crate) fn verifying(&self) -> Option<&RelyingParty> {
        self.party.as_ref().filter(|_| !self.is_simulated())
    }
}

/// The service as authenticators know it: by the host of its public URL.
pub(crate) struct RelyingParty {
    core: WebauthnCore,
}

impl RelyingParty {
    /// The one with this public URL. None where no browser makes a credential for it: at an IP address, and without TLS anywhere but at
    /// `localhost`.
    pub(crate) fn of(public_url: &PublicUrl) -> Option<Self> {
        let url = Url::parse(&public_url.origin()).ok()?;
        let Some(Host::Domain(host)) = url.host() else { return None };
        let is_local = host == "localhost" || host.ends_with(".localhost");
        if !public_url.is_https() && !is_local {
            return None;
        }
        // Exactly this origin: neither sub-domains nor other ports.
        let core = WebauthnCore::new_unsafe_experts_only(
            "IAMPASS",
            host,
            vec![url.clone()],
            TIMEOUT,
            Some(false),
            Some(false),
        );
        Some(Self { core })
    }

    /// The options for making a credential, and the state to verify the answer with. Authenticators show the name of the
    /// application. The user handle is random and says nothing of the user.
    ///
    /// `others` are the ids of the credentials of the user's other phones: an authenticator that has one of them makes no second one. The state
    /// does not name them, since the table refuses a credential of another phone with a reason of its own.
    pub(crate) fn begin(
        &self,
        application_name: &str,
        others: &[Vec<u8>],
    ) -> Result<(Value, String), Refused> {
        let handle = random::bytes::<32>().map_err(StorageError::from)?;
        let name = if application_name.trim().is_empty() { "IAMPASS" } else { application_name };
        let builder =
            self.core.new_challenge_register_builder(&handle, name, name).map_err(|_| unwritable())?;
        let builder = builder
            .attestation(AttestationConveyancePreference::None)
            .user_verification_policy(UserVerificationPolicy::Required)
            .credential_algorithms(COSEAlgorithm::secure_algs())
            .require_resident_key(false)
            .hints(Some(vec![PublicKeyCredentialHints::ClientDevice]));
        let (options, state) = self.core.generate_challenge_register(builder).map_err(|_| unwritable())?;
        let (mut options, state) = (value(&options)?, text(&state)?);
        let named = |id: &Vec<u8>| json!({"type": "public-key", "id": URL_SAFE_NO_PAD.encode(id)});
        let public_key =
            options.get_mut("publicKey").and_then(Value::as_object_mut).ok_or_else(unwritable)?;
        public_key.insert("excludeCredentials".to_owned(), others.iter().map(named).collect());
        Ok((options, state))
    }

    /// The credential that an authenticator has made.
    pub(crate) fn registered(&self, ceremony: &UnlockCeremony, given: Value) -> Result<NewUnlock, Refused> {
        let given: RegisterPublicKeyCredential = read(given)?;
        let state: RegistrationState = stored(&ceremony.state)?;
        check_names(&given.id, &given.raw_id, &given.type_)?;
        let made = self.core.register_credential(&given, &state, None).map_err(|error| not_good(&error))?;
        if made.cred_id.as_slice() != given.raw_id.as_slice() {
            return Err(not_valid("its two names differ"));
        }
        Ok(NewUnlock {
            backup_eligible: made.backup_eligible,
            credential: UnlockCredential {
                id: made.cred_id.to_vec(),
                credential: text(&made)?,
                counter: made.counter,
                backed_up: made.backup_state,
            },
        })
    }

    /// The options for proving that the phone was unlocked, and the state to verify the answer with.
    pub(crate) fn challenge(&self, credential: &UnlockCredential) -> Result<(Value, String), Refused> {
        let allowed = vec![current(credential)?];
        let builder = self
            .core
            .new_challenge_authenticate_builder(allowed, Some(UserVerificationPolicy::Required))
            .map_err(|_| unwritable())?;
        let (options, state) =
            self.core.generate_challenge_authenticate(builder).map_err(|_| unwritable())?;
        Ok((value(&options)?, text(&state)?))
    }

    /// The proof that the phone was unlocked for the question of this challenge.
    pub(crate) fn unlocked(
        &self,
        ceremony: UnlockCeremony,
        credential: &UnlockCredential,
        given: Value,
    ) -> Result<Unlocked, Refused> {
        let given: PublicKeyCredential = read(given)?;
        let state: AuthenticationState = stored(&ceremony.state)?;
        check_names(&given.id, &given.raw_id, &given.type_)?;
        check_not_framed(given.response.client_data_json.as_slice())?;
        let result = self
            .core
            .authenticate_single_credential(&given, &state, &current(credential)?)
            .map_err(|error| not_good(&error))?;
        // The library goes by the policy in the state as well. This is the one thing that must never be left out.
        if !result.user_verified() {
            return Err(not_good(&WebauthnError::UserNotVerified));
        }
        Ok(Unlocked {
            ceremony,
            credential_id: credential.id.clone(),
            counter: result.counter(),
            backed_up: result.backup_state(),
        })
    }
}

impl std::fmt::Debug for RelyingParty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RelyingParty").finish_non_exhaustive()
    }
}

/// The refusal of unlocking where this service cannot verify it.
pub(crate) fn not_available(message: &'static str) -> Refused {
    Refused::new(StatusCode::CONFLICT, Reason::MethodNotAvailable, message)
}

/// As the library knows it, with what has changed since it was made.
fn current(stored_one: &UnlockCredential) -> Result<Credential, Refused> {
    let mut credential: Credential = stored(&stored_one.credential)?;
    credential.counter = stored_one.counter;
    credential.backup_state = stored_one.backed_up;
    Ok(credential)
}

/// The two names of a credential are one, and it is of the one type that there is.
fn check_names(id: &str, raw_id: &[u8], kind: &str) -> Result<(), Refused> {
    if kind != "public-key" {
        return Err(not_valid("its type is not `public-key`"));
    }
    if raw_id.is_empty() || raw_id.len() > LONGEST_ID {
        return Err(not_valid("its id has 1 to 1023 bytes"));
    }
    if id != URL_SAFE_NO_PAD.encode(raw_id) {
        return Err(not_valid("its id and its rawId differ"));
    }
    Ok(())
}

fn read<T: DeserializeOwned>(given: Value) -> Result<T, Refused> {
    serde_json::from_value(given).map_err(|_| {
        not_valid("it has not the members of the JSON that browsers write for a credential, in base64url without padding")
    })
}

fn stored<T: DeserializeOwned>(text: &str) -> Result<T, Refused> {
    serde_json::from_str(text).map_err(|_| unwritable())
}

fn value(options: &impl Serialize) -> Result<Value, Refused> {
    serde_json::to_value(options).map_err(|_| unwritable())
}

fn text(state: &impl Serialize) -> Result<String, Refused> {
    serde_json::to_string(state).map_err(|_| unwritable())
}

/// It was made here and is not as it was made.
fn unwritable() -> Refused {
    Refused::unprocessable(
        Reason::UnlockNotValid,
        "what this service keeps of the unlocking cannot be used: ask for a new challenge, or register the phone anew",
    )
}

fn not_valid(what: &str) -> Refused {
    Refused::unprocessable(
        Reason::UnlockNotValid,
        format!(
            "what the phone's authenticator gave is not good: {what}. Ask for a new challenge and unlock the phone again"
        ),
    )
}

/// The library looks at this at registrations alone. A page that another site frames is not the phone's page.
fn check_not_framed(client_data: &[u8]) -> Result<(), Refused> {
    let client_data: Value =
        serde_json::from_slice(client_data).map_err(|_| not_valid("its client data is not JSON"))?;
    let is_own = client_data.get("crossOrigin").is_none_or(|crosses| crosses.as_bool() == Some(false))
        && client_data.get("topOrigin").is_none();
    if is_own { Ok(()) } else { Err(not_good(&WebauthnError::CredentialCrossOrigin)) }
}

fn not_good(error: &WebauthnError) -> Refused {
    not_valid(match error {
        WebauthnError::InvalidClientDataType => "it is of the other ceremony",
        WebauthnError::MismatchedChallenge => {
            "it answers another challenge than the last one of this question or registration"
        }
        WebauthnError::InvalidRPOrigin | WebauthnError::CredentialCrossOrigin => {
            "it was made on a page of another address than the public URL of this service"
        }
        WebauthnError::InvalidRPIDHash => "it was made for another host than that of this service",
        WebauthnError::UserNotPresent => "nobody has touched the authenticator",
        WebauthnError::UserNotVerified => {
            "the authenticator did not verify the person by fingerprint, face or PIN"
        }
        WebauthnError::CredentialNotFound => "it is of another credential than the one of this phone",
        WebauthnError::CredentialPossibleCompromise => {
            "its counter went back, so the credential may have been copied: register the phone anew by a new link"
        }
        WebauthnError::CredentialMayNotBeHardwareBound
        | WebauthnError::CredentialBackupEligibilityInconsistent => {
            "it says of its backups what it said otherwise before, or what cannot be"
        }
        WebauthnError::AuthenticationFailure => "its signature is not that of the credential",
        _ => "it cannot be read, or is of a kind that is not taken",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_one(url: &str) -> bool {
        RelyingParty::of(&url.parse().unwrap()).is_some()
    }

    #[test]
    fn browsers_make_credentials_for_names_only() {
        for url in [
            "https://login.example",
            "https://login.example:8443/a",
            "http://localhost:8089",
            "http://a.localhost",
        ] {
            assert!(is_one(url), "{url}");
        }
        for url in ["http://127.0.0.1:8089", "https://127.0.0.1", "https://[::1]:1", "http://login.example"] {
            assert!(!is_one(url), "{url}");
        }
    }

    #[test]
    fn the_options_require_verification_and_name_nobody() {
        let party = RelyingParty::of(&"https://login.example/x".parse().unwrap()).unwrap();
        let (options, _) = party.begin("Shop", &[]).unwrap();
        let options = &options["publicKey"];
        assert_eq!(options["rp"]["id"], "login.example");
        assert_eq!(options["user"]["name"], "Shop");
        assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
        assert_eq!(options["authenticatorSelection"]["residentKey"], "discouraged");
        assert_eq!(options["attestation"], "none");
        let (again, _) = party.begin("Shop", &[]).unwrap();
        assert_ne!(options["user"]["id"], again["publicKey"]["user"]["id"]);
        assert_ne!(options["challenge"], again["publicKey"]["challenge"]);
    }
}
