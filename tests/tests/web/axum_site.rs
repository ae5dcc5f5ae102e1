//! The application on axum.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{get, post};
use futures_util::StreamExt as _;
use iampass_axum::{Approved, CurrentUser, Fresh, LoginLayer, WithBody, into_response, routes};
use iampass_core::port::UserKey;
use iampass_web::LoginWeb;

use crate::setting::{Framework, PAGE_POLICY, Stoppable, User, Users, guarded_page, ticks};

pub(crate) struct Axum;

async fn front_page(user: CurrentUser<User>) -> String {
    format!("Hello {}", user.name)
}

async fn maybe(user: Option<CurrentUser<User>>) -> String {
    user.map_or("Hello stranger".to_owned(), |user| format!("Hello {}", user.name))
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

async fn ticking(user: CurrentUser<User>) -> Body {
    Body::from_stream(user.while_present(ticks()).map(Ok::<_, Infallible>))
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

fn application(login: &LoginWeb<Users>) -> IntoMakeServiceWithConnectInfo<Router, SocketAddr> {
    let for_users_only = Router::new().route("/x", get(front_page)).layer(LoginLayer::required(login));
    let sign_up = {
        let login = login.clone();
        async move || -> Response { into_response(login.begin_enrolment(&UserKey::from(2), "Bert", "/page")) }
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
        .route("/ticks", get(ticking))
        .route("/presence", get(presence))
        .route("/maybe", get(maybe))
        .route("/fresh", get(fresh))
        .route("/page", get(page))
        .route("/posts", post(posted))
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
    async fn serve(login: LoginWeb<Users>, listener: std::net::TcpListener) -> Box<dyn Send + Sync> {
        let (listener, application) = (listening(listener), application(&login));
        Box::new(Serving(tokio::spawn(async move { axum::serve(listener, application).await.unwrap() })))
    }

    async fn serve_below(
        prefix: &'static str,
        login: LoginWeb<Users>,
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

    async fn serve_until_stopped(login: LoginWeb<Users>, listener: std::net::TcpListener) -> Stoppable {
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
