//! The meaning of a mail server's refusal.
//!
//! A refusal of the connection, the greeting, the login or the sender lies in settings, not in the message: the message is kept. A refusal of
//! the recipient or of the text is for good, unless the server says that it means one of the former: some servers put off all refusals until
//! they know the recipient.
//!
//! Belongs here: errors of a conversation, by step. Does not belong here: the conversation ([`super::smtp`]).

use std::error::Error as _;
use std::io;

use lettre::transport::smtp::Error as SmtpError;

use super::Reply;
use super::{NoticeError, NoticeErrorKind};

/// A step of the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The connection, the server's first words, and the introduction.
    Greeting,
    /// STARTTLS, and the introduction after it.
    Encryption,
    /// The login.
    Login,
    /// `MAIL FROM`.
    Sender,
    /// `RCPT TO`.
    Recipient,
    /// `DATA` and the text.
    Text,
}

/// The meaning of an error in a step. The words of the server are not kept: they may repeat the address.
pub(super) fn meaning(step: Step, error: &SmtpError) -> NoticeError {
    use NoticeErrorKind as K;
    let said = error.source().map(ToString::to_string).unwrap_or_default();
    let Some(code) = error.status().map(u16::from) else {
        return NoticeError::new(if error.is_timeout() {
            K::Timeout
        } else if is_of_tls(error) {
            K::Untrusted
        } else if error.is_response() && said != "incomplete response" {
            K::NotUnderstood
        } else {
            K::Unreachable
        });
    };
    let reply = Reply::read(code, &said);
    NoticeError::new(refusal(step, code, reply, &said)).with_reply(reply)
}

fn refusal(step: Step, code: u16, reply: Reply, said: &str) -> NoticeErrorKind {
    use NoticeErrorKind as K;
    let said = said.to_ascii_lowercase();
    match (code, step) {
        (400..=499, _) => K::Busy,
        (530, _) if said.contains("starttls") => K::EncryptionWanted,
        // The password, not the message (RFC 4954).
        (530 | 534 | 535 | 538, _) | (_, Step::Login) => K::Unauthorized,
        (_, Step::Greeting) => K::GreetingRefused,
        (_, Step::Encryption) => K::NoEncryption,
        // Postfix says these in place of the recipient's answer unless it is told otherwise.
        _ if said.contains(": helo command rejected: ") || said.contains(": client host rejected: ") => {
            K::GreetingRefused
        }
        (_, Step::Sender) => K::SenderRefused,
        _ if said.contains(": sender address rejected: ") => K::SenderRefused,
        // The sender's address (RFC 3463).
        _ if matches!(reply.subject_and_detail(), Some((1, 7 | 8))) => K::SenderRefused,
        // Of commands, not of this message.
        (500 | 502 | 503 | 521, _) => K::Broken,
        _ => K::Refused,
    }
}

/// Whether TLS was tried and failed.
fn is_of_tls(error: &SmtpError) -> bool {
    let mut source = error.source();
    while let Some(found) = source {
        let inner = found.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if inner.is_some_and(|inner| inner.is::<rustls::Error>()) || found.is::<rustls::Error>() {
            return true;
        }
        source = found.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use NoticeErrorKind as K;
    use Step as S;

    fn judged(step: Step, code: u16, said: &str) -> (NoticeErrorKind, bool) {
        let kind = refusal(step, code, Reply::read(code, said), said);
        (kind, NoticeError::new(kind).is_retryable())
    }

    #[test]
    fn only_the_recipient_and_the_text_are_refused_for_good() {
        for (step, code, said, kind) in [
            (S::Greeting, 554, "5.7.1 go away", K::GreetingRefused),
            (
                S::Greeting,
                504,
                "5.5.2 <x>: Helo command rejected: need fully-qualified hostname",
                K::GreetingRefused,
            ),
            (S::Greeting, 550, "5.7.0 bad name", K::GreetingRefused),
            (S::Greeting, 421, "4.3.2 busy", K::Busy),
            (S::Encryption, 502, "5.5.1 no", K::NoEncryption),
            (S::Login, 535, "5.7.8 no", K::Unauthorized),
            (S::Login, 504, "5.5.4 mechanism", K::Unauthorized),
            (S::Sender, 550, "5.1.8 no such sender", K::SenderRefused),
            (S::Sender, 530, "5.7.0 Must issue a STARTTLS command first", K::EncryptionWanted),
            (S::Sender, 530, "5.7.0 log in", K::Unauthorized),
            (S::Sender, 451, "later", K::Busy),
            (S::Recipient, 450, "4.2.0 <ann@example.org>: Recipient address rejected: Greylisted", K::Busy),
            (
                S::Recipient,
                504,
                "5.5.2 <x>: Helo command rejected: need fully-qualified hostname",
                K::GreetingRefused,
            ),
            (S::Recipient, 554, "5.7.1 <h[::1]>: Client host rejected: Access denied", K::GreetingRefused),
            (S::Recipient, 550, "5.1.0 <a@b>: Sender address rejected: User unknown", K::SenderRefused),
            (S::Recipient, 550, "5.1.7 no", K::SenderRefused),
            (S::Recipient, 503, "5.5.1 sequence", K::Broken),
            (S::Text, 451, "4.3.0 later", K::Busy),
        ] {
            assert_eq!(judged(step, code, said), (kind, true), "{step:?} {code} {said}");
        }
        for (step, code, said) in [
            (S::Recipient, 550, "5.1.1 <helo@example.org>: Recipient address rejected: User unknown"),
            (S::Recipient, 550, "no such user"),
            (S::Recipient, 553, "5.1.2 no such domain"),
            (S::Recipient, 554, "5.7.1 <ann@example.org>: Relay access denied"),
            (S::Text, 554, "5.7.1 spam"),
            (S::Text, 552, "5.2.2 full"),
        ] {
            assert_eq!(judged(step, code, said), (K::Refused, false), "{step:?} {code} {said}");
        }
    }
}
