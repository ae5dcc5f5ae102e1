//! The application on axum.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{get, post};
use futures_util::StreamExt as _;
use iampass_axum::{
    Approved, CurrentUser, Fresh, LoginLayer, Proven, Rejection, WithBody, into_response, is_from_own_page,
    routes,
};
use iampass_core::port::UserKey;
use iampass_web::{ByCode, ByDeviceKey, ByUnlockedPhone, LoginWeb, Requirement};

use crate::setting::{Framework, PAGE_POLICY, Stoppable, User, guarded_page, ticks};

pub(crate) struct Axum;

async fn front_page(user: CurrentUser<User>) -> String {
    format!("Hello {}", user.name)
}

async fn maybe(user: Option<CurrentUser<User>>) -> String {
    user.map_or("Hello stranger".to_owned(), |user| format!("Hello {}", user.name))
}

async fn reason(user: Result<CurrentUser<User>, Rejection>) -> String {
    user.map_or_else(|rejection| format!("{:?}", rejection.reason()), |user| format!("Hello {}", user.name))
}

async fn too_old(user: Result<Approved<User, 1>, Rejection>) -> String {
    user.map_or_else(|rejection| format!("{:?}", rejection.reason()), |user| format!("Hello {}", user.name))
}

/// The layer is for other users.
async fn without_a_layer(user: Result<CurrentUser<u8>, Rejection>) -> String {
    user.map_or_else(|rejection| format!("{:?}", rejection.reason()), |_| "let in".to_owned())
}

async fn fresh(user: Fresh<User>) -> String {
    format!("Hello {}", user.name)
}

async fn approved(user: Approved<User>) -> String {
    format!("Hello {}", user.name)
}

async fn approved_now(user: Approved<User, 1>) -> String {
    format!("Hello {}", user.name)
}

async fn proven<R: Requirement>(user: Proven<User, R>) -> String {
    format!("Hello {}", user.name)
}

async fn ticking(user: CurrentUser<User>) -> Body {
    Body::from_stream(user.while_present(ticks()).map(Ok::<_, Infallible>))
}

async fn download(user: CurrentUser<User>) -> Body {
    Body::from_stream(user.while_present(ticks().map(Ok)).or_fail(std::io::Error::other("the user has left")))
}

async fn short_download(user: CurrentUser<User>) -> Body {
    Body::from_stream(
        user.while_present(ticks().take(3).map(Ok)).or_fail(std::io::Error::other("the user has left")),
    )
}

async fn presence(user: CurrentUser<User>) -> Body {
    Body::from_stream(user.presence().map(|presence| Ok::<_, Infallible>(format!("{presence:?}\n"))))
}

struct Serving(tokio::task::JoinHandle<()>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn application(login: &LoginWeb<User>) -> IntoMakeServiceWithConnectInfo<Router, SocketAddr> {
    let for_users_only = Router::new().route("/x", get(front_page)).layer(LoginLayer::required(login));
    let unlocked = LoginLayer::required(login).require(ByUnlockedPhone::assurance());
    let for_the_unlocked = Router::new().route("/unlocked", get(front_page)).layer(unlocked);
    let sign_up = {
        let login = login.clone();
        async move || -> Response { into_response(login.begin_enrolment(&UserKey::from(2), "Bert", "/page")) }
    };
    let own_form = {
        let login = login.clone();
        async move |headers: HeaderMap| is_from_own_page(&login, &headers).to_string()
    };
    let page = {
        let login = login.clone();
        async move |user: CurrentUser<User>| -> Response {
            ([(CONTENT_SECURITY_POLICY, PAGE_POLICY)], Html(guarded_page(&login, &user))).into_response()
        }
    };
    Router::new()
        .route("/", get(front_page))
        .route("/approved", get(approved))
        .route("/approved-now", get(approved_now))
        .route("/proven-code", get(proven::<ByCode>))
        .route("/proven-key", get(proven::<(ByCode, ByDeviceKey)>))
        .nest("/proven", for_the_unlocked)
        .route("/ticks", get(ticking))
        .route("/download", get(download))
        .route("/download/short", get(short_download))
        .route("/presence", get(presence))
        .route("/maybe", get(maybe))
        .route("/fresh", get(fresh))
        .route("/reason", get(reason))
        .route("/reason/too-old", get(too_old))
        .route("/reason/without-a-layer", get(without_a_layer))
        .route("/page", get(page))
        .route("/posts", post(posted))
        .route("/own-form", post(own_form))
        .route("/sign-up", get(sign_up))
        .nest("/required", for_users_only)
        .nest(login.mount_path(), routes(login))
        .layer(LoginLayer::new(login))
        .into_make_service_with_connect_info::<SocketAddr>()
}

async fn posted(WithBody(user, body): WithBody<User, String>) -> String {
    format!("{} has posted {body}", user.name)
}

fn listening(listener: std::net::TcpListener) -> tokio::net::TcpListener {
    listener.set_nonblocking(true).unwrap();
    tokio::net::TcpListener::from_std(listener).unwrap()
}

#[async_trait::async_trait]
impl Framework for Axum {
    async fn serve(login: LoginWeb<User>, listener: std::net::TcpListener) -> Box<dyn Send + Sync> {
        let (listener, application) = (listening(listener), application(&login));
        Box::new(Serving(tokio::spawn(async move { axum::serve(listener, application).await.unwrap() })))
    }

    async fn serve_below(
        prefix: &'static str,
        login: LoginWeb<User>,
        listener: std::net::TcpListener,
    ) -> Box<dyn Send + Sync> {
        let application = Router::new().route("/", get(front_page)).nest(login.mount_path(), routes(&login));
        // axum takes a nested `/` for `/app`, and not for `/app/` as well.
        let application = match prefix {
            "" => application,
            prefix => Router::new().nest(prefix, application).route(&format!("{prefix}/"), get(front_page)),
        };
        let application = application.layer(LoginLayer::required(&login));
        let application = application.into_make_service_with_connect_info::<SocketAddr>();
        let listener = listening(listener);
        Box::new(Serving(tokio::spawn(async move { axum::serve(listener, application).await.unwrap() })))
    }

    async fn serve_until_stopped(login: LoginWeb<User>, listener: std::net::TcpListener) -> Stoppable {
        let (listener, application) = (listening(listener), application(&login));
        let (stop, told) = tokio::sync::oneshot::channel();
        let (tell, stopped) = tokio::sync::oneshot::channel();
        let stopping = async move {
            let _ = told.await;
            login.shutdown();
        };
        tokio::spawn(async move {
            axum::serve(listener, application).with_graceful_shutdown(stopping).await.unwrap();
            tell.send(())
        });
        Stoppable { stop, stopped }
    }
}
