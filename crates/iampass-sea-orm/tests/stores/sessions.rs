//! Sessions of an application. Belongs here: stores of them, and what the session suite does to them.

use std::sync::Arc;

use iampass_core::port::{BoxError, SessionRecord, SessionStore, SharedState};
use iampass_core::{Secret, Server, Session, SessionToken, UnixSeconds, UserToken};
use iampass_sea_orm::{KeyRing, SeaOrmSessionStore, SealingKey};
use iampass_testkit::store_suite::{HookOutcome, SUITE_SERVER, StoreUnderTest};
use sea_orm::Value;

use crate::application::Application;
use crate::place::Kind;

pub(crate) fn ring() -> KeyRing {
    KeyRing::new(SealingKey::new(&[7; 32]))
}

pub(crate) fn server() -> Server {
    Server::parse(SUITE_SERVER).unwrap()
}

impl Application {
    pub(crate) fn sessions(&self, node: usize) -> SeaOrmSessionStore {
        self.place.node(node).session_store(&self.schema, ring(), server())
    }

    fn session_id(&self, token: &SessionToken) -> Value {
        match self.place.kind {
            Kind::Mariadb => token.as_str().as_bytes().to_vec().into(),
            Kind::Sqlite | Kind::Postgres => token.as_str().into(),
        }
    }

    /// Changes one byte of the sealed secret.
    pub(crate) async fn damage(&self, token: &SessionToken) {
        let sessions = self.schema.sessions_table();
        let find = format!("SELECT sealed_session FROM {sessions} WHERE token = ?");
        let rows = self.place.query(&find, vec![self.session_id(token)]).await;
        let mut sealed: Vec<u8> = rows[0].try_get_by_index(0).unwrap();
        *sealed.last_mut().unwrap() ^= 1;
        let change = format!("UPDATE {sessions} SET sealed_session = ? WHERE token = ?");
        let changed = self.place.execute(&change, vec![sealed.into(), self.session_id(token)]).await;
        assert_eq!(changed.rows_affected(), 1);
    }
}

#[async_trait::async_trait]
impl StoreUnderTest<dyn SessionStore> for Application {
    fn node(&self, number: usize) -> Arc<dyn SessionStore> {
        Arc::new(self.sessions(number))
    }

    async fn damage_session(&self, session: &SessionToken) -> Result<HookOutcome, BoxError> {
        self.damage(session).await;
        Ok(HookOutcome::Done)
    }
}

impl StoreUnderTest<dyn SharedState> for Application {
    fn node(&self, number: usize) -> Arc<dyn SharedState> {
        Arc::new(self.sessions(number))
    }
}

pub(crate) fn session_token(text: &str) -> SessionToken {
    SessionToken::new(text).unwrap()
}

/// A session that started at 1 and lasts an hour.
pub(crate) fn record(token: &str) -> SessionRecord {
    let url = |path: &str| format!("{SUITE_SERVER}/{path}");
    let (token, secret) = (session_token(token), Secret::new("secret"));
    let session = Session::new(token, secret, &url("status"), &url("logout"), &server()).unwrap();
    SessionRecord::new(session, UserToken::new("user").unwrap(), UnixSeconds(1), UnixSeconds(3_601))
}
