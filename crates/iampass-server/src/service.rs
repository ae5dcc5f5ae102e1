//! [`Service`]: an open service, to be served or to be mounted.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use iampass_core::{ApplicationId, Secret, is_unseen};
use iampass_server_console::{
    ConsoleLink, MadeKey, NewKey, is_reserved, link_for_command, make_key_for_command, revoke_key_for_command,
};
use iampass_server_domain::OWN_APPLICATION;
use iampass_server_domain::credentials::draw_application;
use iampass_server_domain::rules::{AllowedPhones, Approval, Walkaway};
use iampass_server_storage::{Actor, ApplicationChange, Database, Noted, Sharing};

use crate::app::App;
use crate::console_pages::{self, ConsoleState};
use crate::health_check::{self, HealthCheck};
use crate::metrics::{self, MetricsPage};
use crate::service_report::Reporter;
use crate::timers::Timers;
use crate::{ServerError, ServiceConfig, envelope};

/// The IAMPASS service over its data file. Clones are handles to the same service.
///
/// The data file is given back when the last handle, router and connection is gone; [`Service::serve`] ends its connections itself.
///
/// ```no_run
/// use iampass_server::{Service, ServiceConfig};
///
/// # async fn example() -> Result<(), iampass_server::ServerError> {
/// let service = Service::open(ServiceConfig::temporary()).await?;
/// let application = service.add_application("My shop", None).await?;
/// println!("IAMPASS_APPLICATION_ID={}", application.id);
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
/// service.serve(listener, async { let _ = tokio::signal::ctrl_c().await; }).await
/// # }
/// ```
#[derive(Clone)]
pub struct Service {
    pub(crate) app: Arc<App>,
    /// None where it is switched off.
    console: Option<Arc<ConsoleState>>,
    pub(crate) health: Arc<HealthCheck>,
    pub(crate) metrics: Arc<MetricsPage>,
    pub(crate) timers: Arc<Timers>,
}

/// A registered application with its secret, which is shown once: nothing gives it out a second time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewApplication {
    /// The public half of its credentials.
    pub id: ApplicationId,
    /// The secret half.
    pub secret: Secret,
    /// The name that phones show.
    pub name: String,
}

impl Service {
    /// Opens the data, or makes it, and remembers the nonces that could still be replayed.
    ///
    /// # Errors
    /// [`ServerError`] when the data cannot be used: it is in use, damaged, sealed with another key, or of a newer version.
    pub async fn open(config: ServiceConfig) -> Result<Self, ServerError> {
        let database = Database::open(&config.storage(), Sharing::Alone).await?;
        if config.public_url.is_none() && (config.sms.is_some() || config.mail.is_some()) {
            tracing::warn!(
                "no messages are sent: a link that is sent to somebody has to name the service's own address; set public_url"
            );
        }
        let app = Arc::new(App::open(config, database).await?);
        let health = Arc::new(HealthCheck::of(&app));
        // It holds the service weakly, so the two do not keep each other.
        let _ = app.reports.set(Arc::new(Reporter::of(&app, Arc::clone(&health))));
        Ok(Self {
            console: ConsoleState::of(Arc::clone(&app), &health).map(Arc::new),
            health,
            metrics: Arc::new(MetricsPage::of(Arc::clone(&app))),
            timers: Arc::new(Timers::of(&app)),
            app,
        })
    }

    /// Registers an application, with credentials of its own or with these.
    ///
    /// # Errors
    /// [`ServerError::ApplicationExists`] when the id is taken; [`ServerError::Data`] when it cannot be stored.
    pub async fn add_application(
        &self,
        name: &str,
        credentials: Option<(ApplicationId, Secret)>,
    ) -> Result<NewApplication, ServerError> {
        add_application(&self.app.database, name, Approval::Tap, credentials).await
    }

    /// Says which approval an application takes at least. It is [`Approval::Tap`] for a new one.
    ///
    /// # Errors
    /// [`ServerError::Settings`] when there is no such application; [`ServerError::Data`] when it cannot be stored.
    pub async fn set_approval(
        &self,
        application: &ApplicationId,
        approval: Approval,
    ) -> Result<(), ServerError> {
        let change = ApplicationChange::Approve(approval);
        configure(&self.app.database, application.as_str(), change).await.map(drop)
    }

    /// Says which phones may answer for an application. It is [`AllowedPhones::Any`] for a new one.
    ///
    /// # Errors
    /// [`ServerError::Settings`] when there is no such application; [`ServerError::Data`] when it cannot be stored.
    pub async fn set_allowed_phones(
        &self,
        application: &ApplicationId,
        phones: AllowedPhones,
    ) -> Result<(), ServerError> {
        let change = ApplicationChange::AllowPhones(phones);
        configure(&self.app.database, application.as_str(), change).await.map(drop)
    }

