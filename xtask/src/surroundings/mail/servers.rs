//! The three mail servers: their settings for each case, starting and stopping them.
//!
//! Each takes messages for `ann@example.org` and puts them into `/var/got`.

use std::fs;
use std::net::TcpStream;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::roots::Root;
use crate::Failure;

/// The name that a server refuses where a case wants that.
pub(super) const REFUSED_GREETING: &str = "greeter.example.org";

/// How a server behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Variant {
    pub(super) tls: bool,
    pub(super) refuses_greeting: bool,
    pub(super) is_greylisting: bool,
}

/// A mail server.
pub(super) struct Program {
    pub(super) name: &'static str,
    pub(super) package: &'static str,
    /// With groups of the same names and numbers.
    pub(super) users: &'static [(&'static str, u32)],
    /// Whether its first user reads the key of the certificate, and not root.
    pub(super) reads_key_as_user: bool,
    /// A known fault by which it may end each handshake itself, whatever the client.
    pub(super) tls_fault: Option<&'static str>,
    /// Makes what its package makes when it is installed.
    pub(super) prepare: fn(&Path) -> Result<(), Failure>,
    configure: fn(&Path, u16, Variant) -> Result<(), Failure>,
    command: &'static [&'static str],
}

pub(super) const PROGRAMS: [Program; 3] = [
    Program {
        name: "postfix",
        package: "postfix",
        users: &[("postfix", 991), ("postdrop", 990)],
        reads_key_as_user: false,
        tls_fault: None,
        prepare: prepare_postfix,
        configure: configure_postfix,
        command: &["/usr/lib/postfix/sbin/master", "-c", "/etc/postfix", "-d"],
    },
    Program {
        name: "exim4",
        package: "exim4-daemon-light",
        users: &[("Debian-exim", 991)],
        reads_key_as_user: true,
        tls_fault: None,
        prepare: prepare_exim,
        configure: configure_exim,
        command: &["/usr/sbin/exim4", "-bdf"],
    },
    Program {
        name: "opensmtpd",
        package: "opensmtpd",
        users: &[("opensmtpd", 991), ("opensmtpq", 992)],
        reads_key_as_user: false,
        tls_fault: Some("its network process has no private key with OpenSSL 3 (OpenSMTPD issue 1171)"),
        prepare: prepare_opensmtpd,
        configure: configure_opensmtpd,
        command: &["/usr/sbin/smtpd", "-d", "-f", "/etc/smtpd.conf"],
    },
];

/// A server that runs. It is stopped when it is dropped.
pub(super) struct Running {
    process: Child,
    port: u16,
}

impl Running {
    pub(super) fn start(
        program: &Program,
        root: &Root,
        port: u16,
        variant: Variant,
    ) -> Result<Self, Failure> {
        (program.configure)(&root.path, port, variant)?;
        let log = fs::File::create(root.path.with_file_name("server.log"))?;
        let process = Command::new("chroot")
            .arg(&root.path)
            .args(program.command)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let running = Self { process, port };
        if running.comes_to(true) {
            return Ok(running);
        }
        let said = fs::read_to_string(root.path.with_file_name("server.log")).unwrap_or_default();
        Err(format!("{} does not listen: {}", program.name, said.trim()).into())
    }

