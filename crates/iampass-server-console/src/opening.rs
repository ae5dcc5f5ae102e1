//! Opening a Console: its application, its keys, its client, its login.

use std::sync::Arc;

use iampass_core::Secret;
use iampass_core::client::Client;
use iampass_core::machine::LoginOptions;
use iampass_server_domain::LostAccountPhone;
use iampass_server_storage::{LoginTables, login_schema};
use iampass_sql::{KeyRing, SealingKey, SessionTable, TokenTable};
use iampass_web::pages::Texts;
use iampass_web::{CookieKeys, LoginWeb, LostPhone, LostPhoneWays};

use super::account_links::{Failure, own_application};
use super::account_tokens::AccountTokens;
use super::accounts::Accounts;
use super::below_prefix::BelowPrefix;
use super::fields::NAME;
use super::pages::LoginPages;
use super::parts::ConsoleParts;
use super::routes;
use super::speech::ConsoleTexts;
use super::state::{Console, Place};
use super::time_here::TimeHere;

/// A Console at `place`, ready for requests.
pub(super) async fn open(parts: ConsoleParts, place: Place) -> Result<axum::Router, Failure> {
    let database = &parts.database;
    let application = own_application(database).await?;
    // The same on all nodes: the first node draws them.
    let drawn = || SealingKey::generate().map(|(_, text)| text.expose().to_owned());
    let sealing = database.setting_or("console sealing key", drawn()?).await?;
    let cookies = database.setting_or("console cookie key", drawn()?).await?;

    let schema = login_schema()?;
    let tables = LoginTables(Arc::clone(database));
    let time = TimeHere::new(Arc::clone(&parts.clock));
    let client = Client::builder()
        .server(place.server())
        .application(application.id.as_str(), application.secret.clone())
        .transport(BelowPrefix::new(Arc::clone(&parts.service), place.prefix.clone()))
        .time_and_entropy(time);
    let sessions = SessionTable::new(
        tables.clone(),
        &schema,
        KeyRing::new(SealingKey::from_base64(&sealing)?),
        client.configured_server()?,
    );
    let client = client
        .token_store(Arc::new(AccountTokens::new(TokenTable::new(tables, &schema), Arc::clone(database))))
        .session_store(Arc::new(sessions))
        .build()?;
    let base = format!("{}/console", place.prefix);
    let login = LoginWeb::builder(client, Accounts(Arc::clone(database)))
        .origin(&place.origin)
        .mount_path("/console/auth")
        .path_prefix(&place.prefix)
        .name(NAME)
        .cookie_keys(CookieKeys::parse(&Secret::new(cookies))?)
        // Applications under development are often at the same host, at another port.
        .cookie_prefix(format!("iampass-console{}", place.prefix.replace('/', "-")))
        .lost_phone(ways(parts.facts.lost_phone))
        .login_options(LoginOptions::default().duration(parts.facts.session))
        .keep_signed_in(parts.facts.keep_signed_in)
        .language_path("/console")
        .languages(texts(&parts.texts))
        .pages(LoginPages::new(&base, parts.facts.registration, parts.texts.clone()))
        .front_page("/console")
        .build()?;
    Ok(routes::router(&Console::new(parts, login, place)))
}

/// No phone is replaced after a wait: a session of the Console would be enough for that.
fn ways(lost_phone: LostAccountPhone) -> LostPhoneWays {
    match lost_phone {
        LostAccountPhone::ByLink => LostPhone::Off.into(),
        LostAccountPhone::SelfService => [LostPhone::RecoveryCode, LostPhone::OtherPhone].into(),
    }
}

/// The texts of the login's pages, with what is otherwise here.
fn texts(own: &ConsoleTexts) -> Vec<Texts> {
    let here = |mut texts: Texts| {
        let speech = own.named(&texts.language);
        texts.login_no_phone = speech.t("login-no-account").to_owned().into();
        texts.lost_help = speech.t("login-lost-help").to_owned().into();
        texts
    };
    Texts::built_in().into_iter().map(here).collect()
}
