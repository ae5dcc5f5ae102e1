//! How requests are signed, as the document says it: a pair of credentials for each kind of call, and a timestamp beside it.

use iampass_core::wire::Reason;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};

/// The owner of the id and secret that sign a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signer {
    Application,
    Session,
    Phone,
    Question,
    AdminKey,
}

impl Signer {
    const ALL: [Self; 5] = [Self::Application, Self::Session, Self::Phone, Self::Question, Self::AdminKey];

    const fn name(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Session => "session",
            Self::Phone => "phone",
            Self::Question => "question",
            Self::AdminKey => "admin_key",
        }
    }

    const fn pair(self) -> &'static str {
        match self {
            Self::Application => {
                "The id and the secret of the application, which the Console shows once when it is added."
            }
            Self::Session => "`session_token` and `session_secret` from the answer of `authenticate_user`.",
            Self::Phone => "`device_id` and `device_secret` from the device record that registering gave.",
            Self::Question => "`auth_request_id` and `identification_data_secret` of the question.",
            Self::AdminKey => {
                "The id and the secret of a key of the Admin API, which the Console's page *Keys* and `iampass-server admin-key make` show once."
            }
        }
    }

    /// The refusals beside that of a bad signature: of an unknown id, or of one without rights.
    pub(super) const fn refusals(self) -> &'static [(u16, Reason)] {
        match self {
            Self::Application => &[(404, Reason::UnknownApplication), (403, Reason::ApplicationDisabled)],
            Self::Session => &[(404, Reason::UnknownSession)],
            Self::Phone => &[(401, Reason::UnknownDevice), (403, Reason::PhoneWaits)],
            Self::Question => &[(404, Reason::UnknownRequest)],
            Self::AdminKey => &[(401, Reason::KeyExpired), (401, Reason::KeyRevoked)],
        }
    }

    /// Both headers are needed.
    pub(super) fn requirement(self) -> SecurityRequirement {
        let scopes: [&str; 0] = [];
        SecurityRequirement::new(self.name(), scopes).add(TIMESTAMP, scopes)
    }
}

const TIMESTAMP: &str = "timestamp";

/// The schemes, by name.
pub(super) fn schemes() -> impl Iterator<Item = (&'static str, SecurityScheme)> {
    let header = |name: &str, description: String| {
        SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(name, &description)))
    };
    let signers = Signer::ALL.into_iter().map(move |signer| {
        (signer.name(), header("Authentication", format!("{}\n\n{HOW_TO_SIGN}", signer.pair())))
    });
    let timestamp = header("X-IAMPASS-Authentication-Timestamp", HOW_TO_TELL_THE_TIME.to_owned());
    signers.chain([(TIMESTAMP, timestamp)])
}

/// Checked by a test against the core's own signer.
pub(crate) const HOW_TO_SIGN: &str = "\
The header is `Authentication: hmac <id>:<nonce>:<signature>` (not `Authorization`), made for each request anew, also when one is tried \
again:

```
nonce     = 64 random bits, written as an unsigned decimal number
key       = SHA-256( nonce || secret ), the first 16 bytes; the nonce as text
message   = nonce || url || timestamp, all three as text
signature = base64( HMAC-SHA-256( key, message ), the first 16 bytes )
```

`url` is the URL exactly as it is called, without `https://`: host, port if it is written, path and query, byte for byte. `timestamp` is \
the value of `X-IAMPASS-Authentication-Timestamp`. Base64 has the standard alphabet and padding.

For example, the id `APP`, the secret `0123456789ABCDEFGHIJKLMN`, the nonce `42` and the time `1700000000`, calling \
`https://login.example/management/add_users/APP`:

```
Authentication: hmac APP:42:4pGrrXBQdlqTiU6WRH+8Gw==
X-IAMPASS-Authentication-Timestamp: 1700000000
```

A nonce works once per id within the window of time; used a second time, it is refused with `NONCE_REPLAYED`. The signature covers \
neither the method nor the body: use https.

Only the bodies that a phone posts, and those of the Admin API, are covered: the caller appends `body_sha256=` (behind `?`, or behind `&` where the URL has a query) to the URL that it was \
given, with the SHA-256 of the body in 64 lower-case hexadecimal digits, then signs and calls that URL. The digest of an empty body is \
`e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855`.";

const HOW_TO_TELL_THE_TIME: &str = "\
When the request was signed, in seconds since 1970, as a plain decimal number. It may lie 300 s before or after the service's clock (a \
setting of the service). The documentation's spelling `X-IAMPASS-Authentiaction-Timestamp` is read as well. A header for the version of the \
protocol may be sent and is not needed.";

#[cfg(test)]
mod tests {
    use iampass_core::signing::{BODY_DIGEST, BodyDigest, Nonce, Signer};
    use iampass_core::{Secret, UnixSeconds};

    use super::*;

    #[test]
    fn the_example_is_signed_as_described() {
        let secret = Secret::new("0123456789ABCDEFGHIJKLMN");
        let url = "https://login.example/management/add_users/APP";
        let signed =
            Signer { id: "APP", secret: &secret }.sign(url, Nonce::new(42), UnixSeconds(1_700_000_000));
        for (name, value) in signed.lines() {
            let is_version = name.to_ascii_lowercase().ends_with("version");
            let line = format!("{name}: {value}");
            assert!(is_version || HOW_TO_SIGN.contains(&line), "{line}");
        }
        for told in [format!("`{BODY_DIGEST}=`"), format!("`{}`", BodyDigest::of(b""))] {
            assert!(HOW_TO_SIGN.contains(&told), "{told}");
        }
    }
}
