//! Settings as an operator gives them, and TLS as callers see it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::free_port::free_port;
use crate::process::{program, run};

const DEPLOY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy");

#[test]
fn the_example_is_printed_and_is_what_is_deployed() {
    let (code, example, _) = run(&["config", "example"]);
    assert_eq!(code, 0);
    let deployed = std::fs::read_to_string(format!("{DEPLOY}/iampass-server.toml")).unwrap();
    assert_eq!(example, deployed);
}

/// `config check` with a file, variables and flags.
fn check(file: &str, variables: &[(&str, &str)], flags: &[&str]) -> (i32, String, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("c.toml");
    std::fs::write(&path, file).unwrap();
    let data = directory.path().join("d.sqlite");
    let mut arguments = vec!["config", "check", "--config", path.to_str().unwrap()];
    arguments.extend(["--data", data.to_str().unwrap()]);
    arguments.extend(flags);
    let output = program(&arguments).envs(variables.iter().copied()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_flag_counts_more_than_the_environment_and_that_more_than_the_file() {
    let file = "[links]\nlifetime = \"1h\"\n[log]\nformat = \"json\"\n[shutdown]\ndrain = \"3s\"\n";
    let variables = [("IAMPASS_SERVER_LINKS_LIFETIME", "2h"), ("IAMPASS_SERVER_SHUTDOWN_DRAIN", "4s")];
    let (code, said, error) = check(file, &variables, &["--set", "links.lifetime=3h"]);
    assert_eq!(code, 0, "{error}");
    for line in [
        "links.lifetime = \"3h\"  # --set links.lifetime",
        "shutdown.drain = \"4s\"  # environment variable IAMPASS_SERVER_SHUTDOWN_DRAIN",
        "log.format = \"json\"  # ",
        "signatures.window = \"5m\"  # default",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
}

#[test]
fn what_is_wrong_is_told_at_once_with_its_place() {
    let file = "listn = \"127.0.0.1:1\"\n[links]\nlifetime = \"soon\"\n";
    let (code, _, error) =
        check(file, &[("IAMPASS_SERVER_LINKS_LIFETIM", "1h")], &["--set", "log.format=xml"]);
    assert_eq!(code, 2);
    for told in
        ["c.toml:1", "did you mean listen?", "c.toml:3", "IAMPASS_SERVER_LINKS_LIFETIM", "--set log.format"]
    {
        assert!(error.contains(told), "{told}: {error}");
    }
}

#[test]
fn a_secret_is_never_printed() {
    let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let (code, said, error) =
        check("[metrics]\ntoken = \"hidden-hidden-hidden\"\n", &[("IAMPASS_MASTER_KEY", key)], &[]);
    assert_eq!(code, 0, "{error}");
    assert!(!said.contains("hidden-") && !said.contains(key), "{said}");
    assert!(said.contains("(set, not shown)"), "{said}");
    // A list of a machine's processes shows their command lines.
    let (code, said, error) = check("", &[], &["--set", "metrics.token=hidden-hidden-hidden"]);
    assert_eq!(code, 2);
    assert!(!said.contains("hidden-") && !error.contains("hidden-"), "{said} {error}");
    assert!(error.contains("metrics.token_file"), "{error}");
}

/// A certificate for `localhost` that vouches for itself, in the files that the service reads.
pub(crate) fn write_certificate(directory: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(directory.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    std::fs::write(directory.join("certificate.pem"), made.cert.pem()).unwrap();
    CertificateDer::from_pem_slice(made.cert.pem().as_bytes()).unwrap()
}

struct Served {
    child: Child,
    port: u16,
}

impl Served {
    fn start(directory: &Path) -> Self {
        let port = free_port().unwrap();
        let of = |name: &str| directory.join(name).to_str().unwrap().to_owned();
        let address = format!("127.0.0.1:{port}");
        let (data, certificate, key) = (of("d.sqlite"), of("certificate.pem"), of("key.pem"));
        let arguments = [
            "run",
            "--data",
            &data,
            "--listen",
            &address,
            "--tls-certificate",
            &certificate,
            "--tls-key",
            &key,
        ];
        let child = program(&arguments).stdout(Stdio::null()).spawn().unwrap();
        let served = Self { child, port };
        wait_for(|| TcpStream::connect(("127.0.0.1", port)).is_ok());
        served
    }

    /// The answer of `/readyz` to a client that trusts this certificate alone. None when the service shows another one.
    fn answer(&self, trusted: &CertificateDer<'static>) -> Option<String> {
        let mut roots = RootCertStore::empty();
        roots.add(trusted.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        let client = ClientConnection::new(Arc::new(config), name).unwrap();
        let stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut stream = StreamOwned::new(client, stream);
        stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
        let mut answer = Vec::new();
        // How the service ends the connection does not matter here.
        let _ = stream.read_to_end(&mut answer);
        (!answer.is_empty()).then(|| String::from_utf8_lossy(&answer).into_owned())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[track_caller]
fn wait_for(mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(30), "it does not come about");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn it_speaks_tls_and_takes_another_certificate_while_it_runs() {
    let directory = tempfile::tempdir().unwrap();
    let first = write_certificate(directory.path());
    let served = Served::start(directory.path());
    let answer = served.answer(&first).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.to_lowercase().contains("strict-transport-security"), "{answer}");
    // A client that speaks in clear is not answered.
    let mut plain = TcpStream::connect(("127.0.0.1", served.port)).unwrap();
    plain.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut said = Vec::new();
    let _ = plain.read_to_end(&mut said);
    assert!(!String::from_utf8_lossy(&said).contains("HTTP/1.1"));
    // A caller that agrees on nothing holds nobody up.
    let _silent = TcpStream::connect(("127.0.0.1", served.port)).unwrap();
    // A file that is no pair is not taken.
    std::fs::write(directory.path().join("certificate.pem"), "this is no certificate").unwrap();
    std::thread::sleep(Duration::from_secs(3));
    assert!(served.answer(&first).is_some());
    let second = write_certificate(directory.path());
    wait_for(|| served.answer(&second).is_some());
    assert!(served.answer(&first).is_none());
}

#[test]
fn a_certificate_without_its_key_is_refused_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    write_certificate(directory.path());
    let other = tempfile::tempdir().unwrap();
    write_certificate(other.path());
    let of = |directory: &Path, name: &str| directory.join(name).to_str().unwrap().to_owned();
    let (data, certificate, key) = (
        of(directory.path(), "d.sqlite"),
        of(directory.path(), "certificate.pem"),
        of(other.path(), "key.pem"),
    );
    let (code, _, error) = run(&[
        "run",
        "--data",
        &data,
        "--listen",
        "127.0.0.1:0",
        "--tls-certificate",
        &certificate,
        "--tls-key",
        &key,
    ]);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("--tls-certificate") && error.contains("cannot be used together"), "{error}");
    assert!(!Path::new(&data).exists(), "nothing was made before");
}

#[test]
fn without_tls_others_are_let_in_by_proxies_only() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("d.sqlite");
    let data = data.to_str().unwrap();
    let check = |more: &[&str]| {
        let mut arguments = vec!["config", "check", "--data", data, "--listen", "0.0.0.0:80"];
        arguments.extend(more);
        run(&arguments)
    };
    assert_eq!(check(&[]).0, 2);
    assert_eq!(check(&["--public-url", "https://login.example"]).0, 2);
    assert_eq!(check(&["--public-url", "http://login.example", "--trusted-proxy", "10.0.0.7"]).0, 2);
    assert_eq!(check(&["--public-url", "https://login.example", "--trusted-proxy", "10.0.0.7"]).0, 0);
    assert_eq!(check(&["--allow-plain-http"]).0, 0);
    let (code, _, error) = check(&["--trusted-proxy", "proxy.example", "--allow-plain-http"]);
    assert_eq!(code, 2);
    assert!(error.contains("10.0.0.0/8"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_hangup_ends_nothing_where_there_is_no_certificate() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("d.sqlite");
    let port = free_port().unwrap();
    let address = format!("127.0.0.1:{port}");
    let child = program(&["run", "--data", data.to_str().unwrap(), "--listen", &address]).spawn().unwrap();
    let mut served = Served { child, port };
    wait_for(|| TcpStream::connect(&address).is_ok());
    let sent = Command::new("kill").args(["-HUP", &served.child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    std::thread::sleep(Duration::from_millis(500));
    assert!(served.child.try_wait().unwrap().is_none(), "it has ended");
    assert!(TcpStream::connect(&address).is_ok());
}
