//! A probe: what it asks for, and the proof that it was made by somebody who has the master key.

use std::path::Path;
use std::time::Duration;

use aws_lc_rs::hmac;
use base16ct::lower;
use http::HeaderValue;
use iampass_core::UnixSeconds;
use iampass_server_domain::random;

use iampass_server_storage::beside;
use iampass_server_storage::{InvalidMasterKey, MasterKey, MasterKeySource};

/// How far the time of a probe may lie from the clock of the service.
const GOOD_FOR: Duration = Duration::from_secs(60);

/// The longest that a probe may ask the service to wait, in seconds.
pub(super) const LONGEST_WAIT: u64 = 120;

/// No probe is longer.
const LONGEST_HEADER: usize = 256;

/// Sets these keys apart from everything else that is made from a master key.
const PURPOSE: &[u8] = b"iampass config check --through";

/// The answer that a probe asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The request as it arrived, at once.
    Echo,
    /// The same after so many seconds of silence.
    Late(u64),
    /// A stream of three events, with so many seconds between them.
    Events(u64),
}

impl Wanted {
    fn words(self) -> String {
        match self {
            Self::Echo => "echo".to_owned(),
            Self::Late(seconds) => format!("late-{seconds}"),
            Self::Events(seconds) => format!("events-{seconds}"),
        }
    }

    fn read(words: &str) -> Option<Self> {
        let (name, seconds) = words.split_once('-').unwrap_or((words, "0"));
        let seconds = seconds.parse().ok().filter(|seconds| *seconds <= LONGEST_WAIT)?;
        let wanted = match name {
            "echo" => Self::Echo,
            "late" => Self::Late(seconds),
            "events" => Self::Events(seconds),
            _ => return None,
        };
        (wanted.words() == words).then_some(wanted)
    }
}

/// The keys of probes: the first makes them, all of them recognize them.
pub(crate) struct ProbeKeys(Vec<hmac::Key>);

impl ProbeKeys {
    /// From the master keys. `data` is the data file, where there is one.
    pub(crate) fn of(source: &MasterKeySource, data: Option<&Path>) -> Result<Self, InvalidMasterKey> {
        let keys = match (source, data) {
            (MasterKeySource::Keys(keys), _) => keys.iter().map(derived).collect(),
            (MasterKeySource::BesideData, Some(data)) => {
                vec![derived(&MasterKey::from_file(&beside(data, ".key"))?)]
            }
            _ => Vec::new(),
        };
        Ok(Self(keys))
    }

    /// The header of a new probe, and the nonce by which its answer is known. None without a key or randomness.
    pub(super) fn make(&self, wanted: Wanted, now: UnixSeconds) -> Option<(HeaderValue, String)> {
        let nonce = random::hexadecimal::<16>().ok()?;
        let said = format!("{}.{nonce}.{}", now.0, wanted.words());
        let proof = hmac::sign(self.0.first()?, said.as_bytes());
        let digits = lower::encode_string(proof.as_ref());
        Some((HeaderValue::from_str(&format!("{said}.{digits}")).ok()?, nonce))
    }

    /// The answer that a probe asks for, with its nonce. None for a request that is no probe, or an old one.
    pub(super) fn recognize(&self, header: &HeaderValue, now: UnixSeconds) -> Option<(Wanted, String)> {
        let text = header.to_str().ok().filter(|text| text.len() <= LONGEST_HEADER)?;
        let (said, proof) = text.rsplit_once('.')?;
        let proof = lower::decode_vec(proof).ok()?;
        // The proof is checked first: whatever else is read was written by a holder of the key.
        self.0.iter().find(|key| hmac::verify(key, said.as_bytes(), &proof).is_ok())?;
        let mut parts = said.split('.');
        let (made_at, nonce, wanted) = (parts.next()?.parse().ok()?, parts.next()?, parts.next()?);
        let is_of_now =
            UnixSeconds(made_at).plus(GOOD_FOR) >= now && now.plus(GOOD_FOR) >= UnixSeconds(made_at);
        if !is_of_now || parts.next().is_some() {
            return None;
        }
        Some((Wanted::read(wanted)?, nonce.to_owned()))
    }
}

fn derived(key: &MasterKey) -> hmac::Key {
    let master = hmac::Key::new(hmac::HMAC_SHA256, key.bytes());
    hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&master, PURPOSE).as_ref())
}

#[cfg(test)]
mod tests {
    use iampass_server_storage::MasterKeys;

    use super::*;

    const NOW: UnixSeconds = UnixSeconds(1_800_000_000);

    fn keys(bytes: &[u8]) -> ProbeKeys {
        let mut keys = bytes.iter().map(|byte| MasterKey::from_bytes([*byte; 32]));
        let first = MasterKeys::new(keys.next().unwrap());
        let keys = keys.fold(first, MasterKeys::with_previous);
        ProbeKeys::of(&MasterKeySource::Keys(keys), None).unwrap()
    }

    #[test]
    fn a_probe_is_recognized_by_the_holder_of_the_key_for_a_minute() {
        for wanted in [Wanted::Echo, Wanted::Late(25), Wanted::Events(2)] {
            let (header, nonce) = keys(&[1]).make(wanted, NOW).unwrap();
            for at in [NOW, UnixSeconds(NOW.0 + 60), UnixSeconds(NOW.0 - 60)] {
                assert_eq!(keys(&[1]).recognize(&header, at), Some((wanted, nonce.clone())));
            }
            // While a master key is changed, the one before makes probes as well.
            assert_eq!(keys(&[2, 1]).recognize(&header, NOW), Some((wanted, nonce.clone())));
            assert_eq!(keys(&[2]).recognize(&header, NOW), None, "another key");
            for at in [UnixSeconds(NOW.0 + 61), UnixSeconds(NOW.0 - 61)] {
                assert_eq!(keys(&[1]).recognize(&header, at), None, "another time");
            }
        }
    }

    #[test]
    fn nothing_of_a_probe_can_be_changed() {
        let (header, _) = keys(&[1]).make(Wanted::Late(5), NOW).unwrap();
        let text = header.to_str().unwrap();
        let refused = |text: &str| {
            let header = HeaderValue::from_str(text).unwrap();
            assert_eq!(keys(&[1]).recognize(&header, NOW), None, "{text}");
        };
        refused(&text.replace("late-5", "late-6"));
        refused(&text.replace("late-5", "echo"));
        refused(&text.replace(&NOW.0.to_string(), &(NOW.0 + 1).to_string()));
        refused(text.rsplit_once('.').unwrap().0);
        refused("");
        refused("...");
    }

    #[test]
    fn a_wait_is_bounded() {
        let (header, _) = keys(&[1]).make(Wanted::Late(LONGEST_WAIT), NOW).unwrap();
        assert!(keys(&[1]).recognize(&header, NOW).is_some());
        for wanted in [Wanted::Late(LONGEST_WAIT + 1), Wanted::Events(LONGEST_WAIT + 1)] {
            let (header, _) = keys(&[1]).make(wanted, NOW).unwrap();
            assert_eq!(keys(&[1]).recognize(&header, NOW), None);
        }
    }
}
