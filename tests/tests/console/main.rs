//! The Console in a real browser, with virtual phones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod accounts;
mod applications;
mod visitor;
mod windows;

use iampass_core::client::Client;
use iampass_reqwest::ReqwestTransport;

/// The client of an application with these credentials.
fn application_client(server: &str, id: &str, secret: &str) -> Client {
    let transport = ReqwestTransport::new().unwrap();
    let builder = Client::builder().server(server).application(id, secret).transport(transport);
    builder.sessions_in_memory().build().unwrap()
}
