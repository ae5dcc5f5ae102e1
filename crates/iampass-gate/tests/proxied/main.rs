//! Sites behind real proxies, with the lines that the gate prints for each: who gets in, and who does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod collations;
mod commands;
mod databases;
mod http;
mod outages;
mod proxy;
mod setting;
mod site;
mod spoofed;
mod traefik;
mod visits;

/// Runs a check behind each proxy.
macro_rules! each_proxy {
    ($($check:ident),+ $(,)?) => {
        mod behind_nginx {
            $(#[tokio::test(flavor = "multi_thread")] async fn $check() {
                if let Some(setting) = crate::setting::Setting::behind(crate::proxy::Kind::Nginx).await {
                    super::$check(setting).await;
                }
            })+
        }
        mod behind_caddy {
            $(#[tokio::test(flavor = "multi_thread")] async fn $check() {
                if let Some(setting) = crate::setting::Setting::behind(crate::proxy::Kind::Caddy).await {
                    super::$check(setting).await;
                }
            })+
        }
        mod behind_haproxy {
            $(#[tokio::test(flavor = "multi_thread")] async fn $check() {
                if let Some(setting) = crate::setting::Setting::behind(crate::proxy::Kind::HaProxy).await {
                    super::$check(setting).await;
                }
            })+
        }
    };
}
pub(crate) use each_proxy;
