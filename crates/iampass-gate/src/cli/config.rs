//! `iampass-gate config check`: settings, databases and the service, each with what to do.

use iampass_core::client::Client;
use iampass_gate::health::Health;
use iampass_gate::rules::{Allowed, Who};
use iampass_gate::set_up;
use iampass_gate::settings::Settings;
use iampass_gate::users::Source;
use iampass_reqwest::ReqwestTransport;

use super::config_file::{ConfigFile, environment};
use super::failure::Failure;

pub(super) async fn check(file: &ConfigFile) -> Result<(), Failure> {
    let settings = file.read()?;
    println!("good    settings  {} guards {}", file.config.display(), settings.origin);
    let parts =
        set_up::open(Client::builder().transport(ReqwestTransport::new()?), &settings, environment).await?;
    set_up::gate(&parts, &settings)?;
    for name in &parts.made_up {
        println!("note    keys      {name} is not set: all have to sign in again after each start");
    }
    let mut is_good = true;
    let troubles = Health::new(parts.users.clone()).troubles().await;
    if troubles.is_empty() {
        println!("good    users     they can be read, and the gate's own database answers");
    }
    for trouble in troubles {
        println!("CHANGE  users     {trouble}");
        is_good = false;
    }
    for unknown in unknown_names(&settings, parts.users.source()).await? {
        println!("note    rules     {unknown}");
    }
    let found = parts.client.check().await;
    println!("{}  service   {found}", if found.is_ok() { "good  " } else { "CHANGE" });
    if is_good && found.is_ok() {
        Ok(())
    } else {
        Err(Failure::Other("change what is said above, and check again".to_owned()))
    }
}

/// Users and groups of rules that nobody is. A slip of the pen keeps somebody out, and is easily seen here.
async fn unknown_names(settings: &Settings, source: &Source) -> Result<Vec<String>, Failure> {
    let mut unknown = Vec::new();
    let allowed = settings.rules.rules.iter().map(|rule| &rule.allowed).chain([&settings.rules.otherwise]);
    for allowed in allowed {
        let Allowed::Some(list) = allowed else { continue };
        for who in list {
            match (who, source) {
                (Who::User(login), source) if source.user(login).await?.is_none() => {
                    unknown.push(format!("there is no user {login:?}"));
                }
                (Who::Group(group), Source::File(users)) if !users.has_group(group) => {
                    unknown.push(format!("no user is in the group {group:?}"));
                }
                _ => {}
            }
        }
    }
    Ok(unknown)
}
