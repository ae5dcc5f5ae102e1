//! The checks that take time: streams of events, and silence.

use std::time::Duration;

use bytes::BytesMut;
use http::StatusCode;
use http_body_util::BodyExt as _;
use tokio::time::{Instant, timeout};

use super::advice::{Front, Trouble};
use super::caller::{Answered, Caller, NoAnswer, Sent, Version};
use super::echo::{EVENTS, Event};
use super::finding::Report;
use super::probe::{LONGEST_WAIT, Wanted};
use super::urls::CALL;

/// Between two events of a short stream.
const PAUSE: u64 = 2;

/// The silence that has to pass, in seconds, unless phones wait longer for a question in one request.
const SILENCE: u64 = 25;

/// The silence that has to pass where one request of a phone may wait for so long, in whole seconds. No more than [`LONGEST_WAIT`] is tried.
pub(super) fn silence(longest_poll: Duration) -> u64 {
    let part = u64::from(longest_poll.subsec_nanos() > 0);
    (longest_poll.as_secs().saturating_add(part)).clamp(SILENCE, LONGEST_WAIT)
}

/// On top of what the service waits.
const PATIENCE: Duration = Duration::from_secs(15);

/// The part of a stream that arrived.
#[derive(Debug, Default)]
struct Stream {
    /// For each event, by how much later than the first possible moment it came.
    late: Vec<Duration>,
    /// How long it lasted.
    took: Duration,
    refused: Option<StatusCode>,
}

/// The first `count` events of a stream, with so many seconds between two of them.
async fn stream(caller: &Caller, version: Version, pause: u64, count: u32) -> Result<Stream, NoAnswer> {
    let target = format!("{CALL}u/stream");
    let sent = Sent { wanted: Wanted::Events(pause), ..Sent::get(version, &target) };
    let mut opened = caller.open(version).await?;
    let begun = Instant::now();
    let reading = async {
        let mut seen = Stream::default();
        let Ok((response, _)) = caller.send(&mut opened, sent).await else { return seen };
        if !response.status().is_success() {
            seen.refused = Some(response.status());
            return seen;
        }
        let (mut body, mut unread) = (response.into_body(), BytesMut::new());
        while let Some(Ok(frame)) = body.frame().await {
            let Ok(data) = frame.into_data() else { continue };
            unread.extend_from_slice(&data);
            seen.took = begun.elapsed();
            for event in whole_events(&mut unread) {
                seen.late.push(begun.elapsed().saturating_sub(Duration::from_millis(event.sent_ms)));
            }
            if seen.late.len() >= count as usize || unread.len() > 4096 {
                break;
            }
        }
        seen.took = begun.elapsed();
        seen
    };
    let longest = Duration::from_secs(pause * u64::from(count)) + PATIENCE;
    timeout(longest, reading).await.map_err(|_| NoAnswer::TooLate)
}

/// Takes the events out that are there to their end.
fn whole_events(unread: &mut BytesMut) -> Vec<Event> {
    let mut events = Vec::new();
    while let Some(end) = unread.windows(2).position(|two| two == b"\n\n") {
        let event = unread.split_to(end + 2);
        let lines = event.as_ref().split(|byte: &u8| *byte == b'\n');
        let data = lines.filter_map(|line| line.strip_prefix(b"data: "));
        events.extend(data.filter_map(|data| serde_json::from_slice::<Event>(data).ok()));
    }
    events
}

/// Whether events come one by one.
pub(super) async fn check_stream(caller: &Caller, version: Version, front: Front, report: &mut Report) {
    let (topic, name) = ("streams", version.name());
    let advice = front.advice(Trouble::Stream);
    let seen = match stream(caller, version, PAUSE, EVENTS).await {
        Ok(seen) => seen,
        Err(error) => return report.change(topic, format!("over {name}: {error}. {advice}")),
    };
    if let Some(status) = seen.refused {
        return report
            .change(topic, format!("over {name}, one is refused with {}. {advice}", status.as_u16()));
    }
    let latest = seen.late.iter().max().copied().unwrap_or_default();
    if seen.late.len() < EVENTS as usize {
        let count = seen.late.len();
        report.change(topic, format!("over {name}, {count} of {EVENTS} events come. {advice}"));
    } else if latest >= Duration::from_secs(PAUSE) {
        let late = latest.as_secs_f32();
        report.change(
            topic,
            format!(
                "over {name}, events are held back: one comes {late:.1} s late. Clients ask instead, and so a logout is seen later. {advice}"
            ),
        );
    } else {
        report.good(
            topic,
            format!("over {name}, events come one by one, {} ms late at most", latest.as_millis()),
        );
    }
}

/// Whether silence passes, before an answer and within one.
pub(super) async fn check_silence(
    caller: &Caller,
    version: Version,
    front: Front,
    silence: u64,
    report: &mut Report,
) {
    let (topic, name) = ("silence", version.name());
    let advice = front.advice(Trouble::Silence);
    let target = format!("{CALL}u");
    let before = async {
        let sent = Sent { wanted: Wanted::Late(silence), ..Sent::get(version, &target) };
        let begun = Instant::now();
        let answered = caller.ask(sent).await;
        (begun.elapsed().as_secs_f32(), answered)
    };
    let ((waited, answered), within) = tokio::join!(before, stream(caller, version, silence, 2));
    let cut = match answered {
        Ok(Answered::Echo(_)) => None,
        Ok(Answered::Other { status, .. }) => Some(format!("with {}", status.as_u16())),
        Ok(Answered::Kept) => Some("by an answer that was kept".to_owned()),
        Err(error) => Some(format!("({error})")),
    };
    let mut is_good = true;
    if let Some(how) = cut {
        is_good = false;
        report.change(
            topic,
            format!("over {name}, silence before an answer is cut off after {waited:.0} s {how}; {silence} s have to pass. {advice}"),
        );
    }
    let seen = within.unwrap_or_default();
    if seen.late.len() < 2 {
        is_good = false;
        report.change(
            topic,
            format!(
                "over {name}, silence within a stream is cut off after {:.0} s; {silence} s have to pass. {advice}",
                seen.took.as_secs_f32()
            ),
        );
    }
    if is_good {
        report.good(topic, format!("over {name}, {silence} s pass, before an answer and within a stream"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_silence_that_has_to_pass_is_that_of_the_longest_wait() {
        let seconds = [0.0, 10.0, 25.0, 25.5, 50.0, 1e6].map(|poll| silence(Duration::from_secs_f64(poll)));
        assert_eq!(seconds, [25, 25, 25, 26, 50, LONGEST_WAIT]);
    }

    #[test]
    fn events_are_taken_out_when_they_are_whole() {
        let mut unread =
            BytesMut::from("event: probe\ndata: {\"number\":0,\"sent_ms\":1}\n\n:\n\nevent: pro");
        assert_eq!(whole_events(&mut unread), [Event { number: 0, sent_ms: 1 }]);
        assert_eq!(&unread[..], b"event: pro");
    }
}
