//! Load balancers that hand on connections, and say by the PROXY protocol whom each is for. The service speaks TLS itself.
//!
//! The caller has an address of this machine that is no loopback address: the service believes no header that names one of those.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::config_check::{Served, checked_through};
use super::place::{ConfigFile, Place, Running};
use super::{ANSWER_TIMEOUT, Kind, Outcome, Verdict, Wanted, install, through, version};
use crate::{Failure, cargo};

struct Case {
    name: &'static str,
    programs: &'static [&'static str],
    packages: &'static [&'static str],
    /// The setting `proxy_protocol`.
    protocol: &'static str,
    /// The file of `deploy/proxies`, and a part of it that is written otherwise.
    file: &'static str,
    written: Option<(&'static str, &'static str)>,
    /// The text before it.
    head: &'static str,
    check: &'static [&'static str],
    start: &'static [&'static str],
}

const NGINX: Case = Case {
    name: "nginx",
    programs: &["nginx", "/usr/lib/nginx/modules/ngx_stream_module.so", "openssl"],
    packages: &["nginx", "libnginx-mod-stream", "openssl"],
    protocol: "v1",
    file: "nginx.stream.conf",
    written: None,
    head: "load_module /usr/lib/nginx/modules/ngx_stream_module.so; daemon off; user www-data; pid {folder}/nginx.pid;\n\
           error_log {folder}/error.log; events {}\n",
    check: &["nginx", "-t", "-c", "{folder}/main.conf", "-p", "{folder}"],
    start: &["nginx", "-c", "{folder}/main.conf", "-p", "{folder}"],
};

const HAPROXY: Case = Case {
    name: "haproxy",
    programs: &["haproxy", "openssl"],
    packages: &["haproxy", "openssl"],
    protocol: "v2",
    file: "haproxy.tcp.cfg",
    written: None,
    // The timeouts are those of Debian's file.
    head: "defaults\n    timeout connect 5000\n    timeout client 50000\n    timeout server 50000\n\n",
    check: &["haproxy", "-c", "-f", "{folder}/main.conf"],
    start: &["haproxy", "-db", "-f", "{folder}/main.conf"],
};

const CASES: [Case; 3] =
    [NGINX, Case { protocol: "v1", written: Some(("send-proxy-v2", "send-proxy")), ..HAPROXY }, HAPROXY];

/// Tries them. None of them is short.
pub(super) fn run(wanted: &Wanted<'_>) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for case in &CASES {
        let trial = format!("PROXY protocol {}", case.protocol);
        if wanted.short || !wanted.has_trial(case.name, &trial) {
            continue;
        }
        println!("{}, {trial} …", case.name);
        let mut add = |tried: &str, verdict| {
            outcomes.push(Outcome {
                kind: Kind::Proxies,
                name: case.name.to_owned(),
                version: version(case.name, "-v"),
                tried: format!("{trial}: {tried}"),
                verdict,
            });
        };
        match (install(case.programs, case.packages), own_address()) {
            (Err(how), _) => add("all of it", Verdict::NotTried(how)),
            (Ok(()), None) => {
                let how = "this machine needs an address that is no loopback address".to_owned();
                add("all of it", Verdict::NotTried(how));
            }
            (Ok(()), Some(own)) => match tries(case, own) {
                Ok(all) => all.into_iter().for_each(|(tried, verdict)| add(&tried, verdict)),
                Err(error) => add("it starts", Verdict::Fails(error.to_string())),
            },
        }
    }
    outcomes
}

/// The address by which this machine would reach others. Nothing is sent.
pub(super) fn own_address() -> Option<IpAddr> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("198.51.100.1:9").ok()?;
    socket.local_addr().ok().map(|own| own.ip()).filter(|own| !own.is_loopback())
}

fn tries(case: &Case, own: IpAddr) -> Result<Vec<(String, Verdict)>, Failure> {
    let place = Place::new(&format!("{}-{}", case.name, case.protocol))?;
    let mut text = place.deployed(case.file)?;
    if let Some((part, other)) = case.written {
        text = text.replace(part, other);
    }
    ConfigFile("main.conf", format!("{}{text}", place.filled(case.head))).write(&place)?;
    let checked = Verdict::of(place.said(&place.filled_all(case.check)).map(drop));
    let mut tries = vec![("its own check of the configuration".to_owned(), checked)];

    let url = format!("https://{}", SocketAddr::new(own, place.port));
    let settings = settings(&place, &url, case.protocol);
    let application = application(&place)?;
    let _service = Served::start(&place, &settings)?;
    let mut running = vec![Running::start(&place.filled_all(case.start), &place)?];
    place.wait_until_open(Duration::from_secs(20), &mut running)?;

    tries.extend(through(&place, &url, &application, &[], true)?);
    let believed = Verdict::of(is_believed(&place, &url, &settings, own));
    tries.push((
        "config check --through finds nothing to change, and the caller's address".to_owned(),
        believed,
    ));
    let closed = Verdict::of(is_closed_without_header(&place));
    tries.push(("a connection without the header is closed".to_owned(), closed));
    Ok(tries)
}

fn settings(place: &Place, url: &str, protocol: &str) -> Vec<String> {
    let file = |name: &str| place.folder.join(name).display().to_string();
    let (data, certificate, key) = (file("data.sqlite"), file("fullchain.pem"), file("privkey.pem"));
    let listen = format!("127.0.0.1:{}", place.service_port);
    let (protocol, timeout) =
        (format!("proxy_protocol={protocol}"), format!("sessions.answer_timeout={ANSWER_TIMEOUT}s"));
    ["--data", &data, "--listen", &listen, "--public-url", url, "--trusted-proxy", "127.0.0.1"]
        .iter()
        .chain(&["--tls-certificate", &certificate, "--tls-key", &key, "--set", &protocol, "--set", &timeout])
        .map(|&word| word.to_owned())
        .collect()
}

/// A new application: its id and its secret.
pub(super) fn application(place: &Place) -> Result<[String; 2], Failure> {
    let data = place.folder.join("data.sqlite");
    let mut add = Command::new(cargo::built("iampass-server")?);
    add.args(["application", "add", "--name", "Shop", "--json", "--data"]).arg(data).env("RUST_LOG", "off");
    let added: Value = serde_json::from_slice(&add.output()?.stdout)?;
    let says = |name: &str| added.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok([says("application_id"), says("application_secret")])
}

fn is_believed(place: &Place, url: &str, settings: &[String], own: IpAddr) -> Result<(), Failure> {
    let (is_good, said) = checked_through(place, url, settings, true)?;
    let own = own.to_string();
    let is_told = said
        .lines()
        .any(|line| line.starts_with("good") && line.contains("caller's address") && line.contains(&own));
    if is_good && is_told { Ok(()) } else { Err(said.into()) }
}

fn is_closed_without_header(place: &Place) -> Result<(), Failure> {
    let mut stream = TcpStream::connect(("127.0.0.1", place.service_port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(0) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset && answer.is_empty() => Ok(()),
        Ok(_) => Err("it is answered".into()),
        Err(error) => Err(error.into()),
    }
}
