//! The Admin API over real sockets: what each call does, and what no call does for a key that does not deserve it.

mod bad_input;
mod calls;
mod keys;
mod own_rights;
mod undeserved;

pub(crate) use calls::each_is_done;
pub(crate) use keys::by_command;
