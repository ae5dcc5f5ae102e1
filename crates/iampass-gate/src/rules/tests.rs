//! The rules, and those who try to get in undeservedly.

use percent_encoding::percent_decode_str;
use proptest::prelude::*;

use super::*;
use crate::path::read;

fn user(login: &str, groups: &[&str]) -> User {
    User {
        login: login.to_owned(),
        display_name: login.to_owned(),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        email: None,
    }
}

fn rule(path: &str, methods: &[&str], allowed: Allowed) -> Rule {
    let methods = methods.iter().map(|method| (*method).to_owned()).collect();
    Rule { path: Pattern::parse(path).unwrap(), methods, allowed }
}

fn only(entries: &[&str]) -> Allowed {
    Allowed::list(entries.iter().copied()).unwrap()
}

/// Assets for all, the administration for ops, and the rest for users.
fn rules() -> Rules {
    let rules = vec![
        rule("/assets/**", &[], Allowed::Public),
        rule("/admin/**", &[], only(&["group:ops", "user:Anna"])),
        rule("/posts/**", &["GET"], Allowed::Everyone),
        rule("/posts/**", &[], only(&["group:authors"])),
    ];
    Rules { rules, otherwise: Allowed::Everyone }
}

fn demand<'a>(rules: &'a Rules, address: &str, method: &str) -> Option<Demand<'a>> {
    Some(rules.demand(&read(address).ok()?, AskedMethod::Known(method)))
}

#[test]
fn the_first_rule_that_fits_counts() {
    let rules = rules();
    let (bert, anna, ops) = (user("bert", &[]), user("anna", &[]), user("otto", &["ops"]));
    let stranger = |address: &str| demand(&rules, address, "GET").unwrap().lets_strangers_in();
    let may =
        |user: &User, address: &str, method: &str| demand(&rules, address, method).unwrap().lets_in(user);
    assert!(stranger("/assets/a.css") && !stranger("/") && !stranger("/admin") && !stranger("/assetsx"));
    assert!(may(&bert, "/", "GET") && may(&bert, "/assets/x", "GET"));
    for address in ["/admin", "/admin/", "/admin/x", "/admin?x"] {
        assert!(
            !may(&bert, address, "GET") && may(&anna, address, "GET") && may(&ops, address, "GET"),
            "{address}"
        );
    }
    assert!(may(&bert, "/posts/1", "GET") && may(&bert, "/posts/1", "HEAD"));
    assert!(!may(&bert, "/posts/1", "DELETE") && !may(&bert, "/posts/1", "get"));
    assert!(may(&user("eva", &["authors"]), "/posts/1", "DELETE"));
}

#[test]
fn the_case_of_letters_is_no_way_around_a_rule() {
    let rules = rules();
    let bert = user("bert", &[]);
    for address in ["/ADMIN/x", "/Admin", "/%EF%BD%81dmin"] {
        assert!(!demand(&rules, address, "GET").unwrap().lets_in(&bert), "{address}");
    }
    // A server that tells them apart may have something else there.
    assert!(!demand(&rules, "/ASSETS/x", "GET").unwrap().lets_strangers_in());
}

#[test]
fn a_path_that_can_be_read_in_two_ways_has_to_meet_all_rules() {
    let rules = rules();
    let (bert, all) = (user("bert", &[]), user("otto", &["ops", "authors"]));
    for address in
        ["/assets/..%2fadmin", "/assets;/../admin", "/assets/../admin", "//assets/x", "/assets/%2e%2e/admin"]
    {
        let demand = demand(&rules, address, "GET").unwrap();
        assert!(!demand.lets_strangers_in() && !demand.lets_in(&bert) && demand.lets_in(&all), "{address}");
    }
}

#[test]
fn a_method_that_may_be_another_one_has_to_meet_the_rules_of_all() {
    let rules = rules();
    let path = read("/posts/1").unwrap();
    assert!(!rules.demand(&path, AskedMethod::Unclear).lets_in(&user("bert", &[])));
    assert!(rules.demand(&path, AskedMethod::Unclear).lets_in(&user("eva", &["authors"])));
    for made_up in ["FOO", "DEBUG", "SEARCH", "TRACE", "PROPFIND"] {
        let of = |name: &str, groups: &[&str]| {
            demand(&rules, "/posts/1", made_up).unwrap().lets_in(&user(name, groups))
        };
        assert!(!of("bert", &[]) && of("eva", &["authors"]), "{made_up}");
    }
    let path = read("/").unwrap();
    assert!(rules.demand(&path, AskedMethod::Unclear).lets_in(&user("bert", &[])));
}

#[test]
fn an_empty_list_lets_nobody_in_and_neither_does_no_demand() {
    assert!(!only(&[]).has(&user("anna", &["ops"])));
    let none = Demand(Vec::new());
    assert!(!none.lets_in(&user("anna", &[])) && !none.lets_strangers_in());
    for bad in ["", "anna", "user:", "user: ", "group:", "users:anna", "Public"] {
        assert!(Allowed::list([bad]).is_err() && Allowed::word(bad).is_err(), "{bad}");
    }
    assert!(!only(&["group:anna"]).has(&user("anna", &[])), "a user is no group");
    assert!(!only(&["user:ops"]).has(&user("anna", &["ops"])), "a group is no user");
}

/// The ways in which servers come from an address to what they serve.
fn served(address: &str) -> Vec<String> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let resolve = |text: &str| {
        let mut segments: Vec<&str> = Vec::new();
        for segment in text.split('/') {
            match segment {
                "" | "." => {}
                ".." => drop(segments.pop()),
                segment => segments.push(segment),
            }
        }
        format!("/{}", segments.join("/"))
    };
    let cut = |text: &str| {
        let segments = text.split('/').map(|segment| segment.split(';').next().unwrap_or_default());
        segments.collect::<Vec<_>>().join("/")
    };
    let windows = |text: &str| text.replace('\\', "/").to_lowercase();
    let steps: [&dyn Fn(&str) -> String; 5] = [&decode, &decode, &cut, &windows, &resolve];
    let mut all = vec![address.to_owned()];
    for step in steps {
        let more: Vec<_> = all.iter().map(|text| step(text)).collect();
        all.extend(more);
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    /// Whatever is written around it: nothing that some server takes for the administration is open to strangers, or to users who may not.
    #[test]
    fn no_way_of_writing_leads_past_a_rule(
        parts in proptest::collection::vec(
            prop_oneof![
                Just("/assets"), Just("/admin"), Just("admin"), Just("/"), Just("."), Just(".."), Just(";"), Just(";x=y"), Just("\\"),
                Just("%2e"), Just("%2E"), Just("%2f"), Just("%2F"), Just("%5c"), Just("%252f"), Just("%61dmin"), Just("ADMIN"), Just("%3b"),
                Just("%20"), Just("x"), Just("?"), Just("%c0%ae"),
            ],
            1..9,
        ),
    ) {
        let rules = rules();
        let address = format!("/{}", parts.concat());
        let Some(demand) = demand(&rules, &address, "GET") else { return Ok(()) };
        let path = address.split('?').next().unwrap_or_default();
        let is_administration = served(path).iter().any(|path| {
            let path = path.to_lowercase();
            path == "/admin" || path.starts_with("/admin/")
        });
        if is_administration {
            prop_assert!(!demand.lets_strangers_in(), "{}", address);
            prop_assert!(!demand.lets_in(&user("bert", &[])), "{}", address);
        }
        let is_all_assets = served(path).iter().all(|path| path.to_lowercase().starts_with("/assets"));
        if demand.lets_strangers_in() {
            prop_assert!(is_all_assets, "{}", address);
        }
    }
}
