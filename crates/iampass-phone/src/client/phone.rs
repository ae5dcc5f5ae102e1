//! [`Phone`]: several users and services on one phone.

use iampass_core::wire::{AuthenticationRequest, Reason};
use iampass_core::{ApplicationId, RegistrationLink, Server, UserToken};

use super::account::Account;
use super::builder::PhoneClient;
use crate::{Brought, PhoneError, Registration, Scan};

/// All accounts of one phone, at as many services as there are, with a state that can be stored.
#[derive(Clone, Debug)]
pub struct Phone {
    client: PhoneClient,
    accounts: Vec<Account>,
}

impl Phone {
    /// A phone without an account.
    #[must_use]
    pub fn new(client: PhoneClient) -> Self {
        Self { client, accounts: Vec::new() }
    }

    /// Opens a registration link. The account replaces an older one of the same user at the same application.
    ///
    /// # Errors
    /// As [`PhoneClient::register`].
    pub async fn register(&mut self, link: &RegistrationLink) -> Result<Account, PhoneError> {
        let account = self.client.register(link).await?;
        let replaced = |old: &mut Account| is_same(old.registration(), account.registration());
        let replaced: Vec<_> = self.accounts.extract_if(.., replaced).collect();
        for old in replaced {
            // The key of an account that was replaced signs nothing any more.
            old.ports().remove_key(old.registration().device_key()).await;
        }
        self.accounts.push(account.clone());
        Ok(account)
    }

    /// The accounts, oldest registration first.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The account of this user at this application; the newest, if several services know the same.
    #[must_use]
    pub fn account(&self, application: &ApplicationId, user: &UserToken) -> Option<&Account> {
        self.accounts.iter().rev().find(|account| {
            let registration = account.registration();
            registration.application() == application && registration.user() == user
        })
    }

    /// The services that this phone knows.
    pub fn servers(&self) -> impl Iterator<Item = &Server> {
        self.accounts.iter().map(|account| account.registration().server())
    }

    /// Reads typed digits or the text of a scanned QR code, which has to be of a service that this phone knows.
    ///
    /// # Errors
    /// [`PhoneError::Digits`] or [`PhoneError::Scan`].
    pub fn read(&self, text: &str) -> Result<Brought, PhoneError> {
        Ok(Brought::parse(text, self.servers())?)
    }

    /// Brings a scanned code for the account that it belongs to: see [`bring_scan`].
    ///
    /// # Errors
    /// As [`bring_scan`].
    pub async fn bring_scan(&self, scan: &Scan) -> Result<(&Account, AuthenticationRequest), PhoneError> {
        bring_scan(&self.accounts, scan).await
    }

    /// Has the service forget the account of this user at this application, and forgets it. Whether there was one.
    ///
    /// # Errors
    /// As [`Account::unregister`]; the account is kept then.
    pub async fn unregister(
        &mut self,
        application: &ApplicationId,
        user: &UserToken,
    ) -> Result<bool, PhoneError> {
        let Some(account) = self.account(application, user).cloned() else { return Ok(false) };
        account.unregister().await?;
        self.accounts.retain(|kept| !is_same(kept.registration(), account.registration()));
        Ok(true)
    }

    /// All that it knows, as JSON. **It holds the phone's secrets in clear**, and those of its keys that the key store puts into their
    /// handles.
    #[must_use]
    pub fn to_json_with_secrets(&self) -> String {
        let registrations: Vec<_> = self.accounts.iter().map(Account::registration).collect();
        // Registrations are plain structs, which can always be written.
        serde_json::to_string_pretty(&registrations).unwrap_or_default()
    }

    /// Takes over what [`Phone::to_json_with_secrets`] gave, in addition to the accounts that it has.
    ///
    /// # Errors
    /// [`PhoneError::BadState`]; nothing is taken over then.
    pub fn restore(&mut self, json: &str) -> Result<(), PhoneError> {
        let registrations: Vec<Registration> = serde_json::from_str(json)
            .map_err(|error| PhoneError::BadState { line: error.line(), column: error.column() })?;
        let restored = registrations.into_iter().map(|registration| self.client.open(registration));
        self.accounts.extend(restored);
        Ok(())
    }
}

/// Brings a scanned code for the account that it belongs to: each of the `accounts` at that service is tried. The result is that account and
/// its question.
///
/// A login without a name becomes that of the account that brings it. Where two accounts of one application could, it is brought for neither.
///
/// Digits are brought by [`Account::bring`] for one account alone: wrong ones count.
///
/// # Errors
/// [`PhoneError`]; `Refused` with [`Reason::WrongCode`] when it belongs to none of them, `OtherService` when none is of that service,
/// `WhichAccount` when the person has to say who signs in.
pub async fn bring_scan<'a>(
    accounts: impl IntoIterator<Item = &'a Account>,
    scan: &Scan,
) -> Result<(&'a Account, AuthenticationRequest), PhoneError> {
    let brought = Brought::Scan(scan.clone());
    let mut failed = PhoneError::OtherService;
    let at_service = accounts.into_iter().filter(|account| scan.is_of(account.registration().server()));
    let (meant, unsure) = match scan.may_be_anybodys() {
        true => parted(at_service.collect()),
        false => (at_service.collect(), Vec::new()),
    };
    for account in meant {
        match account.bring(&brought).await {
            Ok(request) => return Ok((account, request)),
            // An account that could not be asked matters more than one that is not meant.
            Err(error) if is_better(&failed, &error) => failed = error,
            Err(_) => {}
        }
    }
    // An account that could not be asked may be the one.
    let is_open = is_better(&failed, &PhoneError::WhichAccount);
    Err(if is_open && !unsure.is_empty() { PhoneError::WhichAccount } else { failed })
}

/// Of the accounts that could claim a login without a name: those that are the only one of their application, and the others. One of the former is
/// meant or none of its application is, since a login is of one application. A phone's own key is needed, unless none has one.
fn parted(mut accounts: Vec<&Account>) -> (Vec<&Account>, Vec<&Account>) {
    let has_key = |account: &&Account| account.registration().device_key().is_some();
    if accounts.iter().any(has_key) {
        accounts.retain(has_key);
    }
    let all = accounts.clone();
    accounts.into_iter().partition(|account| {
        let application = account.registration().application();
        all.iter().filter(|other| other.registration().application() == application).count() == 1
    })
}

fn is_same(one: &Registration, other: &Registration) -> bool {
    one.user() == other.user()
        && one.application() == other.application()
        && one.server().base() == other.server().base()
}

/// Whether the newer error says more: a wrong code says only that another account is meant.
fn is_better(older: &PhoneError, newer: &PhoneError) -> bool {
    let rank = |error: &PhoneError| match error {
        PhoneError::OtherService => 0,
        PhoneError::BringNotOffered | PhoneError::PhonesNotOffered => 1,
        error if error.reason() == Some(&Reason::WrongCode) => 2,
        _ => 3,
    };
    rank(newer) > rank(older)
}
