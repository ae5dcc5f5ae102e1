//! The overview of the client's methods has each of them.

/// The files in which [`super::Client`] has methods.
const FILES: [&str; 5] = [
    include_str!("mod.rs"),
    include_str!("check.rs"),
    include_str!("logouts.rs"),
    include_str!("nameless.rs"),
    include_str!("phone_links.rs"),
];

#[test]
fn the_overview_has_each_method_and_no_other() {
    let methods = FILES.iter().flat_map(|file| file.lines()).filter_map(|line| {
        let line = line.strip_prefix("    pub ")?;
        let name = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "))?;
        name.split(['(', '<']).next()
    });
    let mut methods: Vec<&str> = methods.collect();
    let overview = include_str!("overview.md");
    let mut named: Vec<&str> =
        overview.split("(Client::").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    methods.sort_unstable();
    named.sort_unstable();
    assert_eq!(named, methods);
}
