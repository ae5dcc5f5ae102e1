//! Measures, and prints each figure beside its bound. Run it by `cargo xtask bench`.
//!
//! Every figure is a ratio to a reference that was measured in the same run, or a time at the default settings: absolute
//! speeds belong to a machine.

#![forbid(unsafe_code)]

mod application;
mod case;
mod figure;
mod guard;
mod load;
mod login;
mod page;
mod rounds;
mod scan;
mod service;
mod signing;
mod status;
mod stores;
mod watching;

use std::process::ExitCode;

use clap::Parser;

use figure::Figure;

/// An error, told for a person.
type Failure = iampass_core::port::BoxError;

/// Measures IAMPASS for Rust.
#[derive(Parser)]
struct Arguments {
    /// The figures to measure; all unless given.
    names: Vec<String>,
    /// Where the figures are written as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<std::path::PathBuf>,
}

/// Figures that are measured together.
struct Group {
    names: &'static [&'static str],
    measure: fn() -> Result<Vec<Figure>, Failure>,
}

const GROUPS: [Group; 25] = [
    Group { names: &["sign_vs_floor", "python_vs_sign", "sign_allocations"], measure: signing::measure },
    Group { names: &["guard_axum_added_us", "guard_axum_vs_axum_login"], measure: guard::measure_axum },
    Group { names: &["guard_actix_added_us", "guard_actix_vs_identity"], measure: guard::measure_actix },
    Group { names: &["watch_calls_vs_bound", "watch_bytes_per_session"], measure: watching::measure },
    Group { names: &["watch_million_mib"], measure: watching::measure_million },
    Group { names: &["store_diesel_worst"], measure: stores::measure_diesel },
    Group { names: &["store_sea_orm_worst"], measure: stores::measure_sea_orm },
    Group { names: &["status_vs_bare"], measure: status::measure },
    Group {
        names: &["login_commits", "login_vs_commit_rate", "login_commits_postgres"],
        measure: service::logins::measure,
    },
    Group {
        names: &["login_sqlite_per_s", "login_sqlite_alone_per_s", "status_sqlite_per_s"],
        measure: service::programs::measure_sqlite,
    },
    Group {
        names: &[
            "login_postgres_per_s",
            "login_postgres_commits",
            "login_postgres_alone_per_s",
            "status_postgres_per_s",
        ],
        measure: service::programs::measure_postgres,
    },
    Group {
        names: &["login_postgres_two_nodes_per_s", "login_postgres_two_nodes_vs_one"],
        measure: service::programs::measure_two_nodes,
    },
    Group {
        names: &["login_postgres_vs_oidc_redis", "status_postgres_vs_oidc_redis"],
        measure: service::programs::beside_peer::measure_postgres,
    },
    Group {
        names: &["login_sqlite_alone_vs_oidc_memory", "login_sqlite_vs_oidc_memory"],
        measure: service::programs::beside_peer::measure_sqlite,
    },
    Group {
        names: &["frozen_bytes_per_request", "frozen_answered_s"],
        measure: service::programs::frozen::measure,
    },
    Group { names: &["login_key_vs_secret"], measure: service::keyed::measure },
    Group {
        names: &["strangers_rings", "strangers_grown_mib", "owner_signs_in_s"],
        measure: service::strangers::measure,
    },
    Group {
        names: &["push_out_p95_ms", "pushes_out_s", "login_push_dead_vs_none"],
        measure: service::pushes::measure,
    },
    Group { names: &["million_users_p99_ratio"], measure: service::million::measure },
    Group { names: &["server_bytes_per_session"], measure: service::memory::measure },
    Group { names: &["presence_core_percent", "presence_noticed_s"], measure: service::presence::measure },
    Group { names: &["accept_to_active_p95_ms"], measure: login::measure },
    Group { names: &["accept_to_active_stream_p95_ms"], measure: login::measure_by_stream },
    Group { names: &["scan_to_active_p95_ms"], measure: scan::measure },
    Group { names: &["accept_to_page_p95_ms"], measure: page::measure },
];

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let is_wanted =
        |name: &str| arguments.names.is_empty() || arguments.names.iter().any(|wanted| wanted == name);
    let known: Vec<_> = GROUPS.iter().flat_map(|group| group.names).collect();
    if let Some(unknown) = arguments.names.iter().find(|name| !known.iter().any(|known| *known == name)) {
        return Err(format!("there is no figure {unknown}; there are {known:?}").into());
    }
    let mut figures = Vec::new();
    for group in &GROUPS {
        if group.names.iter().any(|name| is_wanted(name)) {
            eprintln!("Measuring {} …", group.names.join(", "));
            let measured = (group.measure)()?;
            figures.extend(measured.into_iter().filter(|figure| is_wanted(figure.name)));
        }
    }
    print!("{}", figure::table(&figures));
    if let Some(file) = arguments.json {
        std::fs::write(&file, serde_json::to_string_pretty(&figures)? + "\n")?;
        eprintln!("Written to {}.", file.display());
    }
    Ok(())
}
