//! [`Application`]: the application's credentials and its service.

use crate::signing::Signer;
use crate::{ApplicationId, Secret, Server};

/// An application's credentials together with the service that issued them: what every machine is configured with.
///
/// ```
/// use iampass_core::{Application, ApplicationId, Secret, Server};
///
/// let application = Application::new(
///     Server::parse("https://iam-api.com")?,
///     ApplicationId::new("1234567890ABCDEF")?,
///     Secret::new("the secret that was shown once"),
/// );
/// assert!(!format!("{application:?}").contains("shown once"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Application {
    server: Server,
    id: ApplicationId,
    secret: Secret,
}

impl Application {
    /// An application of this id and secret at `server`.
    #[must_use]
    pub fn new(server: Server, id: ApplicationId, secret: Secret) -> Self {
        Self { server, id, secret }
    }

    /// Where the service is.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The application's id.
    #[must_use]
    pub fn id(&self) -> &ApplicationId {
        &self.id
    }

    /// The signer of the calls of the Management and Authentication APIs.
    #[must_use]
    pub fn signer(&self) -> Signer<'_> {
        Signer { id: self.id.as_str(), secret: &self.secret }
    }
}
