//! The real proxies, each with the lines that the gate prints.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::http::SOON;

/// A proxy that is to be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Nginx,
    Caddy,
    HaProxy,
}

impl Kind {
    /// Its name, and that of its program.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
            Self::HaProxy => "haproxy",
        }
    }

    /// Its program. None where it is not there: it has been said how to get it. With `CI=true` that fails.
    pub(crate) fn program(self) -> Option<PathBuf> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/bin".into()]);
        let found = folders.map(|folder| folder.join(self.name())).find(|file| file.is_file());
        if found.is_none() {
            let how = format!(
                "{0} is needed for this test. Install it (on Debian: `apt-get install {0}`).",
                self.name()
            );
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{how}");
            eprintln!("{how}");
        }
        found
    }
}

/// A running proxy, ended when dropped.
#[derive(Debug)]
pub(crate) struct Proxy(Child);

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts it at this port, over the configuration that the gate has printed for the site at `site_port`.
pub(crate) fn start(
    kind: Kind,
    program: &Path,
    folder: &Path,
    printed: &str,
    lua: &str,
    port: u16,
    site_port: u16,
) -> Proxy {
    let here = folder.display();
    let printed = printed.replace("127.0.0.1:3000", &format!("127.0.0.1:{site_port}"));
    let mut command = Command::new(program);
    match kind {
        Kind::Nginx => {
            // The origin has no TLS. The proxy listens to this machine alone.
            let listens = format!("listen {port};");
            assert!(printed.contains(&listens) && !printed.contains("ssl"), "{printed}");
            let site = printed.replace(&listens, &format!("listen 127.0.0.1:{port};"));
            let main = format!(
                "daemon off; master_process off; pid {here}/nginx.pid; error_log {here}/error.log; events {{}}\n\
                 http {{ access_log off; client_body_temp_path {here}/t1; proxy_temp_path {here}/t2;\n\
                 fastcgi_temp_path {here}/t3; uwsgi_temp_path {here}/t4; scgi_temp_path {here}/t5;\n{site}}}\n"
            );
            std::fs::write(folder.join("nginx.conf"), main).unwrap();
            command.arg("-c").arg(folder.join("nginx.conf")).arg("-p").arg(folder);
        }
        Kind::Caddy => {
            let file = format!("{{\n    admin off\n    auto_https off\n}}\n{printed}");
            std::fs::write(folder.join("Caddyfile"), file).unwrap();
            command.args(["run", "--adapter", "caddyfile", "--config"]).arg(folder.join("Caddyfile"));
            for home in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"] {
                command.env(home, folder);
            }
        }
        Kind::HaProxy => {
            std::fs::write(folder.join("iampass-gate.lua"), lua).unwrap();
            let file: String = printed
                .replace("/etc/haproxy/", &format!("{here}/"))
                .lines()
                .map(|line| match line.trim_start().starts_with("bind ") {
                    true => format!("    bind 127.0.0.1:{port}\n"),
                    false => format!("{line}\n"),
                })
                .collect();
            std::fs::write(folder.join("haproxy.cfg"), file).unwrap();
            command.arg("-db").arg("-f").arg(folder.join("haproxy.cfg"));
        }
    }
    let log = std::fs::File::create(folder.join("proxy.log")).unwrap();
    let child = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
    let mut proxy = Proxy(child);
    let began = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        let ended = proxy.0.try_wait().unwrap();
        let said = || std::fs::read_to_string(folder.join("proxy.log")).unwrap_or_default();
        assert!(ended.is_none() && began.elapsed() < SOON, "{kind:?} does not start: {}", said());
        std::thread::sleep(Duration::from_millis(50));
    }
    proxy
}
