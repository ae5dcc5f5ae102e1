//! A push is sent once, whichever node the question came by, and by another node where the one that has it dies.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use iampass_system_tests::Nodes;
use iampass_test_databases::postgres;
use serde_json::{Value, json};

use crate::caller::{NODES, Three, sign, text};

const PHONES: usize = 12;
/// Longer than a node waits before it looks whether others have died with pushes in their hands.
const LOOKED_AGAIN: Duration = Duration::from_secs(7);

/// The gateway of an operator: how often each push came.
#[derive(Clone, Default)]
struct Gateway(Arc<Mutex<BTreeMap<String, u32>>>);

impl Gateway {
    /// Its address.
    fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let gateway = self.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let gateway = gateway.clone();
                std::thread::spawn(move || gateway.take(stream.unwrap()));
            }
        });
        format!("http://{address}/wake")
    }

    fn take(&self, mut stream: TcpStream) {
        let mut read = Vec::new();
        let mut some = [0; 4096];
        let body = loop {
            let count = stream.read(&mut some).unwrap_or(0);
            if count == 0 {
                return;
            }
            read.extend_from_slice(&some[..count]);
            let whole = String::from_utf8_lossy(&read);
            let body =
                whole.split_once("\r\n\r\n").and_then(|(_, body)| serde_json::from_str::<Value>(body).ok());
            if let Some(body) = body {
                break body;
            }
        };
        assert_eq!(body["channel"], "push");
        // Long enough that others could take it meanwhile.
        std::thread::sleep(Duration::from_millis(300));
        *self.0.lock().unwrap().entry(text(&body["id"])).or_default() += 1;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }

    fn counts(&self) -> Vec<u32> {
        self.0.lock().unwrap().values().copied().collect()
    }

    fn wait_for(&self, pushes: usize, within: Duration) {
        let end = Instant::now() + within;
        while self.counts().len() < pushes {
            assert!(Instant::now() < end, "{:?} came, not {pushes}", self.counts());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn start(gateway: &Gateway) -> Option<Three> {
    let database = postgres()?.database();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("push.toml");
    let settings = format!(
        "[push]\ncontact = \"mailto:ops@example.org\"\nwebhook_url = \"{}\"\nwebhook_secret = \"a secret of many bytes\"\n",
        gateway.start()
    );
    std::fs::write(&file, settings).unwrap();
    let more = ["--config", file.to_str().unwrap()];
    let nodes = Nodes::start_with(NODES, database.url(), 60, &more).unwrap();
    Some(Three { nodes, database })
}

/// A user whose phone is behind the gateway.
fn user(three: &Three, name: &str) {
    let phone = three.user_with_phone(name);
    let body = json!({"notification_token": format!("webhook:{name}")}).to_string();
    let url = text(&phone.urls["device_configuration"]);
    let (status, said) = three.to(0, &sign(&phone.pair, "POST", &url, &body));
    assert_eq!((status, &said["push"]["is_subscribed"]), (200, &json!(true)), "{said}");
}

#[test]
fn each_push_is_sent_once_whichever_node_the_question_came_by() {
    let gateway = Gateway::default();
    let Some(three) = start(&gateway) else { return };
    for phone in 0..PHONES {
        user(&three, &format!("user-{phone}"));
    }
    for phone in 0..PHONES {
        three.start_login(phone % NODES, &format!("user-{phone}"));
    }
    gateway.wait_for(PHONES, Duration::from_secs(20));
    std::thread::sleep(LOOKED_AGAIN);
    assert_eq!(gateway.counts(), [1; PHONES]);
}

#[test]
fn the_nodes_that_are_left_send_what_is_asked_for_by_them() {
    let gateway = Gateway::default();
    let Some(mut three) = start(&gateway) else { return };
    user(&three, "ann");
    three.nodes.kill(0).unwrap();
    three.start_login(1, "ann");
    three.nodes.kill(1).unwrap();
    // Node 1 may have sent it, and may have died with it: then its lease ends, and node 2 sends it.
    gateway.wait_for(1, Duration::from_secs(50));
}
