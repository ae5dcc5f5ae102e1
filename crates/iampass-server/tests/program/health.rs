//! `health`: what a container's health check is told, and that it ends in bounded time whatever answers.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::free_port::free_port;
use crate::process::{program, run};

/// `run` with these arguments; killed when dropped.
struct Served(Child);

impl Served {
    fn start(port: u16, arguments: &[&str]) -> Self {
        let served = Self(program(&[&["run"], arguments].concat()).stdout(Stdio::null()).spawn().unwrap());
        wait_for(|| TcpStream::connect(("127.0.0.1", port)).is_ok());
        served
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[track_caller]
fn wait_for(mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(60), "it does not come about");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn health(arguments: &[&str]) -> (i32, String, String) {
    run(&[&["health"], arguments].concat())
}

#[test]
fn a_service_is_ready_until_its_data_is_gone_and_unreachable_when_it_has_ended() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("d.sqlite");
    let port = free_port().unwrap();
    let address = format!("127.0.0.1:{port}");
    let arguments = ["--data", data.to_str().unwrap(), "--listen", &address];
    let (code, said, error) = health(&arguments);
    assert_eq!((code, said.as_str()), (1, ""), "{error}");
    assert!(error.contains(&address) && error.contains("Start the service"), "{error}");
    let served = Served::start(port, &arguments);
    let (code, said, error) = health(&arguments);
    assert_eq!(code, 0, "{error}");
    assert_eq!(said, format!("ready: http://{address}/readyz\n"));
    // The data file need not be named: it is not opened.
    assert_eq!(health(&["--listen", &address]).0, 0);
    std::fs::remove_file(&data).unwrap();
    wait_for(|| health(&arguments).0 == 1);
    let (_, _, error) = health(&arguments);
    assert!(error.contains("was deleted or replaced") && error.lines().count() == 1, "{error}");
    // It lives all the same: to start it again because of its store is another decision.
    let alive = [&arguments[..], &["--alive"]].concat();
    let (code, said, error) = health(&alive);
    assert_eq!((code, said), (0, format!("alive: http://{address}/healthz\n")), "{error}");
    drop(served);
    assert_eq!(health(&arguments).0, 1);
    let (code, said, error) = health(&alive);
    assert_eq!((code, said.as_str()), (1, ""), "{error}");
    assert!(error.contains("/healthz cannot be reached"), "{error}");
}

#[test]
fn a_service_on_all_addresses_is_found_by_its_environment() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("d.sqlite");
    let port = free_port().unwrap();
    let listen = format!("0.0.0.0:{port}");
    let public = ["--public-url", "https://login.example", "--trusted-proxy", "192.0.2.1"];
    let arguments = [&["--data", data.to_str().unwrap(), "--listen", &listen], &public[..]].concat();
    let _served = Served::start(port, &arguments);
    let asked = program(&["health"]).env("IAMPASS_SERVER_LISTEN", &listen).output().unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
}

#[test]
fn a_service_that_speaks_tls_is_asked_by_tls() {
    let directory = tempfile::tempdir().unwrap();
    // The certificate has a name that leads elsewhere.
    let made = rcgen::generate_simple_self_signed(["login.example".to_owned()]).unwrap();
    let write = |name: &str, text: String| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (certificate, key) =
        (write("c.pem", made.cert.pem()), write("k.pem", made.signing_key.serialize_pem()));
    let data = directory.path().join("d.sqlite");
    let port = free_port().unwrap();
    let address = format!("127.0.0.1:{port}");
    let tls = ["--tls-certificate", &certificate, "--tls-key", &key];
    let arguments = [&["--data", data.to_str().unwrap(), "--listen", &address], &tls[..]].concat();
    let _served = Served::start(port, &arguments);
    let (code, said, error) = health(&arguments);
    assert_eq!(code, 0, "{error}");
    assert_eq!(said, format!("ready: https://{address}/readyz\n"));
    // With other settings than those of the service it says so.
    let (code, _, error) = health(&["--listen", &address]);
    assert_eq!(code, 1);
    assert!(error.contains("settings of the service"), "{error}");
    let plain_port = free_port().unwrap();
    let plain = format!("127.0.0.1:{plain_port}");
    let other = directory.path().join("other.sqlite");
    let _plain = Served::start(plain_port, &["--data", other.to_str().unwrap(), "--listen", &plain]);
    let (code, _, error) = health(&[&["--listen", &plain], &tls[..]].concat());
    assert_eq!(code, 1);
    assert!(error.contains("speaks no TLS"), "{error}");
}