    /// Says whether phones of an application say that they are near or away. It is off for a new one.
    ///
    /// # Errors
    /// [`ServerError::Settings`] when there is no such application; [`ServerError::Data`] when it cannot be stored.
    pub async fn set_walkaway(&self, application: &ApplicationId, is_on: bool) -> Result<(), ServerError> {
        let change = ApplicationChange::Walkaway(if is_on { Walkaway::On } else { Walkaway::Off });
        configure(&self.app.database, application.as_str(), change).await.map(drop)
    }

    /// Makes a link that gets somebody in to the Console who has no phone, and gives its path: good once, and for 15 minutes.
    ///
    /// # Errors
    /// [`ServerError::Settings`] when there is no such account, or there is one and a new administrator is asked for; [`ServerError::Data`]
    /// when it cannot be stored.
    pub async fn console_link(&self, link: ConsoleLink<'_>) -> Result<String, ServerError> {
        Ok(link_for_command(&self.app.database, link).await?.path)
    }

    /// Makes a key of the Admin API, as `iampass-server admin-key make` does: it stands for the operator.
    ///
    /// # Errors
    /// [`ServerError::Settings`] when a scope is unknown, there is no such application, or it would be good for longer than a year;
    /// [`ServerError::Data`] when it cannot be stored.
    pub async fn make_admin_key(&self, key: NewKey<'_>) -> Result<MadeKey, ServerError> {
        Ok(make_key_for_command(&self.app.database, key).await?)
    }

    /// Revokes a key of the Admin API.
    ///
    /// # Errors
    /// [`ServerError::Settings`] when there is none with this id that was not revoked; [`ServerError::Data`] when it cannot be stored.
    pub async fn revoke_admin_key(&self, id: &str) -> Result<(), ServerError> {
        Ok(revoke_key_for_command(&self.app.database, id).await?)
    }

    /// All APIs and the phone's page as a router, to be mounted at the root of a server of one's own. Deadlines are kept, but only
    /// [`Service::serve`] writes them down and wakes phones that wait; call [`Service::run_due_tasks`] now and then.
    pub fn router(&self) -> Router {
        let console = self.console.clone().map_or_else(Router::new, console_pages::router);
        let pages = health_check::router(Arc::clone(&self.health))
            .merge(metrics::router(Arc::clone(&self.metrics)))
            .merge(console);
        envelope::router(&self.app, pages)
    }

    /// Writes down every deadline that has passed by the service's clock, wakes who waits for it, and frees what is of no more use.
    /// `serve` does this by itself; a test that moves its clock need not wait for it.
    ///
    /// # Errors
    /// [`ServerError::Data`] when it cannot be stored. The deadlines count all the same.
    pub async fn run_due_tasks(&self) -> Result<(), ServerError> {
        Ok(self.timers.run_due_tasks().await?)
    }

    /// Where the data file is, if it is one: the path of the file itself, with no links in it.
    #[must_use]
    pub fn data_file(&self) -> Option<&Path> {
        self.app.database.path()
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("app", &self.app).finish_non_exhaustive()
    }
}

/// Adds an application to a file, whether or not a service runs on it.
pub(crate) async fn add_application(
    database: &Database,
    name: &str,
    approval: Approval,
    credentials: Option<(ApplicationId, Secret)>,
) -> Result<NewApplication, ServerError> {
    let (id, secret) = match credentials {
        Some(credentials) => credentials,
        None => draw_application()?,
    };
    if secret.is_empty() {
        return Err(ServerError::Settings("an application's secret cannot be empty"));
    }
    if is_reserved(name) {
        return Err(ServerError::Settings(
            "this is the name of the Console itself, which phones show when the Console asks: choose another name",
        ));
    }
    if name.chars().any(is_unseen) {
        return Err(ServerError::Settings(
            "the application's name has characters that cannot be seen, and phones show it: leave them out",
        ));
    }
    // The Console's own.
    let is_own = id.as_str() == OWN_APPLICATION;
    if is_own || !database.add_application(&id, &secret, name, approval, None).await? {
        return Err(ServerError::ApplicationExists { id: id.to_string() });
    }
    Ok(NewApplication { id, secret, name: name.to_owned() })
}

/// Changes a setting of an application, whether or not a service runs on the data; the application's name.
pub(crate) async fn configure(
    database: &Database,
    id: &str,
    change: ApplicationChange,
) -> Result<String, ServerError> {
    let unknown =
        ServerError::Settings("there is no application with this id: `application list` shows them");
    let Some(found) = database.application(id).await? else { return Err(unknown) };
    let noted = Noted {
        actor: "command line".to_owned(),
        application: Some(id.to_owned()),
        action: "application.configured",
        subject: None,
    };
    database.change_application(found.key, change, Actor::Command, noted).await?.ok_or(unknown)?;
    Ok(found.name)
}
