use super::*;
use crate::address::DeviceToken;
use crate::address::WebSubscription;
use crate::endpoint::Reach;
use crate::web::VapidKeyId;

const WALL: u64 = 1_800_000_000;

fn at(millis: u64) -> Now {
    Now::at(Duration::from_millis(millis), Duration::from_secs(WALL) + Duration::from_millis(millis))
}

fn draw() -> Draw {
    Draw::from_bytes([128; 16])
}

fn push(id: u64, server: &str) -> Waiting {
    let key = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    let subscription = WebSubscription::new(
        &format!("https://{server}.example/{id}"),
        key,
        "BTBZMqHH6r4Tts7J_aSIgg",
        VapidKeyId::from_bytes([0; 8]),
        Reach::Public,
    );
    Waiting {
        id: PushId(id),
        subscription: SubscriptionKey(id),
        address: Address::Web(subscription.unwrap()),
        kind: PushKind::QuestionWaits,
        topic: Topic::from_bytes([0; 24]),
        expires_at: UnixSeconds(WALL + 60),
    }
}

fn next(queue: &mut Queue, now: Now) -> Vec<u64> {
    std::iter::from_fn(|| queue.next(now)).map(|attempt| attempt.push.id.0).collect()
}

fn outcomes(queue: &mut Queue) -> Vec<(u64, Outcome)> {
    std::iter::from_fn(|| queue.settled()).map(|settled| (settled.push.id.0, settled.outcome)).collect()
}

fn failed(kind: PushErrorKind, retry_after: Option<u64>) -> Result<(), PushError> {
    Err(PushError::new(kind).with_retry_after(retry_after.map(Duration::from_secs)))
}

#[test]
fn a_push_goes_out_at_once_and_is_over_when_it_is_taken() {
    let mut queue = Queue::default();
    queue.add(push(1, "a"), at(0));
    let attempt = queue.next(at(500)).unwrap();
    assert_eq!((attempt.push.id, attempt.ttl), (PushId(1), Duration::from_millis(59_500)));
    assert!(queue.next(at(500)).is_none());
    queue.ended(PushId(1), Ok(()), at(600), draw());
    assert_eq!(outcomes(&mut queue), [(1, Outcome::Sent)]);
    assert!(queue.is_empty());
    assert_eq!(queue.wake_at(), Monotonic::NEVER);
}

#[test]
fn the_same_push_is_taken_in_once() {
    let mut queue = Queue::default();
    queue.add(push(1, "a"), at(0));
    queue.add(push(1, "a"), at(0));
    assert_eq!(next(&mut queue, at(0)), [1]);
}

#[test]
fn what_was_not_taken_is_tried_again_until_the_question_ends() {
    let mut queue = Queue::default();
    queue.add(push(1, "a"), at(0));
    let (mut tries, mut millis) = (0, 0);
    while let Some(attempt) = queue.next(at(millis)) {
        assert!(attempt.ttl <= Duration::from_secs(60));
        tries += 1;
        queue.ended(PushId(1), failed(PushErrorKind::Broken, None), at(millis), draw());
        let wake = queue.wake_at();
        if wake == Monotonic::NEVER {
            break;
        }
        millis = u64::try_from(wake.since(Monotonic::ORIGIN).as_millis()).unwrap() + 1;
        assert!(millis < 61_000);
    }
    // 1 + 2 + 4 + 8 + 16 s, and the next would be too late.
    assert_eq!(tries, 6);
    let last = outcomes(&mut queue).pop();
    assert_eq!(last, Some((1, Outcome::Late(Some(PushErrorKind::Broken)))));
}

#[test]
fn the_push_service_may_ask_for_more_time_but_not_for_less() {
    let mut queue = Queue::default();
    queue.add(push(1, "a"), at(0));
    assert_eq!(next(&mut queue, at(0)), [1]);
    queue.ended(PushId(1), failed(PushErrorKind::Busy, Some(20)), at(0), draw());
    assert!(next(&mut queue, at(19_999)).is_empty());
    assert_eq!(next(&mut queue, at(20_000)), [1]);
    queue.ended(PushId(1), failed(PushErrorKind::Busy, Some(0)), at(20_000), draw());
    assert!(next(&mut queue, at(21_000)).is_empty());
    assert_eq!(next(&mut queue, at(23_000)), [1]);
    queue.ended(PushId(1), failed(PushErrorKind::Busy, Some(3_600)), at(23_000), draw());
    assert_eq!(outcomes(&mut queue).pop(), Some((1, Outcome::Late(Some(PushErrorKind::Busy)))));
}

#[test]
fn what_is_refused_is_not_tried_again() {
    let mut queue = Queue::default();
    for (id, kind, outcome) in [
        (1, PushErrorKind::Gone, Outcome::Gone),
        (2, PushErrorKind::TooLarge, Outcome::Refused(PushErrorKind::TooLarge)),
        (3, PushErrorKind::Unauthorized, Outcome::Refused(PushErrorKind::Unauthorized)),
    ] {
        queue.add(push(id, "a"), at(0));
        assert_eq!(next(&mut queue, at(0)), [id]);
        queue.ended(PushId(id), failed(kind, Some(1)), at(0), draw());
        assert_eq!(outcomes(&mut queue), [(id, outcome)]);
    }
    assert!(queue.is_empty());
}

#[test]
fn a_question_that_is_over_is_not_rung() {
    let mut queue = Queue::default();
    queue.add(push(1, "a"), at(60_000));
    assert_eq!(outcomes(&mut queue), [(1, Outcome::Late(None))]);
    queue.add(push(2, "a"), at(0));
    assert!(next(&mut queue, at(60_000)).is_empty());
    assert_eq!(outcomes(&mut queue), [(2, Outcome::Late(None))]);
    assert!(queue.is_empty());
}

