//! The fate of each request on the network, and the times of all other occurrences. All times are in milliseconds.

use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::super::given::no_status_bodies;
use crate::machine::Hint;
use crate::port::TransportErrorKind;
use crate::wire::SessionStatus;

pub(super) const MS: fn(u64) -> Duration = Duration::from_millis;

/// How one request fares.
#[derive(Clone, Debug)]
pub(super) enum Fate {
    /// It arrives, and the answer comes back; sometimes it comes twice.
    Answered { out: u64, back: u64, again: Option<u64> },
    /// It arrives, and something else comes back.
    Garbled { out: u64, back: u64, body: String },
    /// Something in between answers; it never arrives.
    Refused { back: u64, status: u16, retry_after: Option<u64> },
    /// The transport gives up. With [`TransportErrorKind::Connect`] it has not arrived.
    Failed { arrives: Option<u64>, after: u64, kind: TransportErrorKind },
    /// No answer and no error comes back.
    Lost { arrives: Option<u64> },
}

/// The network when nothing is wrong.
pub(super) const FAIR: Fate = Fate::Answered { out: 20, back: 20, again: None };

#[derive(Clone, Debug)]
pub(super) struct Weather {
    /// How the first requests fare; all others fare well.
    pub(super) fates: Vec<Fate>,
    pub(super) cancel: Option<u64>,
    /// When somebody polls the machine, or looks at it, out of turn.
    pub(super) nudges: Vec<u64>,
    /// The messages of a status stream, true or not.
    pub(super) hints: Vec<(u64, Hint)>,
    /// When the wall clock is set, or the machine sleeps, and by how much the clock differs then.
    pub(super) steps: Vec<(u64, i64)>,
    /// By how much every timer is late.
    pub(super) lag: u64,
    /// Whether the machine is polled before each input, too.
    pub(super) eager: bool,
    pub(super) seed: u64,
}

impl Weather {
    pub(super) fn fair() -> Self {
        Self {
            fates: Vec::new(),
            cancel: None,
            nudges: Vec::new(),
            hints: Vec::new(),
            steps: Vec::new(),
            lag: 0,
            eager: false,
            seed: 1,
        }
    }
}

fn delay() -> impl Strategy<Value = u64> {
    prop_oneof![6 => 1_u64..200, 2 => 200_u64..4_000, 1 => 4_000_u64..20_000]
}

fn garbled() -> impl Strategy<Value = String> {
    let bodies: Vec<_> = no_status_bodies().into_iter().filter(|body| body.len() < 1_000).collect();
    proptest::sample::select(bodies)
}

fn failed() -> impl Strategy<Value = Fate> {
    use TransportErrorKind::{AnswerTooLarge, Connect, Other, Timeout, UrlRewritten};

    let unsent = proptest::sample::select(vec![Connect, UrlRewritten])
        .prop_flat_map(|kind| delay().prop_map(move |after| Fate::Failed { arrives: None, after, kind }));
    let cut = (proptest::sample::select(vec![Timeout, AnswerTooLarge, Other]), any::<bool>(), delay());
    let cut = cut.prop_map(|(kind, arrives, after)| Fate::Failed {
        arrives: arrives.then_some(after / 2),
        after,
        kind,
    });
    prop_oneof![unsent, cut]
}

fn fate() -> impl Strategy<Value = Fate> {
    let statuses = vec![302_u16, 401, 404, 408, 429, 500, 502, 503, 504];
    prop_oneof![
        10 => (delay(), delay(), option::weighted(0.2, delay()))
            .prop_map(|(out, back, again)| Fate::Answered { out, back, again }),
        1 => (delay(), delay(), garbled()).prop_map(|(out, back, body)| Fate::Garbled { out, back, body }),
        2 => (delay(), proptest::sample::select(statuses), option::weighted(0.4, 0_u64..90))
            .prop_map(|(back, status, retry_after)| Fate::Refused { back, status, retry_after }),
        2 => failed(),
        1 => option::of(delay()).prop_map(|arrives| Fate::Lost { arrives }),
    ]
}

/// Weather for something that goes on for `lasts`.
pub(super) fn weather(lasts: Duration) -> impl Strategy<Value = Weather> {
    let within = 0..u64::try_from(lasts.as_millis()).unwrap();
    let cancel = option::weighted(0.4, within.clone());
    let hints = prop_oneof![Just(Vec::new()), hints(lasts), vec((within.clone(), hint()), 0..12)];
    (vec(fate(), 0..24), cancel, vec(within, 0..6), hints, 0_u64..50, any::<bool>(), any::<u64>()).prop_map(
        |(fates, cancel, nudges, hints, lag, eager, seed)| Weather {
            fates,
            cancel,
            nudges,
            hints,
            steps: Vec::new(),
            lag,
            eager,
            seed,
        },
    )
}

/// The same with a wall clock that is set now and then, and never so far that the service would refuse a request for it.
pub(super) fn weather_with_steps(lasts: Duration) -> impl Strategy<Value = Weather> {
    let within = 0..u64::try_from(lasts.as_millis()).unwrap();
    (weather(lasts), vec((within, -90_000_i64..90_000), 1..4))
        .prop_map(|(weather, steps)| Weather { steps, ..weather })
}

fn hint() -> impl Strategy<Value = Hint> {
    let words = vec![
        "pending",
        "identifying",
        "active",
        "active",
        "walkaway",
        "timeout",
        "failed",
        "cancelled",
        "closed",
    ];
    let word = proptest::sample::select(words).prop_map(|word| Hint::Status(SessionStatus::from(word)));
    prop_oneof![6 => word, 2 => Just(Hint::Alive), 1 => Just(Hint::Unclear), 1 => Just(Hint::Lost)]
}

/// A stream that never stops talking.
fn hints(lasts: Duration) -> impl Strategy<Value = Vec<(u64, Hint)>> {
    let lasts = u64::try_from(lasts.as_millis()).unwrap();
    (vec(hint(), 1..6), 40_u64..2_000, 0..lasts).prop_map(move |(said, every, from)| {
        let times = (from..lasts).step_by(usize::try_from(every).unwrap()).take(400);
        times.zip(said.iter().cycle()).map(|(at, hint)| (at, hint.clone())).collect()
    })
}

/// The statuses that the service answers for a session, each with the time from which on: any in any order.
pub(super) fn words(lasts: Duration) -> impl Strategy<Value = Vec<(u64, &'static str)>> {
    let words = vec![
        "active",
        "active",
        "active",
        "pending",
        "identifying",
        "walkaway",
        "Active",
        "odd",
        "timeout",
        "failed",
        "cancelled",
        "closed",
    ];
    let within = 0..u64::try_from(lasts.as_millis()).unwrap();
    vec((within, proptest::sample::select(words)), 0..8).prop_map(|mut words| {
        words.sort_by_key(|(at, _)| *at);
        words
    })
}

/// The word that holds `elapsed` after the beginning.
pub(super) fn word_at(words: &[(u64, &'static str)], elapsed: Duration) -> &'static str {
    words.iter().rev().find(|(from, _)| MS(*from) <= elapsed).map_or("pending", |(_, word)| word)
}
