//! How-to pages. Belongs here: pages, whose code is compiled with the tests. Does not belong here: code.

#[doc = include_str!("users_table.md")]
pub mod users_table {}

#[doc = include_str!("rotate_the_sealing_key.md")]
pub mod rotate_the_sealing_key {}

#[doc = include_str!("several_nodes.md")]
pub mod several_nodes {}

#[doc = include_str!("tls.md")]
pub mod tls {}
