//! [`DeviceKey`]: the public half of a phone's own key, as it is registered.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The bytes of an uncompressed point of P-256: `04 || x || y`.
const SEC1_BYTES: usize = 65;
/// The bytes of a coordinate.
const COORDINATE: usize = 32;

/// The public half of a phone's key for ES256, as a JSON Web Key (RFC 7517) \[X\].
///
/// It is read with its form checked: `kty` is `EC`, `crv` is `P-256`, and `x` and `y` are 32 bytes each in base64url without padding. Other
/// members are ignored, but a private half (`d`) is an error: it must not leave the phone. Whether the point lies on the curve is for the
/// verifier to check.
///
/// ```
/// use iampass_core::wire::DeviceKey;
///
/// let key: DeviceKey = serde_json::from_str(
///     r#"{"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
///         "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
/// )?;
/// assert_eq!(DeviceKey::from_sec1(&key.sec1()), Some(key));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DeviceKey([u8; SEC1_BYTES]);

impl DeviceKey {
    /// The key with this uncompressed point. None when the bytes have another length or form.
    #[must_use]
    pub fn from_sec1(point: &[u8]) -> Option<Self> {
        let point: [u8; SEC1_BYTES] = point.try_into().ok()?;
        (point.first() == Some(&4)).then_some(Self(point))
    }

    /// The uncompressed point: `04 || x || y`.
    #[must_use]
    pub fn sec1(&self) -> [u8; SEC1_BYTES] {
        self.0
    }

    fn of_coordinates(x: &str, y: &str) -> Option<Self> {
        let mut point = Vec::with_capacity(SEC1_BYTES);
        point.push(4);
        for coordinate in [x, y] {
            let bytes = URL_SAFE_NO_PAD.decode(coordinate).ok()?;
            point.extend(<[u8; COORDINATE]>::try_from(bytes).ok()?);
        }
        Self::from_sec1(&point)
    }
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceKey").finish_non_exhaustive()
    }
}

impl Serialize for DeviceKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Jwk {
            kty: &'static str,
            crv: &'static str,
            x: String,
            y: String,
        }

        let coordinate =
            |from: usize| URL_SAFE_NO_PAD.encode(self.0.get(from..from + COORDINATE).unwrap_or_default());
        Jwk { kty: "EC", crv: "P-256", x: coordinate(1), y: coordinate(1 + COORDINATE) }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for DeviceKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::{Error, IgnoredAny};

        #[derive(Deserialize)]
        struct Jwk {
            kty: String,
            crv: String,
            x: String,
            y: String,
            #[serde(default)]
            d: Option<IgnoredAny>,
        }

        let Jwk { kty, crv, x, y, d } = Jwk::deserialize(deserializer)?;
        if d.is_some() {
            return Err(D::Error::custom(
                "the key has its private half in it, which must not leave the phone",
            ));
        }
        if kty != "EC" || crv != "P-256" {
            return Err(D::Error::custom("the key is not of kty EC and crv P-256"));
        }
        Self::of_coordinates(&x, &y)
            .ok_or_else(|| D::Error::custom("x and y are not 32 bytes each in base64url without padding"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The public half of the example key of RFC 7515, A.3.
    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    #[test]
    fn a_key_is_written_as_it_was_read() {
        let json = serde_json::json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y});
        let key: DeviceKey = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(key).unwrap(), json);
        let with_more = serde_json::json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y, "ext": true, "key_ops": ["verify"]});
        assert_eq!(serde_json::from_value::<DeviceKey>(with_more).unwrap(), key);
    }

    #[test]
    fn another_form_is_no_key() {
        for json in [
            serde_json::json!({}),
            serde_json::json!(null),
            serde_json::json!([]),
            serde_json::json!("key"),
            serde_json::json!({"kty": "EC", "crv": "P-256", "x": X}),
            serde_json::json!({"kty": "EC", "crv": "P-384", "x": X, "y": Y}),
            serde_json::json!({"kty": "OKP", "crv": "P-256", "x": X, "y": Y}),
            serde_json::json!({"kty": "EC", "crv": "P-256", "x": X, "y": 7}),
            serde_json::json!({"kty": "EC", "crv": "P-256", "x": X, "y": ""}),
            serde_json::json!({"kty": "EC", "crv": "P-256", "x": X, "y": &Y[1..]}),
            serde_json::json!({"kty": "EC", "crv": "P-256", "x": X, "y": format!("{Y}=")}),
            serde_json::json!({"kty": "EC", "crv": "P-256", "x": X, "y": format!("{Y}AA")}),
            serde_json::json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y, "d": "AAAA"}),
        ] {
            assert!(serde_json::from_value::<DeviceKey>(json.clone()).is_err(), "{json}");
        }
        let doubled = format!(r#"{{"kty": "EC", "crv": "P-256", "x": "{X}", "y": "{Y}", "y": "{Y}"}}"#);
        assert!(serde_json::from_str::<DeviceKey>(&doubled).is_err());
        assert_eq!(DeviceKey::from_sec1(&[2; 65]), None);
        assert_eq!(DeviceKey::from_sec1(&[4; 33]), None);
    }
}
