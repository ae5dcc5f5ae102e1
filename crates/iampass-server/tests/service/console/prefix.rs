//! The whole Console below a path prefix, by a proxy that takes the prefix off and by one that does not: nothing leads out of it.

use std::collections::{BTreeSet, VecDeque};
use std::net::SocketAddr;

use iampass_server::{ConsoleLink, ConsoleSettings, Registration};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::visitor::Visitor;
use crate::rig::{Answer, Rig, path_of};

pub(crate) const PREFIX: &str = "/some/prefix";

/// A proxy that shows a service below the prefix, and nothing elsewhere.
struct Proxy {
    listener: TcpListener,
    strips: bool,
}

impl Proxy {
    async fn bind(strips: bool) -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (Self { listener, strips }, address)
    }

    async fn serve(self, service: SocketAddr) {
        loop {
            let (stream, _) = self.listener.accept().await.unwrap();
            tokio::spawn(forward(stream, service, self.strips));
        }
    }
}

async fn forward(mut browser: TcpStream, service: SocketAddr, strips: bool) {
    let mut read = Vec::new();
    let (head, length) = loop {
        let mut some = [0; 4_096];
        let count = browser.read(&mut some).await.unwrap();
        assert!(count > 0, "the request breaks off");
        read.extend_from_slice(&some[..count]);
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8(read[..end].to_vec()).unwrap();
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
            break (head, end + 4 + length.map_or(0, |length| length.parse::<usize>().unwrap()));
        }
    };
    while read.len() < length {
        let mut some = [0; 4_096];
        let count = browser.read(&mut some).await.unwrap();
        read.extend_from_slice(&some[..count]);
    }
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let Some(within) =
        target.strip_prefix(PREFIX).filter(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    else {
        browser.write_all(b"HTTP/1.1 404 Outside\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        return;
    };
    let within = if within.starts_with('/') { within.to_owned() } else { format!("/{within}") };
    let asked = if strips { &within } else { target };
    let rest = &read[method.len() + 1 + target.len()..];
    let mut there = TcpStream::connect(service).await.unwrap();
    there.write_all(format!("{method} {asked}").as_bytes()).await.unwrap();
    there.write_all(rest).await.unwrap();
    // Either may go first.
    let _ = tokio::io::copy(&mut there, &mut browser).await;
}

async fn behind(strips: bool) -> Rig {
    let (proxy, address) = Proxy::bind(strips).await;
    let url = format!("http://{address}{PREFIX}");
    let mut rig = Rig::with(|config| {
        config.public_url = Some(url.parse().unwrap());
        config.console = Some(ConsoleSettings::new(Registration::Open));
    })
    .await;
    tokio::spawn(proxy.serve(rig.address));
    // Everything goes by the proxy from now on.
    rig.address = address;
    rig
}

/// Checks that all that a browser would follow, load or keep of an answer is below the prefix.
#[track_caller]
fn stays_within(path: &str, answer: &Answer) -> BTreeSet<String> {
    let is_within = |place: &str| {
        place.strip_prefix(PREFIX).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
    };
    if let Some(place) = answer.header("location") {
        assert!(is_within(place), "{path} leads to {place}");
    }
    for line in answer.head.lines().filter(|line| line.to_lowercase().starts_with("set-cookie:")) {
        assert!(
            line.contains(&format!("; Path={PREFIX};"))
                || line.ends_with(&format!("; Path={PREFIX}"))
                // The choice of a language.
                || line.contains(&format!("; Path={PREFIX}/console;")),
            "{path}: {line}"
        );
    }
    let mut links = BTreeSet::new();
    let parts: Vec<&str> = answer.body.split('"').collect();
    for pair in parts.windows(2) {
        let Some(name) = pair[0].strip_suffix('=').and_then(|before| before.rsplit([' ', '\n']).next())
        else {
            continue;
        };
        let place = match pair[1] {
            place if place.starts_with('/') => place.to_owned(),
            place if place.starts_with("http") && name != "value" && name != "xmlns" => {
                path_of(place).to_owned()
            }
            _ => continue,
        };
        assert!(is_within(&place), "{path} has {name}=\"{place}\"");
        if name == "href" || name == "src" {
            let place = place.replace("&#38;", "&").replace("&amp;", "&");
            links.insert(place.split('#').next().unwrap().to_owned());
        }
    }
    links
}

struct Walker<'r> {
    visitor: Visitor<'r>,
}

impl Walker<'_> {
    async fn get(&mut self, path: &str) -> Answer {
        let answer = self.visitor.get(path).await;
        stays_within(path, &answer);
        answer
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.visitor.post(path, fields).await;
        stays_within(path, &answer);
        answer
    }

    async fn goes_to(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.post(path, fields).await;
        assert_eq!(answer.status, 303, "{path}: {answer:?}");
        answer.header("location").unwrap().to_owned()
    }

    /// Signs in; where that ends.
    async fn sign_in(&mut self, fields: &[(&str, &str)]) -> String {
        let place = self.goes_to(&format!("{PREFIX}/console/auth/login"), fields).await;
        self.visitor.accept_at(&place).await;
        let answer = self.visitor.wait(&place).await;
        stays_within(&place, &answer);
        answer.header("location").expect("it goes on").to_owned()
    }

    /// Loads every page that one can come to from here.
    async fn everything(&mut self, from: &str) -> BTreeSet<String> {
        let (mut seen, mut queue) = (BTreeSet::new(), VecDeque::from([(from.to_owned(), String::new())]));
        while let Some((path, before)) = queue.pop_front() {
            if !seen.insert(path.clone()) || path.contains("/events") {
                continue;
            }
            let answer = self.visitor.get(&path).await;
            let links = stays_within(&path, &answer);
            assert!([200, 303].contains(&answer.status), "{before} leads to {path}: {}", answer.status);
            queue.extend(answer.header("location").map(|to| (to.to_owned(), path.clone())));
            // The phone's page is for a phone.
            if !path.ends_with("/phone") {
                queue.extend(links.into_iter().map(|link| (link, path.clone())));
            }
        }
        seen
    }
}

