//! An SMS gateway and a mail server that write down what they get and answer as they are told.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A request that came to the gateway.
#[derive(Clone, Debug)]
pub(crate) struct Called {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Called {
    pub(crate) fn header(&self, name: &str) -> &str {
        let line = |line: &'_ str| line.split_once(':').map(|(key, _)| key.eq_ignore_ascii_case(name));
        let found = self.head.lines().find(|text| line(text) == Some(true)).unwrap_or_default();
        found.split_once(':').map_or("", |(_, value)| value.trim())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub(crate) struct Gateway {
    pub(crate) address: SocketAddr,
    called: Arc<Mutex<Vec<Called>>>,
    task: JoinHandle<()>,
}

impl Gateway {
    pub(crate) async fn start(answers: &[&'static str]) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), answers).await
    }

    /// Answers what it is given, one after the other, and `200 OK` after that. `"never"` is no answer.
    pub(crate) async fn at(address: SocketAddr, answers: &[&'static str]) -> Self {
        Self::over(TcpListener::bind(address).await.unwrap(), answers)
    }

    /// The same at a place that is bound already.
    pub(crate) fn over(listener: TcpListener, answers: &[&'static str]) -> Self {
        let address = listener.local_addr().unwrap();
        let called = Arc::<Mutex<Vec<Called>>>::default();
        let answers = Arc::new(Mutex::new(VecDeque::from(answers.to_vec())));
        let calls = Arc::clone(&called);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve_webhook(stream, Arc::clone(&calls), Arc::clone(&answers)));
            }
        });
        Self { address, called, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/send", self.address)
    }

    pub(crate) fn called(&self) -> Vec<Called> {
        self.called.lock().unwrap().clone()
    }

    /// The calls that have come, as soon as they are this many.
    pub(crate) async fn after(&self, calls: usize) -> Vec<Called> {
        for _ in 0..600 {
            if self.called().len() >= calls {
                return self.called();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} calls came, not {calls}", self.called().len());
    }
}

/// A place that takes no request: it closes each connection. No other process can bind it meanwhile.
pub(crate) struct Closed {
    pub(crate) address: SocketAddr,
    opens: oneshot::Sender<()>,
    task: JoinHandle<TcpListener>,
}

impl Closed {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (opens, opened) = oneshot::channel();
        let task = tokio::spawn(async move {
            let closing = async {
                loop {
                    drop(listener.accept().await);
                }
            };
            tokio::select! {
                _ = opened => {}
                () = closing => {}
            }
            listener
        });
        Self { address, opens, task }
    }

    /// From now on there is a gateway.
    pub(crate) async fn open(self, answers: &[&'static str]) -> Gateway {
        self.opens.send(()).unwrap();
        Gateway::over(self.task.await.unwrap(), answers)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve_webhook(
    stream: TcpStream,
    called: Arc<Mutex<Vec<Called>>>,
    answers: Arc<Mutex<VecDeque<&'static str>>>,
) {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let mut call = Called { head, body: String::new() };
    let mut body = vec![0; call.header("content-length").parse().unwrap_or(0)];
    if stream.read_exact(&mut body).await.is_err() {
        return;
    }
    call.body = String::from_utf8_lossy(&body).into_owned();
    let answer = answers.lock().unwrap().pop_front().unwrap_or("200 OK");
    called.lock().unwrap().push(call);
    if answer == "never" {
        std::future::pending::<()>().await;
    }
    let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let _ = stream.get_mut().write_all(answer.as_bytes()).await;
}

pub(crate) struct MailServer {
    pub(crate) address: SocketAddr,
    /// All that was said, both sides; messages are in it.
    said: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl MailServer {
    /// Answers `RCPT TO` with what it is given, one after the other, and `250 OK` after that.
    pub(crate) async fn start(recipients: &[&'static str]) -> Self {
        let answers: Vec<_> = recipients.iter().map(|answer| ("RCPT", *answer)).collect();
        Self::saying(&answers).await
    }

    /// Answers each command that begins like this with that, one after the other, and as it should after that. `""` is the greeting.
    pub(crate) async fn saying(answers: &[(&'static str, &'static str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let said = Arc::<Mutex<Vec<String>>>::default();
        let answers = Arc::new(Mutex::new(answers.to_vec()));
        let writes = Arc::clone(&said);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve_mail(stream, Arc::clone(&writes), Arc::clone(&answers)));
            }
        });
        Self { address, said, task }
    }

    /// Whole conversations, one text each.
    pub(crate) fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }

    pub(crate) async fn after(&self, conversations: usize) -> Vec<String> {
        for _ in 0..600 {
            if self.said().len() >= conversations {
                return self.said();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} conversations were held, not {conversations}", self.said().len());
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve_mail(
    stream: TcpStream,
    said: Arc<Mutex<Vec<String>>>,
    answers: Arc<Mutex<Vec<(&'static str, &'static str)>>>,
) {
    let told = |command: &str| {
        let mut answers = answers.lock().unwrap();
        let place = answers
            .iter()
            .position(|(begins, _)| command.starts_with(begins) && begins.is_empty() == command.is_empty());
        place.map(|place| answers.remove(place).1)
    };
    let mut stream = BufReader::new(stream);
    let mut all = String::new();
    let greeting = told("").unwrap_or("220 mail.test");
    let _ = stream.get_mut().write_all(format!("{greeting}\r\n").as_bytes()).await;
    let mut in_data = false;
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await.unwrap_or(0) == 0 {
            break;
        }
        let line = String::from_utf8_lossy(&line).into_owned();
        all.push_str(&line);
        let command = line.trim_end().to_ascii_uppercase();
        let answer = if in_data { None } else { told(&command) };
        let answer = match command.as_str() {
            _ if answer.is_some() => answer.unwrap_or_default(),
            "." if in_data => {
                in_data = false;
                "250 OK"
            }
            _ if in_data => continue,
            "DATA" => {
                in_data = true;
                "354 go on"
            }
            "QUIT" => "221 bye",
            _ if command.starts_with("EHLO") => "250-mail.test\r\n250-8BITMIME\r\n250 AUTH PLAIN",
            _ if command.starts_with("AUTH") => "235 welcome",
            _ => "250 OK",
        };
        if stream.get_mut().write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            break;
        }
    }
    said.lock().unwrap().push(all);
}
