//! `iampass-server dev`.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use iampass_core::Secret;
use iampass_server_domain::credentials::draw_application;

use super::arguments::DevArguments;
use super::output::print;
use super::run::{listen, refuse_plain_http};
use super::stopping::asked_to_stop;
use crate::{
    ConsoleSettings, NewApplication, PublicUrl, Registration, ServerError, Service, ServiceConfig,
    StorageLocation, UnverifiedMethods,
};

pub(super) async fn dev(arguments: DevArguments) -> Result<(), ServerError> {
    let address = SocketAddr::new(arguments.listen.ip(), arguments.port.unwrap_or(arguments.listen.port()));
    refuse_plain_http(address, arguments.allow_plain_http)?;
    let mut config =
        ServiceConfig::new(arguments.data.clone().map_or(StorageLocation::Temporary, StorageLocation::File));
    // The port must be known before: with an address that is a number, browsers make no credential to unlock a phone with.
    let listener = listen(address).await?;
    let bound = listener.local_addr()?;
    config.public_url = arguments.public_url.clone().or_else(|| at_localhost(bound));
    config.answer_timeout = Duration::from_secs(arguments.answer_timeout);
    if arguments.simulate_methods {
        config.unverified_methods = UnverifiedMethods::Simulated;
    }
    config.console = Some(ConsoleSettings::new(Registration::Open));

    let public_url = config.public_url.clone();
    let service = Service::open(config).await?;
    let application = ready_application(&service, &arguments).await?;
    let server = match public_url {
        Some(url) => url.to_string(),
        None => format!("http://{bound}"),
    };
    print(&if arguments.json {
        json_line(&service, &server, &application)
    } else {
        block(&service, &server, &application, &arguments)
    });
    service.serve(listener, asked_to_stop()).await
}

/// The application that was asked for, or the first one there is, or a new one. Only here a stored secret is shown again: this is for
/// development.
async fn ready_application(
    service: &Service,
    arguments: &DevArguments,
) -> Result<NewApplication, ServerError> {
    let database = &service.app.database;
    let stored = match &arguments.application_id {
        Some(id) => database.application(id.as_str()).await?,
        None => database.applications().await?.into_iter().next(),
    };
    if let Some(stored) = stored {
        let another =
            arguments.application_secret.as_ref().is_some_and(|secret| !stored.secret.matches(secret));
        if another {
            return Err(ServerError::ApplicationExists { id: stored.id.to_string() });
        }
        return Ok(NewApplication { id: stored.id, secret: stored.secret, name: stored.name });
    }
    let (drawn_id, drawn_secret) = draw_application()?;
    let id = arguments.application_id.clone().unwrap_or(drawn_id);
    let secret = arguments.application_secret.clone().map_or(drawn_secret, Secret::new);
    service.add_application(&arguments.application_name, Some((id, secret))).await
}

/// The address for clients and browsers on this machine. None for a service that others reach under a number of theirs.
fn at_localhost(bound: SocketAddr) -> Option<PublicUrl> {
    let is_local = bound.ip().is_loopback() || bound.ip().is_unspecified();
    format!("http://localhost:{}", bound.port()).parse().ok().filter(|_| is_local)
}

fn json_line(service: &Service, server: &str, application: &NewApplication) -> String {
    serde_json::json!({
        "server": server,
        "application_id": application.id,
        "application_secret": application.secret.expose(),
        "phone": format!("{server}/phone"),
        "console": format!("{server}/console"),
        "data": service.data_file(),
        "pid": std::process::id(),
    })
    .to_string()
}

fn block(service: &Service, server: &str, application: &NewApplication, arguments: &DevArguments) -> String {
    let data = service.data_file().unwrap_or(Path::new("-")).display();
    let (id, secret, name) = (&application.id, application.secret.expose(), &application.name);
    let how_long = if arguments.data.is_some() { "" } else { " (gone at the end; --data keeps it)" };
    let methods = if arguments.simulate_methods {
        "acceptance; device and facial are simulated and prove nothing"
    } else {
        "acceptance, device (--simulate-methods simulates device and facial)"
    };
    format!(
        "IAMPASS is ready.\n\n  \
         Server       {server}\n  \
         Phone        {server}/phone\n  \
         Console      {server}/console\n  \
         Application  {name}\n  \
         Methods      {methods}\n  \
         Data         {data}{how_long}\n\n\
         For your application:\n\n  \
         export IAMPASS_SERVER={server}\n  \
         export IAMPASS_APPLICATION_ID={id}\n  \
         export IAMPASS_APPLICATION_SECRET={secret}\n\n\
         Ctrl-C stops it."
    )
}
