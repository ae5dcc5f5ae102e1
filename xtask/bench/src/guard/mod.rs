//! The cost that a guard adds to a handler, and that of the usual alternative on the same framework. Belongs here: from the times of each
//! case to figures. Does not belong here: the applications that are measured.
//!
//! The session is warm: the service's answer about it is fresh. All is done within the process, on one thread.

mod on_actix;
mod on_axum;
mod turns;

use crate::Failure;
use crate::figure::{Better, Figure};
use turns::Turns;

/// The most that a guard may add, in microseconds.
const BOUND_US: f64 = 1.0;

pub(crate) fn measure_axum() -> Result<Vec<Figure>, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let turns = runtime.block_on(on_axum::measure())?;
    Ok(figures(["guard_axum_added_us", "guard_axum_vs_axum_login"], "axum-login with a memory store", &turns))
}

pub(crate) fn measure_actix() -> Result<Vec<Figure>, Failure> {
    let turns = actix_web::rt::System::new().block_on(on_actix::measure())?;
    Ok(figures(["guard_actix_added_us", "guard_actix_vs_identity"], "actix-identity with a cookie", &turns))
}

fn figures(names: [&'static str; 2], alternative: &str, turns: &Turns) -> Vec<Figure> {
    let [added, against] = names;
    let bare_us = turns.bare_ns() / 1000.0;
    let (ours_us, sealed_us) = (turns.added_ns(Case::Stored) / 1000.0, turns.added_ns(Case::Sealed) / 1000.0);
    let alternative_us = turns.added_ns(Case::Alternative) / 1000.0;
    vec![
        Figure {
            name: added,
            value: ours_us,
            bound: Some(BOUND_US),
            better: Better::Lower,
            detail: format!(
                "{ours_us:.2} µs more than the handler's {bare_us:.2} µs; with the session sealed in the cookie {sealed_us:.2} µs"
            ),
        },
        Figure {
            name: against,
            value: ours_us / alternative_us,
            bound: Some(1.0),
            better: Better::Lower,
            detail: format!("{ours_us:.2} µs are added, {alternative_us:.2} µs by {alternative}"),
        },
    ]
}

/// The cases that take turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    /// A handler for everybody.
    Bare,
    /// The same for users, whose sessions are in a store.
    Stored,
    /// The same for users, whose sessions are in their cookies.
    Sealed,
    /// The same for users of another crate.
    Alternative,
}

impl Case {
    const ALL: [Self; 4] = [Self::Bare, Self::Stored, Self::Sealed, Self::Alternative];
}

/// A guard that lets in whom it should not, or keeps out whom it should not, is not worth measuring.
fn check(case: Case, with_cookie: u16, without_cookie: u16) -> Result<(), Failure> {
    let expected = if case == Case::Bare { 200 } else { 401 };
    if (with_cookie, without_cookie) == (200, expected) {
        return Ok(());
    }
    Err(format!("{case:?} answers {with_cookie} with a cookie and {without_cookie} without").into())
}
