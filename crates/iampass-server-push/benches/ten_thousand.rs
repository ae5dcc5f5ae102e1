//! Ten thousand pushes over sockets on this machine, with one push service among them that never answers: how long the others take.
//!
//! `cargo bench -p iampass-server-push`. The aim is 10 s on two cores.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use iampass_core::port::Clock;
use iampass_core::{Now, UnixSeconds};
use iampass_server_metrics::Metrics;
use iampass_server_push::queue::{Limits, Outcome, SubscriptionKey, Waiting};
use iampass_server_push::{
    Address, Contact, DeliveryRecord, HttpClient, Outbox, OutboxError, PushId, PushKind, PushWorker, Reach,
    Topic, VapidKey, VapidKeys, WebPush, WebSubscription,
};
use tokio::net::TcpListener;
use tokio::sync::Notify;

const PUSHES: u64 = 10_000;
/// One in so many goes to the server that hangs.
const SLOW: u64 = 10;

struct SystemClock(Instant);

impl Clock for SystemClock {
    fn now(&self) -> Now {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Now::at(self.0.elapsed(), wall)
    }
}

struct Once {
    waiting: Mutex<Vec<Waiting>>,
    sent: AtomicUsize,
    all: Notify,
}

#[async_trait]
impl Outbox for Once {
    async fn lease(&self, most: usize) -> Result<Vec<Waiting>, OutboxError> {
        let mut waiting = self.waiting.lock().map_err(|_| OutboxError)?;
        let most = most.min(waiting.len());
        Ok(waiting.drain(..most).collect())
    }

    async fn renew(&self, _: &[PushId]) -> Result<Vec<PushId>, OutboxError> {
        Ok(Vec::new())
    }

    async fn settle(&self, records: &[DeliveryRecord]) -> Result<(), OutboxError> {
        let sent = records.iter().filter(|record| record.outcome == Outcome::Sent).count();
        let wanted = usize::try_from(PUSHES - PUSHES / SLOW).unwrap_or(usize::MAX);
        if self.sent.fetch_add(sent, Ordering::SeqCst) + sent >= wanted {
            self.all.notify_one();
        }
        Ok(())
    }

    async fn changed(&self) {
        std::future::pending::<()>().await;
    }
}

async fn server(hangs: bool) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let service = service_fn(move |request: Request<Incoming>| async move {
                    if hangs {
                        std::future::pending::<()>().await;
                    }
                    drop(request.into_body().collect().await);
                    let mut response = Response::new(Empty::<Bytes>::new());
                    *response.status_mut() = http::StatusCode::CREATED;
                    Ok::<_, Infallible>(response)
                });
                drop(
                    Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), service).await,
                );
            });
        }
    });
    Ok(address)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let (quick, slow) = (server(false).await?, server(true).await?);
        let key = VapidKey::generate()?;
        let expires_at = UnixSeconds(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() + 60);
        // Any point on the curve will do: nobody opens these.
        let point = VapidKey::generate()?.public_key();
        let waiting: Result<Vec<Waiting>, iampass_server_push::InvalidSubscription> = (0..PUSHES)
            .map(|id| {
                let server = if id % SLOW == 0 { slow } else { quick };
                let endpoint = format!("http://{server}/push/{id}");
                let subscription = WebSubscription::new(
                    &endpoint,
                    &point,
                    "BTBZMqHH6r4Tts7J_aSIgg",
                    key.id(),
                    Reach::Everywhere,
                )?;
                Ok(Waiting {
                    id: PushId(id),
                    subscription: SubscriptionKey(id),
                    address: Address::Web(subscription),
                    kind: PushKind::QuestionWaits,
                    topic: Topic::of(&[0; 32], &id.to_string()),
                    expires_at,
                })
            })
            .collect();
        let outbox =
            Arc::new(Once { waiting: Mutex::new(waiting?), sent: AtomicUsize::new(0), all: Notify::new() });
        let contact = Contact::new("mailto:ops@example.org")?;
        let http = HttpClient::to_strangers(Reach::Everywhere)?;
        let begun = Instant::now();
        let worker = PushWorker {
            outbox: Arc::clone(&outbox) as Arc<dyn Outbox>,
            push: Arc::new(WebPush::new(http, VapidKeys::new(key), contact)),
            clock: Arc::new(SystemClock(begun)),
            metrics: Arc::new(Metrics::new(["/"])),
            limits: Limits::default(),
        };
        let worker = tokio::spawn(async move { worker.run(std::future::pending()).await });
        let done = tokio::time::timeout(Duration::from_secs(60), outbox.all.notified()).await;
        let sent = outbox.sent.load(Ordering::SeqCst);
        println!("{sent} of {PUSHES} pushes in {:.2?}; the others hang", begun.elapsed());
        worker.abort();
        done.map_err(|_| "they took longer than a minute".into())
    })
}
