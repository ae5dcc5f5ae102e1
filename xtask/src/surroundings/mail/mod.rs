//! Mail servers that take the registration links: Postfix, Exim and OpenSMTPD, as Debian ships them.
//!
//! Each server runs in a directory of its own as its root, so that nothing is installed and the three do not meet. The service sends a
//! registration link through it. Where a case begins with a fault that lies in settings, the fault is mended afterwards, and the message has to
//! arrive.
//!
//! Belongs here: the cases. Does not belong here: the servers ([`servers`]), the service and the call to it ([`sender`]).

mod roots;
mod sender;
mod servers;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Kind, Outcome, Verdict, Wanted};
use crate::Failure;
use crate::free_port::free_port;
use roots::Root;
use sender::Sender;
use servers::{PROGRAMS, Program, Running, Variant};

/// A trial with a server.
struct Case {
    tried: &'static str,
    /// How the server is at first.
    first: Variant,
    /// Whether the service asks for STARTTLS.
    with_tls: bool,
    hello_name: &'static str,
    to: &'static str,
    /// The reason that the log gives for the first attempt; none where it succeeds.
    reason: Option<&'static str>,
    end: End,
}

/// The end of a trial.
#[derive(Clone, Copy)]
enum End {
    /// The message arrives at a server that is this from now on.
    Arrives(Variant),
    /// It is given up.
    RefusedForGood,
    /// It waits for another attempt, and nothing of it has arrived.
    Waits,
}

const GOOD: Variant = Variant { tls: true, refuses_greeting: false, is_greylisting: false };
const IN_CLEAR: Variant = Variant { tls: false, ..GOOD };

/// The name by which the service greets where nothing is to arrive. The server writes it into each message. One of another case may still be on
/// its way.
const WAITS_HERE: &str = "waits.example.org";

/// A case in which nothing goes wrong.
const ARRIVES: Case = Case {
    tried: "a registration link arrives, in clear to this machine",
    first: IN_CLEAR,
    with_tls: false,
    hello_name: "login.example.org",
    to: "ann@example.org",
    reason: None,
    end: End::Arrives(IN_CLEAR),
};

/// A server that offers STARTTLS, and ends each handshake by itself.
const BREAKS_OFF: Case = Case {
    tried: "a handshake that the server breaks off: nothing is sent, and the reason is said",
    first: GOOD,
    with_tls: true,
    hello_name: WAITS_HERE,
    reason: Some("no encryption was agreed on"),
    end: End::Waits,
    ..ARRIVES
};

const CASES: [Case; 7] = [
    ARRIVES,
    Case {
        tried: "a registration link arrives by STARTTLS, with an authority of one's own",
        first: GOOD,
        with_tls: true,
        end: End::Arrives(GOOD),
        ..ARRIVES
    },
    Case {
        tried: "without STARTTLS nothing is sent, the reason is said, and the link arrives when it is there",
        first: IN_CLEAR,
        with_tls: true,
        reason: Some("does not offer STARTTLS"),
        end: End::Arrives(GOOD),
        ..ARRIVES
    },
    Case {
        tried: "without STARTTLS nothing is sent, the reason is said, and the link waits",
        first: IN_CLEAR,
        with_tls: true,
        hello_name: WAITS_HERE,
        reason: Some("does not offer STARTTLS"),
        end: End::Waits,
        ..ARRIVES
    },
    Case {
        tried: "a refused greeting is said, and the link arrives when it is taken",
        first: Variant { refuses_greeting: true, ..IN_CLEAR },
        hello_name: servers::REFUSED_GREETING,
        reason: Some("refuses this service or the name"),
        ..ARRIVES
    },
    Case {
        tried: "a refused recipient is refused for good",
        to: "nobody@example.org",
        reason: Some("refuses this message"),
        end: End::RefusedForGood,
        ..ARRIVES
    },
    Case {
        tried: "greylisting (4xx): the link arrives at a later attempt",
        first: Variant { is_greylisting: true, ..IN_CLEAR },
        reason: Some("asks to try again later"),
        ..ARRIVES
    },
];

