//! The report of `iampass-server config check --through` on a proxy: nothing to change where it is set up as `deploy/proxies` has it, and
//! the right thing where one part of that is left out.

use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::place::Place;
use super::programs::Proxy;
use super::{Verdict, started};
use crate::{Failure, cargo};

/// A machine that is very slow may be late with an event of a stream, which looks as if the proxy held it back.
const TRIES: usize = 5;

/// Both. In a short run nothing is tried that takes long.
pub(super) fn tries(proxy: &Proxy, is_short: bool) -> Vec<(String, Verdict)> {
    let name = "config check --through";
    let mut tries = vec![(format!("{name} finds nothing to change"), Verdict::of(good(proxy, is_short)))];
    if let Some((part, other, topic)) = proxy.spoilt
        && (!is_short || topic != "silence")
    {
        let tried = format!("{name} says what is wrong with: {topic}");
        tries.push((tried, Verdict::of(spoilt(proxy, (part, other), topic))));
    }
    tries
}

fn good(proxy: &Proxy, is_short: bool) -> Result<(), Failure> {
    let mut left = TRIES;
    loop {
        let (is_good, said) = checked(proxy, None, is_short)?;
        let changes = changes(&said);
        left -= 1;
        if is_good {
            return Ok(());
        }
        if left == 0 || !changes.iter().all(|line| topic_of(line).starts_with("streams")) {
            return Err(changes.join("; ").into());
        }
    }
}

fn spoilt(proxy: &Proxy, spoilt: (&str, &str), topic: &str) -> Result<(), Failure> {
    // Only the long silence takes long.
    let (is_good, said) = checked(proxy, Some(spoilt), topic != "silence")?;
    let is_told = changes(&said).iter().any(|line| topic_of(line).starts_with(topic));
    if !is_good && is_told {
        Ok(())
    } else {
        Err(format!("it is not told: {}", changes(&said).join("; ")).into())
    }
}

/// A line behind its first word.
pub(super) fn topic_of(line: &str) -> &str {
    line.trim_start_matches("CHANGE").trim_start()
}

pub(super) fn changes(said: &str) -> Vec<&str> {
    said.lines().filter(|line| line.starts_with("CHANGE")).collect()
}

/// Whether the command ended with 0, and what it said, with a part of the proxy's configuration written otherwise.
fn checked(proxy: &Proxy, spoilt: Option<(&str, &str)>, is_quick: bool) -> Result<(bool, String), Failure> {
    let place = Place::new(&format!("{}-check", proxy.name))?;
    let settings = settings(&place, &place.url());
    let _service = Served::start(&place, &settings)?;
    let mut is_written = spoilt.is_none();
    for mut file in (proxy.files)(&place)? {
        if let Some((part, other)) = spoilt {
            let (part, other) = (place.filled(part), place.filled(other));
            is_written |= file.1.contains(&part);
            file.1 = file.1.replace(&part, &other);
        }
        file.write(&place)?;
    }
    if !is_written {
        return Err("the part of the configuration that is to be left out is not there".into());
    }
    let _running = started(proxy, &place)?;
    checked_through(&place, &place.url(), &settings, is_quick)
}

/// Whether the command ended with 0, and what it said, for a service that was started with these settings.
pub(super) fn checked_through(
    place: &Place,
    url: &str,
    settings: &[String],
    is_quick: bool,
) -> Result<(bool, String), Failure> {
    let mut check = Command::new(cargo::built("iampass-server")?);
    check.args(["config", "check", "--through", url]).args(is_quick.then_some("--quick"));
    check.args(settings).envs(place.trust()).stdin(Stdio::null());
    let output = check.output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if said.is_empty() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok((output.status.success(), said))
}

/// The settings of a service behind a proxy, whose callers know it by this URL.
pub(super) fn settings(place: &Place, url: &str) -> Vec<String> {
    let data: PathBuf = place.folder.join("data.sqlite");
    let listen = format!("127.0.0.1:{}", place.service_port);
    let settings = ["--data", &data.display().to_string(), "--listen", &listen, "--public-url", url];
    settings.iter().chain(&["--trusted-proxy", "127.0.0.1"]).map(|&word| word.to_owned()).collect()
}

/// The service as it is run behind a proxy, ended with its owner.
pub(super) struct Served(Child);

impl Served {
    pub(super) fn start(place: &Place, settings: &[String]) -> Result<Self, Failure> {
        let mut run = Command::new(cargo::built("iampass-server")?);
        run.arg("run").args(settings).env("RUST_LOG", "warn").stdin(Stdio::null()).stdout(Stdio::null());
        let served = Self(run.spawn()?);
        let address = SocketAddr::from(([127, 0, 0, 1], place.service_port));
        let begun = Instant::now();
        while TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_err() {
            if begun.elapsed() > Duration::from_secs(30) {
                return Err("the service does not listen".into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(served)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself; it keeps nothing that matters.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
