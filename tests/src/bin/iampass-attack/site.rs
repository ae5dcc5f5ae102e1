//! An application with the login pages of `iampass-web` on axum, and the people who use it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::routing::get;
use iampass_axum::{CurrentUser, LoginLayer, routes};
use iampass_core::UserToken;
use iampass_core::client::Client;
use iampass_core::port::{
    BoxError, MemorySessionStore, MemoryTokenStore, SessionStore as _, TokenStore as _, UserKey,
};
use iampass_reqwest::ReqwestTransport;
use iampass_testkit::VirtualPhone;
use iampass_web::{CookieKeys, LoginWeb, LostPhoneWays, ShownApproval, UserDirectory};

use crate::browser::Browser;
use crate::service::Shop;
use crate::verdict::Failure;

/// Finds people by their names as a database with the usual collation does.
#[derive(Clone, Default)]
struct People(Arc<Mutex<BTreeMap<String, String>>>);

#[async_trait::async_trait]
impl UserDirectory for People {
    type User = String;

    async fn find(&self, login_name: &str) -> Result<Option<UserKey>, BoxError> {
        let people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = login_name.trim().to_lowercase();
        Ok(people.contains_key(&key).then(|| UserKey::new(key)))
    }

    async fn load(&self, key: &UserKey) -> Result<Option<String>, BoxError> {
        let people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(people.get(key.as_str()).cloned())
    }

    fn display_name(&self, user: &String) -> String {
        user.clone()
    }
}

/// The number of the first address at which nobody but its owner is.
const FIRST_HOME: u32 = 0x0010_0000;

/// The running application.
pub(crate) struct Site {
    shop: Shop,
    people: People,
    tokens: Arc<MemoryTokenStore>,
    sessions: Arc<MemorySessionStore>,
    origin: String,
    serving: tokio::task::JoinHandle<()>,
    homes: AtomicU32,
}

impl Site {
    /// One whose users can help themselves in these ways when they have lost a phone.
    pub(crate) async fn start(shop: Shop, lost: impl Into<LostPhoneWays>) -> Result<Self, Failure> {
        let (tokens, people) = (Arc::new(MemoryTokenStore::new(10_000)), People::default());
        let sessions = Arc::new(MemorySessionStore::new(100_000));
        let client = Client::builder()
            .server(&shop.server)
            .application(&shop.pair.id, shop.pair.secret.expose())
            .transport(ReqwestTransport::new()?)
            .token_store(tokens.clone())
            .session_store(sessions.clone())
            .build()?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        // All limits are those that it is shipped with. Browsers come through one proxy, which says from where: attackers have many addresses.
        let login = LoginWeb::builder(client, people.clone())
            .origin(origin.clone())
            .name("Shop")
            .cookie_keys(CookieKeys::generate()?)
            .approval(ShownApproval::Code)
            .trusted_proxies(1)
            .lost_phone(lost)
            .build()?;
        let application = Router::new()
            .route("/", get(async |user: CurrentUser<String>| format!("Hello {}", *user)))
            .nest(login.mount_path(), routes(&login))
            .layer(LoginLayer::new(&login))
            .into_make_service_with_connect_info::<SocketAddr>();
        let serving = tokio::spawn(async move {
            // It ends with this program.
            let _ = axum::serve(listener, application).await;
        });
        Ok(Self { shop, people, tokens, sessions, origin, serving, homes: AtomicU32::new(0) })
    }

    /// Somebody with an account and a phone.
    pub(crate) async fn person(&self, name: &str) -> Result<VirtualPhone, Failure> {
        let token = UserToken::new(format!("token-of-{name}"))?;
        self.tokens.assign(&UserKey::new(name.to_lowercase()), &token).await?;
        let phone = self.shop.phone(token.as_str()).await?;
        let mut people = self.people.0.lock().unwrap_or_else(PoisonError::into_inner);
        people.insert(name.to_lowercase(), name.to_owned());
        Ok(phone)
    }

    /// The names of this person's sessions. They stand in logs of the service, and open nothing.
    pub(crate) async fn session_tokens(&self, name: &str) -> Result<Vec<String>, Failure> {
        let user = UserToken::new(format!("token-of-{name}"))?;
        let sessions = self.sessions.sessions_of(&user, 10).await?;
        Ok(sessions.iter().map(|record| record.session.token().as_str().to_owned()).collect())
    }

    /// A browser at an address; the same number is the same address.
    pub(crate) fn browser(&self, number: u32) -> Result<Browser, Failure> {
        let [a, b, c, _] = number.to_le_bytes();
        Browser::new(&self.origin, &format!("10.{c}.{b}.{a}"), "/auth")
    }

    /// A browser at an address of its own, of which each attack has another one: what one of them uses up, the next one has not.
    pub(crate) fn browser_at_home(&self) -> Result<Browser, Failure> {
        let home = self.homes.fetch_add(1, Ordering::Relaxed);
        self.browser(FIRST_HOME.saturating_add(home))
    }

    /// The path of an address of the application.
    pub(crate) fn path_of<'a>(&self, address: &'a str) -> Result<&'a str, Failure> {
        Ok(address.strip_prefix(&self.origin).ok_or("the address is not the application's")?)
    }

    /// A browser in which this person has signed in, and out again: it is known from then on.
    pub(crate) async fn known_browser(&self, phone: &VirtualPhone, name: &str) -> Result<Browser, Failure> {
        let mut browser = self.browser_at_home()?;
        browser.sign_in(phone, name).await?;
        browser.post("/auth/logout", &[]).await?;
        Ok(browser)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
