//! The service over the file that is named, until its input ends: a process whose memory can be measured.

#![forbid(unsafe_code)]

#[path = "../service/open.rs"]
mod open;

use std::path::PathBuf;

use iampass_core::port::BoxError;
use tokio::io::AsyncReadExt as _;

fn main() -> Result<(), BoxError> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(serve())
}

async fn serve() -> Result<(), BoxError> {
    let file = std::env::args_os().nth(1).map(PathBuf::from).ok_or("name a file")?;
    let serving = open::Serving::start(open::on_file(&file)).await?;
    let application = &serving.application;
    let says = serde_json::json!({
        "address": serving.address,
        "id": application.id.as_str(),
        "secret": application.secret.expose(),
    });
    println!("{says}");
    let mut ends = Vec::new();
    tokio::io::stdin().read_to_end(&mut ends).await?;
    serving.end().await
}
