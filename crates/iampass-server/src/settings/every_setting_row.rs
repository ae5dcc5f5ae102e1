//! [`Row`]: a setting of the table of all settings, what it is set to, and where that is seen.

use super::InForce;
use crate::ServiceConfig;

/// Where a setting is seen to hold.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Config(fn(&ServiceConfig) -> String),
    /// Settings that are read before there is a service.
    Settings(fn(&InForce) -> String),
}

/// A setting, what it is set to, and where that is seen.
pub(super) struct Row {
    pub(super) key: &'static str,
    /// As it stands in a file; DIR is a directory with the files of the tests.
    pub(super) value: &'static str,
    pub(super) place: Place,
    /// The text that is there afterwards.
    pub(super) shows: &'static str,
    /// Settings that have to be there as well, before and after.
    pub(super) beside: &'static [(&'static str, &'static str)],
    /// Settings that cannot be there at the same time, or change with it.
    pub(super) not_with: &'static [&'static str],
}

pub(super) const fn row(key: &'static str, value: &'static str, place: Place, shows: &'static str) -> Row {
    Row { key, value, place, shows, beside: &[], not_with: &[] }
}
