//! [`NodeName`]: the name by which other nodes, and whoever looks at the server's own list, know the connection on which a node hears.
//!
//! The name is that of the connection (`application_name`), so it is gone with the node, and nothing is written for it. Belongs here: how it is written
//! and read. Does not belong here: the connection ([`super::notifications`]).

use std::fmt;

/// The first word of each.
const KIND: &str = "iampass";
/// Characters of a machine's name that are kept. The server keeps 63 of the whole.
const LONGEST_HOST: usize = 23;

/// The tables that a connection works with, as eight characters: services in several schemas of one database are several services.
const TABLES: &str = "lpad(to_hex(hashtext(current_schema())), 8, '0')";

/// The connections of nodes of these tables.
pub(crate) const SEEN_NODES: &str = "SELECT application_name, host(client_addr), CAST(extract(epoch FROM backend_start) AS BIGINT) \
     FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'iampass %' \
     AND right(application_name, 8) = lpad(to_hex(hashtext(current_schema())), 8, '0') ORDER BY backend_start LIMIT ?1";

/// Of one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NodeName {
    pub(crate) version: &'static str,
    pub(crate) host: String,
    pub(crate) process: u32,
}

impl NodeName {
    /// Of this process.
    pub(crate) fn of_this_process() -> Self {
        let host = hostname::get().ok().and_then(|name| name.into_string().ok()).unwrap_or_default();
        Self { version: env!("CARGO_PKG_VERSION"), host: plain(&host), process: std::process::id() }
    }

    /// The statement that gives a connection this name.
    pub(super) fn statement(&self) -> String {
        format!("SELECT set_config('application_name', '{self} ' || {TABLES}, false)")
    }

    /// Version, machine and process in the name of a connection; None where it is another name.
    pub(crate) fn read(name: &str) -> Option<(String, String, u32)> {
        let mut words = name.split(' ');
        let kind = words.next()?;
        let (version, host, process, _tables) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let is_one = kind == KIND && words.next().is_none() && !version.is_empty();
        is_one.then_some((version.to_owned(), host.to_owned(), process.parse().ok()?))
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{KIND} {} {} {}", self.version, self.host, self.process)
    }
}

/// A machine's name with letters, digits, dots and hyphens alone, so that it can stand in a statement. Of a long one the domain is left out, and then the
/// beginning: machines that are made by the dozen differ at the end.
fn plain(host: &str) -> String {
    let kept = |text: &str| {
        text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).collect::<String>()
    };
    let mut host = kept(host);
    if host.len() > LONGEST_HOST {
        let own = host.split('.').next().unwrap_or_default();
        host = own.get(own.len().saturating_sub(LONGEST_HOST)..).unwrap_or_default().to_owned();
    }
    if host.is_empty() { "unnamed".to_owned() } else { host }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_written() {
        let name = NodeName { version: "0.1.0", host: "db-1.example".to_owned(), process: 71 };
        let read = NodeName::read(&format!("{name} 0badcafe")).unwrap();
        assert_eq!(read, ("0.1.0".to_owned(), "db-1.example".to_owned(), 71));
    }

    #[test]
    fn other_names_are_not_of_nodes() {
        for name in [
            "",
            "psql",
            "iampass",
            "iampass 0.1.0 h 7",
            "iampass 0.1.0 h x t",
            "iampass  h 7 t",
            "iampass 1 h 7 t u",
        ] {
            assert_eq!(NodeName::read(name), None, "{name}");
        }
    }

    #[test]
    fn a_machine_s_name_cannot_end_the_text_of_a_statement() {
        assert_eq!(plain("a'; DROP TABLE users --"), "aDROPTABLEusers--");
        assert_eq!(plain("ö"), "unnamed");
    }

    #[test]
    fn the_server_keeps_the_whole_name() {
        let longest = NodeName { version: "100.100.100", host: plain(&"h".repeat(200)), process: u32::MAX };
        assert!(format!("{longest} 0badcafe").len() <= 63, "{longest}");
        assert_eq!(plain("login-7d9f8b6c4-x2x9z.cluster.example"), "login-7d9f8b6c4-x2x9z");
        assert_eq!(plain("a-deployment-of-many-7d9f8b6c4-x2x9z"), "of-many-7d9f8b6c4-x2x9z");
    }
}
