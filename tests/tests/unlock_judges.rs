//! The judges of unlocking: authenticators and clients of WebAuthn that we did not write, each against the real service. 1Password's
//! `passkey-client` is one, Yubico's `fido2` another. The engines of browsers are in `phone_page`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::time::Duration;

use async_trait::async_trait;
use iampass_core::UserToken;
use iampass_core::machine::{LoginOptions, LoginOutcome};
use iampass_core::wire::{AuthenticationMethod, AuthenticationRequest};
use iampass_phone::{Unlock, UnlockError};
use iampass_system_tests::{DevServer, fido2};
use iampass_testkit::{TestService, TestkitError};
use passkey_authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey_client::{Client, DefaultClientData};
use passkey_crypto::rust_crypto::RustCryptoBackend;
use passkey_types::ctap2::{Aaguid, Ctap2Error};
use passkey_types::{Passkey, webauthn};
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;

/// A person who is there, and is or is not the right one.
struct Person {
    is_verified: bool,
}

#[async_trait]
impl UserValidationMethod for Person {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _hint: UiHint<'a, Passkey>,
        presence: bool,
        _verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence, verification: self.is_verified })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}

/// `passkey-client` behind the port of our phone. Its passkey is kept; the person may be another one.
struct PasskeyUnlock {
    origin: Url,
    passkey: Mutex<Option<Passkey>>,
    is_verified: bool,
}

fn failed(error: impl std::fmt::Debug) -> UnlockError {
    UnlockError::Failed(format!("{error:?}").into())
}

#[async_trait]
impl Unlock for PasskeyUnlock {
    async fn register(&self, options: &Value) -> Result<Value, UnlockError> {
        let options: webauthn::CredentialCreationOptions =
            serde_json::from_value(options.clone()).map_err(failed)?;
        let mut kept = self.passkey.lock().await;
        let person = Person { is_verified: self.is_verified };
        let authenticator = Authenticator::new(Aaguid::new_empty(), kept.take(), person, RustCryptoBackend);
        let mut client = Client::new(authenticator).allows_insecure_localhost(true);
        let made = client.register(&self.origin, options, DefaultClientData).await.map_err(failed)?;
        *kept = client.authenticator().store().clone();
        serde_json::to_value(made).map_err(failed)
    }

    async fn unlock(&self, _request: &AuthenticationRequest, options: &Value) -> Result<Value, UnlockError> {
        let options: webauthn::CredentialRequestOptions =
            serde_json::from_value(options.clone()).map_err(failed)?;
        let mut kept = self.passkey.lock().await;
        let person = Person { is_verified: self.is_verified };
        let authenticator = Authenticator::new(Aaguid::new_empty(), kept.clone(), person, RustCryptoBackend);
        let mut client = Client::new(authenticator).allows_insecure_localhost(true);
        let proof = client.authenticate(&self.origin, options, DefaultClientData).await.map_err(failed)?;
        *kept = client.authenticator().store().clone();
        serde_json::to_value(proof).map_err(failed)
    }
}

#[tokio::test]
async fn passkey_client_registers_and_approves() {
    let service = TestService::builder().at_localhost().start().await.unwrap();
    let client = service.client().unwrap();
    let user = UserToken::new("ann").unwrap();
    client.add_user(&user).await.unwrap();
    let phone = service.register_phone(&client.registration_link(&user, None).await.unwrap()).await.unwrap();
    let options =
        || LoginOptions::default().methods([AuthenticationMethod::Acceptance, AuthenticationMethod::Device]);
    let origin = Url::parse(service.server_url()).unwrap();
    let mut unlock = PasskeyUnlock { origin, passkey: Mutex::new(None), is_verified: true };
    for round in 0..2 {
        let login = client.login(&user, options()).unwrap();
        let answered = async {
            let request =
                phone.next_request(Duration::from_secs(10)).await?.ok_or(TestkitError::NothingAsked)?;
            phone.accept_unlocked(&request, &unlock, None).await
        };
        let (outcome, answered) = tokio::join!(login.outcome(), answered);
        answered.unwrap();
        let LoginOutcome::Granted(granted) = outcome.unwrap() else { panic!("not granted in round {round}") };
        assert!(granted.assurance.is_some_and(|assurance| assurance.unlocked), "round {round}");
    }

    // The same passkey, and a person who is not verified: whichever of the two says no, nobody is in.
    unlock.is_verified = false;
    let login = client.login(&user, options()).unwrap();
    let answered = async {
        let request = phone.next_request(Duration::from_secs(10)).await?.ok_or(TestkitError::NothingAsked)?;
        let refused = phone.accept_unlocked(&request, &unlock, None).await;
        phone.deny(&request).await?;
        Ok::<_, TestkitError>(refused)
    };
    let (outcome, refused) = tokio::join!(login.outcome(), answered);
    assert!(refused.unwrap().is_err());
    assert!(matches!(outcome.unwrap(), LoginOutcome::Denied(_)));
    service.shutdown().await.unwrap();
}

/// The checks of `unlock.py`, named here as well so that none can get lost.
#[test]
fn fido2_registers_and_approves() {
    let Some(fido2) = fido2().unwrap() else { return };
    let server = DevServer::start(30).unwrap();
    let said = fido2.unlock(&server.account().unwrap()).unwrap();
    for check in [
        "without a credential there is no challenge",
        "fido2 registers",
        "fido2 approves",
        "the session is active",
        "the session says unlocked",
        "an unverified person is refused",
        "a counter that went back is refused",
        "nobody is in",
        "the honest one is taken after that",
    ] {
        assert!(said.lines().any(|line| line.trim() == check), "{check}: {said}");
    }
}
