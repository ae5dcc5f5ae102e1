//! [`PhoneCall`]: a call of a phone, which can be signed any number of times; and [`ToSign`], a call whose body the device key has to sign.
//!
//! Belongs here: turning a call into a request. Does not belong here: which calls there are.

use std::fmt;

use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::{Method, Request};
use iampass_core::port::HttpRequest;
use iampass_core::signing::{BodyDigest, Nonce, Signer};
use iampass_core::wire::{CHANGE_TYPE, ChangeClaims};
use iampass_core::{Secret, ServiceUrl, UnixSeconds};

use crate::jws::UnsignedJws;
use crate::{KeyError, KeySignature, PhoneError};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A call of a phone.
#[derive(Clone)]
pub struct PhoneCall {
    name: &'static str,
    method: Method,
    url: ServiceUrl,
    body: Vec<u8>,
    signer: Option<(Box<str>, Secret)>,
    /// The nonce that its body names, and when that was signed.
    bound: Option<(Nonce, UnixSeconds)>,
    /// It is signed no earlier than then.
    not_before: UnixSeconds,
}

impl PhoneCall {
    pub(crate) fn new(name: &'static str, method: Method, url: ServiceUrl) -> Self {
        Self { name, method, url, body: Vec::new(), signer: None, bound: None, not_before: UnixSeconds(0) }
    }

    pub(crate) fn signed_by(mut self, id: &str, secret: &Secret) -> Self {
        self.signer = Some((id.into(), secret.clone()));
        self
    }

    pub(crate) fn with_body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    pub(crate) fn not_before(mut self, at: UnixSeconds) -> Self {
        self.not_before = at;
        self
    }

    /// The name of the call, for errors.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The secret that signs it, which no error may repeat.
    pub(crate) fn secret(&self) -> Option<&Secret> {
        self.signer.as_ref().map(|(_, secret)| secret)
    }

    /// The request with its signature. A nonce is good for one request. A call that was bound to one ([`ToSign::bound_to`]) is signed with that one,
    /// whatever is given here, and no earlier than its body.
    #[must_use]
    pub fn request(&self, nonce: Nonce, at: UnixSeconds) -> HttpRequest {
        let at = at.max(self.not_before);
        let (nonce, at) = self.bound.map_or((nonce, at), |(bound, signed_at)| (bound, at.max(signed_at)));
        // The signature covers the URL, and with it the body whose digest stands there.
        let url = match self.signer {
            Some(_) if self.method == Method::POST => {
                BodyDigest::of(&self.body).appended_to(self.url.as_str())
            }
            _ => self.url.as_str().to_owned(),
        };
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        // A checked URL is a URI, so this cannot fail; were it to, the request would lead nowhere.
        *request.uri_mut() = url.parse().unwrap_or_default();
        let headers = request.headers_mut();
        headers.insert(ACCEPT, JSON);
        headers.insert(
            USER_AGENT,
            HeaderValue::from_static(concat!("iampass-phone-rust/", env!("CARGO_PKG_VERSION"))),
        );
        if !self.body.is_empty() {
            headers.insert(CONTENT_TYPE, JSON);
        } else if self.method == Method::POST {
            // HTTP clients write no length for an empty body, and some proxies answer a POST without one with 411.
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        if let Some((id, secret)) = &self.signer {
            Signer { id, secret }.sign(&url, nonce, at).insert_into(headers);
        }
        request
    }
}

/// The URL names the phone, and the body may hold what a browser shows: neither is printed.
impl fmt::Debug for PhoneCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PhoneCall").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A call whose body the device key has to sign first, if this phone has one.
///
/// ```
/// # use iampass_phone::{DeviceKeyPair, KeyError, PhoneCall, PhoneError, ToSign};
/// async fn signed(call: ToSign, key: &dyn DeviceKeyPair) -> Result<PhoneCall, PhoneError> {
///     let signature = match call.signing_input() {
///         Some(input) => Some(key.sign(input).await?),
///         None => None,
///     };
///     call.finish(signature.as_ref())
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing can be sent until it is finished"]
pub struct ToSign {
    call: PhoneCall,
    body: Body,
}

#[derive(Clone, Debug)]
enum Body {
    Plain,
    Jws { jws: UnsignedJws, member: &'static str },
    Change { jws: UnsignedJws, claims: Box<ChangeClaims> },
}

impl ToSign {
    pub(crate) fn plain(call: PhoneCall) -> Self {
        Self { call, body: Body::Plain }
    }

    /// A call whose body is `{member: JWS}`.
    pub(crate) fn jws(call: PhoneCall, member: &'static str, jws: UnsignedJws) -> Self {
        Self { call, body: Body::Jws { jws, member } }
    }

    /// A call whose body is a change.
    pub(crate) fn change(call: PhoneCall, jws: UnsignedJws, claims: ChangeClaims) -> Self {
        Self { call, body: Body::Change { jws, claims: Box::new(claims) } }
    }

    /// The same call, bound to one nonce where it changes something: its request is signed with that nonce, and the body that the device key signs
    /// names it. A service takes each nonce once, so it takes the change once, whatever becomes of the request on its way. To be called
    /// before the device key signs, with a nonce that was just drawn. The async client does it by itself.
    ///
    /// # Errors
    /// [`PhoneError::Unwritable`] where the change cannot be written as JSON, which there is none of.
    pub fn bound_to(self, nonce: Nonce) -> Result<Self, PhoneError> {
        let Body::Change { mut claims, .. } = self.body else { return Ok(self) };
        claims.jti = Some(nonce.to_string());
        let jws = UnsignedJws::new(CHANGE_TYPE, &claims).ok_or(unwritable(self.call.name))?;
        let call = PhoneCall { bound: Some((nonce, claims.iat)), ..self.call };
        Ok(Self { call, body: Body::Change { jws, claims } })
    }

    /// The bytes that the device key has to sign. `None` if this phone has no key at this service.
    #[must_use]
    pub fn signing_input(&self) -> Option<&[u8]> {
        match &self.body {
            Body::Plain => None,
            Body::Jws { jws, .. } | Body::Change { jws, .. } => Some(jws.signing_input()),
        }
    }

    /// The call. A signature that is not needed is ignored.
    ///
    /// # Errors
    /// [`KeyError::Missing`] without a signature that is needed: the answer of a phone with a key is never sent without it.
    pub fn finish(self, signature: Option<&KeySignature>) -> Result<PhoneCall, PhoneError> {
        let (jws, member) = match self.body {
            Body::Plain => return Ok(self.call),
            Body::Jws { jws, member } => (jws, member),
            Body::Change { jws, .. } => (jws, "change"),
        };
        let signature = signature.ok_or(PhoneError::Key(KeyError::Missing))?;
        // A JWS in compact form needs no escaping in JSON.
        let body = format!("{{\"{member}\":\"{}\"}}", jws.signed(signature));
        Ok(self.call.with_body(body.into_bytes()))
    }
}

/// Bodies are plain structs, which can always be written; collected data are the caller's.
pub(crate) fn unwritable(call: &'static str) -> PhoneError {
    PhoneError::Unwritable { call }
}
