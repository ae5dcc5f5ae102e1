//! The phone's answer to a question, and what it brings of the browser's page: plain, and as the payload of a JWS \[F\]\[X\].

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::{ApplicationId, AuthRequestId, DeviceId, Secret, UnixSeconds, UserToken};

/// The `typ` of the JWS that answers a question \[X\].
pub const ANSWER_TYPE: &str = "iampass-answer+jwt";
/// The `typ` of the JWS that brings what a browser shows \[X\].
pub const BRING_TYPE: &str = "iampass-bring+jwt";

/// The answer to a question, with the data that was collected: the body posted to `identification_url` by a phone without a key of its own
/// \[F\], and a part of [`AnswerClaims`] otherwise \[X\].
///
/// ```
/// use iampass_core::wire::Identification;
///
/// let answer: Identification = serde_json::from_str(r#"{"accepted": true, "code": "482913", "acceptance": {}}"#)?;
/// assert!(answer.accepted && answer.code.is_some());
/// assert_eq!(serde_json::to_string(&Identification::no())?, r#"{"accepted":false}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Identification {
    /// Whether the user accepted.
    pub accepted: bool,
    /// The digits that the browser shows \[X\].
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "text",
        serialize_with = "Secret::serialize_exposed_option"
    )]
    pub code: Option<Secret>,
    /// The secret of the QR code that the browser shows, in place of the digits \[X\].
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "text",
        serialize_with = "Secret::serialize_exposed_option"
    )]
    pub scan: Option<Secret>,
    /// Whether the user says that somebody else asked: *Not me* \[X\].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub report: bool,
    /// The data that were collected, by the names of [`RequestedData`](super::RequestedData).
    #[serde(flatten)]
    pub collected: serde_json::Map<String, serde_json::Value>,
}

impl Identification {
    /// *Accept*, with the data that were collected.
    #[must_use]
    pub fn yes(collected: serde_json::Map<String, serde_json::Value>) -> Self {
        Self { accepted: true, collected, ..Self::no() }
    }

    /// *Deny*.
    #[must_use]
    pub fn no() -> Self {
        Self { accepted: false, code: None, scan: None, report: false, collected: serde_json::Map::new() }
    }

    /// The same with the digits that the browser shows.
    #[must_use]
    pub fn code(mut self, code: impl Into<Secret>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// The same with the secret of the QR code.
    #[must_use]
    pub fn scan(mut self, scan: impl Into<Secret>) -> Self {
        self.scan = Some(scan.into());
        self
    }

    /// The same as *Not me*, or not.
    #[must_use]
    pub fn report(mut self, report: bool) -> Self {
        self.report = report;
        self
    }
}

/// A member that is there is a text, and not `null`.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    Secret::deserialize(deserializer).map(Some)
}

/// The data that was collected and brought is not printed.
impl fmt::Debug for Identification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identification")
            .field("accepted", &self.accepted)
            .field("report", &self.report)
            .finish_non_exhaustive()
    }
}

/// The body posted to `identification_url` by a phone with a key of its own \[X\].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedAnswer {
    /// A JWS in compact form (RFC 7515) with `alg` ES256, `typ` [`ANSWER_TYPE`] and the payload [`AnswerClaims`].
    pub answer: String,
}

/// The JWS is not printed: the code that was brought can be read in it.
impl fmt::Debug for SignedAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedAnswer").finish_non_exhaustive()
    }
}

/// The body posted to `identification_url`, in either form. A body that has both forms is an error \[X\].
///
/// ```
/// use iampass_core::wire::PhoneAnswer;
///
/// assert!(matches!(serde_json::from_str(r#"{"answer": "eyJ…"}"#)?, PhoneAnswer::Signed(_)));
/// assert!(matches!(serde_json::from_str(r#"{"accepted": false}"#)?, PhoneAnswer::Plain(_)));
/// assert!(serde_json::from_str::<PhoneAnswer>(r#"{"accepted": true, "answer": "eyJ…"}"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum PhoneAnswer {
    /// Signed by the phone's own key.
    Signed(SignedAnswer),
    /// Without such a signature.
    Plain(Identification),
}

