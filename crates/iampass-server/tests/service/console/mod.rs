//! The Console over real sockets: who gets in, what each role may do, and what nobody may.

mod accounts;
mod applications;
mod approval;
mod behind_proxy;
mod charts;
mod entering;
mod held_back;
mod history;
mod keep_signed_in;
mod languages;
mod limits;
mod log;
mod lost_phone;
mod members;
mod messages;
mod open_links;
mod prefix;
mod pushes;
mod roles;
mod service_page;
mod sessions;
mod settings;
mod shop;
mod texts;
mod undeserved;
mod users;
mod visitor;

pub(crate) use prefix::PREFIX;
pub(crate) use shop::{log, member, owner, place, went_to};
pub(crate) use visitor::{Visitor, open_house};