/// Tries them.
pub(super) fn run(wanted: &Wanted<'_>) -> Result<Vec<Outcome>, Failure> {
    let mut outcomes = Vec::new();
    if wanted.short {
        return Ok(outcomes);
    }
    for program in PROGRAMS.iter().filter(|program| wanted.has(program.name)) {
        let mut tell = |version: &str, tried: &str, verdict| {
            outcomes.push(Outcome {
                kind: Kind::Mail,
                name: program.name.to_owned(),
                version: version.to_owned(),
                tried: tried.to_owned(),
                verdict,
            });
        };
        let work = Work::new(program)?;
        let root = match Root::make(&work.0, program) {
            Ok(root) => root,
            Err(error) => {
                let how =
                    format!("{error}; run it as root on Debian, with apt-get update and openssl before");
                tell("", "all cases", Verdict::NotTried(how));
                continue;
            }
        };
        // A fault that is known is looked for each time: a version without it is tried like the others.
        let broken = program.tls_fault.and_then(|fault| {
            let seen = handshake(program, &root).err()?;
            Some(format!("{fault}; openssl as the client: {seen}"))
        });
        for case in &CASES {
            let verdict = match &broken {
                Some(why) if case.needs_handshake() => Verdict::CannotBe(why.clone()),
                _ => Verdict::of(holds(program, &root, &work.0, case)),
            };
            tell(&root.version, case.tried, verdict);
        }
        if broken.is_some() {
            let verdict = Verdict::of(holds(program, &root, &work.0, &BREAKS_OFF));
            tell(&root.version, BREAKS_OFF.tried, verdict);
        }
    }
    Ok(outcomes)
}

impl Case {
    /// Whether a message is to arrive over TLS.
    fn needs_handshake(&self) -> bool {
        matches!(self.end, End::Arrives(Variant { tls: true, .. }))
    }
}

/// Whether a client that is not ours agrees on TLS with the server.
fn handshake(program: &Program, root: &Root) -> Result<(), Failure> {
    let port = free_port()?;
    let _server = Running::start(program, root, port, GOOD)?;
    let mut client = Command::new("openssl");
    client.args(["s_client", "-starttls", "smtp", "-verify_return_error", "-connect"]);
    client.arg(format!("127.0.0.1:{port}")).arg("-CAfile").arg(root.authority());
    let done = client.stdin(Stdio::null()).output()?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    let alert = said.lines().find_map(|line| line.split_once("SSL routines:")?.1.split(':').nth(1));
    let alert = alert.map(str::to_owned);
    Err(alert.unwrap_or(said).into())
}

fn holds(program: &Program, root: &Root, work: &Path, case: &Case) -> Result<(), Failure> {
    root.empty_the_mailbox()?;
    let port = free_port()?;
    let server = Running::start(program, root, port, case.first)?;
    let authority = case.with_tls.then(|| root.authority());
    let sender = Sender::start(&work.join("service"), port, case.hello_name, authority.as_deref())?;
    sender.ask_for(case.to)?;
    if let Some(reason) = case.reason {
        sender.says(reason)?;
    }
    let server = match case.end {
        End::Arrives(variant) if variant != case.first => {
            drop(server);
            Running::start(program, root, port, variant)?
        }
        _ => server,
    };
    match case.end {
        End::Arrives(_) => root.has_got("Subject: Shop: register your phone")?,
        End::RefusedForGood => sender.says("a registration link was not sent")?,
        End::Waits => {
            sender.does_not_say("a registration link was not sent")?;
            root.has_got_nothing_by(case.hello_name)?;
        }
    }
    drop(server);
    Ok(())
}

/// A directory that goes when it is dropped.
struct Work(PathBuf);

impl Work {
    fn new(program: &Program) -> Result<Self, Failure> {
        let name = format!("iampass-surroundings-{}-{}", program.name, std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // It lies among the temporary files in any case.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs a command to its end, and gives what it wrote.
fn output(command: &mut Command) -> Result<Vec<u8>, Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    let done = command.output().map_err(|error| format!("{name} cannot be started: {error}"))?;
    if !done.status.success() {
        return Err(format!("{name}: {}", String::from_utf8_lossy(&done.stderr).trim()).into());
    }
    Ok(done.stdout)
}
