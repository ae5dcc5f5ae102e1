//! Two nodes over one PostgreSQL, for tests. Belongs here: opening them, and short ways to what they do. Does not belong here: tests.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use iampass_core::port::Clock;
use iampass_core::wire::{Identification, RegisterDevice};
use iampass_core::{ApplicationId, DeviceId, Now, Secret, UserToken};
use iampass_server_domain::UnverifiedMethods;
use iampass_server_domain::credentials::SessionCredentials;
use iampass_test_databases::Database as TestDatabase;
use serde_json::json;

use super::*;
use crate::{MasterKey, MasterKeySource, MasterKeys, StorageConfig, StorageLocation};

pub(super) const HOUR: Duration = Duration::from_secs(3_600);

/// A wall clock that a test sets.
pub(super) struct NodeClock(pub(super) Mutex<u64>);

impl Clock for NodeClock {
    fn now(&self) -> Now {
        Now::new(Duration::ZERO, *self.0.lock().unwrap())
    }
}

/// A node of the service, as its operations see it.
pub(super) struct Node {
    pub(super) database: Arc<Database>,
    pub(super) clock: Arc<NodeClock>,
}

impl Node {
    pub(super) async fn over(database: &TestDatabase) -> Self {
        Self::with_keys(database, MasterKeys::new(MasterKey::from_bytes([3; 32]))).await
    }

    pub(super) async fn with_keys(database: &TestDatabase, keys: MasterKeys) -> Self {
        Self::reaching(database.url(), keys).await
    }

    /// Over the database of this URL.
    pub(super) async fn at(url: &str) -> Self {
        Self::reaching(url, MasterKeys::new(MasterKey::from_bytes([3; 32]))).await
    }

    async fn reaching(url: &str, keys: MasterKeys) -> Self {
        let clock = Arc::new(NodeClock(Mutex::new(1_000)));
        let mut config = StorageConfig::new(StorageLocation::Postgres(url.parse().unwrap()));
        config.master_key = MasterKeySource::Keys(keys);
        config.clock = Arc::clone(&clock) as Arc<dyn Clock>;
        let database = Arc::new(Database::open(&config, Sharing::Alone).await.unwrap());
        Self { database, clock }
    }

    pub(super) fn none(&self) -> SpentNonce {
        SpentNonce::none(Arc::clone(&self.database))
    }

    pub(super) async fn application(&self) -> ApplicationKey {
        let id = ApplicationId::new("APP").unwrap();
        self.database
            .add_application(
                &id,
                &Secret::new("s"),
                "Shop",
                iampass_server_domain::rules::Approval::Tap,
                None,
            )
            .await
            .unwrap();
        self.database.application("APP").await.unwrap().unwrap().key
    }

    pub(super) async fn link(&self, application: ApplicationKey, user: &str) -> LinkCode {
        let code = LinkCode::draw().unwrap();
        let link = NewLink { application, user: token(user), display_name: None, lifetime: HOUR };
        assert!(self.database.make_link(link, code.clone(), self.none()).await.unwrap());
        code
    }

    pub(super) async fn register(&self, code: LinkCode, device: &str) -> Option<Registered> {
        let device = NewDevice { id: DeviceId::new(device).unwrap(), secret: Secret::new("s") };
        let phone: RegisterDevice =
            serde_json::from_value(json!({"notification_token": "*x", "platform": "web"})).unwrap();
        self.database.register_device(code, device, phone).await.unwrap().registered()
    }

    pub(super) async fn user_with_phone(&self, application: ApplicationKey, user: &str) {
        self.database.add_users(application, vec![token(user)], self.none()).await.unwrap();
        let code = self.link(application, user).await;
        self.register(code, &format!("phone-of-{user}")).await.unwrap();
    }

    pub(super) async fn start(
        &self,
        application: ApplicationKey,
        user: &str,
    ) -> (StartOutcome, SessionCredentials) {
        self.start_spending(application, user, self.none()).await
    }

    pub(super) async fn start_spending(
        &self,
        application: ApplicationKey,
        user: &str,
        spent: SpentNonce,
    ) -> (StartOutcome, SessionCredentials) {
        self.try_start_spending(application, user, spent).await.unwrap()
    }

    pub(super) async fn try_start_spending(
        &self,
        application: ApplicationKey,
        user: &str,
        spent: SpentNonce,
    ) -> Result<(StartOutcome, SessionCredentials), StorageError> {
        let credentials = SessionCredentials::draw().unwrap();
        let new = NewSession {
            application,
            user: Some(token(user)),
            methods: Vec::new(),
            duration: HOUR,
            answer_timeout: Duration::from_secs(60),
            most_pending: 5,
            browser: Browser::Unknown,
            known_since: None,
            shown: None,
            browser_name: None,
            address: None,
            return_to: None,
            credentials: credentials.clone(),
        };
        Ok((self.database.start_session(new, spent).await?, credentials))
    }

    pub(super) async fn session(&self, credentials: &SessionCredentials) -> SessionView {
        self.database.session(credentials.token.as_str()).await.unwrap().unwrap().1
    }

    pub(super) async fn accept(&self, session: SessionView) -> AnswerOutcome {
        self.answer(session, true).await
    }

    pub(super) async fn answer(&self, session: SessionView, accepted: bool) -> AnswerOutcome {
        let question =
            QuestionKey { session: session.key, application: session.application, user: session.user };
        self.answer_spending(question, accepted, self.none()).await
    }

    pub(super) async fn answer_spending(
        &self,
        question: QuestionKey,
        accepted: bool,
        spent: SpentNonce,
    ) -> AnswerOutcome {
        let identification: Identification = serde_json::from_value(json!({"accepted": accepted})).unwrap();
        let answer = PhoneAnswer {
            identification,
            signed_by: None,
            unlocked: None,
            return_proof: Secret::new("proof"),
        };
        self.database.answer(question, answer, UnverifiedMethods::Refused, spent).await.unwrap()
    }
}

pub(super) fn token(user: &str) -> UserToken {
    UserToken::new(user).unwrap()
}

/// None when there is no PostgreSQL.
pub(super) async fn two_nodes() -> Option<(Node, Node, TestDatabase)> {
    let database = iampass_test_databases::postgres()?.database();
    // Both bring it up at the same time.
    let (one, other) = tokio::join!(Node::over(&database), Node::over(&database));
    Some((one, other, database))
}
