//! Logins by phones with a key of their own, against those by phones that share a secret with the service.

use super::device_key::DeviceKey;
use super::logins::{MANY, logins, shop_with_phones};
use super::open::{Serving, on_file};
use crate::figure::{Better, Figure};
use crate::{Failure, rounds};

const ROUNDS: usize = 5;

pub(crate) fn measure() -> Result<Vec<Figure>, Failure> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(on_sqlite())
}

async fn on_sqlite() -> Result<Vec<Figure>, Failure> {
    let folder = tempfile::tempdir()?;
    let serving = Serving::start(on_file(&folder.path().join("data.sqlite"))).await?;
    let (shop, with_secret) = shop_with_phones(&serving).await?;
    let mut line = shop.line().await?;
    let names: Vec<_> = (0..MANY).map(|user| format!("keyed-{user}")).collect();
    shop.add_users(&mut line, &names).await?;
    let mut with_key = Vec::new();
    for name in &names {
        with_key.push(shop.register_with(&mut line, name, Some(DeviceKey::generate()?)).await?);
    }
    let (mut secrets, mut keys, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let secret = logins(&shop, &with_secret).await?.per_second;
        let key = logins(&shop, &with_key).await?.per_second;
        // The first round warms up.
        if round > 0 {
            secrets.push(secret);
            keys.push(key);
            ratios.push(key / secret);
        }
    }
    serving.end().await?;
    Ok(vec![Figure {
        name: "login_key_vs_secret",
        value: rounds::median(&mut ratios),
        bound: Some(0.8),
        better: Better::Higher,
        detail: format!(
            "{:.0} logins/s with {MANY} at a time by phones that sign with a key of their own, {:.0} by phones that share a secret; the phones sign on the same cores",
            rounds::median(&mut keys),
            rounds::median(&mut secrets)
        ),
    }])
}
