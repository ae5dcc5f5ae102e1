//! The parts that the whole-system tests start: our programs as processes of their own, the published Python client, and a real
//! browser.
//!
//! Belongs here: starting and stopping. Does not belong here: what is tested, which is in `tests/tests/`.
//!
//! The programs are built with the workspace's features (as `cargo xtask test` does, so nothing is built twice) and taken from the
//! directory that the running test is in. The Python client is installed once into `target/python-client`.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod account;
mod browser;
mod desktop;
mod dev_server;
mod film;
#[path = "../../xtask/src/free_port.rs"]
mod free_port;
mod nodes;
mod programs;
mod push_service;
mod python;
mod round_robin;
pub mod slow_phone;
mod walk;

pub use account::Account;
pub use browser::{Browser, Engine, Kind, Scripts, Window};
pub use desktop::{Desktop, Notification};
pub use dev_server::DevServer;
pub use film::{film, film_from};
pub use nodes::Nodes;
pub use programs::{Failure, program};
pub use push_service::{Posted, PushService};
pub use python::{Fido2, PublishedClient, fido2, python_client};
pub use round_robin::RoundRobin;
pub use walk::walked_through;
