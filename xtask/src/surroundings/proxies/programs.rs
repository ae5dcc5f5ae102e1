//! The proxies: what each needs around the configuration of `deploy/proxies` to run in a folder of its own, and how it is checked and started.

use super::place::{ConfigFile, Place};
use crate::Failure;

/// A program, its arguments, `{folder}`, `{port}` and `{other}` to be filled in.
type Words = &'static [&'static str];

pub(super) struct Proxy {
    pub(super) name: &'static str,
    pub(super) programs: &'static [&'static str],
    pub(super) packages: &'static [&'static str],
    /// The program that tells its version, and the argument that asks for it.
    pub(super) version: (&'static str, &'static str),
    pub(super) files: fn(&Place) -> Result<Vec<ConfigFile>, Failure>,
    /// Its own check of the configuration, if it has one.
    pub(super) check: Option<fn(&Place) -> Words>,
    pub(super) start: fn(&Place) -> &'static [Words],
    /// Checks of the published client's list that cannot hold behind it, whatever its configuration.
    pub(super) without: &'static [&'static str],
    /// A part of its configuration, what is written in its place, and the topic of what `config check --through` has to say about that.
    pub(super) spoilt: Option<(&'static str, &'static str, &'static str)>,
    /// Whether every run of the tests tries it.
    pub(super) is_in_short: bool,
}

