//! The web login in a real browser, with a virtual phone: the same checks against each framework's adapter. Checks of HTTP alone are in
//! `tests/web/`, whose application is used here as well.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod account;
mod attempts;
mod broken_script;
mod counting_proxy;
mod engines;
mod nameless;
mod other_site;
mod silent_network;
mod slow_proxy;
mod story;
mod visitor;
mod windows;
mod without_script;

#[path = "../web/actix_site.rs"]
mod actix_site;
#[path = "../web/axum_site.rs"]
mod axum_site;
#[allow(dead_code, reason = "the browser without a script is for the tests over HTTP")]
#[path = "../web/browser.rs"]
mod browser;
#[allow(dead_code, reason = "the tests over HTTP use more of it")]
#[path = "../web/code/maker.rs"]
mod maker;
#[allow(dead_code, reason = "the tests over HTTP use more of it")]
#[path = "../web/setting.rs"]
mod setting;

/// Runs a check once for each framework.
macro_rules! each_framework {
    ($($check:ident),+ $(,)?) => {
        mod over_axum {
            $(#[tokio::test(flavor = "multi_thread")] async fn $check() {
                super::$check(crate::visitor::setting::<crate::axum_site::Axum>().await).await;
            })+
        }
        mod over_actix {
            $(#[tokio::test(flavor = "multi_thread")] async fn $check() {
                super::$check(crate::visitor::setting::<crate::actix_site::Actix>().await).await;
            })+
        }
    };
}
pub(crate) use each_framework;
