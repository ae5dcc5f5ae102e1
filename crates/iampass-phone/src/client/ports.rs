//! The ports that every call needs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use iampass_core::UnixSeconds;
use iampass_core::port::{Clock, Entropy, HttpResponse, HttpTransport, Sleep};
use iampass_core::wire::PhonePresence;

use crate::call::ToSign;
use crate::presence_calls::sign_at;
use crate::{KeyError, KeyHandle, KeyStore, PhoneCall, PhoneError, Unlock};

pub(super) struct Ports {
    pub(super) transport: Arc<dyn HttpTransport>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) sleep: Arc<dyn Sleep>,
    pub(super) keys: Option<Arc<dyn KeyStore>>,
    pub(super) unlock: Arc<dyn Unlock>,
    /// When the latest word about being near was signed.
    pub(super) word_at: AtomicU64,
}

impl Ports {
    /// When this word about being near is to be signed, so that it counts after the words before it.
    pub(super) fn sign_word_at(&self, word: &PhonePresence) -> UnixSeconds {
        let now = self.clock.now().wall;
        let next = |last| sign_at(word, UnixSeconds(last), now);
        let order = Ordering::Relaxed;
        let before = self.word_at.fetch_update(order, order, |last| Some(next(last).0));
        next(before.unwrap_or_else(|last| last))
    }

    /// Sends a call once and reads its answer.
    pub(super) async fn send<T>(
        &self,
        call: &PhoneCall,
        read: fn(&PhoneCall, &HttpResponse) -> Result<T, PhoneError>,
    ) -> Result<T, PhoneError> {
        let nonce = self.entropy.draw()?.nonce();
        let answer = self.transport.send(call.request(nonce, self.clock.now().wall)).await?;
        read(call, &answer)
    }

    /// Has the device key sign where the call needs it.
    pub(super) async fn sign(&self, call: ToSign, key: Option<&KeyHandle>) -> Result<PhoneCall, PhoneError> {
        let call = call.bound_to(self.entropy.draw()?.nonce())?;
        let signature = match call.signing_input() {
            None => None,
            Some(input) => {
                let (keys, handle) = self.keys.as_ref().zip(key).ok_or(KeyError::Missing)?;
                Some(keys.open(handle).await?.sign(input).await?)
            }
        };
        call.finish(signature.as_ref())
    }

    /// Removes a key that is not needed any more. A key that stays signs nothing that a service would take.
    pub(super) async fn remove_key(&self, key: Option<&KeyHandle>) {
        if let Some((keys, handle)) = self.keys.as_ref().zip(key) {
            let _ = keys.remove(handle).await;
        }
    }
}