impl<'de> Deserialize<'de> for PhoneAnswer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;

        #[derive(Deserialize)]
        struct Members {
            answer: Option<String>,
            accepted: Option<bool>,
            #[serde(default, deserialize_with = "text")]
            code: Option<Secret>,
            #[serde(default, deserialize_with = "text")]
            scan: Option<Secret>,
            #[serde(default)]
            report: bool,
            #[serde(flatten)]
            collected: serde_json::Map<String, serde_json::Value>,
        }

        let Members { answer, accepted, code, scan, report, collected } = Members::deserialize(deserializer)?;
        match (answer, accepted) {
            (Some(answer), None) => Ok(Self::Signed(SignedAnswer { answer })),
            (None, Some(accepted)) => {
                Ok(Self::Plain(Identification { accepted, code, scan, report, collected }))
            }
            _ => Err(D::Error::custom("exactly one of `accepted` and `answer` has to be there")),
        }
    }
}

/// The payload of a signed answer: everything that matters about it \[X\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AnswerClaims {
    /// The phone that answers.
    pub iss: DeviceId,
    /// The application that asks.
    pub aud: ApplicationId,
    /// The user who answers.
    pub sub: UserToken,
    /// The question.
    pub jti: AuthRequestId,
    /// When it was signed.
    pub iat: UnixSeconds,
    /// The answer itself.
    #[serde(flatten)]
    pub identification: Identification,
}

/// The body posted to `bring_request`: what the phone has read off a browser's page. A phone without a key of its own sends the code or the
/// scan plainly \[X\].
///
/// ```
/// use iampass_core::wire::BringRequest;
///
/// assert!(matches!(serde_json::from_str(r#"{"code": "482913"}"#)?, BringRequest::Plain(Shown::Code(_))));
/// assert!(serde_json::from_str::<BringRequest>(r#"{"code": "482913", "scan": "s"}"#).is_err());
/// # use iampass_core::wire::Shown;
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum BringRequest {
    /// A JWS in compact form with `alg` ES256, `typ` [`BRING_TYPE`] and the payload [`BringClaims`].
    Signed {
        /// The JWS.
        brought: String,
    },
    /// The same without a signature of its own.
    Plain(Shown),
}

/// The JWS is not printed: the code that it brings can be read in it.
impl fmt::Debug for BringRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signed { .. } => f.debug_struct("Signed").finish_non_exhaustive(),
            Self::Plain(shown) => f.debug_tuple("Plain").field(shown).finish(),
        }
    }
}

impl<'de> Deserialize<'de> for BringRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;

        #[derive(Deserialize)]
        struct Members {
            brought: Option<String>,
            code: Option<Secret>,
            scan: Option<Secret>,
            #[serde(flatten)]
            _unknown: super::unknown::Unknown,
        }

        let Members { brought, code, scan, .. } = Members::deserialize(deserializer)?;
        match (brought, code, scan) {
            (Some(brought), None, None) => Ok(Self::Signed { brought }),
            (None, Some(code), None) => Ok(Self::Plain(Shown::Code(code))),
            (None, None, Some(scan)) => Ok(Self::Plain(Shown::Scan(scan))),
            _ => Err(D::Error::custom("exactly one of `brought`, `code` and `scan` has to be there")),
        }
    }
}

/// The code or secret that a browser shows, as a phone brings it \[X\].
#[derive(Clone, Debug)]
pub enum Shown {
    /// The digits.
    Code(Secret),
    /// The secret of the QR code.
    Scan(Secret),
}

impl Serialize for Shown {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (member, secret) = match self {
            Self::Code(code) => ("code", code),
            Self::Scan(scan) => ("scan", scan),
        };
        serializer.collect_map([(member, secret.expose())])
    }
}

impl<'de> Deserialize<'de> for Shown {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match BringRequest::deserialize(deserializer)? {
            BringRequest::Plain(shown) => Ok(shown),
            BringRequest::Signed { .. } => {
                Err(serde::de::Error::custom("exactly one of `code` and `scan` has to be there"))
            }
        }
    }
}

