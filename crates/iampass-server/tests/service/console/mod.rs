//! The Console over real sockets: who gets in, what each role may do, and what nobody may.

mod accounts;
mod applications;
mod approval;
mod behind_proxy;
mod entering;
mod held_back;
mod languages;
mod log;
mod members;
mod messages;
mod open_links;
mod prefix;
mod pushes;
mod roles;
mod sessions;
mod settings;
mod shop;
mod texts;
mod undeserved;
mod users;
mod visitor;

pub(crate) use prefix::PREFIX;
pub(crate) use shop::{owner, place, went_to};
