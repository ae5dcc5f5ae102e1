//! The machines through their whole tables, and by random play.
//!
//! Belongs here: what a machine does over its whole life, and the laws. Does not belong here: one function's behaviour, which
//! is tested beside its code.

mod assurance;
mod enrolment;
mod enrolment_end;
mod follower;
mod given;
mod hinted;
mod login_answers;
mod login_begun;
mod login_code;
mod login_end;
mod login_law_one;
mod login_nameless;
mod login_schedule;
mod login_start;
mod logout;
mod simulation;
mod watch_answers;
mod watch_freshness;
mod watch_schedule;
