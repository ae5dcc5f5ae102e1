//! An evil application among good ones, and an evil service under a good client.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::response::{IntoResponse as _, Response};
use iampass_core::UserToken;
use iampass_core::machine::LoginOptions;
use iampass_core::machine::LoginOutcome;
use serde_json::{Value, json};
use std::sync::Mutex;
use std::time::Duration;

use crate::ground::Ground;
use crate::service::Shop;
use crate::verdict::{Attack, Failure, Outcome, Verdict, attack, hold, works};
use crate::wire::Pair;

pub(crate) const ATTACKS: [Attack; 2] = [
    attack!(
        "evil-application",
        "an application of the same service asks for another's users, links and sessions",
        application
    ),
    attack!(
        "evil-service",
        "somebody in the place of the service answers a client with what it should not believe",
        service
    ),
];

async fn application(ground: Arc<Ground>) -> Outcome {
    let user = ground.user("wanted");
    let phone = ground.shop.phone(&user).await?;
    let (good, evil) = (&ground.shop, &ground.tap);
    // In its own name the user is nobody; in the good one's name it has no secret.
    let answer = evil.start_with(&user, &json!({})).await?;
    hold!(answer.status != 202, "it starts a session of another's user");
    for signer in [&evil.pair, &Pair::new(&*good.pair.id, evil.pair.secret.expose())] {
        let url = format!("{}/authentication/authenticate_user/{}/{user}", good.server, good.pair.id);
        let answer =
            evil.wire.post(signer, &url, &json!({"confirm": ["code"], "known_browser": true})).await?;
        hold!(answer.status >= 400, "it starts in another's name: {}", answer.status);
        for call in ["delete_users", "add_users"] {
            let url = format!("{}/management/{call}/{}", good.server, good.pair.id);
            let answer = evil.wire.post(signer, &url, &json!({"users": [user]})).await?;
            hold!(answer.status >= 400, "{call}: {}", answer.status);
        }
    }
    hold!(phone.pending().await?.is_empty(), "the phone rings");
    let started = good.start(&user, true).await?;
    phone.accept_code(&started.code).await?;
    for signer in [&evil.pair, &Pair::new(&*started.pair.id, evil.pair.secret.expose())] {
        let answer = evil.wire.get(signer, &started.status_url).await?;
        hold!(answer.status >= 400, "it reads another's session: {}", answer.status);
        let answer = evil.wire.post(signer, &started.logout_url, &json!({})).await?;
        hold!(answer.status >= 400, "it ends another's session: {}", answer.status);
    }
    works!(good.is_in(&started).await?, "the good session is gone");
    Verdict::defeated("nothing rings, is read, changed or ended across applications")
}

/// The ways in which it answers.
#[derive(Clone, Copy, Debug)]
enum Trick {
    /// None: so that a refusal proves something.
    Honest,
    ActiveAtOnce,
    UrlsElsewhere,
    StatusOfAnother,
    Contradiction,
    Redirect,
    NoJson,
}

struct Fake {
    origin: String,
    elsewhere: String,
    trick: Mutex<Trick>,
    asked: Mutex<Vec<String>>,
}

async fn faked(State(fake): State<Arc<Fake>>, uri: Uri) -> Response {
    let trick = *fake.trick.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let path = uri.path().to_owned();
    fake.asked.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(path.clone());
    let is_start = path.contains("/authenticate_user/");
    let base = if matches!(trick, Trick::UrlsElsewhere) { &fake.elsewhere } else { &fake.origin };
    let session = |status: &str| {
        json!({"authentication_status": {
            "authenticated": true, "session_status": status, "session_token": "TOKEN", "session_secret": "SECRET",
            "status_url": format!("{base}/authentication/session/TOKEN/status"), "logout_url": format!("{base}/authentication/session/TOKEN/logout"),
        }})
    };
    let told = |status: u16, body: &Value| {
        let status = axum::http::StatusCode::from_u16(status).unwrap_or_default();
        (status, [("content-type", "application/json")], body.to_string()).into_response()
    };
    match (trick, is_start) {
        (Trick::Redirect, _) => {
            let place = format!("{}/authentication/session/TOKEN/status", fake.elsewhere);
            (axum::http::StatusCode::TEMPORARY_REDIRECT, [("location", place)]).into_response()
        }
        (Trick::ActiveAtOnce, true) => told(202, &session("active")),
        (_, true) => told(202, &session("pending")),
        (Trick::Honest, false) => told(200, &session("active")),
        (Trick::StatusOfAnother, false) => {
            let mut other = session("active");
            if let Some(token) = other.pointer_mut("/authentication_status/session_token") {
                *token = json!("OTHER");
            }
            told(200, &other)
        }
        (Trick::NoJson, false) => (axum::http::StatusCode::OK, "active").into_response(),
        (Trick::Contradiction, false) => told(
            200,
            &json!({"authenticated": true, "session_status": "pending",
                "authentication_status": {"authenticated": true, "session_status": "active"}}),
        ),
        _ => told(503, &json!({"status": false})),
    }
}

async fn service(_ground: Arc<Ground>) -> Outcome {
    let here = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let there = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let (origin, elsewhere) =
        (format!("http://{}", here.local_addr()?), format!("http://{}", there.local_addr()?));
    let fake = |origin: &str| {
        Arc::new(Fake {
            origin: origin.to_owned(),
            elsewhere: elsewhere.clone(),
            trick: Mutex::new(Trick::ActiveAtOnce),
            asked: Mutex::default(),
        })
    };
    let (near, far) = (fake(&origin), fake(&elsewhere));
    let mut serving = tokio::task::JoinSet::new();
    for (listener, fake) in [(here, &near), (there, &far)] {
        let application = Router::new().fallback(faked).with_state(Arc::clone(fake));
        serving.spawn(async move { axum::serve(listener, application).await });
    }
    let user = UserToken::new("u")?;
    let all = [
        Trick::Honest,
        Trick::ActiveAtOnce,
        Trick::UrlsElsewhere,
        Trick::StatusOfAnother,
        Trick::Contradiction,
        Trick::Redirect,
        Trick::NoJson,
    ];
    for trick in all {
        // A new client for each, since the sessions of all have the same token.
        let shop = Shop::new(&origin, "APP", "secret")?;
        *near.trick.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = trick;
        let options = LoginOptions::default().deadline(Duration::from_secs(4));
        let outcome: Result<_, Failure> = match shop.client.login(&user, options) {
            Ok(flow) => tokio::time::timeout(Duration::from_secs(16), flow.outcome())
                .await
                .map_err(|_| "the login does not end".into())
                .and_then(|outcome| outcome.map_err(Into::into)),
            Err(error) => Err(error.into()),
        };
        let is_granted = matches!(outcome, Ok(LoginOutcome::Granted(_)));
        if matches!(trick, Trick::Honest) {
            works!(is_granted, "an honest service lets nobody in: {:?}", outcome.err());
            continue;
        }
        hold!(!is_granted, "{trick:?} is believed");
        let asked = far.asked.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        hold!(asked.is_empty(), "{trick:?}: another origin is asked for {asked:?}");
    }
    Verdict::defeated("6 kinds of answers grant nothing, and no other origin is asked")
}
