//! Digests of what the browser of a question shows.
//!
//! A digest is keyed with the question's secret, which lies sealed: without the master key the six digits cannot be found by trying all.
//! Belongs here: making and comparing digests. Does not belong here: bringing ([`super::bringing`]), and the answer ([`super::questions`]).

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iampass_core::Secret;
use iampass_core::wire::Shown;
use iampass_server_domain::credentials::ShownSecrets;

use super::{Row, StorageError};

/// The digests of what the browser of one question shows.
pub(super) struct Tags {
    pub(super) code: Vec<u8>,
    pub(super) scan: Vec<u8>,
}

impl Tags {
    pub(super) fn of(question: &Secret, shown: &ShownSecrets) -> Self {
        let tag = |shown| hmac::sign(&key(question), &message(&shown)).as_ref().to_vec();
        Self { code: tag(Shown::Code(shown.code.clone())), scan: tag(Shown::Scan(shown.scan.clone())) }
    }

    /// Those of a browser that shows no digits: the scan alone can be brought.
    pub(super) fn of_scan(question: &Secret, shown: &Shown) -> Self {
        Self { code: Vec::new(), scan: hmac::sign(&key(question), &message(shown)).as_ref().to_vec() }
    }

    /// From the columns `code_tag, scan_tag`, which follow each other. None for a question whose browser shows nothing.
    pub(super) fn read(row: &Row, code: usize) -> Result<Option<Self>, StorageError> {
        Ok(match (row.optional_bytes(code)?, row.optional_bytes(code + 1)?) {
            (None, None) => None,
            (Some(code), Some(scan)) => Some(Self { code: code.to_vec(), scan: scan.to_vec() }),
            _ => return Err(StorageError::Corrupt { what: "digests of a code" }),
        })
    }

    /// Whether the browser shows this. The comparison takes the same time wherever the two differ.
    pub(super) fn match_shown(&self, question: &Secret, shown: &Shown) -> bool {
        let tag = match shown {
            Shown::Code(_) => &self.code,
            Shown::Scan(_) => &self.scan,
        };
        hmac::verify(&key(question), &message(shown), tag).is_ok()
    }
}

/// The secret that the moving code of a login without a name is made with. It is made of the question's own, so that one seal is enough.
pub fn moving_secret(question: &Secret) -> Secret {
    let tag = hmac::sign(&key(question), b"moving code");
    Secret::new(URL_SAFE_NO_PAD.encode(tag.as_ref()))
}

/// The secret that the link of a login is made with, likewise.
pub fn link_secret(question: &Secret) -> Secret {
    let tag = hmac::sign(&key(question), b"return link");
    Secret::new(URL_SAFE_NO_PAD.encode(tag.as_ref()))
}

/// The digest of the proof that a browser has to bring back.
pub(super) fn return_tag(question: &Secret, proof: &Secret) -> Vec<u8> {
    hmac::sign(&key(question), &return_message(proof)).as_ref().to_vec()
}

/// Whether it is the digest of this proof. The comparison takes the same time wherever the two differ.
pub(super) fn is_return_tag(tag: &[u8], question: &Secret, proof: &Secret) -> bool {
    hmac::verify(&key(question), &return_message(proof), tag).is_ok()
}

/// The digest of the digits that a phone shows which waits to be confirmed, keyed with its own secret.
pub(super) fn phone_tag(phone: &Secret, code: &Secret) -> Vec<u8> {
    hmac::sign(&key(phone), &phone_message(code)).as_ref().to_vec()
}

/// Whether it is the digest of these digits. The comparison takes the same time wherever the two differ.
pub(super) fn is_phone_tag(tag: &[u8], phone: &Secret, code: &Secret) -> bool {
    hmac::verify(&key(phone), &phone_message(code), tag).is_ok()
}

fn phone_message(code: &Secret) -> Vec<u8> {
    ["phone:", code.expose()].concat().into_bytes()
}

fn return_message(proof: &Secret) -> Vec<u8> {
    ["return:", proof.expose()].concat().into_bytes()
}

fn key(question: &Secret) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, question.expose().as_bytes())
}

/// Two kinds never have the same message.
fn message(shown: &Shown) -> Vec<u8> {
    let (kind, text) = match shown {
        Shown::Code(code) => ("code:", code),
        Shown::Scan(scan) => ("scan:", scan),
    };
    [kind, text.expose()].concat().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_shown_matches_and_only_for_its_question() {
        let shown = ShownSecrets { code: Secret::new("482913"), scan: Secret::new("a-scan") };
        let (question, other) = (Secret::new("one"), Secret::new("other"));
        let tags = Tags::of(&question, &shown);
        assert!(tags.match_shown(&question, &Shown::Code("482913".into())));
        assert!(tags.match_shown(&question, &Shown::Scan("a-scan".into())));
        for wrong in [
            Shown::Code("482914".into()),
            Shown::Code(String::new().into()),
            Shown::Code("a-scan".into()),
            Shown::Scan("482913".into()),
        ] {
            assert!(!tags.match_shown(&question, &wrong), "{wrong:?}");
        }
        assert!(!tags.match_shown(&other, &Shown::Code("482913".into())));
        // Where no digits are shown, none are right.
        let scanned = Tags::of_scan(&question, &Shown::Scan("a-scan".into()));
        assert!(scanned.match_shown(&question, &Shown::Scan("a-scan".into())));
        assert!(!scanned.match_shown(&question, &Shown::Code(String::new().into())));
        assert!(!scanned.match_shown(&question, &Shown::Code("482913".into())));
    }
}
