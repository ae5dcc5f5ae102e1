//! README's example is compiled here, and README shows exactly this text.
#![allow(missing_docs, dead_code, clippy::panic)]
#![cfg(all(feature = "axum", feature = "reqwest", feature = "sea-orm-sqlite"))]

use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use iampass::axum::{CurrentUser, LoginLayer, ProtectionLayer, routes};
use iampass::core::port::BoxError;
use iampass::sea_orm::{KeyRing, Schema, SeaOrmDatabase};
use iampass::web::{ConfigError, LoginWeb, UserDirectory};
use iampass::{Client, ReqwestTransport, UserKey};
use sea_orm::DatabaseConnection;

#[derive(Clone)]
struct User {
    name: String,
}

struct Users;

#[async_trait::async_trait]
impl UserDirectory for Users {
    type User = User;

    async fn find(&self, _login_name: &str) -> Result<Option<UserKey>, BoxError> {
        Ok(None)
    }

    async fn load(&self, _key: &UserKey) -> Result<Option<User>, BoxError> {
        Ok(None)
    }

    fn display_name(&self, user: &User) -> String {
        user.name.clone()
    }
}

async fn front_page(user: CurrentUser<User>) -> String {
    format!("Hello {}", user.name) // Only a user who is logged in, and still there, gets here.
}

#[rustfmt::skip]
fn application(client: Client, users: Users) -> Result<Router, ConfigError> {
    let login = LoginWeb::builder(client, users).origin("https://app.example").build()?;
    Ok(Router::new()
        .route("/", get(front_page))
        .nest(login.mount_path(), routes(&login)) // The login's own pages.
        .layer(LoginLayer::new(&login))
        .layer(ProtectionLayer::new(&login))) // No other site posts its forms in a user's name.
}

#[rustfmt::skip]
async fn client(db: DatabaseConnection) -> Result<Client, Box<dyn Error>> {
    let (database, schema) = (SeaOrmDatabase::new(db), Schema::default());
    database.migrate(&schema).await?;
    let client = Client::builder().transport(ReqwestTransport::new()?).from_env();
    let sessions = database.session_store(&schema, KeyRing::from_env()?, client.configured_server()?);
    Ok(client.token_store(Arc::new(database.token_store(&schema))).session_store(Arc::new(sessions)).build()?)
}

#[test]
fn the_readme_shows_what_is_compiled() {
    let readme = include_str!("../../../README.md");
    let blocks: Vec<_> =
        readme.split("```rust,ignore\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), 2);
    for function in blocks.iter().flat_map(|block| block.trim().split("\n\n")) {
        assert!(include_str!("readme.rs").contains(function), "this is not compiled:\n{function}");
    }
}

/// The lines that an example has for its login are those of one file.
#[test]
fn the_readme_counts_what_a_login_takes() {
    let readme = include_str!("../../../README.md");
    for (example, file) in [
        ("microblog", include_str!("../../../examples/microblog/src/login.rs")),
        ("actix-notes", include_str!("../../../examples/actix-notes/src/login.rs")),
    ] {
        let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
        let lines = file.lines().filter(is_code).count();
        let row = readme.lines().find(|line| line.starts_with(&format!("| {example} (")));
        let row = row.unwrap_or_else(|| panic!("{example} is not counted"));
        assert!(row.contains(&format!("| {lines} lines |")), "{example} has {lines} lines: {row}");
    }
}
