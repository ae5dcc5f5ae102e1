//! Every input gets an answer, and it is never the service's fault.

use serde_json::json;

use crate::rig::{Rig, path_of};

#[tokio::test]
async fn unknown_paths_and_methods_are_told_apart_in_json() {
    let rig = Rig::start().await;
    for path in
        ["/", "/nope", "/management/explode/a", "/authentication", "/device/d/x", "//", "/r/", "/r/a/b/c"]
    {
        let answer = rig.send("GET", path, &[], None).await;
        assert!(matches!(answer.status, 404 | 405), "{path}: {answer:?}");
        assert_eq!(answer.json["status"], false, "{path}: {answer:?}");
    }
    let add = format!("/management/add_users/{}", rig.app.id);
    for method in ["GET", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"] {
        let answer = rig.send(method, &add, &[], None).await;
        answer.is(405, "METHOD_NOT_ALLOWED");
        assert_eq!(answer.header("allow"), Some("POST"));
    }
    let status = rig.send("POST", "/authentication/session/t/status", &[], None).await;
    status.is(405, "METHOD_NOT_ALLOWED");
    assert_eq!(status.header("allow"), Some("GET"));
}

#[tokio::test]
async fn every_answer_has_the_headers_that_keep_browsers_and_caches_out() {
    let rig = Rig::start().await;
    for (path, status) in
        [("/nope", 404), ("/management/add_users/a", 405), ("/device/d/pending_requests", 401)]
    {
        let answer = rig.send("GET", path, &[], None).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    }
}

#[tokio::test]
async fn bodies_and_urls_are_bounded() {
    let rig = Rig::start().await;
    let url = rig.url(&format!("/management/add_users/{}", rig.app.id));
    for (size, status, reason) in [
        (64 * 1024, 422, "INVALID_BODY"),
        (64 * 1024 + 1, 413, "BODY_TOO_LARGE"),
        (900_000, 413, "BODY_TOO_LARGE"),
    ] {
        let headers = rig.signed(&rig.app, &url);
        let body = " ".repeat(size);
        rig.send("POST", path_of(&url), &headers, Some(&body)).await.is(status, reason);
    }
    // Chunked, without saying how much.
    let mut request = format!(
        "POST {} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n",
        path_of(&url)
    );
    for _ in 0..70 {
        request.push_str(&format!("400\r\n{}\r\n", "x".repeat(1_024)));
    }
    request.push_str("0\r\n\r\n");
    rig.raw(request.as_bytes()).await.unwrap().is(413, "BODY_TOO_LARGE");

    for (length, status) in [(8 * 1024, 404), (8 * 1024 + 1, 414), (60_000, 414)] {
        let path = format!("/{}", "a".repeat(length - 1));
        assert_eq!(rig.send("GET", &path, &[], None).await.status, status, "{length}");
    }
}

