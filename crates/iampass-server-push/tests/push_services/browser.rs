//! A browser's side of a subscription: its keys.

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::encoding::{AsBigEndian as _, EcPrivateKeyBin};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iampass_core::UnixSeconds;
use iampass_server_push::{
    Address, PushId, PushKind, PushRequest, Reach, Topic, VapidKeyId, WebSubscription,
};
use std::time::Duration;

pub(crate) const NOW: UnixSeconds = UnixSeconds(1_800_000_000);

pub(crate) struct Browser {
    key: PrivateKey,
    auth: [u8; 16],
}

impl Browser {
    pub(crate) fn new() -> Self {
        let auth = iampass_server_domain::random::bytes().unwrap();
        Self { key: PrivateKey::generate(&ECDH_P256).unwrap(), auth }
    }

    pub(crate) fn private_key(&self) -> String {
        let bytes: EcPrivateKeyBin<'_> = self.key.as_be_bytes().unwrap();
        URL_SAFE_NO_PAD.encode(bytes.as_ref())
    }

    pub(crate) fn auth(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.auth)
    }

    pub(crate) fn subscribed(&self, endpoint: &str, key: VapidKeyId) -> Address {
        let public = URL_SAFE_NO_PAD.encode(self.key.compute_public_key().unwrap().as_ref());
        let subscription = WebSubscription::new(endpoint, &public, &self.auth(), key, Reach::Everywhere);
        Address::Web(subscription.unwrap())
    }
}

pub(crate) fn request(address: &Address, kind: PushKind) -> PushRequest<'_> {
    PushRequest {
        id: PushId(7),
        address,
        kind,
        topic: Topic::of(&[7; 32], "question"),
        ttl: Duration::from_secs(42),
        now: NOW,
    }
}
