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
        let Reached { host, port, is_secure } = Reached::of(&settings.origin);
        let site = settings.origin.strip_prefix("https://").unwrap_or(&settings.origin);
        let names: Vec<_> = settings.headers.names().map(|name| cased(name.as_str())).collect();
        let separator = if self == Self::Traefik { ", " } else { " " };
        let filled = match self {
            Self::Nginx => self
                .template()
                .replace("{listen}", &format!("{port}{}", if is_secure { " ssl http2" } else { "" }))
                .replace("{certificate}", if is_secure { NGINX_CERTIFICATE } else { "" }),
            Self::HaProxy => self
                .template()
                .replace("{scheme}", if is_secure { "https" } else { "http" })
                .replace("{listen}", &format!("{port}{}", if is_secure { HAPROXY_CERTIFICATE } else { "" })),
            Self::Traefik => {
                let (name, of_scheme, more) =
                    if is_secure { ("websecure", 443, ", tls: {}") } else { ("web", 80, "") };
                let entry =
                    format!("# The site is at port {port}: let the entry point {name} listen there.\n");
                self.template()
                    .replace("{entry}", if port == of_scheme { "" } else { &entry })
                    .replace("{entryPoint}", &format!("[{name}]{more}"))
            }
            // Its site address has all of it.
            Self::Caddy => self.template().to_owned(),
        };
        let text = filled
            .replace("{headers}", &of_nginx(&names))
            .replace("{strip}", &of_caddy(&names))
            .replace("{copied}", &names.join(separator))
            .replace("{gate}", &settings.reached().to_string())
            .replace("{site}", site)
            .replace("{host}", &host);
        Marked(text)
    }
}

/// Where nginx finds the certificate.
const NGINX_CERTIFICATE: &str = "    ssl_certificate     /etc/ssl/{host}/fullchain.pem;
    ssl_certificate_key /etc/ssl/{host}/privkey.pem;
";

/// Where HAProxy finds the certificate, with what it speaks.
const HAPROXY_CERTIFICATE: &str = " ssl crt /etc/ssl/{host}/both.pem alpn h2,http/1.1";

/// Where browsers reach the site, by its origin.
struct Reached {
    host: String,
    port: u16,
    is_secure: bool,
}

impl Reached {
    /// The settings hold whole origins alone.
    fn of(origin: &str) -> Self {
        let url = Url::parse(origin).ok();
        let host = url.as_ref().and_then(|url| url.host_str().map(str::to_owned));
        let is_secure = !origin.starts_with("http://");
        let port = url.and_then(|url| url.port_or_known_default());
        Self {
            host: host.unwrap_or_else(|| origin.to_owned()),
            port: port.unwrap_or(if is_secure { 443 } else { 80 }),
            is_secure,
        }
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

    /// A proxy listens where browsers look for the site, with TLS where the origin has it.
    #[test]
    fn scheme_and_port_are_those_of_the_origin() {
        let lines = |proxy: Proxy, origin: &str| proxy.lines(&settings(&format!("origin = '{origin}'\n")));
        let plain = "http://site.example:8080";
        let nginx = lines(Proxy::Nginx, plain);
        assert!(
            nginx.contains("    listen 8080;\n    server_name site.example;\n    auth_request"),
            "{nginx}"
        );
        assert!(!nginx.contains("ssl"), "{nginx}");
        let haproxy = lines(Proxy::HaProxy, plain);
        assert!(haproxy.contains("frontend http\n    bind :8080\n") && !haproxy.contains("ssl"), "{haproxy}");
        let traefik = lines(Proxy::Traefik, plain);
        assert!(traefik.contains("port 8080: let the entry point web listen there.\nhttp:\n"), "{traefik}");
        assert!(
            traefik.contains("entryPoints: [web], service: site") && !traefik.contains("tls"),
            "{traefik}"
        );
        assert!(lines(Proxy::Caddy, plain).contains("\nhttp://site.example:8080 {"));
        let secure = "https://site.example:8443";
        assert!(lines(Proxy::Nginx, secure).contains("    listen 8443 ssl http2;\n"));
        assert!(
            lines(Proxy::HaProxy, secure)
                .contains("    bind :8443 ssl crt /etc/ssl/site.example/both.pem alpn")
        );
        assert!(lines(Proxy::Traefik, secure).contains("port 8443: let the entry point websecure"));
        assert!(lines(Proxy::Caddy, secure).contains("\nsite.example:8443 {"));
        assert!(lines(Proxy::Nginx, "http://site.example").contains("    listen 80;\n"));
        for proxy in Proxy::ALL {
            let text = lines(proxy, "https://[2001:db8::1]");
            assert!(
                !text.contains("{listen}") && !text.contains("{certificate}") && !text.contains("{host}"),
                "{text}"
            );
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
