//! The snippets that the Console shows are compiled here, unchanged.
#![allow(missing_docs, dead_code)]
#![cfg(all(feature = "axum", feature = "reqwest"))]

#[path = "../../iampass-server-console/snippets/axum.rs"]
mod axum_snippet;

/// README has the same, and compiles it.
#[test]
fn the_client_over_a_database_is_that_of_the_readme() {
    let snippet = include_str!("../../iampass-server-console/snippets/database.rs");
    assert!(include_str!("../../../README.md").contains(snippet.trim()));
}

/// The versions are those that the published client is tested with.
#[test]
fn what_is_to_be_installed_for_python_is_what_is_tested() {
    let page = include_str!("../../iampass-server-console/templates/console/snippets.html");
    let requirements = include_str!("../../../tests/python/requirements.txt");
    let wanted: Vec<_> = requirements.lines().filter(|line| line.contains("==")).collect();
    assert!(page.contains(&format!("pip install {}<", wanted.join(" "))));
}