#[test]
fn a_service_that_wants_the_proxy_protocol_is_asked_by_it() {
    let directory = tempfile::tempdir().unwrap();
    let public = ["--public-url", "https://login.example", "--trusted-proxy", "192.0.2.1"];
    for version in ["v1", "v2", "any"] {
        let data = directory.path().join(version);
        let port = free_port().unwrap();
        let (address, set) = (format!("127.0.0.1:{port}"), format!("proxy_protocol={version}"));
        let asked = [&["--listen", &address, "--set", &set], &public[..]].concat();
        let _served = Served::start(port, &[&["--data", data.to_str().unwrap()], &asked[..]].concat());
        let (code, _, error) = health(&asked);
        assert_eq!(code, 0, "{version}: {error}");
        // Without the header it is not answered.
        let (code, _, error) = health(&["--listen", &address]);
        assert_eq!(code, 1, "{version}: {error}");
    }
    let data = directory.path().join("d");
    let (code, _, error) = run(&[
        "run",
        "--data",
        data.to_str().unwrap(),
        "--listen",
        "127.0.0.1:0",
        "--set",
        "proxy_protocol=v2",
    ]);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("trusted_proxies") && !data.exists(), "{error}");
}

/// A listener that answers each connection with these bytes and then, if asked to, with the last ones again and again.
fn answering(bytes: &'static [u8], is_endless: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let mut asked = [0; 1_024];
                let _ = stream.read(&mut asked);
                let _ = stream.write_all(bytes);
                let filler = [b' '; 4_096];
                while is_endless && stream.write_all(&filler).is_ok() {}
            });
        }
    });
    address
}

#[test]
fn whatever_answers_it_ends_and_says_what_to_do() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let (code, _, error) = health(&["--listen", &address, "--timeout", "1"]);
    assert_eq!(code, 1);
    assert!(error.contains("no answer from") && error.contains("in 1 s"), "{error}");
    for (bytes, is_endless, told) in [
        (&b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"[..], false, "something else"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", false, "something else"),
        (b"HTTP/1.1 200 OK\r\n\r\n{", true, "something else"),
        (b"HTTP/1.1 200 OK\r\nX: ", true, "no answer"),
        (b"SSH-2.0-other\r\n", false, "no answer"),
        (b"", false, "no answer"),
        (
            b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 47\r\n\r\n{\"status\":false,\"store\":\"ok\",\"stopping\":true}  ",
            false,
            "it is stopping",
        ),
        (
            b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 54\r\n\r\n{\"status\":false,\"store\":\"read_only\",\"stopping\":false}  ",
            false,
            "a full disk",
        ),
    ] {
        let address = answering(bytes, is_endless);
        let (code, said, error) = health(&["--listen", &address, "--timeout", "20"]);
        assert_eq!((code, said.as_str()), (1, ""), "{told}");
        assert!(error.contains(told), "{told}: {error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    let (code, _, error) = health(&["--listen", "127.0.0.1:0"]);
    assert_eq!(code, 1);
    assert!(error.contains("port 0"), "{error}");
}

#[test]
fn alive_is_said_of_this_service_alone() {
    for bytes in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"[..],
        b"HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"status\":false}",
        b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 15\r\n\r\n{\"status\":true}",
    ] {
        let address = answering(bytes, false);
        let (code, said, error) = health(&["--listen", &address, "--timeout", "20", "--alive"]);
        assert_eq!((code, said.as_str()), (1, ""));
        assert!(error.contains("something else"), "{error}");
    }
    let good = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"status\":true}", false);
    let (code, _, error) = health(&["--listen", &good, "--timeout", "20", "--alive"]);
    assert_eq!(code, 0, "{error}");
}

#[test]
fn the_files_in_deploy_ask_by_it() {
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    let containerfile = std::fs::read_to_string(deploy.join("container/Containerfile")).unwrap();
    let check = containerfile.split("HEALTHCHECK").nth(1).unwrap();
    let command = check.split("CMD [").nth(1).unwrap().split(']').next().unwrap();
    let words: Vec<&str> = command.split(',').map(|word| word.trim().trim_matches('"')).collect();
    assert_eq!(words, ["/usr/local/bin/iampass-server", "health"]);
}
