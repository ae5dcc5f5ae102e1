//! Machines in a random world: a service that says what it likes, and a network that loses, delays, garbles and repeats.
//!
//! Belongs here: the world with its clock, and the properties that hold in every one of them. Does not belong here: what one
//! answer means, which the tables beside this folder say.

mod driver;
mod enrolment;
mod gate;
mod login;
mod logout;
mod watch;
mod watch_at_rest;
mod weather;
