//! The web login over HTTP, as a browser without a script sees it: the same checks against each framework's adapter.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod abandoned;
mod accepting;
mod access_table;
mod account;
mod actix_site;
mod approved;
mod axum_site;
mod bad_input;
mod bounded;
mod broken_application;
mod browser;
mod code;
mod earlier_pages;
mod ended_elsewhere;
mod faulty;
mod forwarded;
mod held_back;
mod keep_signed_in;
mod known_browsers;
mod languages;
mod late;
mod log;
mod logging_out;
mod login;
mod lost_in_use;
mod lost_phone;
mod no_oracle;
mod notices;
mod own_pages;
mod paused;
mod prefix;
mod reasons;
mod registering;
mod setting;
mod slept;
mod stopping;
mod store_down;
mod streams;
mod three_nodes;
mod two_browsers;
mod unlimited;
mod unreadable;
mod watching;

/// Runs a check once for each framework.
macro_rules! each_framework {
    ($($(#[$doc:meta])* $check:ident),+ $(,)?) => {
        mod over_axum {
            $($(#[$doc])* #[tokio::test] async fn $check() {
                super::$check(crate::setting::Setting::start::<crate::axum_site::Axum>().await).await;
            })+
        }
        mod over_actix {
            $($(#[$doc])* #[tokio::test(flavor = "multi_thread")] async fn $check() {
                super::$check(crate::setting::Setting::start::<crate::actix_site::Actix>().await).await;
            })+
        }
    };
}
pub(crate) use each_framework;
