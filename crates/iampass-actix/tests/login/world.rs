//! The service, an application on actix-web that uses it, and Anna with her phone. Belongs here: what all tests need. Does not belong
//! here: tests.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::middleware::Compress;
use actix_web::{App, HttpResponse, HttpServer, Responder, web};
use async_trait::async_trait;
use iampass_actix::{CurrentUser, Fresh, LoginTransform, MaybeUser, Rejection, scope};
use iampass_core::UserToken;
use iampass_core::machine::WatchOptions;
use iampass_core::port::{
    BoxError, HttpRequest, HttpResponse as ServiceAnswer, HttpTransport, MemorySessionStore,
    MemoryTokenStore, TokenStore as _, TransportError, UserKey,
};
use iampass_reqwest::ReqwestTransport;
use iampass_testkit::{TestService, VirtualPhone};
use iampass_web::{CookieKeys, LoginWeb, ShownApproval, UserDirectory};

use crate::browser::Browser;

pub(crate) const SOON: Duration = Duration::from_secs(40);

#[derive(Clone)]
pub(crate) struct User {
    pub(crate) name: String,
}

/// Anna, as long as the database answers.
#[derive(Clone, Default)]
pub(crate) struct Users {
    pub(crate) fails: Arc<AtomicBool>,
    pub(crate) loads: Arc<AtomicU64>,
}

#[async_trait]
impl UserDirectory for Users {
    type User = User;

    async fn find(&self, login_name: &str) -> Result<Option<UserKey>, BoxError> {
        Ok((login_name == "anna").then(|| UserKey::from(1_i64)))
    }

    async fn load(&self, key: &UserKey) -> Result<Option<User>, BoxError> {
        self.loads.fetch_add(1, Ordering::Relaxed);
        if self.fails.load(Ordering::Relaxed) {
            return Err("the database is away".into());
        }
        Ok((key.as_str() == "1").then(|| User { name: "Anna".to_owned() }))
    }

    fn display_name(&self, user: &User) -> String {
        user.name.clone()
    }
}

/// The way to the service, which may take so many milliseconds longer than it does.
struct Way {
    direct: ReqwestTransport,
    longer: Arc<AtomicU64>,
}

#[async_trait]
impl HttpTransport for Way {
    async fn send(&self, request: HttpRequest) -> Result<ServiceAnswer, TransportError> {
        tokio::time::sleep(Duration::from_millis(self.longer.load(Ordering::Relaxed))).await;
        self.direct.send(request).await
    }
}

pub(crate) struct World {
    /// How many milliseconds longer it takes to the service and back.
    pub(crate) longer: Arc<AtomicU64>,
    pub(crate) service: TestService,
    pub(crate) phone: VirtualPhone,
    pub(crate) users: Users,
    pub(crate) login: LoginWeb<User>,
    address: SocketAddr,
    server: ServerHandle,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_by(WatchOptions::default()).await
    }

    pub(crate) async fn start_by(watch: WatchOptions) -> Self {
        let service = TestService::start().await.unwrap();
        let longer = Arc::new(AtomicU64::new(0));
        let tokens = Arc::new(MemoryTokenStore::new(10));
        let client = service
            .client_builder()
            .shared_transport(Arc::new(Way {
                direct: ReqwestTransport::new().unwrap(),
                longer: longer.clone(),
            }))
            .token_store(tokens.clone())
            .session_store(Arc::new(MemorySessionStore::new(100)))
            .build()
            .unwrap();
        let anna = tokens.assign(&UserKey::from(1_i64), &UserToken::new("u1").unwrap()).await.unwrap();
        client.add_user(&anna).await.unwrap();
        let phone =
            service.register_phone(&client.registration_link(&anna, None).await.unwrap()).await.unwrap();

        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let users = Users::default();
        let login = LoginWeb::builder(client, users.clone())
            .approval(ShownApproval::Tap)
            .origin(format!("http://{address}"))
            .cookie_keys(CookieKeys::generate().unwrap())
            .watch_options(watch)
            .answer_step(Duration::from_millis(1))
            .build()
            .unwrap();
        let server = serve(&login, listener);
        Self { longer, service, phone, users, login, address, server }
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.address)
    }

    /// A browser in which Anna has logged in.
    pub(crate) async fn logged_in(&self) -> Browser {
        let mut browser = self.browser();
        let wait = browser.begin("anna", "/").await;
        self.phone.accept_next(SOON).await.unwrap();
        browser.until_moved(&wait).await;
        assert_eq!(browser.page(&format!("{wait}&shown=nothing")).await.status(), 303);
        browser
    }

    /// Ends the workers and starts others, by the same login and at the same address.
    pub(crate) async fn replace_workers(&mut self) {
        self.server.stop(false).await;
        self.server = serve(&self.login, TcpListener::bind(self.address).unwrap());
    }
}

fn serve(login: &LoginWeb<User>, listener: TcpListener) -> ServerHandle {
    let login = login.clone();
    let application = move || {
        let account = web::scope("/account").wrap(LoginTransform::required(&login)).service(
            web::scope("/settings")
                .route("/theme", web::get().to(|| async { "dark" }))
                .route("/name", web::get().to(name))
                .route("/name", web::post().to(name)),
        );
        App::new()
            .route("/name", web::get().to(name))
            .route("/option", web::get().to(option))
            .route("/maybe", web::get().to(maybe))
            .route("/fresh", web::get().to(fresh))
            .route("/status", web::get().to(status))
            .route("/kept", web::get().to(kept))
            .service(account)
            .service(scope(&login))
            .wrap(LoginTransform::new(&login))
            .wrap(Compress::default())
    };
    let server = HttpServer::new(application).workers(2).disable_signals().listen(listener).unwrap().run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    handle
}

async fn name(user: CurrentUser<User>) -> String {
    assert!(!user.session().token().as_str().is_empty());
    assert_eq!(user.name, user.user().name);
    user.into_user().name
}

async fn option(user: Option<CurrentUser<User>>) -> String {
    user.map_or("nobody".to_owned(), |user| user.name.clone())
}

async fn maybe(user: MaybeUser<User>) -> String {
    user.as_ref().map_or("nobody".to_owned(), |user| user.name.clone())
}

async fn fresh(user: Fresh<User>) -> String {
    user.name.clone()
}

async fn status(user: Result<CurrentUser<User>, Rejection>) -> String {
    user.map_or_else(|rejection| rejection.status().to_string(), |user| user.name.clone())
}

async fn kept(_: CurrentUser<User>) -> impl Responder {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "max-age=60")).body("kept")
}
