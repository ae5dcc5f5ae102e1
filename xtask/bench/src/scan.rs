//! From the phone's scan of a login without a name to `active` in the application: what the programs take, without the person's taps.

use std::sync::Arc;
use std::time::{Duration, Instant};

use iampass_core::UserToken;
use iampass_core::machine::{LoginEvent, LoginOptions, LoginOutcome};
use iampass_core::port::{MemorySessionStore, MemoryTokenStore, TokenStore as _, UserKey};
use iampass_testkit::{TestService, VirtualPhone};

use crate::Failure;
use crate::figure::{Better, Figure};
use crate::rounds::percentile_ms;

const LOGINS: u64 = 60;
/// The page is open for so long before it is scanned: from 1 to 4 s, evenly.
const OPEN: u64 = 3_000;

pub(crate) fn measure() -> Result<Vec<Figure>, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(logins())
}

async fn logins() -> Result<Vec<Figure>, Failure> {
    let service = TestService::start().await?;
    let tokens = Arc::new(MemoryTokenStore::new(9));
    let user = UserToken::new("user")?;
    tokens.assign(&UserKey::from(1), &user).await?;
    let client = service
        .client_builder()
        .token_store(tokens)
        .session_store(Arc::new(MemorySessionStore::new(1_000)))
        .build()?;
    client.add_user(&user).await?;
    let phone = Arc::new(VirtualPhone::register(&client.registration_link(&user, None).await?).await?);
    let mut times = Vec::new();
    for number in 0..LOGINS {
        let mut login = client.login_nameless(LoginOptions::default())?;
        let mut scanned_at = None;
        while let Some(event) = login.next().await {
            match event {
                LoginEvent::Started(started) => {
                    let qr = started.qr.ok_or("the login shows no QR code")?;
                    let open = Duration::from_millis(1_000 + number * OPEN / LOGINS);
                    let phone = Arc::clone(&phone);
                    scanned_at = Some(tokio::spawn(async move {
                        tokio::time::sleep(open).await;
                        let at = Instant::now();
                        let shown = qr.scan_url(open);
                        let request = phone.bring_scan(shown.expose()).await?;
                        phone.accept_with_scan(&request, shown.expose()).await?;
                        Ok::<_, Failure>(at)
                    }));
                }
                LoginEvent::Finished(end) => {
                    let active_at = Instant::now();
                    let LoginOutcome::Granted(_) = end? else {
                        return Err("the login was not granted".into());
                    };
                    let at = scanned_at.take().ok_or("the login was not begun")?.await??;
                    times.push(active_at - at);
                }
                _ => {}
            }
        }
    }
    service.shutdown().await?;
    Ok(vec![Figure {
        name: "scan_to_active_p95_ms",
        value: percentile_ms(&times, 95),
        bound: Some(300.0),
        better: Better::Lower,
        detail: format!(
            "from the scan of a login without a name, over bringing it and accepting, to `active`; p50 {:.1} ms; {LOGINS} logins; a person taps twice",
            percentile_ms(&times, 50)
        ),
    }])
}
