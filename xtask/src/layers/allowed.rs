//! The circles that may be, and why.

/// A circle may have at most so many files of this crate, all of them below this module.
struct Allowed {
    package: &'static str,
    /// The module that all files of the circle are below; `lib` for any.
    module: &'static str,
    most: usize,
    /// The reason. It is for readers of this list.
    _why: &'static str,
}

const fn allowed(package: &'static str, module: &'static str, most: usize, why: &'static str) -> Allowed {
    Allowed { package, module, most, _why: why }
}

/// None has more than five files.
const ALLOWED: &[Allowed] = &[
    allowed(
        "iampass-core",
        "client",
        2,
        "A drive holds the stream of its session, and the stream hands its events to the machine of the drive.",
    ),
    allowed("iampass-core", "port", 2, "The two halves of the session store's port name each other's types."),
    allowed("iampass-core", "rate_limit", 2, "The table of a limiter counts by the limiter's rate."),
    allowed("iampass-core", "signing", 2, "The shares of a replay window count its digests."),
    allowed(
        "iampass-core",
        "wire",
        2,
        "The configuration of a phone tells of others, and the list of phones tells of one.",
    ),
    allowed(
        "iampass-gate",
        "settings",
        2,
        "A part of the settings reads its words, and adds to the problems of all.",
    ),
    allowed("iampass-reqwest", "lib", 2, "A body of a request is read by the transport that made it."),
    allowed(
        "iampass-sea-orm",
        "migration",
        4,
        "A migration takes a lock by the connection that it migrates.",
    ),
    allowed("iampass-server-console", "pages", 2, "Both pages show the form of the same settings."),
    allowed(
        "iampass-server",
        "settings",
        3,
        "The documentation of a setting shows which layer it may come from.",
    ),
    allowed(
        "iampass-server-storage",
        "console",
        3,
        "A right is looked up by the role of a member, and members are changed by the rights of an actor.",
    ),
    allowed(
        "iampass-server-storage",
        "lib",
        4,
        "A link registers a phone, and removing a phone ends its links; so it is with recovery codes.",
    ),
    allowed(
        "iampass-web",
        "guard",
        5,
        "The guard has the sessions that it knows, in a table, and each session asks the guard for what it does not know.",
    ),
];

/// Whether a circle stands in the list.
pub(super) fn is_allowed(package: &str, circle: &[String]) -> bool {
    ALLOWED.iter().any(|allowed| {
        let is_below = |file: &String| {
            allowed.module == "lib"
                || file
                    .strip_prefix(allowed.module)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        allowed.package == package && circle.len() <= allowed.most && circle.iter().all(is_below)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_may_not_grow_or_reach_beyond_its_module() {
        let circle = |files: &[&str]| files.iter().map(|file| (*file).to_owned()).collect::<Vec<_>>();
        assert!(is_allowed("iampass-core", &circle(&["client/drive", "client/status_stream"])));
        assert!(!is_allowed("iampass-core", &circle(&["client/a", "client/b", "client/c"])));
        assert!(!is_allowed("iampass-core", &circle(&["client/drive", "machine/login"])));
        assert!(!is_allowed("iampass-sql", &circle(&["client/drive", "client/status_stream"])));
    }
}
