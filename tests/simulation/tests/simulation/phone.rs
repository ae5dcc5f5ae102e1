//! [`Phone`]: a phone of one user, by the crate `iampass-phone` without I/O.

use futures_util::FutureExt as _;
use iampass_core::machine::calls as application_calls;
use iampass_core::port::{HttpRequest, HttpResponse};
use iampass_core::wire::{AddedUsers, AuthenticationRequest, Identification};
use iampass_core::{RegistrationLink, UserToken};
use iampass_phone::{
    Brought, DeviceKeyPair, KeyStore as _, PhoneCall, PhoneError, Poll, Registration, SoftwareKeys, ToSign,
    answers, calls, polling_phone,
};
use serde_json::Value;
use std::sync::Arc;

use crate::clocks::Owner;
use crate::door::Door;
use crate::draws::Draws;
use crate::laws::Signed;

pub(crate) struct Phone {
    pub(crate) registration: Registration,
    /// Everything that it has sent.
    pub(crate) signed: Signed,
    key: Arc<dyn DeviceKeyPair>,
    pub(crate) clock: Owner,
}

/// A call of a phone whose answer is awaited.
pub(crate) struct Waiting {
    pub(crate) call: PhoneCall,
    pub(crate) purpose: Purpose,
}

/// The purpose of a phone's call.
#[derive(Clone, Debug)]
pub(crate) enum Purpose {
    /// It asks for its questions.
    Look,
    /// It brings what a page shows.
    Bring(Brought),
    /// It answers.
    Answer,
}

impl Phone {
    /// Adds the user and registers a phone for them, with a key of its own.
    pub(crate) async fn register(door: &mut Door, draws: &mut Draws, user: &UserToken, clock: Owner) -> Self {
        let application = Arc::clone(&door.application);
        let at = door.clocks.now(Owner::Service).wall;
        let add = application_calls::add_users(&application, std::slice::from_ref(user)).unwrap();
        let added = door.call(add.sign(draws.draw().nonce(), at)).await;
        serde_json::from_slice::<AddedUsers>(added.body()).unwrap();
        let link = application_calls::registration_link(&application, user, None).unwrap();
        let answer = door.call(link.sign(draws.draw().nonce(), at)).await;
        let body: Value = serde_json::from_slice(answer.body()).unwrap();
        let link = body["register_url"].as_str().unwrap_or_else(|| panic!("no link: {body}"));
        let link = RegistrationLink::parse(link).unwrap();
        let key = SoftwareKeys::new().generate().now_or_never().unwrap().unwrap();
        let call = calls::register(&link, &polling_phone().key(key.public_key())).unwrap();
        let answer = door.call(call.request(draws.draw().nonce(), at)).await;
        let record = answers::read_record(&call, &answer).unwrap();
        let registration = Registration::new(&link, record, Some(key.handle())).unwrap();
        Self { registration, signed: Signed::default(), key, clock }
    }

    pub(crate) fn look(&self) -> Waiting {
        let call = calls::pending_requests(&self.registration, &Poll::now()).unwrap();
        Waiting { call, purpose: Purpose::Look }
    }

    pub(crate) fn bring(&self, door: &Door, brought: &Brought) -> Waiting {
        let at = door.clocks.now(self.clock).wall;
        let call = self.signed(calls::bring(&self.registration, brought, at).unwrap());
        Waiting { call, purpose: Purpose::Bring(brought.clone()) }
    }

    /// An answer. None when the question is not one of this phone's user.
    pub(crate) fn answer(
        &self,
        door: &Door,
        question: &AuthenticationRequest,
        identification: &Identification,
    ) -> Option<Waiting> {
        let at = door.clocks.now(self.clock).wall;
        match calls::answer(&self.registration, question, identification, at) {
            Ok(call) => Some(Waiting { call: self.signed(call), purpose: Purpose::Answer }),
            Err(PhoneError::OtherAccount) => None,
            Err(error) => panic!("{error}"),
        }
    }

    fn signed(&self, call: ToSign) -> PhoneCall {
        let input = call.signing_input().unwrap().to_vec();
        let signature = self.key.sign(&input).now_or_never().unwrap().unwrap();
        call.finish(Some(&signature)).unwrap()
    }

    pub(crate) fn request(&self, door: &Door, draws: &mut Draws, call: &PhoneCall) -> HttpRequest {
        call.request(draws.draw().nonce(), door.clocks.now(self.clock).wall)
    }
}

/// The questions in the answer, if there are any.
pub(crate) fn questions(call: &PhoneCall, answer: &HttpResponse) -> Vec<AuthenticationRequest> {
    answers::read_requests(call, answer).unwrap_or_default()
}
