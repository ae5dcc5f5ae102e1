//! A node that remembers signers and another one that changes them, for tests. Belongs here: short ways to what the first one foresees. Does not belong
//! here: tests.

use std::sync::Arc;

use iampass_core::UnixSeconds;
use iampass_server_domain::credentials::SessionCredentials;
use iampass_test_databases::Database as TestDatabase;

use super::nonce_rows::NonceRow;
use super::two_nodes::{Node, two_nodes};
use super::*;

pub(super) const NOW: UnixSeconds = UnixSeconds(1_000);

/// A node that remembers, another one, and a user with a phone.
pub(super) struct Foreseeing {
    pub(super) node: Node,
    pub(super) other: Node,
    pub(super) application: ApplicationKey,
    pub(super) server: TestDatabase,
}

impl Foreseeing {
    pub(super) async fn new() -> Option<Self> {
        let (node, other, server) = two_nodes().await?;
        let application = node.application().await;
        node.user_with_phone(application, "u").await;
        Some(Self { node, other, application, server })
    }

    pub(super) async fn change(&self, change: ApplicationChange) {
        let noted =
            Noted { actor: "a".into(), application: None, action: "application.changed", subject: None };
        let changed = self.other.database.change_application(self.application, change, Actor::Command, noted);
        changed.await.unwrap().unwrap();
    }

    pub(super) async fn start(
        &self,
        foreseen: &Arc<Foreseen>,
        number: u64,
    ) -> Result<(StartOutcome, SessionCredentials), StorageError> {
        let spent =
            SpentNonce::foreseen(Arc::clone(&self.node.database), nonce("APP", number), foreseen.clone());
        self.node.try_start_spending(self.application, "u", spent).await
    }

    pub(super) fn foreseen(&self) -> Arc<Foreseen> {
        self.node.database.foreseen_application("APP").unwrap().1
    }

    /// A question that this node has shown to the phone.
    pub(super) async fn question(&self) -> SessionCredentials {
        let (outcome, credentials) = self.node.start(self.application, "u").await;
        assert!(matches!(outcome, StartOutcome::Started { .. }), "{outcome:?}");
        let database = &self.node.database;
        let (_, device) = database.device("phone-of-u").await.unwrap().unwrap();
        let waiting = database.questions(device.key, device.user, NOW).await.unwrap().unwrap();
        database.remember_questions(&device, &waiting.questions);
        credentials
    }

    pub(super) async fn stored(&self) -> Vec<String> {
        self.node.database.flush().await.unwrap();
        let all = self.server.sql("SELECT string_agg(nonce::text, ' ' ORDER BY nonce) FROM nonces").unwrap();
        all.split_whitespace().map(str::to_owned).collect()
    }

    pub(super) fn sessions(&self) -> String {
        self.server.sql("SELECT count(*) FROM sessions").unwrap().trim().to_owned()
    }

    /// The nonce of a change whose signer is foreseen.
    pub(super) fn spent(&self, foreseen: &Arc<Foreseen>, id: &str, number: u64) -> SpentNonce {
        SpentNonce::foreseen(Arc::clone(&self.node.database), nonce(id, number), foreseen.clone())
    }

    /// A second phone of a user: both have keys.
    pub(super) async fn second_phone(&self, user: UserKey) -> (Device, Device) {
        let own = move |tx: &mut Tx<'_>| tx.seal(Sealed::Device, "second", "s");
        self.node
            .database
            .write(move |tx| {
                Box::pin(async move {
                    let sealed = own(tx)?;
                    let sql = "INSERT INTO devices (id, secret, user_key, platform, notification_token, created_at, public_key, name)
                               VALUES ('second', ?1, ?2, 'web', '*x', 0, ?3, '')";
                    tx.execute(sql, &[(&sealed).into(), user.into(), KEYS[1].as_slice().into()]).await?;
                    let sql = "UPDATE devices SET public_key = ?2 WHERE user_key = ?1 AND public_key IS NULL";
                    tx.execute(sql, &[user.into(), KEYS[0].as_slice().into()]).await?;
                    Ok(())
                })
            })
            .await
            .unwrap();
        (self.device("phone-of-u").await, self.device("second").await)
    }

    pub(super) async fn device(&self, id: &str) -> Device {
        self.node.database.device(id).await.unwrap().unwrap().1
    }

    /// The questions that wait for a phone, by what the node remembers of it. None where the stored row is another one.
    pub(super) async fn fetch(&self, id: &str, number: u64) -> Option<Waiting> {
        let (signer, device) = self.node.database.remembered_device(id).unwrap();
        let waiting = self.node.database.ask_questions(nonce(id, number), signer, NOW).await.unwrap()?;
        self.node.database.remember_questions(&device, &waiting.questions);
        Some(waiting)
    }
}

pub(super) fn nonce(id: &str, number: u64) -> NonceRow {
    NonceRow { id: id.to_owned(), nonce: number, timestamp: NOW }
}

/// The base point of the curve, and the point opposite to it.
const KEYS: [[u8; 65]; 2] = [
    *b"\x04\x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8\xbc\xe6\xe5\x63\xa4\x40\xf2\x77\x03\x7d\x81\x2d\xeb\x33\xa0\xf4\xa1\x39\x45\xd8\x98\xc2\x96\x4f\xe3\x42\xe2\xfe\x1a\x7f\x9b\x8e\xe7\xeb\x4a\x7c\x0f\x9e\x16\x2b\xce\x33\x57\x6b\x31\x5e\xce\xcb\xb6\x40\x68\x37\xbf\x51\xf5",
    *b"\x04\x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8\xbc\xe6\xe5\x63\xa4\x40\xf2\x77\x03\x7d\x81\x2d\xeb\x33\xa0\xf4\xa1\x39\x45\xd8\x98\xc2\x96\xb0\x1c\xbd\x1c\x01\xe5\x80\x65\x71\x18\x14\xb5\x83\xf0\x61\xe9\xd4\x31\xcc\xa9\x94\xce\xa1\x31\x34\x49\xbf\x97\xc8\x40\xae\x0a",
];
