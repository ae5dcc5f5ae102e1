//! `iampass-server health`: whether the service on this machine is ready, or whether it lives, for containers.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::arguments::HealthArguments;
use super::output::print;
use crate::ProxyProtocol;
use crate::ServerError;
use crate::health::{Alive, Readiness};
use crate::serving::{OWN_V1, OWN_V2};
use crate::settings::Settings;
use crate::tls::to_own_service;

/// Bytes of the answer. The service's own is much shorter.
const LONGEST_ANSWER: usize = 64 * 1024;

/// The service is not ready, or it cannot be asked: what was found, and what to do.
type NotReady = String;

/// The question that is put to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    /// Whether the process answers at all.
    Alive,
    /// Whether it can do its work.
    Ready,
}

impl Question {
    fn path(self) -> &'static str {
        match self {
            Self::Alive => "/healthz",
            Self::Ready => "/readyz",
        }
    }

    /// The word for a service of which it is true.
    fn word(self) -> &'static str {
        match self {
            Self::Alive => "alive",
            Self::Ready => "ready",
        }
    }

    /// Reads the answer: `Ok` with the reason why it is not so, none where it is. `Err` where this service never answers so.
    fn read(self, status: StatusCode, body: &[u8]) -> Result<Option<&'static str>, Unknown> {
        match (self, status) {
            (Self::Alive, StatusCode::OK) => {
                let alive: Alive = serde_json::from_slice(body).map_err(|_| Unknown)?;
                if alive.is_alive() { Ok(None) } else { Err(Unknown) }
            }
            (Self::Ready, StatusCode::OK | StatusCode::SERVICE_UNAVAILABLE) => {
                let readiness: Readiness = serde_json::from_slice(body).map_err(|_| Unknown)?;
                Ok(readiness.not_ready())
            }
            _ => Err(Unknown),
        }
    }
}

/// An answer that is none of this service.
#[derive(Clone, Copy, Debug)]
struct Unknown;

pub(super) async fn health(arguments: HealthArguments) -> Result<(), ServerError> {
    let in_force = arguments.run.in_force()?;
    let limit = Duration::from_secs(arguments.timeout);
    let question = if arguments.alive { Question::Alive } else { Question::Ready };
    let service = OwnService::of(&in_force.settings, question);
    let asked = tokio::time::timeout(limit, service.finding());
    let found = asked.await.unwrap_or_else(|_| {
        Err(format!("no answer from {service} in {} s: read the log of the service", limit.as_secs()))
    });
    let word = question.word();
    match found {
        Ok(None) => {
            print(&format!("{word}: {service}"));
            Ok(())
        }
        Ok(Some(why)) => Err(ServerError::NotReady(format!("{service} is not {word}: {why}"))),
        Err(why) => Err(ServerError::NotReady(why)),
    }
}

/// The service that was started with these settings, as it is reached from this machine.
#[derive(Clone, Copy, Debug)]
struct OwnService {
    listen: SocketAddr,
    speaks_tls: bool,
    proxy_protocol: ProxyProtocol,
    question: Question,
}

impl OwnService {
    fn of(settings: &Settings, question: Question) -> Self {
        Self {
            listen: settings.listen,
            speaks_tls: settings.tls.certificate.is_some(),
            proxy_protocol: settings.proxy_protocol,
            question,
        }
    }

    /// The addresses to try. A service on all addresses is on the loopback address as well. Where IPv6 has no loopback address, a service on
    /// all addresses of IPv6 is reached by IPv4.
    fn addresses(&self) -> Vec<SocketAddr> {
        let hosts = match self.listen.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => vec![Ipv4Addr::LOCALHOST.into()],
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => vec![Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()],
            // The scope of an address of one link is kept.
            _ => return vec![self.listen],
        };
        hosts.into_iter().map(|host| SocketAddr::new(host, self.listen.port())).collect()
    }

    /// The reason why what is asked is not so; none where it is.
    async fn finding(&self) -> Result<Option<&'static str>, NotReady> {
        if self.listen.port() == 0 {
            return Err("the service listens on a free port (port 0), which this command cannot know: \
                 set `listen` to an address with a port"
                .to_owned());
        }
        let (stream, address) = self.connect().await.map_err(|error| {
            format!(
                "{self} cannot be reached: {error}. Start the service, or give this command the settings of the service"
            )
        })?;
        if !self.speaks_tls {
            return self.ask(stream, address).await;
        }
        let stream = to_own_service(stream, address).await.map_err(|error| {
            format!(
                "{self} speaks no TLS: {error}. Give this command the settings of the service, and read its log"
            )
        })?;
        self.ask(stream, address).await
    }

    async fn connect(&self) -> io::Result<(TcpStream, SocketAddr)> {
        // The header says that the connection is the sender's own.
        let header: &[u8] = match self.proxy_protocol {
            ProxyProtocol::Off => b"",
            ProxyProtocol::V1 => OWN_V1,
            ProxyProtocol::V2 | ProxyProtocol::Any => OWN_V2,
        };
        let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in self.addresses() {
            match TcpStream::connect(address).await {
                Ok(mut stream) => {
                    stream.write_all(header).await?;
                    return Ok((stream, address));
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    async fn ask<S>(&self, stream: S, address: SocketAddr) -> Result<Option<&'static str>, NotReady>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let no_http = |error: hyper::Error| {
            format!(
                "{self} gives no answer: {error}. Give this command the settings of the service, and read its log"
            )
        };
        let another = || {
            format!(
                "something else than this service answers at {self}: give this command the settings of the service"
            )
        };
        let request = Request::get(self.question.path()).header(HOST, address.to_string());
        let request = request.body(Empty::<Bytes>::new()).map_err(|_| another())?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(no_http)?;
        let answering = async {
            let answer = sender.send_request(request).await.map_err(no_http)?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), LONGEST_ANSWER).collect().await;
            let body = body.map_err(|_| another())?.to_bytes();
            self.question.read(status, &body).map_err(|Unknown| another())
        };
        tokio::pin!(answering);
        tokio::select! {
            answered = &mut answering => answered,
            // The end of the connection ends the answer, too.
            _ = connection => answering.await,
        }
    }
}

impl std::fmt::Display for OwnService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.speaks_tls { "https" } else { "http" };
        let address = self.addresses().first().copied().unwrap_or(self.listen);
        write!(f, "{scheme}://{address}{}", self.question.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_on_all_addresses_is_asked_on_the_loopback_address() {
        let addresses = |listen: &str| {
            let service = OwnService {
                listen: listen.parse().unwrap(),
                speaks_tls: false,
                proxy_protocol: ProxyProtocol::Off,
                question: Question::Ready,
            };
            service.addresses().iter().map(SocketAddr::to_string).collect::<Vec<_>>()
        };
        assert_eq!(addresses("0.0.0.0:8089"), ["127.0.0.1:8089"]);
        assert_eq!(addresses("[::]:443"), ["[::1]:443", "127.0.0.1:443"]);
        assert_eq!(addresses("192.0.2.7:80"), ["192.0.2.7:80"]);
    }
}
