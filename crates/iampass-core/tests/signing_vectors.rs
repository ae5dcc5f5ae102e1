//! Every shared vector, recorded from the published Python client: signed to the same text, and verified where a service can.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use http::HeaderMap;
use iampass_core::signing::{DEFAULT_WINDOW, Nonce, Presented, Refusal, SignedHeaders, Signer};
use iampass_core::{Secret, UnixSeconds};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vector {
    authorization: String,
    client_id: String,
    nonce: String,
    note: String,
    secret: String,
    timestamp: u64,
    url: String,
}

/// The result that a service owes a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Accepted,
    /// More than one line: no request line carries such a URL.
    NotOneLine,
    /// `://` in path or query: the signature does not cover what stands before it, the host included.
    AmbiguousUrl,
    /// An empty secret signs what anybody could sign.
    EmptySecret,
    /// The id cannot stand in an HTTP header, or is empty: such a request cannot be sent or read.
    IdNotForHeaders,
}

impl Vector {
    fn all() -> Vec<Self> {
        serde_json::from_str(include_str!("vectors/signing_vectors.json")).unwrap()
    }

    fn signed(&self) -> SignedHeaders {
        let secret = Secret::new(&*self.secret);
        let nonce = Nonce::parse(&self.nonce).unwrap();
        Signer { id: &self.client_id, secret: &secret }.sign(&self.url, nonce, UnixSeconds(self.timestamp))
    }

    /// The URL as a service reads it from the request: without the scheme, which a request line does not carry.
    fn requested(&self) -> &str {
        self.url.split_once("://").map_or(&self.url, |(_, rest)| rest)
    }

    fn expected(&self) -> Expected {
        if self.client_id.is_empty() || !self.client_id.is_ascii() {
            Expected::IdNotForHeaders
        } else if self.url.contains(['\r', '\n']) {
            Expected::NotOneLine
        } else if self.requested().contains("://") {
            Expected::AmbiguousUrl
        } else if self.secret.is_empty() {
            Expected::EmptySecret
        } else {
            Expected::Accepted
        }
    }

    fn verify_at(&self, secret: &str, url: &str, now: u64) -> Result<(), Refusal> {
        let mut headers = HeaderMap::new();
        self.signed().insert_into(&mut headers);
        let presented = Presented::from_headers(&headers)?;
        assert_eq!((presented.id(), presented.nonce().to_string()), (&*self.client_id, self.nonce.clone()));
        presented.verify(&Secret::new(secret), &[url], UnixSeconds(now), DEFAULT_WINDOW)
    }

    fn verify(&self) -> Result<(), Refusal> {
        self.verify_at(&self.secret, self.requested(), self.timestamp)
    }
}

/// The vectors of one kind, which must be as many as were there when this test was written.
fn expected(kind: Expected, count: usize) -> Vec<Vector> {
    let vectors: Vec<_> = Vector::all().into_iter().filter(|vector| vector.expected() == kind).collect();
    assert_eq!(vectors.len(), count, "{kind:?}");
    vectors
}

#[test]
fn every_vector_is_signed_to_the_same_text() {
    let vectors = Vector::all();
    assert_eq!(vectors.len(), 279);
    for vector in vectors {
        let signed = vector.signed();
        assert_eq!(signed.authentication(), vector.authorization, "{}", vector.note);
        assert_eq!(signed.timestamp(), UnixSeconds(vector.timestamp), "{}", vector.note);
    }
}

#[test]
fn what_the_published_client_signs_is_accepted() {
    for vector in expected(Expected::Accepted, 255) {
        assert_eq!(vector.verify(), Ok(()), "{}", vector.note);
    }
}

#[test]
fn an_accepted_vector_is_refused_once_anything_differs() {
    for vector in expected(Expected::Accepted, 255) {
        let (secret, url, at) = (&*vector.secret, vector.requested(), vector.timestamp);
        let note = &vector.note;
        let other_secret = vector.verify_at(&format!("{secret}x"), url, at);
        assert_eq!(other_secret, Err(Refusal::BadSignature), "{note}");
        let other_url = vector.verify_at(secret, &format!("{url}x"), at);
        assert_eq!(other_url, Err(Refusal::BadSignature), "{note}");
        let late = vector.verify_at(secret, url, at + 301);
        assert!(matches!(late, Err(Refusal::TooOld { .. })), "{note}: {late:?}");
    }
}

#[test]
fn a_url_with_a_second_separator_is_signed_alike_but_refused() {
    for vector in expected(Expected::AmbiguousUrl, 15) {
        assert!(matches!(vector.verify(), Err(Refusal::Malformed { .. })), "{}", vector.note);
    }
}

#[test]
fn a_url_of_several_lines_is_signed_alike_but_refused() {
    for vector in expected(Expected::NotOneLine, 5) {
        assert!(vector.verify().is_err(), "{}", vector.note);
    }
}

#[test]
fn an_empty_secret_is_signed_alike_but_refused() {
    for vector in expected(Expected::EmptySecret, 2) {
        assert_eq!(vector.verify(), Err(Refusal::BadSignature), "{}", vector.note);
    }
}

#[test]
fn an_id_that_cannot_stand_in_a_header_is_refused() {
    for vector in expected(Expected::IdNotForHeaders, 2) {
        let refused = vector.verify();
        assert!(
            matches!(refused, Err(Refusal::Missing { .. } | Refusal::Malformed { .. })),
            "{}: {refused:?}",
            vector.note
        );
    }
}
