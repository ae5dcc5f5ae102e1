//! Signatures that are too old, too new, or used before.

use std::time::Duration;

use iampass_core::client::System;
use iampass_core::machine::calls;
use iampass_core::port::{Clock as _, Entropy as _, HttpTransport as _};
use iampass_core::wire::{Problem, Reason};
use iampass_core::{Error, Now, UnixSeconds};
use iampass_reqwest::ReqwestTransport;
use iampass_testkit::ManualClock;
use std::sync::Arc;

use crate::rig::Rig;

#[tokio::test]
async fn a_clock_that_is_too_far_off_is_told_apart_from_a_wrong_secret() {
    let rig = Rig::start().await;
    let user = rig.user("u").await;
    let now = System::new().now();
    for (skew, reason) in [
        (-310, Some(Reason::TimestampTooOld)),
        (-290, None),
        (290, None),
        (310, Some(Reason::TimestampTooNew)),
    ] {
        let wall = now.wall.0.checked_add_signed(skew).unwrap();
        let clock = Arc::new(ManualClock::starting_at(Now::new(Duration::ZERO, wall)));
        let client = rig.service.client_builder().clock(clock.clone()).sleep(clock).build().unwrap();
        match (client.has_registered_device(&user).await, reason) {
            (Ok(false), None) => {}
            (Err(Error::Status { status: 403, reason: Some(found), .. }), Some(reason)) => {
                assert_eq!(found, reason, "{skew}");
            }
            (other, _) => panic!("{skew}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_replayed_request_is_refused_even_after_a_restart() {
    let mut rig = Rig::start().await;
    let user = rig.user("u").await;
    let transport = ReqwestTransport::new().unwrap();
    let nonce = System::new().draw().unwrap().nonce();
    let UnixSeconds(at) = System::new().now().wall;
    let call = calls::has_registered_device(&rig.service.application(), &user);
    let signed = || call.sign(nonce, UnixSeconds(at));
    assert_eq!(transport.send(signed()).await.unwrap().status(), 200);
    for _ in 0..2 {
        let refused = transport.send(signed()).await.unwrap();
        assert_eq!(refused.status(), 403);
        let problem: Problem = serde_json::from_slice(refused.body()).unwrap();
        assert_eq!(problem.reason, Some(Reason::NonceReplayed));
        rig.service.start_again().await.unwrap();
    }
}
