//! The lines for each proxy. Belongs here: filling them in for a gate's settings.

use std::fmt::Write as _;

use url::Url;

use crate::settings::Settings;

/// The file that HAProxy loads.
pub const LUA: &str = include_str!("../assets/iampass-gate.lua");

/// A proxy whose lines are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Proxy {
    /// nginx, with `auth_request`.
    Nginx,
    /// Caddy, with `forward_auth`.
    Caddy,
    /// Traefik, with ForwardAuth.
    Traefik,
    /// HAProxy, with our file of Lua.
    HaProxy,
}

impl Proxy {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Nginx, Self::Caddy, Self::Traefik, Self::HaProxy];

    fn template(self) -> &'static str {
        match self {
            Self::Nginx => include_str!("../assets/nginx.conf"),
            Self::Caddy => include_str!("../assets/Caddyfile"),
            Self::Traefik => include_str!("../assets/traefik.yml"),
            Self::HaProxy => include_str!("../assets/haproxy.cfg"),
        }
    }

    /// The configuration of a site that this gate guards.
    #[must_use]
    pub fn lines(self, settings: &Settings) -> String {
        self.marked(settings).lines().map(|(_, line)| line).fold(String::new(), |mut all, line| {
            all.push_str(&line);
            all.push('\n');
            all
        })
    }

    /// The same, with what each line is there for.
    fn marked(self, settings: &Settings) -> Marked {
        let host = Url::parse(&settings.origin).ok().and_then(|url| url.host_str().map(str::to_owned));
        let host = host.unwrap_or_else(|| settings.origin.clone());
        let site = settings.origin.strip_prefix("https://").unwrap_or(&settings.origin);
        let names: Vec<_> = settings.headers.names().map(|name| cased(name.as_str())).collect();
        let separator = if self == Self::Traefik { ", " } else { " " };
        let text = self
            .template()
            .replace("{headers}", &of_nginx(&names))
            .replace("{strip}", &of_caddy(&names))
            .replace("{copied}", &names.join(separator))
            .replace("{gate}", &settings.reached().to_string())
            .replace("{site}", site)
            .replace("{host}", &host);
        Marked(text)
    }
}

/// A configuration, in which `+` begins the lines that the gate needs.
struct Marked(String);

impl Marked {
    /// Each line, and whether the gate needs it.
    fn lines(&self) -> impl Iterator<Item = (bool, String)> {
        self.0.lines().map(|line| match line.strip_prefix('+') {
            Some(line) => (true, line.to_owned()),
            None => (false, line.to_owned()),
        })
    }
}

/// The name as people write it: `Remote-User`.
fn cased(name: &str) -> String {
    let parts = name.split('-').map(|part| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    });
    parts.collect::<Vec<_>>().join("-")
}

/// A header that has no value is not sent, so this takes away the client's own, too.
fn of_nginx(names: &[String]) -> String {
    let mut lines = String::new();
    for name in names {
        let variable = name.to_ascii_lowercase().replace('-', "_");
        let _ = writeln!(
            lines,
            "+        auth_request_set $iampass_{variable} $upstream_http_{variable}; proxy_set_header {name} $iampass_{variable};"
        );
    }
    lines.trim_end().to_owned()
}

/// Takes away the client's own headers: all that begin alike in one line, whatever sign follows, or else one line for each.
fn of_caddy(names: &[String]) -> String {
    let begin = |name: &String| name.split_once('-').map(|(begin, _)| begin.to_owned());
    // Other beginnings are of headers that are no business of the gate: `Auth` of `Authorization`.
    let first = names.first().and_then(begin).filter(|first| *first == "Remote");
    match first {
        Some(first) if names.iter().all(|name| begin(name).as_ref() == Some(&first)) => {
            format!("+        request_header -{first}*")
        }
        _ => {
            names.iter().map(|name| format!("+        request_header -{name}")).collect::<Vec<_>>().join("\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::settings::EXAMPLE;

    fn settings(text: &str) -> Settings {
        Settings::parse(text, Path::new("/etc/iampass-gate"), |_| None).unwrap()
    }

    #[test]
    fn a_gate_takes_eight_lines_at_most() {
        for proxy in Proxy::ALL {
            let marked = proxy.marked(&settings(EXAMPLE));
            let lines = marked.lines().filter(|(is_ours, _)| *is_ours).count();
            assert!((1..=8).contains(&lines), "{proxy:?}: {lines}");
            assert!(!proxy.lines(&settings(EXAMPLE)).contains(['+']), "{proxy:?}");
        }
    }

    #[test]
    fn the_files_of_deploy_are_what_the_command_prints() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/gate");
        let mut files = vec![("iampass-gate.toml", EXAMPLE.to_owned()), ("iampass-gate.lua", LUA.to_owned())];
        for (file, proxy) in [
            ("nginx.conf", Proxy::Nginx),
            ("Caddyfile", Proxy::Caddy),
            ("traefik.yml", Proxy::Traefik),
            ("haproxy.cfg", Proxy::HaProxy),
        ] {
            files.push((file, proxy.lines(&settings(EXAMPLE))));
        }
        for (file, expected) in files {
            let path = folder.join(file);
            if std::env::var("IAMPASS_WRITE_DOCS").is_ok() {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&path, &expected).unwrap();
            }
            let found = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(found, expected, "{}: write it anew with IAMPASS_WRITE_DOCS=1", path.display());
        }
    }

    /// The documentation shows what the command prints.
    #[test]
    fn the_documentation_has_the_same_lines() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/gate.md");
        let text = std::fs::read_to_string(path).unwrap();
        for proxy in Proxy::ALL {
            assert!(text.contains(&proxy.lines(&settings(EXAMPLE))), "{proxy:?}");
        }
    }

    #[test]
    fn other_names_are_taken_away_one_by_one() {
        let own = "origin = 'http://127.0.0.1:8080'\n[headers]\nuser = 'X-Webauth-User'\nname = ''\ngroups = ''\nemail = 'Email'\n";
        let lines = Proxy::Caddy.lines(&settings(own));
        assert!(lines.contains("request_header -X-Webauth-User\n        request_header -Email\n"), "{lines}");
        assert!(lines.contains("http://127.0.0.1:8080 {"), "{lines}");
        let lines = Proxy::Nginx.lines(&settings(own));
        assert!(lines.contains("proxy_set_header X-Webauth-User $iampass_x_webauth_user;"), "{lines}");
        assert!(!lines.contains("Remote"), "{lines}");
    }
}