pub(super) const PROXIES: [Proxy; 10] = [
    Proxy {
        name: "nginx",
        programs: &["nginx", "openssl"],
        packages: &["nginx", "openssl"],
        version: ("nginx", "-v"),
        files: |place| {
            let main = "daemon off; user www-data; pid {folder}/nginx.pid; error_log {folder}/error.log; events {}\n\
                        http { access_log off; client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2;\n\
                        fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;\n\
                        include {folder}/site.conf; }\n";
            Ok(vec![
                ConfigFile("main.conf", place.filled(main)),
                ConfigFile("site.conf", place.deployed("nginx.conf")?),
            ])
        },
        check: Some(|_| &["nginx", "-t", "-c", "{folder}/main.conf", "-p", "{folder}"]),
        start: |_| &[&["nginx", "-c", "{folder}/main.conf", "-p", "{folder}"]],
        without: &[],
        spoilt: Some((":{service};", ":{service}/;", "path")),
        is_in_short: true,
    },
    Proxy {
        name: "apache",
        programs: &["apache2", "openssl"],
        packages: &["apache2", "openssl"],
        version: ("apache2", "-v"),
        files: |place| {
            let modules: String = [
                "mpm_event",
                "authz_core",
                "proxy",
                "proxy_http",
                "ssl",
                "http2",
                "headers",
                "socache_shmcb",
            ]
            .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
            .concat();
            let main = "ServerRoot {folder}\nDefaultRuntimeDir {folder}\nPidFile {folder}/apache.pid\nErrorLog {folder}/error.log\n\
                        ServerName localhost\nUser www-data\nGroup www-data\nListen 127.0.0.1:{port}\n";
            Ok(vec![ConfigFile(
                "main.conf",
                format!("{modules}{}{}", place.filled(main), place.deployed("apache.conf")?),
            )])
        },
        check: Some(|_| &["apache2", "-t", "-f", "{folder}/main.conf"]),
        start: |_| &[&["apache2", "-D", "FOREGROUND", "-f", "{folder}/main.conf"]],
        without: &[],
        spoilt: Some((" nocanon", "", "path")),
        is_in_short: false,
    },
    Proxy {
        name: "haproxy",
        programs: &["haproxy", "openssl"],
        packages: &["haproxy", "openssl"],
        version: ("haproxy", "-v"),
        files: |place| {
            // The timeouts are those of Debian's file.
            let head = "defaults\n    mode http\n    timeout connect 5000\n    timeout client 50000\n    timeout server 50000\n\n";
            Ok(vec![ConfigFile("haproxy.cfg", format!("{head}{}", place.deployed("haproxy.cfg")?))])
        },
        check: Some(|_| &["haproxy", "-c", "-f", "{folder}/haproxy.cfg"]),
        start: |_| &[&["haproxy", "-db", "-f", "{folder}/haproxy.cfg"]],
        without: &[],
        spoilt: Some(("    option forwardfor\n", "", "caller's address")),
        is_in_short: true,
    },
    Proxy {
        name: "caddy",
        programs: &["caddy", "openssl"],
        packages: &["caddy", "openssl"],
        version: ("caddy", "version"),
        files: |place| {
            let head = "{\n    admin off\n    auto_https disable_redirects\n}\n";
            Ok(vec![ConfigFile("Caddyfile", format!("{head}{}", place.deployed("Caddyfile")?))])
        },
        check: Some(|_| &["caddy", "validate", "--config", "{folder}/Caddyfile", "--adapter", "caddyfile"]),
        start: |_| &[&["caddy", "run", "--config", "{folder}/Caddyfile", "--adapter", "caddyfile"]],
        without: &[],
        spoilt: Some(("reverse_proxy ", "reverse_proxy /nowhere ", "service")),
        is_in_short: false,
    },
    Proxy {
        name: "varnish",
        programs: &["varnishd", "hitch", "openssl", "cc"],
        packages: &["varnish", "hitch", "openssl", "gcc", "libc6-dev"],
        version: ("varnishd", "-V"),
        files: |place| {
            Ok(vec![
                ConfigFile("varnish.vcl", place.deployed("varnish.vcl")?),
                ConfigFile("hitch.conf", format!("{}user = \"nobody\"\n", place.deployed("hitch.conf")?)),
            ])
        },
        // hitch looks for the socket that Varnish makes, so its own check would fail before that.
        check: Some(|_| &["varnishd", "-C", "-f", "{folder}/varnish.vcl", "-n", "{folder}/check"]),
        start: |_| {
            &[
                &[
                    "varnishd",
                    "-F",
                    "-j",
                    "none",
                    "-n",
                    "{folder}/varnish",
                    "-f",
                    "{folder}/varnish.vcl",
                    "-a",
                    "{folder}/hitch.sock,PROXY,mode=666",
                    "-p",
                    "feature=+http2",
                ],
                &["hitch", "--config={folder}/hitch.conf"],
            ]
        },
        without: &[],
        spoilt: Some(("return (pass);", "return (synth(503));", "service")),
        is_in_short: false,
    },
    Proxy {
        name: "lighttpd",
        programs: &["lighttpd", "/usr/lib/lighttpd/mod_openssl.so", "openssl"],
        packages: &["lighttpd", "lighttpd-mod-openssl", "openssl"],
        version: ("lighttpd", "-v"),
        files: |place| {
            // The settings that Debian's file has made before it reads the others.
            let main = "server.modules = ( \"mod_access\" )\nserver.document-root = \"{folder}\"\nserver.port = {other}\n\
                        server.bind = \"127.0.0.1\"\nurl.access-deny = ( \"~\", \".inc\" )\n\
                        server.http-parseopts = ( \"header-strict\" => \"enable\", \"host-strict\" => \"enable\",\n\
                        \"host-normalize\" => \"enable\", \"url-normalize-unreserved\" => \"enable\", \"url-normalize-required\" => \"enable\",\n\
                        \"url-ctrls-reject\" => \"enable\", \"url-path-2f-decode\" => \"enable\", \"url-path-dotseg-remove\" => \"enable\" )\n\
                        include \"{folder}/enabled.conf\"\n";
            Ok(vec![
                ConfigFile("lighttpd.conf", place.filled(main)),
                ConfigFile("enabled.conf", place.deployed("lighttpd.conf")?),
            ])
        },
        check: Some(|_| &["lighttpd", "-tt", "-f", "{folder}/lighttpd.conf"]),
        start: |_| &[&["lighttpd", "-D", "-f", "{folder}/lighttpd.conf"]],
        without: &[],
        spoilt: Some(("server.stream-response-body = 2", "", "streams")),
        is_in_short: false,
    },
    Proxy {
        name: "squid",
        programs: &["squid", "openssl"],
        packages: &["squid-openssl", "openssl"],
        version: ("squid", "-v"),
        files: |place| {
            let rest = "http_access deny all\npid_filename {folder}/squid.pid\ncache_log {folder}/cache.log\naccess_log none\n\
                        coredump_dir {folder}\nshutdown_lifetime 1 second\n";
            Ok(vec![ConfigFile(
                "squid.conf",
                format!("{}{}", place.deployed("squid.conf")?, place.filled(rest)),
            )])
        },
        check: Some(|_| &["squid", "-k", "parse", "-f", "{folder}/squid.conf"]),
        start: |_| &[&["squid", "-N", "-f", "{folder}/squid.conf"]],
        without: &[],
        spoilt: Some(("http_access allow iampass", "http_access deny iampass", "service")),
        is_in_short: false,
    },
    Proxy {
        name: "trafficserver",
        programs: &["traffic_server", "openssl"],
        packages: &["trafficserver", "openssl"],
        version: ("traffic_server", "--version"),
        files: |place| {
            let layout = "prefix: .\nexec_prefix: .\nbindir: /usr/bin\nsbindir: /usr/bin\nsysconfdir: ./etc\ndatadir: ./share\n\
                          libdir: /usr/lib/trafficserver\nlibexecdir: /usr/lib/trafficserver/modules\nlocalstatedir: ./var\n\
                          runtimedir: ./run\nlogdir: ./log\ncachedir: ./cache\nincludedir: ./include\n";
            // As Debian's file has it: without one it lets nobody in.
            let allowed =
                "ip_allow:\n  - apply: in\n    ip_addrs: 127.0.0.1\n    action: allow\n    methods: ALL\n";
            for folder in ["share", "var", "run", "log", "cache"] {
                std::fs::create_dir_all(place.folder.join("ts").join(folder))?;
            }
            crate::cargo::run(
                std::process::Command::new("chmod").args(["-R", "777"]).arg(place.folder.join("ts")),
            )?;
            let records = "CONFIG proxy.config.http.cache.http INT 0\nCONFIG proxy.config.http.server_ports STRING {port}:ssl\n\
                           CONFIG proxy.config.reverse_proxy.enabled INT 1\nCONFIG proxy.config.url_remap.remap_required INT 1\n\
                           CONFIG proxy.config.admin.user_id STRING trafficserver\n";
            let certificates =
                "dest_ip=* ssl_cert_name={folder}/fullchain.pem ssl_key_name={folder}/privkey.pem\n";
            Ok(vec![
                ConfigFile("ts/runroot.yaml", layout.to_owned()),
                ConfigFile("ts/etc/ip_allow.yaml", allowed.to_owned()),
                ConfigFile("ts/etc/records.config", place.filled(records)),
                ConfigFile("ts/etc/storage.config", place.filled("{folder}/ts/cache 32M\n")),
                ConfigFile("ts/etc/ssl_multicert.config", place.filled(certificates)),
                ConfigFile("ts/etc/remap.config", place.deployed("trafficserver.remap.config")?),
            ])
        },
        check: Some(|_| &["traffic_server", "--run-root={folder}/ts", "-C", "verify_config"]),
        start: |_| &[&["traffic_server", "--run-root={folder}/ts"]],
        without: &[],
        spoilt: Some((
            "CONFIG proxy.config.url_remap.remap_required INT 1\n",
            "CONFIG proxy.config.url_remap.remap_required INT 1\nCONFIG proxy.config.http.transaction_no_activity_timeout_out INT 10\n",
            "silence",
        )),
        is_in_short: false,
    },
    Proxy {
        name: "nghttpx",
        programs: &["nghttpx", "openssl"],
        packages: &["nghttp2-proxy", "openssl"],
        version: ("nghttpx", "--version"),
        files: |place| Ok(vec![ConfigFile("nghttpx.conf", place.deployed("nghttpx.conf")?)]),
        check: None,
        start: |_| &[&["nghttpx", "--conf={folder}/nghttpx.conf"]],
        // Of the ids in it, `.` and `..` do not pass.
        without: &["odd_user_ids_are_one_and_the_same_everywhere"],
        spoilt: Some(("add-x-forwarded-for=yes", "", "caller's address")),
        is_in_short: false,
    },
    Proxy {
        name: "h2o",
        programs: &["h2o", "openssl"],
        packages: &["h2o", "openssl"],
        version: ("h2o", "-v"),
        files: |place| Ok(vec![ConfigFile("h2o.conf", place.deployed("h2o.conf")?)]),
        check: Some(|_| &["h2o", "-t", "-c", "{folder}/h2o.conf"]),
        start: |_| &[&["h2o", "-c", "{folder}/h2o.conf"]],
        without: &[],
        spoilt: Some(("hosts:", "proxy.timeout.io: 8000\nhosts:", "silence")),
        is_in_short: false,
    },
];
