//! Any message, for tests.

use iampass_core::UnixSeconds;

use super::{Channel, Notice};

pub(super) fn example(channel: Channel) -> Notice {
    let to = if channel == Channel::Sms { "+15550142" } else { "ann@example.org" };
    Notice::new(
        "0123456789abcdef0123456789abcdef".to_owned(),
        channel,
        to.to_owned(),
        "https://login.example/r/c0de".to_owned(),
        ("APP".to_owned(), "Shop".to_owned()),
        UnixSeconds(1_800_086_400),
        UnixSeconds(1_800_000_000),
    )
}
