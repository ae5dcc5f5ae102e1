//! [`AdminClient`]: how commands ask a running service by the Admin API, with a key.
//!
//! Belongs here: finding the key, signing, and the words for what goes wrong. Does not belong here: what a command asks for.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use http::{Method, Request};
use iampass_core::port::HttpTransport as _;
use iampass_core::signing::{BodyDigest, Nonce, Signer};
use iampass_core::wire::Problem;
use iampass_core::{Secret, UnixSeconds};
use iampass_reqwest::ReqwestTransport;
use iampass_server_domain::random;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::data_arguments::DataArguments;
use crate::{PublicUrl, ServerError};

/// The variables by which the arguments can be given as well.
const SERVER_VARIABLE: &str = "IAMPASS_ADMIN_SERVER";
const KEY_FILE_VARIABLE: &str = "IAMPASS_ADMIN_KEY_FILE";
const ID_VARIABLE: &str = "IAMPASS_ADMIN_KEY_ID";
const SECRET_VARIABLE: &str = "IAMPASS_ADMIN_KEY_SECRET";

/// The variables that name the data of a service.
const DATA_VARIABLES: [&str; 3] =
    ["IAMPASS_SERVER_DATA", "IAMPASS_SERVER_DATABASE_URL", "IAMPASS_SERVER_DATABASE_URL_FILE"];

const KEY_WITHOUT_SERVER: ServerError =
    ServerError::Settings("--key is for a running service: name it with --server");

/// The bytes that stand in a path or a query as they are.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A running service, and the key of the Admin API to ask it with.
#[derive(Args, Debug)]
pub(super) struct RemoteArguments {
    /// Ask the running service at this URL by the Admin API, and open no data. Or IAMPASS_ADMIN_SERVER, where no data is named.
    #[arg(long, value_name = "URL")]
    server: Option<PublicUrl>,
    /// The file with the key, as `admin-key make --to` writes it. Or IAMPASS_ADMIN_KEY_FILE, or both of IAMPASS_ADMIN_KEY_ID and
    /// IAMPASS_ADMIN_KEY_SECRET.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

/// Asks one service with one key.
pub(super) struct AdminClient {
    server: PublicUrl,
    id: String,
    secret: Secret,
    transport: ReqwestTransport,
}

impl RemoteArguments {
    /// The service to be asked. None where the command is to open the data that `data` names.
    pub(super) fn instead_of(&self, data: &DataArguments) -> Result<Option<AdminClient>, ServerError> {
        let names_data = data.data.is_some()
            || data.database_url.is_some()
            || data.master_key_file.is_some()
            || !data.previous_master_key_file.is_empty()
            || !data.set.is_empty();
        match (&self.server, names_data) {
            (Some(_), true) => Err(ServerError::Settings(
                "--server asks a running service, and --data, --database-url, --set and files with master keys are for opening its data: name one of them",
            )),
            (Some(server), false) => AdminClient::new(server.clone(), self).map(Some),
            (None, true) if self.key.is_some() => Err(KEY_WITHOUT_SERVER),
            (None, true) => Ok(None),
            (None, false) => match variable(SERVER_VARIABLE) {
                // The file may be named for the service itself: it is not known which of the two is meant.
                Some(_) if data.config.is_some() => Err(ServerError::Settings(
                    "a configuration file is named, and so is IAMPASS_ADMIN_SERVER: say with --server that a running service is asked, or unset that variable",
                )),
                Some(_) if DATA_VARIABLES.iter().any(|name| variable(name).is_some()) => {
                    Err(ServerError::Settings(
                        "data is named in the environment (IAMPASS_SERVER_DATA or IAMPASS_SERVER_DATABASE_URL), and so is IAMPASS_ADMIN_SERVER: say with --server \
                         that a running service is asked, or unset one of the variables",
                    ))
                }
                Some(server) => AdminClient::new(parsed(&server)?, self).map(Some),
                None if self.key.is_some() => Err(KEY_WITHOUT_SERVER),
                None => Ok(None),
            },
        }
    }

    /// The service to be asked, for a command that opens no data.
    pub(super) fn client(&self) -> Result<AdminClient, ServerError> {
        let server = match &self.server {
            Some(server) => server.clone(),
            None => match variable(SERVER_VARIABLE) {
                Some(server) => parsed(&server)?,
                None => {
                    return Err(ServerError::Settings(
                        "name the running service with --server, or in IAMPASS_ADMIN_SERVER",
                    ));
                }
            },
        };
        AdminClient::new(server, self)
    }