#[test]
fn a_question_that_was_answered_is_not_rung() {
    let mut queue = Queue::default();
    (1..=3).for_each(|id| queue.add(push(id, "a"), at(0)));
    queue.withdraw(PushId(1));
    assert_eq!(next(&mut queue, at(0)), [2, 3]);
    queue.withdraw(PushId(2));
    queue.ended(PushId(2), failed(PushErrorKind::Timeout, None), at(0), draw());
    queue.withdraw(PushId(3));
    queue.ended(PushId(3), Ok(()), at(0), draw());
    let expected = [(1, Outcome::Withdrawn), (2, Outcome::Withdrawn), (3, Outcome::Sent)];
    assert_eq!(outcomes(&mut queue), expected);
    assert!(next(&mut queue, at(59_000)).is_empty());
}

#[test]
fn a_server_that_hangs_holds_up_no_other() {
    let mut queue = Queue::default();
    (0..1_000).for_each(|id| queue.add(push(id, "slow"), at(0)));
    (1_000..2_000).for_each(|id| queue.add(push(id, "quick"), at(0)));
    let (mut sent, mut millis) = (0, 0);
    while sent < 1_000 {
        let out = next(&mut queue, at(millis));
        millis += 10;
        assert!(millis < 1_000, "{sent}");
        for id in out.into_iter().filter(|&id| id >= 1_000) {
            queue.ended(PushId(id), Ok(()), at(millis), draw());
            sent += 1;
        }
    }
}

#[test]
fn many_servers_that_hang_leave_slots_to_those_that_do_not() {
    let mut queue = Queue::default();
    queue.add(push(0, "good"), at(0));
    assert_eq!(next(&mut queue, at(0)), [0]);
    (1..=3).for_each(|id| queue.add(push(id, "good"), at(0)));
    queue.ended(PushId(0), Ok(()), at(10), draw());
    (1_000..3_000).for_each(|id| queue.add(push(id, &format!("s{id}")), at(20)));
    let out = next(&mut queue, at(20));
    let to_slow = out.iter().filter(|&&id| id >= 1_000).count();
    assert_eq!((to_slow, out.len()), (128, 131));
    queue.add(push(9, "good"), at(30));
    assert_eq!(next(&mut queue, at(30)), [9]);
}

#[test]
fn a_quick_server_is_given_more() {
    let mut queue = Queue::default();
    (0..300).for_each(|id| queue.add(push(id, "a"), at(0)));
    let first = next(&mut queue, at(0));
    assert_eq!(first.len(), 4);
    for id in &first {
        queue.ended(PushId(*id), Ok(()), at(5), draw());
    }
    let second = next(&mut queue, at(5));
    assert_eq!(second.len(), 8);
    for id in second {
        queue.ended(PushId(id), Ok(()), at(5_000), draw());
    }
    assert_eq!(next(&mut queue, at(5_000)).len(), 4);
}

#[test]
fn one_phone_that_is_told_to_wait_does_not_hold_up_the_others() {
    let mut queue = Queue::default();
    for round in 0..10 {
        let mut waiting = push(round, "a");
        waiting.subscription = SubscriptionKey(77);
        queue.add(waiting, at(0));
        assert_eq!(next(&mut queue, at(0)), [round]);
        queue.ended(PushId(round), failed(PushErrorKind::Busy, Some(30)), at(0), draw());
    }
    queue.add(push(100, "a"), at(1));
    assert_eq!(next(&mut queue, at(1)), [100]);
}

#[test]
fn a_server_that_has_too_much_is_left_alone_for_a_while() {
    let mut queue = Queue::default();
    for id in 0..5 {
        queue.add(push(id, "a"), at(0));
        assert_eq!(next(&mut queue, at(0)), [id]);
        queue.ended(PushId(id), failed(PushErrorKind::Busy, Some(10)), at(0), draw());
    }
    queue.add(push(100, "a"), at(1));
    queue.add(push(101, "b"), at(1));
    assert_eq!(next(&mut queue, at(1)), [101]);
    assert!(next(&mut queue, at(9_999)).is_empty());
    assert!(next(&mut queue, at(10_000)).contains(&100));
}

#[test]
fn apps_share_the_slots_of_their_service() {
    let mut queue = Queue::default();
    for id in 0..10 {
        let mut waiting = push(id, "a");
        waiting.address = Address::Fcm(DeviceToken::new(&format!("token{id}")).unwrap());
        queue.add(waiting, at(0));
    }
    assert_eq!(next(&mut queue, at(0)).len(), 4);
}

#[test]
fn nothing_is_left_of_what_is_over() {
    let mut queue = Queue::default();
    (0..1_000).for_each(|id| queue.add(push(id, &format!("s{id}")), at(0)));
    let mut millis = 0;
    while !queue.is_empty() {
        millis += 100;
        for id in next(&mut queue, at(millis)) {
            let result = if id % 3 == 0 { failed(PushErrorKind::Busy, Some(1)) } else { Ok(()) };
            queue.ended(PushId(id), result, at(millis), draw());
        }
        assert!(millis < 61_000);
    }
    assert!(outcomes(&mut queue).len() > 1_000);
    assert_eq!(queue.wake_at(), Monotonic::NEVER);
    let printed = format!("{:?}", queue.servers);
    assert!(!printed.contains("s999"), "{printed}");
}