#[tokio::test]
async fn a_body_that_never_comes_is_not_waited_for_for_ever() {
    let rig = Rig::with(|config| config.limits.body_timeout = std::time::Duration::from_millis(200)).await;
    let request = format!(
        "POST /management/add_users/{} HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n{{",
        rig.app.id
    );
    assert_eq!(rig.raw(request.as_bytes()).await.unwrap().status, 408);
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_off() {
    let rig = Rig::with(|config| config.limits.head_timeout = std::time::Duration::from_millis(200)).await;
    let started = std::time::Instant::now();
    let answer = rig.raw(b"GET /phone HTTP/1.1\r\nHost: h\r\nX: ").await;
    assert!(answer.is_none_or(|answer| answer.status == 408));
    assert!(started.elapsed().as_secs() < 5);
}

#[tokio::test]
async fn a_deeply_nested_body_is_bad_input() {
    let rig = Rig::start().await;
    let url = rig.url(&format!("/management/add_users/{}", rig.app.id));
    let headers = rig.signed(&rig.app, &url);
    let body = format!(r#"{{"users": {}"#, "[".repeat(60_000));
    rig.send("POST", path_of(&url), &headers, Some(&body)).await.is(422, "INVALID_BODY");
}

/// Two thousand requests by a fixed generator: from mangled ones of every call to noise.
#[tokio::test]
async fn two_thousand_malformed_requests_and_no_5xx() {
    let soon = std::time::Duration::from_millis(20);
    let rig = Rig::with(|config| {
        (config.limits.body_timeout, config.limits.head_timeout) = (soon, soon);
        config.limits.idle_timeout = soon;
        config.rates = iampass_server::RateLimits::off();
    })
    .await;
    let phone = rig.phone("u").await;
    let session = rig.session("u", "").await;
    let question = rig.questions(&phone).await.pop().unwrap();
    let app = &rig.app.id;
    let targets = [
        (rig.app.clone(), format!("/management/add_users/{app}")),
        (rig.app.clone(), format!("/management/delete_users/{app}")),
        (rig.app.clone(), format!("/management/device_registration_link/{app}/u?display_name=a")),
        (rig.app.clone(), format!("/management/lost_user_mobile_device/{app}/nobody")),
        (rig.app.clone(), format!("/management/send_registration_sms/{app}/u")),
        (
            rig.app.clone(),
            format!("/authentication/authenticate_user/{app}/u?methods=device&duration_seconds=5"),
        ),
        (session.pair.clone(), path_of(&session.status_url).to_owned()),
        (
            phone.pair.clone(),
            format!("{}?wait=0&known=a,b", path_of(phone.urls["pending_requests"].as_str().unwrap())),
        ),
        (phone.pair.clone(), path_of(phone.urls["device_configuration"].as_str().unwrap()).to_owned()),
        (question.pair.clone(), path_of(&question.identification_url).to_owned()),
        (rig.app.clone(), "/r/abc".to_owned()),
        (rig.app.clone(), "/phone".to_owned()),
    ];
    let bodies = [
        String::new(),
        "{}".into(),
        "null".into(),
        "[".into(),
        r#"{"users": ["a", 1]}"#.into(),
        "\u{0}\u{1}".into(),
        r#"{"accepted": 2}"#.into(),
        r#"{"users": [""]}"#.into(),
        "9".repeat(400),
        r#"{"a": 1e999}"#.into(),
        r#"{"notification_token": "\u0007", "platform": "web"}"#.into(),
        "é".into(),
    ];
    let methods = ["GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "G\u{7f}T", "get", ""];
    let mut random = Generator(0x1a3b_5c7d_9e8f_6042);
    let mut answered = 0;
    for round in 0..2_000 {
        let (pair, target) = &targets[random.below(targets.len())];
        let mut target = target.clone();
        for _ in 0..random.below(4) {
            let at = random.below(target.len() + 1);
            if target.is_char_boundary(at) {
                let insert = [
                    "%", "%00", "%ff", "/", "..", "+", "?", "&", "=", "#", "\u{e9}", ":", "://", ";", "%2f",
                    "\\",
                ];
                target.insert_str(at, insert[random.below(insert.len())]);
            }
        }
        let mut headers = rig.signed(pair, &rig.url(&target));
        match random.below(6) {
            0 => drop(headers.remove(random.below(2))),
            1 => headers[0].1.truncate(random.below(40)),
            2 => headers[1].1 = ["", "-1", "0", "99999999999999999999", "x"][random.below(5)].to_owned(),
            3 => headers.push(headers[random.below(2)].clone()),
            _ => {}
        }
        let odd = random.below(2) == 0;
        let method = methods[random.below(if odd { methods.len() } else { 2 })];
        let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let body = &bodies[random.below(bodies.len())];
        let host = ["h", "", "a b", "[::1", "x:99999", &rig.address.to_string(), &rig.address.to_string()]
            [random.below(7)]
        .to_owned();
        let mut request = format!(
            "{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{lines}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes();
        if random.below(8) == 0 {
            let at = random.below(request.len());
            request[at] = (random.next() & 0xff) as u8;
        }
        if random.below(16) == 0 {
            request.truncate(random.below(request.len()));
            request.extend_from_slice(b"\r\n\r\n");
        }
        if let Some(answer) = rig.raw(&request).await {
            answered += 1;
            assert!(
                answer.status < 500,
                "round {round}: {answer:?} to {:?}",
                String::from_utf8_lossy(&request)
            );
        }
    }
    assert!(answered > 1_800, "only {answered} were answered");
    assert_eq!(rig.status(&session).await, "pending", "and nobody got in");
    rig.post(&rig.app, &rig.url(&format!("/management/add_users/{app}")), json!({"users": ["still-there"]}))
        .await
        .ok(201);
}

/// xorshift64*: the same numbers each time.
struct Generator(u64);

impl Generator {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}
