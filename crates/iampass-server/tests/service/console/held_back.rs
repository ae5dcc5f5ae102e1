//! Forms whose body is held back until the right to send them is gone.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::visitor::{Visitor, open_house};

/// Sends the head of a form and its first byte.
async fn begin(visitor: &Visitor<'_>, path: &str, form: &str) -> TcpStream {
    let (address, length) = (visitor.rig.address, form.len());
    let cookies: Vec<_> = visitor.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nSec-Fetch-Site: same-origin\r\nConnection: close\r\n\
         Sec-Fetch-Mode: navigate\r\nAccept: text/html\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {length}\r\nCookie: {}\r\n\r\n{}",
        cookies.join("; "),
        &form[..1]
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    // A service that looks at the sender before the body has looked by then.
    tokio::time::sleep(Duration::from_millis(300)).await;
    stream
}

/// Sends the rest; the status of the answer.
async fn finish(mut stream: TcpStream, form: &str) -> u16 {
    stream.write_all(&form.as_bytes()[1..]).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_form_that_is_held_back_does_not_outlive_the_right_to_send_it() {
    let rig = open_house().await;
    let mut anna = Visitor::registered(&rig, "anna").await;
    let mut bert = Visitor::registered(&rig, "bert").await;
    let _carl = Visitor::registered(&rig, "carl").await;
    let (id, _) = anna.add_application("Shop").await;
    let members = format!("/console/applications/{id}/members");
    let added = [("name", "bert"), ("role", "owner")];
    assert_eq!(anna.post(&format!("{members}/add"), &added).await.status, 303);

    // A member who is removed meanwhile.
    let form = "name=carl&role=owner";
    let held = begin(&bert, &format!("{members}/add"), form).await;
    let bert_key = rig.store.column("SELECT CAST(key AS TEXT) FROM accounts WHERE name = 'bert'").remove(0);
    let removed = anna.post(&format!("{members}/{bert_key}/remove"), &[("typed", "bert")]).await;
    assert_eq!(removed.status, 303);
    assert_eq!(finish(held, form).await, 404);

    // A session that is ended meanwhile.
    let form = "name=Bert%27s";
    let held = begin(&bert, "/console/applications/new", form).await;
    assert_eq!(bert.post("/console/auth/logout", &[]).await.status, 303);
    assert_eq!(finish(held, form).await, 303, "to the login");
    let names = rig.store.column("SELECT name FROM applications WHERE name LIKE 'Bert%'");
    assert!(names.is_empty(), "{names:?}");

    let members = rig.store.column("SELECT name FROM accounts JOIN members ON account_key = accounts.key");
    assert_eq!(members, ["anna"]);
}
