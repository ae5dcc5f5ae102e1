//! The setting of every check: the service, a user with a phone, the gate as a program, and the site.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use iampass_core::RegistrationLink;
use iampass_test_databases::unused_port;
use iampass_testkit::{TestService, VirtualPhone};

use crate::http::Browser;
use crate::proxy::{self, Kind, Proxy};
use crate::site::Site;

/// Anna is no member of ops; `/mine` is hers.
const USERS: &str = "[[users]]\nlogin = 'Anna'\nname = 'Anna Müller'\ngroups = ['dev', 'a,b']\nemail = 'anna@site.example'\n\
                     [[users]]\nlogin = 'otto'\ngroups = ['ops']\n";

const RULES: &str = "freshness_seconds = 1\n[[rules]]\npath = '/assets/**'\nallow = 'public'\n\
                     [[rules]]\npath = '/admin/**'\nallow = ['group:ops']\n[[rules]]\npath = '/mine'\nallow = ['user:anna']\n";

/// A running gate, ended when dropped.
#[derive(Debug)]
struct Gate(Child);

impl Drop for Gate {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) struct Setting {
    pub(crate) service: TestService,
    pub(crate) phone: VirtualPhone,
    pub(crate) site: Site,
    pub(crate) gate_port: u16,
    /// The port that browsers reach the site at: the proxy's.
    port: u16,
    gate: Option<Gate>,
    _proxy: Option<Proxy>,
    pub(crate) folder: tempfile::TempDir,
}

/// The program, in this folder, with the service of the test.
pub(crate) fn program(service: &TestService, folder: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_iampass-gate"));
    for unset in [
        "IAMPASS_COOKIE_KEYS",
        "IAMPASS_SEALING_KEYS",
        "IAMPASS_GATE_CONFIG",
        "IAMPASS_GATE_LISTEN",
        "IAMPASS_GATE_STATE",
        "IAMPASS_GATE_ORIGIN",
    ] {
        program.env_remove(unset);
    }
    program
        .current_dir(folder)
        .env("IAMPASS_SERVER", service.server_url())
        .env("IAMPASS_APPLICATION_ID", service.application_id().as_str())
        .env("IAMPASS_APPLICATION_SECRET", service.application_secret().expose())
        .stdin(Stdio::null());
    program
}

/// The output of a command, which has to end well.
fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

impl Setting {
    /// Behind this proxy. None where its program is not there.
    pub(crate) async fn behind(kind: Kind) -> Option<Self> {
        let program = kind.program()?;
        let mut setting = Self::start(RULES).await;
        let printed = said(setting.command().args(["proxy", kind.name()]));
        let lua = said(setting.command().args(["proxy", "haproxy-lua"]));
        let (port, site_port) = (setting.port, setting.site.port);
        setting._proxy =
            Some(proxy::start(kind, &program, setting.folder.path(), &printed, &lua, port, site_port));
        setting.site.arrived();
        Some(setting)
    }

    /// Without a proxy: the test asks the gate itself, as Traefik does. `settings` go before the rules.
    pub(crate) async fn without_proxy(settings: &str) -> Self {
        Self::start(&format!("{settings}\n{RULES}")).await
    }

    /// The same over a database, with users in a table of it.
    pub(crate) async fn over_database(url: &str, select: &str) -> Self {
        let tables = format!("[users]\nurl = '{url}'\nselect = '''{select}'''\n");
        Self::start(&format!("state = '{url}'\n{RULES}{tables}")).await
    }

    async fn start(settings: &str) -> Self {
        let port = unused_port().unwrap();
        let service = TestService::builder().walkaway().start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let gate_port = unused_port().unwrap();
        std::fs::write(folder.path().join("users.toml"), USERS).unwrap();
        let settings =
            format!("origin = 'http://127.0.0.1:{port}'\nlisten = '127.0.0.1:{gate_port}'\n{settings}");
        std::fs::write(folder.path().join("iampass-gate.toml"), settings).unwrap();
        let link = said(program(&service, folder.path()).args(["invite", "anna", "--no-wait"]));
        let phone = service.register_phone(&RegistrationLink::parse(link.trim()).unwrap()).await.unwrap();
        let site = Site::start().await;
        let mut setting = Self { service, phone, site, gate_port, port, gate: None, _proxy: None, folder };
        setting.start_gate();
        setting
    }

    pub(crate) fn command(&self) -> Command {
        program(&self.service, self.folder.path())
    }

    fn start_gate(&mut self) {
        let log = std::fs::File::create(self.folder.path().join("gate.log")).unwrap();
        let mut child = self.command().arg("run").stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said = || std::fs::read_to_string(self.folder.path().join("gate.log")).unwrap();
        assert!(line.contains("listens at"), "{line}{}", said());
        self.gate = Some(Gate(child));
    }

    /// The gate is gone from now on.
    pub(crate) fn kill_gate(&mut self) {
        self.gate = None;
    }

    /// A browser that reaches the site through the proxy.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.port, &self.host())
    }

    /// A browser that reaches the gate itself.
    pub(crate) fn at_gate(&self) -> Browser {
        Browser::new(self.gate_port, &self.host())
    }

    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// A browser in which anna is signed in.
    pub(crate) async fn anna(&self) -> Browser {
        let mut browser = self.browser();
        browser.sign_in("anna", &self.phone, "/").await;
        let page = browser.get("/").await;
        assert_eq!(page.status, 200, "{page:?}");
        self.site.arrived();
        browser
    }

    /// Replaces the file of users.
    pub(crate) fn write_users(&self, text: &str) {
        std::fs::write(self.folder.path().join("users.toml"), text).unwrap();
    }
}
