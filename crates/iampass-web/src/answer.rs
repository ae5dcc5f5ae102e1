//! Answers, independent of any framework. Belongs here: status, headers, body. Does not belong here: when to answer what.

use std::fmt;
use std::pin::Pin;

use bytes::Bytes;
use cookie::Cookie;
use futures_core::Stream;

use crate::cookies;

/// Parts of a body that comes bit by bit.
pub type EventStream = Pin<Box<dyn Stream<Item = Bytes> + Send>>;

/// An answer for an adapter to send.
#[derive(Debug)]
#[must_use]
pub struct HttpAnswer {
    /// The status code.
    pub status: u16,
    /// Names in lower case, and values. A name may be there twice (`set-cookie`).
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Body,
}

/// The body of an [`HttpAnswer`].
pub enum Body {
    /// None.
    Empty,
    /// All of it.
    Whole(Bytes),
    /// Server-Sent Events, for as long as the page is open.
    Events(EventStream),
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("Empty"),
            Self::Whole(bytes) => write!(f, "Whole({} bytes)", bytes.len()),
            Self::Events(_) => f.write_str("Events"),
        }
    }
}

/// The permissions of the login's pages: nothing from elsewhere, nothing written into it.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

impl HttpAnswer {
    fn new(status: u16, body: Body) -> Self {
        Self { status, headers: Vec::new(), body }
    }

    pub(crate) fn page(status: u16, html: String) -> Self {
        Self::new(status, Body::Whole(html.into()))
            .with("content-type", "text/html; charset=utf-8")
            .with("content-security-policy", PAGE_POLICY)
            // Other sites get no referrer. With `no-referrer` browsers would not say where our own forms come from, either.
            .with("referrer-policy", "same-origin")
            .with("x-content-type-options", "nosniff")
            .private()
    }

    pub(crate) fn json(status: u16, value: &serde_json::Value) -> Self {
        Self::new(status, Body::Whole(value.to_string().into()))
            .with("content-type", "application/json")
            .with("x-content-type-options", "nosniff")
            .private()
    }

    pub(crate) fn text(status: u16, text: &'static str) -> Self {
        Self::new(status, Body::Whole(text.into()))
            .with("content-type", "text/plain; charset=utf-8")
            .with("x-content-type-options", "nosniff")
            .private()
    }

    pub(crate) fn events(events: EventStream) -> Self {
        Self::of_events(Body::Events(events))
    }

    /// The head of a stream of events, without opening it.
    pub(crate) fn no_events() -> Self {
        Self::of_events(Body::Empty)
    }

    fn of_events(body: Body) -> Self {
        Self::new(200, body)
            .with("content-type", "text/event-stream")
            // A proxy that collects what comes would keep it from the page: nginx goes by this header, and those that compress go by
            // `no-transform`.
            .with("x-accel-buffering", "no")
            .with("cache-control", "no-store, no-transform")
    }

    /// A picture that shows nothing.
    pub(crate) fn no_picture() -> Self {
        const PICTURE: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>"#;
        Self::new(200, Body::Whole(PICTURE.into()))
            .with("content-type", "image/svg+xml")
            .with("x-content-type-options", "nosniff")
            .private()
    }

    /// A file whose name changes with what is in it.
    pub(crate) fn asset(content_type: &'static str, bytes: &'static [u8]) -> Self {
        Self::new(200, Body::Whole(Bytes::from_static(bytes)))
            .with("content-type", content_type)
            .with("cache-control", "public, max-age=31536000, immutable")
            .with("x-content-type-options", "nosniff")
    }

    /// Goes on with a GET.
    pub(crate) fn see_other(location: impl Into<String>) -> Self {
        Self::new(303, Body::Empty).with("location", location).private()
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn with_cookie(self, cookie: &Cookie<'_>) -> Self {
        self.with("set-cookie", cookies::written(cookie))
    }

    /// Never kept: not by a cache, nor for the back button.
    fn private(self) -> Self {
        self.with("cache-control", "no-store")
    }
}
