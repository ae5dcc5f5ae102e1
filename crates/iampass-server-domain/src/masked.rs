//! The part of a phone number or an address that the delivery log shows: enough to tell two of one person apart, too little to reach a
//! person.

use crate::notice::Channel;

/// `***42` for a number; `a***@***.org` for an address.
pub fn masked(channel: Channel, to: &str) -> String {
    match channel {
        Channel::Sms => {
            let last: Vec<char> = to.chars().rev().take(2).collect();
            format!("***{}", last.into_iter().rev().collect::<String>())
        }
        Channel::Mail => {
            let (name, host) = to.rsplit_once('@').unwrap_or_default();
            let first: String = name.chars().take(1).collect();
            let last = host.rsplit_once('.').map(|(_, last)| format!(".{last}")).unwrap_or_default();
            format!("{first}***@***{last}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_is_left() {
        assert_eq!(masked(Channel::Sms, "+15550142"), "***42");
        assert_eq!(masked(Channel::Mail, "ann.smith@mail.example.org"), "a***@***.org");
        assert_eq!(masked(Channel::Mail, "\u{e9}va@localhost"), "\u{e9}***@***");
        assert_eq!(masked(Channel::Mail, ""), "***@***");
    }
}
