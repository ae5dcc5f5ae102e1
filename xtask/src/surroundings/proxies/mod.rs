//! Reverse proxies between the callers and the service. Each runs with the configuration of `deploy/proxies`, in TLS, on ports of its own.

mod config_check;
mod filled_in;
mod place;
mod prefix;
mod programs;
mod proxy_protocol;

use std::process::{Command, Stdio};
use std::time::Duration;

use self::place::{Place, Running};
use self::programs::{PROXIES, Proxy};
use super::installed::{install, version};
use super::outcome::told;
use super::{Kind, Outcome, Verdict, Wanted};
use crate::{Failure, cargo};

/// How long the service waits for a phone, in seconds: the published client's list waits for that twice.
const ANSWER_TIMEOUT: &str = "10";

/// Tries them.
pub(super) fn run(wanted: &Wanted<'_>) -> Result<Vec<Outcome>, Failure> {
    cargo::run(Command::new(cargo::built("iampass-through")?).arg("--install"))?;
    let mut outcomes = Vec::new();
    for proxy in &PROXIES {
        let only_below_prefix = !wanted.has(proxy.name);
        if (only_below_prefix && !wanted.has_trial(proxy.name, prefix::TRIAL))
            || (wanted.short && !proxy.is_in_short)
        {
            continue;
        }
        println!("{} …", proxy.name);
        let outcome = |tried: &str, verdict| Outcome {
            kind: Kind::Proxies,
            name: proxy.name.to_owned(),
            version: version(proxy.version.0, proxy.version.1),
            tried: tried.to_owned(),
            verdict,
        };
        match install(proxy.programs, proxy.packages) {
            Err(how) => outcomes.push(outcome("all of it", Verdict::NotTried(how))),
            Ok(()) if only_below_prefix => {
                let tries = prefix::tries(proxy).into_iter();
                outcomes.extend(tries.map(|(tried, verdict)| outcome(&tried, verdict)));
            }
            Ok(()) => match tries(proxy, wanted.short) {
                Ok(tries) => {
                    outcomes.extend(tries.into_iter().map(|(tried, verdict)| outcome(&tried, verdict)));
                }
                Err(error) => outcomes.push(outcome("it starts", Verdict::Fails(error.to_string()))),
            },
        }
    }
    outcomes.extend(proxy_protocol::run(wanted));
    Ok(outcomes)
}

/// Runs one proxy before a service of its own, and everything through it.
fn tries(proxy: &Proxy, is_short: bool) -> Result<Vec<(String, Verdict)>, Failure> {
    let place = Place::new(proxy.name)?;
    let service = service(&place)?;
    let mut tries = Vec::new();
    for file in (proxy.files)(&place)? {
        file.write(&place)?;
    }
    if let Some(check) = proxy.check {
        let checked = place.filled_all(check(&place));
        let verdict = place.said(&checked).map(drop);
        let is_good = verdict.is_ok();
        tries.push(("its own check of the configuration".to_owned(), Verdict::of(verdict)));
        if !is_good {
            return Ok(tries);
        }
    }
    let _running = started(proxy, &place)?;
    let application = ["application_id", "application_secret"].map(|name| service.says(name).to_owned());
    tries.extend(through(&place, &place.url(), &application, proxy.without, is_short)?);
    tries.extend(config_check::tries(proxy, is_short));
    if !is_short {
        tries.extend(prefix::tries(proxy));
    }
    Ok(tries)
}

/// Everything that `iampass-through` tries, by callers who know the service by this URL, and by the id and secret of an application.
fn through(
    place: &Place,
    url: &str,
    [id, secret]: &[String; 2],
    without: &[&str],
    is_short: bool,
) -> Result<Vec<(String, Verdict)>, Failure> {
    let mut through = Command::new(cargo::built("iampass-through")?);
    through.arg(ANSWER_TIMEOUT).args(is_short.then_some("--short"));
    for check in without {
        through.args(["--without", check]);
    }
    through.envs(place.trust()).env("IAMPASS_SERVER", url);
    through.env("IAMPASS_APPLICATION_ID", id).env("IAMPASS_APPLICATION_SECRET", secret);
    let said = through.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    let mut tries = told(&said.stdout)?;
    if !said.status.success() {
        tries.push((
            "all of it".to_owned(),
            Verdict::Fails("it ended before everything was tried".to_owned()),
        ));
    }
    Ok(tries)
}

/// Starts one proxy, whose files are written.
fn started(proxy: &Proxy, place: &Place) -> Result<Vec<Running>, Failure> {
    let mut running = Vec::new();
    for command in (proxy.start)(place) {
        if !running.is_empty() {
            // The one before makes the socket that this one looks for.
            std::thread::sleep(Duration::from_secs(3));
        }
        running.push(Running::start(&place.filled_all(command), place)?);
    }
    place.wait_until_open(Duration::from_secs(20), &mut running)?;
    Ok(running)
}

/// The service behind the proxy.
fn service(place: &Place) -> Result<crate::service::Service, Failure> {
    let arguments = ["--answer-timeout", ANSWER_TIMEOUT, "--public-url", &place.url()].map(str::to_owned);
    crate::service::Service::start(place.service_port, &arguments)
}

#[cfg(test)]
mod tests {
    use crate::cargo;

    /// The files that people copy are those that were run.
    #[test]
    fn the_guide_prints_the_files_that_are_run() {
        let root = cargo::workspace_root();
        let guide = std::fs::read_to_string(root.join("docs/proxies.md")).unwrap();
        let mut count = 0;
        for file in root.join("deploy/proxies").read_dir().unwrap() {
            let file = file.unwrap().path();
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(guide.contains(&text), "docs/proxies.md does not print {} as it is", file.display());
            count += 1;
        }
        assert_eq!(count, super::PROXIES.len() + 3, "varnish has two, and two hand on connections");
    }
}
