//! An application on its way to another service.

mod file;
mod rows;

pub use file::{Arrived, InvalidTransfer, Writing, read};
pub use rows::{Moved, MovedDevice, MovedUser};
