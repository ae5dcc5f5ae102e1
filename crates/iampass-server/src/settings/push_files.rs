//! The files that push services give out, as tests have them.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

/// The JSON file of a service account whose tokens come from `token_url`.
pub(crate) fn service_account(token_url: &str) -> String {
    let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(der.as_ref())
    );
    let account = json!({
        "type": "service_account", "project_id": "project-1", "client_email": "push@project-1.iam.example",
        "private_key": pem, "private_key_id": "key-1", "token_uri": token_url,
    });
    account.to_string()
}
