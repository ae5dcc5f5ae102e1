//! A message that only one browser can read: RFC 8291, in the coding of RFC 8188.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, ECDH_P256, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};

use crate::address::WebSubscription;

/// The length that the receiver is told for its one record. Push services have to take that much (RFC 8030, section 7.2).
const RECORD_SIZE: u32 = 4_096;
const TAG: usize = 16;

/// No message can be made: the system's generator gives nothing, or the browser's key is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoMessage;

/// The key and the salt, which are drawn anew for each message.
pub(crate) struct Drawn {
    key: PrivateKey,
    salt: [u8; 16],
}

impl Drawn {
    /// From the system's generator.
    pub(crate) fn new() -> Result<Self, NoMessage> {
        let key = PrivateKey::generate(&ECDH_P256).map_err(|_| NoMessage)?;
        let salt = iampass_server_domain::random::bytes().map_err(|_| NoMessage)?;
        Ok(Self { key, salt })
    }
}

/// The body of a message: `text`, and zeros until the two have `padded_to` bytes together, for one browser.
pub(crate) fn encrypt(
    text: &[u8],
    padded_to: usize,
    subscription: &WebSubscription,
    drawn: &Drawn,
) -> Result<Vec<u8>, NoMessage> {
    let own = drawn.key.compute_public_key().map_err(|_| NoMessage)?;
    let peer = UnparsedPublicKey::new(&ECDH_P256, &subscription.p256dh);
    let info = [b"WebPush: info\0".as_slice(), &subscription.p256dh, own.as_ref()];
    let secret: [u8; 32] =
        agreement::agree(&drawn.key, peer, NoMessage, |shared| derived(&subscription.auth, shared, &info))?;
    let key: [u8; 16] = derived(&drawn.salt, &secret, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce: [u8; 12] = derived(&drawn.salt, &secret, &[b"Content-Encoding: nonce\0"])?;

    let mut record = text.to_vec();
    // The mark of the last record stands between text and padding.
    record.push(2);
    record.resize(record.len().max(padded_to + 1), 0);
    if record.len() + TAG > usize::try_from(RECORD_SIZE).unwrap_or(usize::MAX) {
        return Err(NoMessage);
    }
    let sealing = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).map_err(|_| NoMessage)?);
    sealing
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record)
        .map_err(|_| NoMessage)?;

    let length = u8::try_from(own.as_ref().len()).map_err(|_| NoMessage)?;
    Ok([&drawn.salt, RECORD_SIZE.to_be_bytes().as_slice(), &[length], own.as_ref(), &record].concat())
}

/// How many bytes are derived.
struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

fn derived<const N: usize>(salt: &[u8], secret: &[u8], info: &[&[u8]]) -> Result<[u8; N], NoMessage> {
    let mut out = [0; N];
    let prk = Salt::new(HKDF_SHA256, salt).extract(secret);
    prk.expand(info, Bytes(N)).and_then(|okm| okm.fill(&mut out)).map_err(|_| NoMessage)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::Reach;
    use crate::web::VapidKeyId;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        URL_SAFE_NO_PAD.decode(text).unwrap().try_into().unwrap()
    }

    /// The browser of RFC 8291, appendix A.
    fn browser() -> WebSubscription {
        WebSubscription::new(
            "https://push.example/a",
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "BTBZMqHH6r4Tts7J_aSIgg",
            VapidKeyId::from_bytes([0; 8]),
            Reach::Public,
        )
        .unwrap()
    }

    #[test]
    fn the_message_of_rfc_8291_comes_out_byte_for_byte() {
        let key = bytes::<32>("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw");
        let drawn = Drawn {
            key: PrivateKey::from_private_key(&ECDH_P256, &key).unwrap(),
            salt: bytes("DGv6ra1nlYgDCS1FRnbzlw"),
        };
        let message = encrypt(b"When I grow up, I want to be a watermelon", 0, &browser(), &drawn).unwrap();
        assert_eq!(
            URL_SAFE_NO_PAD.encode(message),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_y\
             l95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn the_length_tells_nothing() {
        let length = |text: &[u8]| encrypt(text, 128, &browser(), &Drawn::new().unwrap()).unwrap().len();
        assert_eq!(length(b""), length(b"{\"kind\":\"session_changed\"}"));
        assert_eq!(length(b""), 86 + 128 + 1 + 16);
    }

    #[test]
    fn no_two_messages_are_alike() {
        let message = || encrypt(b"same", 128, &browser(), &Drawn::new().unwrap()).unwrap();
        assert_ne!(message(), message());
    }

    #[test]
    fn a_text_that_is_too_long_for_one_record_makes_no_message() {
        let drawn = Drawn::new().unwrap();
        assert!(encrypt(&[0; 4_079], 0, &browser(), &drawn).is_ok());
        assert_eq!(encrypt(&[0; 4_080], 0, &browser(), &drawn), Err(NoMessage));
    }
}
