//! Logins that ask for an unlocked phone, by somebody who has the phone and not the finger, or a copy of what unlocks it.
//!
//! The service is one of its own, at `http://localhost`: at an IP address no authenticator works.

use std::sync::Arc;

use iampass_core::wire::{AuthenticationRequest, Reason};
use iampass_system_tests::DevServer;
use iampass_testkit::{AuthenticatorFlags, ForgedUnlock, ForgingAuthenticator, TestkitError, VirtualPhone};
use serde_json::json;

use crate::ground::{Ground, SOON};
use crate::service::{Shop, Started};
use crate::verdict::{Attack, Failure, Outcome, Verdict, attack, hold, works};

/// Changes what an authenticator says.
type Forgery = fn(&mut ForgingAuthenticator);

pub(crate) const ATTACKS: [Attack; 2] = [
    attack!(
        "answer-without-verification",
        "the phone's own keys answer, and its authenticator says that the person was not verified, or not there",
        unverified
    ),
    attack!(
        "copied-unlock-credential",
        "a copy of the unlock credential answers with a counter that was used, or says that it is synced, which it was not",
        copied
    ),
];

/// A phone with an unlock credential that has let its user in once.
struct Unlockable {
    shop: Shop,
    phone: VirtualPhone,
    unlock: ForgedUnlock,
    user: String,
    _server: DevServer,
}

impl Unlockable {
    async fn new(ground: &Ground) -> Result<Self, Failure> {
        let server = DevServer::start(60)?;
        let address = server.says("server")?.to_owned();
        let shop = Shop::new(&address, server.says("application_id")?, server.says("application_secret")?)?;
        let user = ground.user("unlocking");
        let phone = shop.phone(&user).await?;
        let unlock = ForgedUnlock::new(ForgingAuthenticator::new(address)?);
        let one = Self { shop, phone, unlock, user, _server: server };
        let (started, request) = one.ask().await?;
        one.phone.accept_unlocked(&request, &one.unlock, None).await?;
        works_in(one.shop.is_in(&started).await?)?;
        Ok(one)
    }

    async fn ask(&self) -> Result<(Started, AuthenticationRequest), Failure> {
        let Shop { server, pair, wire, .. } = &self.shop;
        let url = format!(
            "{server}/authentication/authenticate_user/{}/{}?methods=acceptance,device",
            pair.id, self.user
        );
        let started = Started::of(&wire.post(pair, &url, &json!({})).await?.done("a start")?)?;
        let request = self.phone.next_request(SOON).await?.ok_or("no question")?;
        Ok((started, request))
    }

    /// Whether the forged authenticator gets nobody in, and the honest one does after it.
    async fn is_refused(
        &self,
        what: &str,
        forge: impl FnOnce(&mut ForgingAuthenticator),
    ) -> Result<Option<String>, Failure> {
        let (started, request) = self.ask().await?;
        let (flags, counter) = {
            let mut authenticator = self.unlock.authenticator();
            let honest = (authenticator.flags, authenticator.counter);
            forge(&mut authenticator);
            honest
        };
        let refused = self.phone.accept_unlocked(&request, &self.unlock, None).await;
        if self.shop.is_in(&started).await? {
            return Ok(Some(format!("{what}: the session is active")));
        }
        match refused {
            Err(TestkitError::Refused { reason: Some(Reason::UnlockNotValid), .. }) => {}
            other => return Ok(Some(format!("{what}: it was not refused as it should be: {other:?}"))),
        }
        {
            let mut authenticator = self.unlock.authenticator();
            authenticator.flags = flags;
            authenticator.counter = authenticator.counter.max(counter);
        }
        self.phone.accept_unlocked(&request, &self.unlock, None).await?;
        works_in(self.shop.is_in(&started).await?)?;
        Ok(None)
    }
}

fn works_in(is_in: bool) -> Result<(), Failure> {
    if is_in { Ok(()) } else { Err("the honest phone is not let in".into()) }
}

async fn unverified(ground: Arc<Ground>) -> Outcome {
    let one = Unlockable::new(&ground).await?;
    for (verified, present) in [(false, true), (true, false), (false, false)] {
        let what = format!("verified {verified}, present {present}");
        let wrong = one
            .is_refused(&what, |forged| {
                forged.flags = AuthenticatorFlags { verified, present, ..forged.flags };
            })
            .await?;
        hold!(wrong.is_none(), "{}", wrong.unwrap_or_default());
    }
    Verdict::defeated("each was refused with UNLOCK_NOT_VALID; the unlocked phone was let in after each")
}

async fn copied(ground: Arc<Ground>) -> Outcome {
    let one = Unlockable::new(&ground).await?;
    one.unlock.authenticator().counter = 40;
    let (started, request) = one.ask().await?;
    one.phone.accept_unlocked(&request, &one.unlock, None).await?;
    works!(one.shop.is_in(&started).await?, "the honest phone is not let in");
    let forgeries: [(&str, Forgery); 4] = [
        // It is raised by one for the answer, to where the phone is.
        ("a counter that was used", |forged| forged.counter -= 1),
        ("a counter of before", |forged| forged.counter = 3),
        ("backed up and not eligible for it", |forged| forged.flags.backed_up = true),
        ("synced since, and bound to the phone before", |forged| {
            forged.flags.backup_eligible = true;
            forged.flags.backed_up = true;
        }),
    ];
    for (what, forge) in forgeries {
        let wrong = one.is_refused(what, forge).await?;
        hold!(wrong.is_none(), "{}", wrong.unwrap_or_default());
    }
    Verdict::defeated("each was refused with UNLOCK_NOT_VALID; the phone itself was let in after each")
}
