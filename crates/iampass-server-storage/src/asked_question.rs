//! [`AskedQuestion`]: a question, as its phone signs, and the phones whose answer counts. Does not belong here: how it is read ([`super::questions`]).

use iampass_core::wire::AuthenticationMethod;

use super::{ApplicationKey, CountedTo, DeviceKey, PhoneSigner, SessionKey, UserKey};

/// A question, as it signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuestionKey {
    /// The session.
    pub session: SessionKey,
    /// The application.
    pub application: ApplicationKey,
    /// The user; None when deleted.
    pub user: Option<UserKey>,
}

/// A question, with what its phone's answer is held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedQuestion {
    /// Its rows.
    pub key: QuestionKey,
    /// The account or application that its nonces are counted to.
    pub counted_to: CountedTo,
    /// The phones whose answer counts.
    pub answerers: Answerers,
    /// The methods that the user is asked for.
    pub methods: Vec<AuthenticationMethod>,
}

impl From<&AskedQuestion> for super::NonceShare {
    fn from(question: &AskedQuestion) -> Self {
        Self::PhonesOf(question.counted_to)
    }
}

/// The phones whose answer to a question counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answerers {
    /// One phone of before, which has no key of its own: it is believed by the secret that it shares with the service.
    Shared,
    /// One of these phones, each of which is believed by its own key alone. There is none where the phone is gone.
    Keys(Vec<Answerer>),
}

/// A phone with a key that may answer a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answerer {
    /// Its row.
    pub device: DeviceKey,
    /// The identities in its answer.
    pub signer: PhoneSigner,
}
