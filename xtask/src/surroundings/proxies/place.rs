//! Where one proxy runs: its folder with certificate and configuration, its ports, and its processes.

use std::fs::File;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::filled_in::filled_in;
use super::proxy_protocol::own_address;
use crate::free_port::free_port;
use crate::{Failure, cargo};

/// The host's name in `deploy/proxies`, and its name here.
const HOST: (&str, &str) = ("login.example", "localhost");
const CERTIFICATES: &str = "/etc/ssl/login.example/";

pub(super) struct Place {
    pub(super) folder: PathBuf,
    /// Where the proxy listens.
    pub(super) port: u16,
    pub(super) service_port: u16,
    /// One that nobody is to call.
    pub(super) other_port: u16,
}

/// A file of the configuration: its name in the folder, and what is in it.
pub(super) struct ConfigFile(pub(super) &'static str, pub(super) String);

impl ConfigFile {
    pub(super) fn write(&self, place: &Place) -> Result<(), Failure> {
        let file = place.folder.join(self.0);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(std::fs::write(file, &self.1)?)
    }
}

impl Place {
    pub(super) fn new(name: &str) -> Result<Self, Failure> {
        let folder = std::env::temp_dir().join(format!("iampass-surroundings-{}-{name}", std::process::id()));
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        // Some of the programs go on as another user.
        cargo::run(Command::new("chmod").arg("777").arg(&folder))?;
        let place = Self { folder, port: free_port()?, service_port: free_port()?, other_port: free_port()? };
        place.make_certificate()?;
        Ok(place)
    }

    /// An authority, and a certificate of it for this host.
    fn make_certificate(&self) -> Result<(), Failure> {
        let file = |name: &str| self.folder.join(name).display().to_string();
        let new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
        let openssl = |arguments: &[&str]| {
            let mut openssl = Command::new("openssl");
            openssl.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            cargo::run(&mut openssl)
        };
        let (authority, authority_key) = (file("authority.pem"), file("authority.key"));
        let own =
            ["req", "-x509", "-subj", "/CN=surroundings", "-out", &authority, "-keyout", &authority_key];
        openssl(&[&own[..], &new_key].concat())?;
        let (request, key) = (file("request.pem"), file("privkey.pem"));
        let asked = ["req", "-subj", "/CN=localhost", "-out", &request, "-keyout", &key];
        openssl(&[&asked[..], &new_key].concat())?;
        let extensions = file("extensions");
        let own = own_address().map(|own| format!(",IP:{own}")).unwrap_or_default();
        std::fs::write(
            &extensions,
            format!("subjectAltName=DNS:localhost,IP:127.0.0.1{own}\nbasicConstraints=CA:FALSE\n"),
        )?;
        let chain = file("fullchain.pem");
        openssl(&[
            "x509",
            "-req",
            "-in",
            &request,
            "-CA",
            &authority,
            "-CAkey",
            &authority_key,
            "-set_serial",
            "1",
            "-days",
            "2",
            "-extfile",
            &extensions,
            "-out",
            &chain,
        ])?;
        let both = [std::fs::read(&key)?, std::fs::read(&chain)?].concat();
        std::fs::write(file("both.pem"), both)?;
        cargo::run(Command::new("chmod").args(["644", &key, &file("both.pem")]))
    }

    /// The variables that make clients trust the certificate.
    pub(super) fn trust(&self) -> [(&'static str, PathBuf); 2] {
        ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"].map(|name| (name, self.folder.join("authority.pem")))
    }

    /// The service's URL for callers.
    pub(super) fn url(&self) -> String {
        format!("https://{}:{}", HOST.1, self.port)
    }

    /// A file of `deploy/proxies` with this place's host, ports and certificate in it.
    pub(super) fn deployed(&self, name: &str) -> Result<String, Failure> {
        let text = std::fs::read_to_string(cargo::workspace_root().join("deploy/proxies").join(name))?;
        let folder = self.folder.display().to_string();
        let (port, service) = (self.port.to_string(), self.service_port.to_string());
        Ok(filled_in(
            &text,
            &[
                (CERTIFICATES, &format!("{folder}/")),
                ("/run/varnish", &folder),
                HOST,
                ("443", &port),
                ("8089", &service),
            ],
        ))
    }

    /// A text with `{folder}`, `{port}`, `{service}` and `{other}` filled in.
    pub(super) fn filled(&self, text: &str) -> String {
        let folder = self.folder.display().to_string();
        let [port, service, other] =
            [self.port, self.service_port, self.other_port].map(|port| port.to_string());
        filled_in(
            text,
            &[("{folder}", &folder), ("{port}", &port), ("{service}", &service), ("{other}", &other)],
        )
    }

    pub(super) fn filled_all(&self, texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| self.filled(text)).collect()
    }

    fn command(&self, words: &[String]) -> Result<Command, Failure> {
        let (program, arguments) = words.split_first().ok_or("there is no command")?;
        let program =
            super::super::installed::program(program).ok_or_else(|| format!("{program} is not there"))?;
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.folder).stdin(Stdio::null());
        // Where Caddy keeps what it makes, and where Traffic Server is.
        command
            .env("XDG_DATA_HOME", &self.folder)
            .env("XDG_CONFIG_HOME", &self.folder)
            .env("HOME", &self.folder);
        command.env("TS_RUNROOT", self.folder.join("ts"));
        Ok(command)
    }

    /// Runs a command to its end. `Err`: what it said when it did not end well.
    pub(super) fn said(&self, words: &[String]) -> Result<String, Failure> {
        let output = self.command(words)?.output()?;
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).trim().to_owned();
        if output.status.success() { Ok(said) } else { Err(said.into()) }
    }

    /// Waits until the proxy listens.
    pub(super) fn wait_until_open(&self, longest: Duration, running: &mut [Running]) -> Result<(), Failure> {
        let begun = Instant::now();
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        while TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_err() {
            for process in running.iter_mut() {
                if let Some(status) = process.child.try_wait()? {
                    return Err(format!("it ended with {status}: {}", process.log()).into());
                }
            }
            if begun.elapsed() > longest {
                let said: Vec<_> = running.iter().map(Running::log).collect();
                return Err(format!("it does not listen after {longest:?}: {}", said.join(" ")).into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        // It may listen before it forwards.
        std::thread::sleep(Duration::from_millis(300));
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A process of the proxy, ended with its owner.
pub(super) struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    pub(super) fn start(words: &[String], place: &Place) -> Result<Self, Failure> {
        let name = words.first().map(String::as_str).unwrap_or_default();
        let log = place.folder.join(format!("{name}.log"));
        let file = File::create(&log)?;
        let mut command = place.command(words)?;
        let child = command.stdout(file.try_clone()?).stderr(file).spawn()?;
        Ok(Self { child, log })
    }

    /// The end of what it said.
    fn log(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = text.lines().rev().take(6).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join(" ")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // First as one asks it to stop, so that it ends the processes that it has started.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        for _ in 0..40 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