async fn walk(strips: bool) {
    let rig = behind(strips).await;
    let at = |path: &str| format!("{PREFIX}{path}");
    let mut walker = Walker { visitor: Visitor::new(&rig) };
    // Before anybody is in.
    for path in [
        "/console",
        "/console/",
        "/console/register",
        "/console/auth/login",
        "/console/auth/enrol",
        "/console/auth/lost-phone",
        "/console/auth/sessions",
        "/console/account",
        "/console/nowhere",
        "/console/link/x",
        "/console/join/x",
        "/console/auth/nowhere",
    ] {
        let answer = walker.get(&at(path)).await;
        assert!(answer.status < 500, "{path}: {answer:?}");
    }
    // A name that is made, a phone, a login that says nothing of where it is to lead.
    let link = rig.service.console_link(ConsoleLink::NewAdministrator(None)).await.unwrap();
    assert_eq!(walker.get(&at(&link)).await.status, 200);
    let enrol = walker.goes_to(&at(&link), &[("name", "olga")]).await;
    let page = walker.get(&enrol).await;
    let link = page.body.split('"').find(|text| text.contains("/r/")).unwrap().to_owned();
    assert!(path_of(&link).starts_with(&at("/r/")), "{link}");
    walker.visitor.phone = Some(rig.register(&link).await);
    let registered = walker.get(&enrol).await;
    assert!(registered.body.contains("/auth/login") || registered.status == 303, "{registered:?}");
    for fields in [
        &[("login_name", "olga")][..],
        &[("login_name", "olga"), ("return_to", "/console")],
        &[("login_name", "olga"), ("return_to", "/")],
        &[("login_name", "olga"), ("return_to", "/some/prefixed")],
    ] {
        let end = walker.sign_in(fields).await;
        assert!(end == at("/console") || end == at("/console/"), "{fields:?} leads to {end}");
        let answer = walker.get(&end).await;
        let answer = match answer.header("location").map(str::to_owned) {
            Some(place) => walker.get(&place).await,
            None => answer,
        };
        assert!(answer.status == 200 && answer.body.contains("Applications"), "{answer:?}");
        rig.clock.advance(61);
    }
    let end = walker.sign_in(&[("login_name", "olga"), ("return_to", &at("/console/account"))]).await;
    assert_eq!(end, at("/console/account"));

    // Something to see.
    let app = at(&format!("/console/applications/{}", rig.app.id));
    let added = walker.goes_to(&format!("{app}/members/add"), &[("name", "olga"), ("role", "owner")]).await;
    walker.get(&added).await;
    let user = walker.goes_to(&format!("{app}/users/add"), &[("users", "ann")]).await;
    walker.get(&user).await;
    for (path, fields) in [
        (format!("{app}/members/invite"), vec![("role", "read-only")]),
        (format!("{app}/settings/rotate"), vec![("overlap", "day")]),
        (format!("{}/link", user.split('?').next().unwrap()), vec![("sure", "yes")]),
        (at("/console/account/phone"), vec![("sure", "yes")]),
        (at("/console/applications/new"), vec![("name", "Another")]),
    ] {
        assert_eq!(walker.post(&path, &fields).await.status, 201, "{path}");
    }
    let seen = walker.everything(&at("/console")).await;
    for part in [
        "/accounts/",
        "/account/phone",
        "/members/invite",
        "/settings/delete",
        "/users/",
        "/auth/sessions",
        "/phone",
        "/assets/",
    ] {
        assert!(seen.iter().any(|path| path.contains(part)), "{part}: {seen:#?}");
    }
    assert!(seen.len() > 40, "{seen:#?}");
    // The last link has chosen another language.
    let english = format!("{}?to=en&back=page&next=%2Fsome%2Fprefix%2Fconsole", at("/console/auth/language"));
    assert_eq!(walker.get(&english).await.header("location"), Some(at("/console").as_str()));

    // Forms that are refused, and a sign-in that is too old.
    for path in [format!("{app}/settings/rename"), format!("{app}/settings/delete"), format!("{app}/nowhere")]
    {
        walker.post(&path, &[]).await;
    }
    rig.clock.advance(6 * 60);
    let refused = walker.goes_to(&format!("{app}/settings/delete"), &[("typed", "Shop")]).await;
    assert!(refused.starts_with(&at("/console/auth/login?next=%2Fsome%2Fprefix%2Fconsole%2F")), "{refused}");
    walker.get(&refused).await;
    let end = walker.goes_to(&at("/console/auth/logout"), &[]).await;
    assert_eq!(end, at("/console"));
    assert!(walker.get(&end).await.body.contains("Sign in"));
    assert!(
        walker.visitor.cookies.keys().all(|name| !name.contains("session")),
        "{:?}",
        walker.visitor.cookies.keys()
    );
}

#[tokio::test]
async fn below_a_prefix_that_the_proxy_takes_off() {
    walk(true).await;
}

#[tokio::test]
async fn below_a_prefix_that_the_proxy_leaves() {
    walk(false).await;
}
