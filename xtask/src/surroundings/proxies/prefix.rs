//! The service below a path prefix, `https://HOST/iam`: the prefix is taken off by the service itself, or by the proxy as the guide says.

use super::config_check::{Served, changes, checked_through, settings, topic_of};
use super::place::Place;
use super::programs::Proxy;
use super::proxy_protocol::application;
use super::{ANSWER_TIMEOUT, Verdict, started, through};
use crate::Failure;

/// The words by which these trials are asked for.
pub(super) const TRIAL: &str = "below a path prefix";

/// As in the guide.
const PREFIX: &str = "/iam";

/// A proxy that takes the prefix off.
struct Taking {
    proxy: &'static str,
    /// A part of its configuration, and the text in its place. `{service}` is the service's port.
    part: &'static str,
    instead: &'static str,
    /// Checks of the published client's list that cannot hold then.
    without: &'static [&'static str],
    /// The words of the guide about it. Only a test reads them.
    #[cfg_attr(not(test), allow(dead_code))]
    printed: &'static str,
}

const TAKING: [Taking; 7] = [
    Taking {
        proxy: "nginx",
        part: "server {\n    listen {port} ssl http2;",
        // The guide has the location of the prefix besides. The one that is there already would not be asked.
        instead: "map $request_uri $without_prefix { ~^/iam(?<rest>/.*)$ $rest; }\n\
                  server {\n    listen {port} ssl http2;\n    location /iam/ {\n\
                  \x20       proxy_pass http://127.0.0.1:{service}$without_prefix;\n\
                  \x20       proxy_set_header X-Forwarded-For $remote_addr;\n    }",
        without: &[],
        printed: "map $request_uri $without_prefix { ~^/iam(?<rest>/.*)$ $rest; }",
    },
    Taking {
        proxy: "apache",
        part: "ProxyPass / ",
        instead: "ProxyPass /iam/ ",
        without: &[],
        printed: "`ProxyPass /iam/ … nocanon`",
    },
    Taking {
        proxy: "haproxy",
        part: "    option forwardfor\n",
        instead: "    option forwardfor\n    http-request replace-path /iam(/.*) \\1\n",
        without: &[],
        printed: "`http-request replace-path /iam(/.*) \\1`",
    },
    Taking {
        proxy: "caddy",
        part: "    reverse_proxy 127.0.0.1:{service}\n",
        instead: "    handle_path /iam/* {\n        reverse_proxy 127.0.0.1:{service}\n    }\n",
        // Of the ids in it, `.` and `..` do not pass.
        without: &["odd_user_ids_are_one_and_the_same_everywhere"],
        printed: "`handle_path /iam/* { … }`; ids that are `.` or `..` fail",
    },
    Taking {
        proxy: "varnish",
        part: "sub vcl_recv {\n",
        instead: "sub vcl_recv {\n    set req.url = regsub(req.url, \"^/iam/\", \"/\");\n",
        without: &[],
        printed: "`regsub` on `req.url`",
    },
    Taking {
        proxy: "trafficserver",
        part: "map / ",
        instead: "map /iam/ ",
        without: &[],
        printed: "`map /iam/ …`",
    },
    Taking {
        proxy: "h2o",
        part: "\"/\":",
        instead: "\"/iam/\":",
        without: &[],
        printed: "`\"/iam/\"` in place of `\"/\"`",
    },
];

/// Both, where the proxy can take it off at all.
pub(super) fn tries(proxy: &Proxy) -> Vec<(String, Verdict)> {
    let mut tries = below("the service", proxy, None);
    if let Some(taking) = TAKING.iter().find(|taking| taking.proxy == proxy.name) {
        tries.extend(below("the proxy", proxy, Some(taking)));
    }
    tries
}

fn below(taker: &str, proxy: &Proxy, taking: Option<&Taking>) -> Vec<(String, Verdict)> {
    let trial = format!("{TRIAL}, which {taker} takes off");
    match each(taker, proxy, taking) {
        Ok(tries) => {
            tries.into_iter().map(|(tried, verdict)| (format!("{trial}: {tried}"), verdict)).collect()
        }
        Err(error) => vec![(trial, Verdict::Fails(error.to_string()))],
    }
}

fn each(taker: &str, proxy: &Proxy, taking: Option<&Taking>) -> Result<Vec<(String, Verdict)>, Failure> {
    let place = Place::new(&format!("{}-prefix", proxy.name))?;
    let url = format!("{}{PREFIX}", place.url());
    let mut settings = settings(&place, &url);
    settings.extend(["--set".to_owned(), format!("sessions.answer_timeout={ANSWER_TIMEOUT}s")]);
    let application = application(&place)?;
    let _service = Served::start(&place, &settings)?;
    let mut is_written = taking.is_none();
    for mut file in (proxy.files)(&place)? {
        if let Some(taking) = taking {
            let part = place.filled(taking.part);
            is_written |= file.1.contains(&part);
            file.1 = file.1.replace(&part, &place.filled(taking.instead));
        }
        file.write(&place)?;
    }
    if !is_written {
        return Err("the part of the configuration that takes the prefix off has no place in it".into());
    }
    let _running = started(proxy, &place)?;
    let without = [proxy.without, taking.map_or(&[], |taking| taking.without)].concat();
    let mut tries = through(&place, &url, &application, &without, true)?;
    // Both take it off where they can. The program says which of them did.
    let is_told = checked_through(&place, &url, &settings, true)
        .and_then(|(_, said)| takes(&said, &format!("{taker} takes {PREFIX} off")));
    tries.push(("config check --through says so, and nothing to change".to_owned(), Verdict::of(is_told)));
    Ok(tries)
}

/// Whether it says this of the prefix, and nothing is to be changed. A machine that is slow may be late with an event of a stream; other rows
/// are about that.
fn takes(said: &str, words: &str) -> Result<(), Failure> {
    let changes = changes(said).into_iter().filter(|line| !topic_of(line).starts_with("streams"));
    let changes: Vec<_> = changes.collect();
    let is_told = said.lines().any(|line| line.starts_with("good") && line.contains(words));
    match (is_told, changes.as_slice()) {
        (true, []) => Ok(()),
        (false, []) => Err(format!("it does not say {words:?}: {said}").into()),
        (_, changes) => Err(changes.join("; ").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo;

    #[test]
    fn the_guide_says_how_each_takes_the_prefix_off() {
        let guide = std::fs::read_to_string(cargo::workspace_root().join("docs/proxies.md")).unwrap();
        for taking in &TAKING {
            assert!(guide.contains(taking.printed), "{}: {}", taking.proxy, taking.printed);
        }
        let lines = "location /iam/ {\n    proxy_pass http://127.0.0.1:8089$without_prefix;\n    proxy_set_header X-Forwarded-For";
        assert!(guide.contains(lines), "the location of nginx");
    }
}