/// The payload of a signed [`BringRequest`] \[X\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BringClaims {
    /// The phone that brings it.
    pub iss: DeviceId,
    /// The application whose page showed it.
    pub aud: ApplicationId,
    /// The user of the phone.
    pub sub: UserToken,
    /// When it was signed.
    pub iat: UnixSeconds,
    /// The code or secret that the page showed.
    #[serde(flatten)]
    pub shown: Shown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_collected_travels_beside_the_answer() {
        let answer: Identification =
            serde_json::from_str(r#"{"accepted": true, "os_authentication": {"ok": 1}}"#).unwrap();
        assert!(answer.accepted && !answer.report);
        assert_eq!(answer.collected.keys().collect::<Vec<_>>(), ["os_authentication"]);
        assert!(serde_json::from_str::<Identification>("{}").is_err(), "silence is no consent");
    }

    #[test]
    fn a_code_is_a_text_that_is_there_once() {
        for json in [
            r#"{"accepted": true, "code": 482913}"#,
            r#"{"accepted": true, "code": null}"#,
            r#"{"accepted": true, "scan": ["s"]}"#,
            r#"{"accepted": true, "code": "1", "code": "2"}"#,
            r#"{"accepted": true, "accepted": false}"#,
            r#"{"accepted": false, "report": "yes"}"#,
            r#"{"accepted": false, "report": null}"#,
            "[true]",
        ] {
            assert!(serde_json::from_str::<Identification>(json).is_err(), "{json}");
        }
        for json in [
            "{}",
            "[]",
            "null",
            r#"{"brought": null}"#,
            r#"{"brought": 7}"#,
            r#"{"brought": "a", "code": "b"}"#,
            r#"{"code": 482913}"#,
            r#"{"code": "1", "code": "2"}"#,
            r#"{"scan": {}}"#,
        ] {
            assert!(serde_json::from_str::<BringRequest>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn what_is_brought_is_in_no_debug_output() {
        let signed = r#"{"answer": "eyJhbGciOiJFUzI1NiJ9.eyJjb2RlIjoiNDgyOTEzIn0.c2ln"}"#;
        let brought = signed.replace("answer", "brought");
        for shown in [
            format!("{:?}", serde_json::from_str::<PhoneAnswer>(signed).unwrap()),
            format!(
                "{:?}",
                serde_json::from_str::<PhoneAnswer>(r#"{"accepted": true, "code": "482913"}"#).unwrap()
            ),
            format!("{:?}", serde_json::from_str::<BringRequest>(&brought).unwrap()),
            format!("{:?}", serde_json::from_str::<BringRequest>(r#"{"scan": "482913"}"#).unwrap()),
        ] {
            assert!(!shown.contains("eyJ") && !shown.contains("482913"), "{shown}");
        }
    }

    #[test]
    fn claims_are_read_as_they_are_written() {
        let claims = AnswerClaims {
            iss: DeviceId::new("d").unwrap(),
            aud: ApplicationId::new("APP").unwrap(),
            sub: UserToken::new("u").unwrap(),
            jti: AuthRequestId::new("q").unwrap(),
            iat: UnixSeconds(7),
            identification: Identification::yes(serde_json::Map::new()).code("482913"),
        };
        let json = serde_json::to_value(&claims).unwrap();
        let expected = serde_json::json!({"iss": "d", "aud": "APP", "sub": "u", "jti": "q", "iat": 7, "accepted": true, "code": "482913"});
        assert_eq!(json, expected);
        let read: AnswerClaims = serde_json::from_value(json).unwrap();
        assert_eq!(read.identification.code.unwrap().expose(), "482913");
        assert!(read.identification.collected.is_empty(), "no claim is taken for collected data");
        assert!(!format!("{claims:?}").contains("482913"));

        let (iss, aud, sub) = (claims.iss, claims.aud, claims.sub);
        let brought = BringClaims { iss, aud, sub, iat: UnixSeconds(7), shown: Shown::Scan("s".into()) };
        let json = serde_json::to_value(&brought).unwrap();
        assert_eq!(json, serde_json::json!({"iss": "d", "aud": "APP", "sub": "u", "iat": 7, "scan": "s"}));
        let read: BringClaims = serde_json::from_value(json).unwrap();
        assert!(matches!(read.shown, Shown::Scan(scan) if scan.expose() == "s"));
    }
}