    fn credentials(&self) -> Result<(String, Secret), ServerError> {
        let file = self.key.clone().or_else(|| variable(KEY_FILE_VARIABLE).map(PathBuf::from));
        if let Some(path) = file {
            return read_key(&path);
        }
        match (variable(ID_VARIABLE), variable(SECRET_VARIABLE)) {
            (Some(id), Some(secret)) => Ok((id, Secret::new(secret))),
            _ => Err(ServerError::Settings(
                "a running service is asked with a key of the Admin API: name its file with --key, or in IAMPASS_ADMIN_KEY_FILE. The Console's page Keys \
                 makes one, and so does `iampass-server admin-key make`",
            )),
        }
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

fn parsed(server: &str) -> Result<PublicUrl, ServerError> {
    server.parse().map_err(|error| ServerError::Service(format!("{SERVER_VARIABLE}: {error}")))
}

/// Reads the two lines of a file with a key, as the Console shows them.
fn read_key(path: &Path) -> Result<(String, Secret), ServerError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ServerError::File { path: path.to_owned(), source })?;
    let text = Secret::new(text);
    let line = |name: &str| {
        let mut values = text.expose().lines().filter_map(|line| {
            let (key, value) = line.trim().split_once('=')?;
            (key.trim() == name).then(|| value.trim().to_owned())
        });
        // Two keys in one file: it is not known which is meant.
        values.next().filter(|value| !value.is_empty() && values.next().is_none())
    };
    match (line(ID_VARIABLE), line(SECRET_VARIABLE)) {
        (Some(id), Some(secret)) => Ok((id, Secret::new(secret))),
        _ => Err(ServerError::Service(format!(
            "{} holds no key: it has the two lines {ID_VARIABLE}=… and {SECRET_VARIABLE}=…",
            path.display()
        ))),
    }
}

/// A segment of a path, or a value of a query.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

impl AdminClient {
    fn new(server: PublicUrl, arguments: &RemoteArguments) -> Result<Self, ServerError> {
        let host = server.host();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let is_loopback = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
        if !server.is_https() && !is_loopback {
            return Err(ServerError::Settings(
                "--server begins with https://, unless it is this machine: answers have secrets in them",
            ));
        }
        let (id, secret) = arguments.credentials()?;
        let transport = ReqwestTransport::new()
            .map_err(|error| ServerError::Service(format!("no connections can be made: {error}")))?;
        Ok(Self { server, id, secret, transport })
    }

    /// Asks for what changes nothing. `path` stands behind `/admin/v1/`.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ServerError> {
        let url = format!("{}/admin/v1/{path}", self.server.as_str());
        self.call(Method::GET, &url, Vec::new()).await
    }

    /// Makes a change. The body is signed with the URL.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ServerError> {
        let body = serde_json::to_vec(body)
            .map_err(|error| ServerError::Service(format!("the request cannot be written: {error}")))?;
        let url = format!("{}/admin/v1/{path}", self.server.as_str());
        self.call(Method::POST, &BodyDigest::of(&body).appended_to(&url), body).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        url: &str,
        body: Vec<u8>,
    ) -> Result<T, ServerError> {
        let server = self.server.as_str();
        let nonce = u64::from_ne_bytes(random::bytes().map_err(iampass_server_storage::StorageError::from)?);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let mut request = Request::builder().method(method).uri(url).body(body).map_err(|_| {
            ServerError::Service(format!(
                "{server} and what was asked for make no address that can be called"
            ))
        })?;
        let signer = Signer { id: &self.id, secret: &self.secret };
        signer.sign(url, Nonce::new(nonce), UnixSeconds(now)).insert_into(request.headers_mut());
        let answer = self.transport.send(request).await.map_err(|error| {
            let causes = causes(&error);
            ServerError::Service(format!("{server} cannot be asked: {causes}"))
        })?;
        let status = answer.status();
        if status.is_success() {
            return serde_json::from_slice(answer.body()).map_err(|_| not_this_service(server, status));
        }
        let problem: Problem =
            serde_json::from_slice(answer.body()).map_err(|_| not_this_service(server, status))?;
        let reason = problem.reason.map_or_else(|| status.as_u16().to_string(), |reason| reason.to_string());
        let message = problem.message.unwrap_or_else(|| "it does not say why".to_owned());
        Err(ServerError::Service(format!("{server} refuses ({reason}): {message}")))
    }
}

fn not_this_service(server: &str, status: http::StatusCode) -> ServerError {
    ServerError::Service(format!(
        "{server} answers with the status {} and not as this service does: check the URL, and whether the service has an Admin API (its version)",
        status.as_u16()
    ))
}

/// An error with its causes, which name no URL.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

/// The secret is not printed.
impl std::fmt::Debug for AdminClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AdminClient").field("server", &self.server).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_one_key() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            read_key(&path).map(|(id, secret)| (id, secret.expose().to_owned()))
        };
        let good = "# nightly\nIAMPASS_ADMIN_KEY_ID=KEY-A\r\n IAMPASS_ADMIN_KEY_SECRET = S=1 \n";
        assert_eq!(read(good).unwrap(), ("KEY-A".to_owned(), "S=1".to_owned()));
        let twice = format!("{good}{good}");
        for bad in [
            "",
            "KEY-A:S",
            "IAMPASS_ADMIN_KEY_ID=KEY-A",
            "IAMPASS_ADMIN_KEY_ID=\nIAMPASS_ADMIN_KEY_SECRET=S",
            &twice,
        ] {
            let error = read(bad).unwrap_err().to_string();
            assert!(error.contains("holds no key") && !error.contains("S=1"), "{error}");
        }
        assert!(read_key(&directory.path().join("nothing")).is_err());
    }

    #[test]
    fn a_key_is_shown_to_nobody_on_the_way() {
        let arguments = |server: &str| RemoteArguments {
            server: Some(server.parse().unwrap()),
            key: Some(PathBuf::from("/nowhere")),
        };
        for server in ["http://login.example", "http://192.0.2.1:8089", "http://127.evil.example"] {
            let error = arguments(server).client().unwrap_err().to_string();
            assert!(error.contains("https://"), "{server}: {error}");
        }
        for server in ["http://127.0.0.1:8089", "http://localhost:8089", "https://login.example/iam"] {
            let error = arguments(server).client().unwrap_err().to_string();
            assert!(error.contains("/nowhere"), "{server}: {error}");
        }
    }
}
