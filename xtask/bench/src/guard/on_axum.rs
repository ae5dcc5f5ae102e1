//! The cases on axum. Belongs here: one application for each, and their timing.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use axum_login::{AuthManagerLayerBuilder, AuthSession, AuthUser, AuthnBackend, UserId};
use http::header::{COOKIE, SET_COOKIE};
use http::{Request, StatusCode};
use iampass_axum::{CurrentUser, LoginLayer};
use iampass_core::port::BoxError;
use iampass_web::SessionMode;
use tower::ServiceExt as _;
use tower_sessions::{MemoryStore, SessionManagerLayer};

use super::turns::{CALLS, ROUNDS, Turns};
use super::{Case, check};
use crate::application::{Accepting, Application, User, log_in};

/// An application, and the cookie of somebody who is logged in.
struct Site {
    case: Case,
    router: Router,
    cookie: String,
}

pub(super) async fn measure() -> Result<Turns, BoxError> {
    let sites = [bare(), ours(Case::Stored).await?, ours(Case::Sealed).await?, axum_login().await?];
    for site in &sites {
        let request = Request::get("/").body(Body::empty())?;
        let without_cookie = site.router.clone().oneshot(request).await?.status().as_u16();
        let with_cookie = site.router.clone().oneshot(site.request()?).await?.status().as_u16();
        check(site.case, with_cookie, without_cookie)?;
    }
    let mut turns = Turns::new();
    for round in 0..=ROUNDS {
        for case in Turns::of_round(round) {
            for site in sites.iter().filter(|site| site.case == case) {
                let ns = site.turn().await?;
                // The first round warms up.
                if round > 0 {
                    turns.note(case, ns);
                }
            }
        }
        // The sessions are watched in between.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(turns)
}

impl Site {
    fn request(&self) -> Result<Request<Body>, http::Error> {
        Request::get("/").header(COOKIE, &self.cookie).body(Body::empty())
    }

    /// How long a request takes, in nanoseconds.
    async fn turn(&self) -> Result<f64, BoxError> {
        let requests = (0..CALLS).map(|_| self.request()).collect::<Result<Vec<_>, _>>()?;
        let mut refused = 0;
        let start = Instant::now();
        for request in requests {
            let response = self.router.clone().oneshot(request).await?;
            refused += usize::from(response.status() != StatusCode::OK);
        }
        let elapsed = start.elapsed();
        if refused > 0 {
            return Err(format!("{:?} refused {refused} requests", self.case).into());
        }
        Ok(elapsed.as_nanos() as f64 / CALLS as f64)
    }
}

fn bare() -> Site {
    let router = Router::new().route("/", get(async || "Hello"));
    Site { case: Case::Bare, router, cookie: "theme=dark".to_owned() }
}

async fn ours(case: Case) -> Result<Site, BoxError> {
    let mode = if case == Case::Sealed { SessionMode::Sealed } else { SessionMode::Stored };
    let application = Application::of_users(1).await?;
    let login = application.node(&Accepting::default(), mode, Duration::from_secs(10))?;
    let cookie = log_in(&login, 0).await?;
    let router = Router::new().route("/", get(for_users)).layer(LoginLayer::new(&login));
    Ok(Site { case, router, cookie })
}

async fn for_users(_user: CurrentUser<User>) -> &'static str {
    "Hello"
}

impl AuthUser for User {
    type Id = i64;

    fn id(&self) -> i64 {
        self.id
    }

    fn session_auth_hash(&self) -> &[u8] {
        self.name.as_bytes()
    }
}

/// The same users, as axum-login finds them.
#[derive(Clone)]
struct Backend;

impl AuthnBackend for Backend {
    type User = User;
    type Credentials = i64;
    type Error = Infallible;

    async fn authenticate(&self, id: i64) -> Result<Option<User>, Infallible> {
        Ok(Some(User::new(id)))
    }

    async fn get_user(&self, id: &UserId<Self>) -> Result<Option<User>, Infallible> {
        Ok(Some(User::new(*id)))
    }
}

async fn axum_login() -> Result<Site, BoxError> {
    let begin = async |mut session: AuthSession<Backend>| match session.login(&User::new(0)).await {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let guarded = async |session: AuthSession<Backend>| match session.user {
        Some(_) => Ok("Hello"),
        None => Err(StatusCode::UNAUTHORIZED),
    };
    let sessions = SessionManagerLayer::new(MemoryStore::default());
    let router = Router::new()
        .route("/", get(guarded))
        .route("/begin", get(begin))
        .layer(AuthManagerLayerBuilder::new(Backend, sessions).build());
    let answer = router.clone().oneshot(Request::get("/begin").body(Body::empty())?).await?;
    let cookie = answer.headers().get(SET_COOKIE).ok_or("axum-login sets no cookie")?.to_str()?;
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    Ok(Site { case: Case::Alternative, router, cookie })
}