    /// Waits until the port is open, or closed.
    fn comes_to(&self, open: bool) -> bool {
        let end = Instant::now() + Duration::from_secs(10);
        while Instant::now() < end {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() == open {
                return true;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // By a signal that the server hands on to its own processes.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        if self.comes_to(false) {
            let _ = self.process.wait();
        } else {
            let _ = self.process.kill();
        }
    }
}

fn prepare_postfix(root: &Path) -> Result<(), Failure> {
    let queue = root.join("var/spool/postfix");
    let own = ["active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming"];
    for (names, mode) in [
        (&own[..], 0o700),
        (&["private", "saved", "trace"], 0o700),
        (&["maildrop"], 0o730),
        (&["public"], 0o710),
    ] {
        for name in names {
            let directory = queue.join(name);
            fs::create_dir_all(&directory)?;
            chown(&directory, Some(991), Some(990))?;
            fs::set_permissions(&directory, fs::Permissions::from_mode(mode))?;
        }
    }
    fs::create_dir_all(queue.join("pid"))?;
    let data = root.join("var/lib/postfix");
    fs::create_dir_all(&data)?;
    chown(data, Some(991), Some(991))?;
    Ok(())
}

fn configure_postfix(root: &Path, port: u16, variant: Variant) -> Result<(), Failure> {
    let tls = if variant.tls { "may" } else { "none" };
    let greeting = if variant.refuses_greeting {
        format!("smtpd_helo_restrictions = check_helo_access inline:{{{REFUSED_GREETING}=REJECT}}\n")
    } else {
        String::new()
    };
    let later = if variant.is_greylisting {
        "check_recipient_access inline:{{ann@example.org = 450 4.2.0 Greylisted}}, "
    } else {
        ""
    };
    let main = format!(
        "compatibility_level = 3.6\nmyhostname = mail.example.org\nmydestination =\ninet_interfaces = 127.0.0.1\n\
         inet_protocols = ipv4\nmaillog_file = /var/log/postfix.log\nvirtual_mailbox_domains = example.org\n\
         virtual_mailbox_base = /var/got\nvirtual_mailbox_maps = inline:{{ann@example.org=ann}}\n\
         virtual_uid_maps = static:65534\nvirtual_gid_maps = static:65534\n\
         smtpd_recipient_restrictions = {later}reject_unauth_destination\nsmtpd_tls_security_level = {tls}\n\
         smtpd_tls_cert_file = /etc/cert.pem\nsmtpd_tls_key_file = /etc/key.pem\nsmtpd_helo_required = yes\n{greeting}"
    );
    let master = format!(
        "127.0.0.1:{port} inet n - n - - smtpd\ncleanup unix n - n - 0 cleanup\nqmgr unix n - n 300 1 qmgr\n\
         tlsmgr unix - - n 1000? 1 tlsmgr\nrewrite unix - - n - - trivial-rewrite\nbounce unix - - n - 0 bounce\n\
         defer unix - - n - 0 bounce\ntrace unix - - n - 0 bounce\nproxymap unix - - n - - proxymap\n\
         error unix - - n - - error\nretry unix - - n - - error\nvirtual unix - n n - - virtual\n\
         anvil unix - - n - 1 anvil\npostlog unix-dgram n - n - 1 postlogd\n"
    );
    fs::write(root.join("etc/postfix/main.cf"), main)?;
    fs::write(root.join("etc/postfix/master.cf"), master)?;
    Ok(())
}

fn prepare_exim(root: &Path) -> Result<(), Failure> {
    fs::create_dir_all(root.join("var/spool/exim4"))?;
    fs::create_dir_all(root.join("etc/exim4"))?;
    for directory in ["var/spool/exim4", "var/log"] {
        chown(root.join(directory), Some(991), Some(991))?;
    }
    Ok(())
}

fn configure_exim(root: &Path, port: u16, variant: Variant) -> Result<(), Failure> {
    let tls = if variant.tls { "*" } else { "" };
    let greeting = if variant.refuses_greeting {
        format!("  deny condition = ${{if eq{{$sender_helo_name}}{{{REFUSED_GREETING}}}}}\n")
    } else {
        String::new()
    };
    let later = if variant.is_greylisting {
        "  defer recipients = ann@example.org\n       message = greylisted\n"
    } else {
        ""
    };
    let text = format!(
        "primary_hostname = mail.example.org\ndaemon_smtp_ports = {port}\nlocal_interfaces = 127.0.0.1\n\
         spool_directory = /var/spool/exim4\nlog_file_path = /var/log/exim-%slog\nhost_lookup =\n\
         rfc1413_query_timeout = 0s\nkeep_environment =\ntls_advertise_hosts = {tls}\ntls_certificate = /etc/cert.pem\n\
         tls_privatekey = /etc/key.pem\nacl_smtp_helo = acl_helo\nacl_smtp_rcpt = acl_rcpt\nbegin acl\nacl_helo:\n\
         {greeting}  accept\nacl_rcpt:\n{later}  accept recipients = ann@example.org\n  deny message = no such user\n\
         begin routers\nbox:\n  driver = accept\n  transport = box\nbegin transports\nbox:\n  driver = appendfile\n\
         \x20 file = /var/got/ann\n  user = nobody\n  group = nogroup\n"
    );
    fs::write(root.join("etc/exim4/exim4.conf"), text)?;
    Ok(())
}

fn prepare_opensmtpd(root: &Path) -> Result<(), Failure> {
    fs::create_dir_all(root.join("var/lib/opensmtpd/empty"))?;
    for directory in ["var/spool", "var/lib/opensmtpd/empty"] {
        fs::set_permissions(root.join(directory), fs::Permissions::from_mode(0o711))?;
    }
    Ok(())
}

fn configure_opensmtpd(root: &Path, port: u16, variant: Variant) -> Result<(), Failure> {
    let mut filters = Vec::new();
    let mut text = String::from("table boxes { \"ann@example.org\" = \"nobody\" }\n");
    if variant.refuses_greeting {
        filters.push("greeting");
        text.push_str(&format!(
            "filter greeting phase ehlo match helo {{ \"{REFUSED_GREETING}\" }} reject \"550 name not welcome\"\n"
        ));
    }
    if variant.is_greylisting {
        filters.push("later");
        text.push_str(
            "filter later phase rcpt-to match rcpt-to { \"ann@example.org\" } reject \"451 4.7.1 greylisted\"\n",
        );
    }
    let filters = match filters.as_slice() {
        [] => String::new(),
        some => format!(" filter {{ {} }}", some.join(", ")),
    };
    let tls = if variant.tls {
        text.push_str("pki mail cert \"/etc/cert.pem\"\npki mail key \"/etc/key.pem\"\n");
        " tls pki mail"
    } else {
        ""
    };
    text.push_str(&format!(
        "listen on 127.0.0.1 port {port}{tls}{filters}\naction \"box\" maildir \"/var/got/ann\" virtual <boxes>\n\
         match from any for domain \"example.org\" rcpt-to {{ \"ann@example.org\" }} action \"box\"\n"
    ));
    fs::write(root.join("etc/smtpd.conf"), text)?;
    Ok(())
}
