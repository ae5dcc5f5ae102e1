//! The settings of an operator, and their sources: a file, the environment and the command line.
//!
//! Belongs here: the names of settings, how their layers are put together, what is wrong with them in words, and what they mean for a
//! [`crate::ServiceConfig`]. Does not belong here: what a setting does, which is where it is used.
//!
//! To add a setting: a field in [`schema`], a line with its default in `assets/settings/iampass-server.toml` (a test holds them equal), its way
//! into the configuration in [`into_config`], a row in `every_setting_rows`, and, where it is secret, its name in [`secrecy`].

mod alert_table;
mod alert_ways;
mod check;
mod console_table;
mod documented;
mod error;
#[cfg(test)]
mod every_setting_alert_rows;
#[cfg(test)]
mod every_setting_console_rows;
#[cfg(test)]
mod every_setting_push_rows;
#[cfg(test)]
mod every_setting_row;
#[cfg(test)]
mod every_setting_rows;
#[cfg(test)]
mod every_setting_tests;
mod file;
mod in_force;
mod into_config;
mod layers;
mod own_texts;
#[cfg(test)]
pub(crate) mod push_files;
mod pushes;
mod schema;
mod secrecy;
mod senders;
mod source;
mod units;

pub use error::{Problem, SettingsError};

pub(crate) use check::check;
pub(crate) use documented::EXAMPLE;
pub(crate) use in_force::InForce;
pub(crate) use layers::Layers;
pub(crate) use schema::{LogFormat, LogSettings, Settings};
