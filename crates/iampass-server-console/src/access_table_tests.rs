//! `docs/access.md` says of each page what the program does, and of no other.

use std::collections::BTreeSet;

use iampass_server_domain::rules::{Role, Standing, may};

use super::page_list::{Access, PAGES, Page, Proof, Shows, Verb};

const TABLE: &str = include_str!("../../../docs/access.md");

/// A row: method, path, who, proof, what is shown.
type Row = [String; 5];

/// The rows of the table that stands below this heading.
fn rows(heading: &str) -> Vec<Row> {
    let section = TABLE.split("\n## ").find(|section| section.starts_with(heading)).expect(heading);
    let rows = section.lines().filter(|line| line.starts_with("| GET ") || line.starts_with("| POST "));
    rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 6, "{line}");
        assert!(!cells[5].is_empty(), "{line}");
        [0, 1, 2, 3, 4].map(|place| cells[place].trim_matches('`').to_owned())
    })
    .collect()
}

fn who(access: Access) -> String {
    match access {
        Access::Anyone => "anybody".to_owned(),
        Access::Account => "every account".to_owned(),
        Access::Administrator => "administrator".to_owned(),
        Access::Application(act) => {
            let member = |role| Standing { role: Some(role), is_administrator: false };
            let roles = Role::ALL.into_iter().filter(|&role| may(member(role), act)).map(Role::word);
            let administrator = Standing { role: None, is_administrator: true };
            roles.chain(may(administrator, act).then_some("administrator")).collect::<Vec<_>>().join(", ")
        }
    }
}

fn row(page: &Page) -> Row {
    let proof = match page.proof {
        Proof::Nothing => "nothing",
        Proof::Session => "session",
        Proof::Fresh => "session, asked now",
        Proof::Approved => "phone within 5 minutes",
    };
    let shows = match page.shows {
        Shows::Page => "page",
        Shows::Secret => "secret",
    };
    [page.verb.word(), page.pattern, &who(page.access), proof, shows].map(str::to_owned)
}

#[test]
fn the_table_and_the_pages_are_the_same() {
    let written = rows("The Console");
    let served: Vec<Row> = PAGES.iter().map(row).collect();
    let set = |rows: &[Row]| rows.iter().cloned().collect::<BTreeSet<_>>();
    let (written_set, served_set) = (set(&written), set(&served));
    let missing: Vec<_> = served_set.difference(&written_set).collect();
    let untrue: Vec<_> = written_set.difference(&served_set).collect();
    assert!(missing.is_empty(), "docs/access.md lacks {missing:#?}");
    assert!(untrue.is_empty(), "docs/access.md has what is not so: {untrue:#?}");
    assert_eq!(written.len(), served.len(), "a row is there twice");
}

#[test]
fn no_change_takes_less_than_the_service_says_now() {
    for page in PAGES {
        let is_for_all = page.access == Access::Anyone;
        assert_eq!(page.proof == Proof::Nothing, is_for_all, "{page:?}");
        if page.verb == Verb::Post && !is_for_all {
            assert!(page.proof >= Proof::Fresh, "{page:?}");
        }
    }
}

/// Otherwise somebody would fill in a form that is refused afterwards.
#[test]
fn the_page_before_an_approved_change_takes_the_approval_too() {
    for page in PAGES.iter().filter(|page| page.verb == Verb::Post && page.proof == Proof::Approved) {
        let before = PAGES.iter().find(|other| other.verb == Verb::Get && other.pattern == page.pattern);
        let before = before.unwrap_or_else(|| panic!("nothing offers {}", page.pattern));
        assert_eq!((before.proof, before.access), (page.proof, page.access), "{}", page.pattern);
    }
}
