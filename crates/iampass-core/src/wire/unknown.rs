//! [`Unknown`]: members that are not known, of a structure that is read from an object only.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;

/// Fields that do not matter. Having them makes a structure be read from an object only: without, an array of its values in
/// their order would do as well, and that is no well-formed answer.
pub(super) type Unknown = BTreeMap<String, IgnoredAny>;
