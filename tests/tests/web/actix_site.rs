//! The application on actix-web, on a thread of its own, since its workers are.

use std::convert::Infallible;
use std::sync::mpsc;
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use futures_util::StreamExt as _;
use iampass_actix::{
    Approved, CurrentUser, Fresh, LoginTransform, MaybeUser, Proven, Rejection, WithBody, into_response,
    is_from_own_page, scope,
};
use iampass_core::port::UserKey;
use iampass_web::{ByCode, ByDeviceKey, ByUnlockedPhone, LoginWeb, Requirement};

use crate::setting::{Framework, PAGE_POLICY, Stoppable, User, guarded_page, ticks};

pub(crate) struct Actix;

async fn posted(WithBody(user, body): WithBody<User, String>) -> String {
    format!("{} has posted {body}", user.name)
}

async fn front_page(user: CurrentUser<User>) -> String {
    format!("Hello {}", user.name)
}

async fn maybe(MaybeUser(user): MaybeUser<User>) -> String {
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

async fn own_form(request: HttpRequest, login: web::Data<LoginWeb<User>>) -> String {
    is_from_own_page(&login, request.headers()).to_string()
}

async fn sign_up(login: web::Data<LoginWeb<User>>) -> HttpResponse {
    into_response(login.begin_enrolment(&UserKey::from(2), "Bert", "/page"))
}

async fn page(user: CurrentUser<User>, login: web::Data<LoginWeb<User>>) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    answer.content_type("text/html; charset=utf-8").insert_header((CONTENT_SECURITY_POLICY, PAGE_POLICY));
    answer.body(guarded_page(&login, &user))
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

async fn ticking(user: CurrentUser<User>) -> HttpResponse {
    let ticks =
        user.while_present(ticks()).map(|tick| Ok::<_, Infallible>(web::Bytes::from_static(tick.as_bytes())));
    HttpResponse::Ok().streaming(ticks)
}

async fn download(user: CurrentUser<User>) -> HttpResponse {
    let ticks = ticks().map(|tick| Ok(web::Bytes::from_static(tick.as_bytes())));
    HttpResponse::Ok()
        .streaming(user.while_present(ticks).or_fail(std::io::Error::other("the user has left")))
}

async fn short_download(user: CurrentUser<User>) -> HttpResponse {
    let ticks = ticks().take(3).map(|tick| Ok(web::Bytes::from_static(tick.as_bytes())));
    HttpResponse::Ok()
        .streaming(user.while_present(ticks).or_fail(std::io::Error::other("the user has left")))
}

async fn presence(user: CurrentUser<User>) -> HttpResponse {
    let words =
        user.presence().map(|presence| Ok::<_, Infallible>(web::Bytes::from(format!("{presence:?}\n"))));
    HttpResponse::Ok().streaming(words)
}

struct Serving {
    server: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        // The command is on its way when the future is made.
        drop(self.server.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Serves on a thread of its own.
fn serve(login: LoginWeb<User>, listener: std::net::TcpListener) -> Serving {
    let (tell, told) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let application = move || {
                let for_users_only = web::scope("/required")
                    .route("/x", web::get().to(front_page))
                    .wrap(LoginTransform::required(&login));
                let unlocked = LoginTransform::required(&login).require(ByUnlockedPhone::assurance());
                let for_the_unlocked =
                    web::scope("/proven").route("/unlocked", web::get().to(front_page)).wrap(unlocked);
                App::new()
                    .app_data(web::Data::new(login.clone()))
                    .route("/", web::get().to(front_page))
                    .route("/approved", web::get().to(approved))
                    .route("/approved-now", web::get().to(approved_now))
                    .route("/proven-code", web::get().to(proven::<ByCode>))
                    .route("/proven-key", web::get().to(proven::<(ByCode, ByDeviceKey)>))
                    .service(for_the_unlocked)
                    .route("/ticks", web::get().to(ticking))
                    .route("/download", web::get().to(download))
                    .route("/download/short", web::get().to(short_download))
                    .route("/presence", web::get().to(presence))
                    .route("/maybe", web::get().to(maybe))
                    .route("/fresh", web::get().to(fresh))
                    .route("/reason", web::get().to(reason))
                    .route("/reason/too-old", web::get().to(too_old))
                    .route("/reason/without-a-layer", web::get().to(without_a_layer))
                    .route("/page", web::get().to(page))
                    .service(web::resource("/posts").route(web::post().to(posted)))
                    .route("/own-form", web::post().to(own_form))
                    .route("/sign-up", web::get().to(sign_up))
                    .service(for_users_only)
                    .service(scope(&login))
                    .wrap(LoginTransform::new(&login))
            };
            let server =
                HttpServer::new(application).workers(2).disable_signals().listen(listener).unwrap().run();
            tell.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    Serving { server: told.recv().unwrap(), thread: Some(thread) }
}

#[async_trait::async_trait]
impl Framework for Actix {
    async fn serve(login: LoginWeb<User>, listener: std::net::TcpListener) -> Box<dyn Send + Sync> {
        Box::new(serve(login, listener))
    }

    async fn serve_until_stopped(login: LoginWeb<User>, listener: std::net::TcpListener) -> Stoppable {
        let serving = serve(login.clone(), listener);
        let (stop, told) = tokio::sync::oneshot::channel();
        let (tell, stopped) = tokio::sync::oneshot::channel();
        tokio::spawn(async move {
            let _ = told.await;
            login.shutdown();
            serving.server.stop(true).await;
            tell.send(())
        });
        Stoppable { stop, stopped }
    }

    async fn serve_below(
        prefix: &'static str,
        login: LoginWeb<User>,
        listener: std::net::TcpListener,
    ) -> Box<dyn Send + Sync> {
        serve_on_thread(async move |tell: mpsc::Sender<ServerHandle>| {
            let application = move || {
                let all = web::scope(prefix).route("/", web::get().to(front_page)).service(scope(&login));
                App::new().service(all).wrap(LoginTransform::required(&login))
            };
            let server =
                HttpServer::new(application).workers(1).disable_signals().listen(listener).unwrap().run();
            tell.send(server.handle()).unwrap();
            server.await.unwrap();
        })
    }
}

fn serve_on_thread(
    serve: impl AsyncFnOnce(mpsc::Sender<ServerHandle>) + Send + 'static,
) -> Box<dyn Send + Sync> {
    let (tell, told) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(serve(tell));
    });
    Box::new(Serving { server: told.recv().unwrap(), thread: Some(thread) })
}
