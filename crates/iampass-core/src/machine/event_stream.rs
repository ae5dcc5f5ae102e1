//! Reading a `text/event-stream`: bytes as they come → events.
//!
//! Belongs here: the format of Server-Sent Events, and how much of it is kept. Does not belong here: what an event means
//! ([`super::follower`]).

use std::fmt;

use memchr::memchr2;

/// Longest line, in bytes. The lines of a status stream have a few hundred.
pub(super) const LONGEST_LINE: usize = 16 * 1024;

/// Most data in one event, in bytes, however many lines it has.
pub(super) const MOST_DATA: usize = 16 * 1024;

/// One event. Its data are the lines' values with a line feed between each two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Event<'a> {
    pub(super) name: &'a [u8],
    pub(super) data: &'a [u8],
}

/// A line or an event is too long. The rest of the stream is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// Puts lines together from pieces cut anywhere, and events from lines.
#[derive(Default)]
pub(super) struct EventReader {
    /// The line that is not whole yet.
    line: Vec<u8>,
    name: Vec<u8>,
    data: Vec<u8>,
    /// An event has data even if they are empty; one without is none.
    has_data: bool,
    /// A line feed that comes first belongs to the line before.
    after_return: bool,
    /// Only the very first line may begin with a byte order mark.
    past_first_line: bool,
}

impl fmt::Debug for EventReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventReader").field("held", &self.held()).finish_non_exhaustive()
    }
}

impl EventReader {
    /// Reads a piece and tells each event that ends in it.
    pub(super) fn read(&mut self, mut piece: &[u8], mut tell: impl FnMut(Event<'_>)) -> Result<(), TooLong> {
        while !piece.is_empty() {
            if std::mem::take(&mut self.after_return)
                && let [b'\n', rest @ ..] = piece
            {
                piece = rest;
                continue;
            }
            let end = memchr2(b'\r', b'\n', piece);
            let (part, rest) = piece.split_at(end.unwrap_or(piece.len()));
            if self.line.len() + part.len() > LONGEST_LINE {
                return Err(TooLong);
            }
            self.line.extend_from_slice(part);
            let Some((end, rest)) = rest.split_first() else { return Ok(()) };
            self.after_return = *end == b'\r';
            piece = rest;
            let mut line = std::mem::take(&mut self.line);
            let read = self.line_ended(&line, &mut tell);
            line.clear();
            self.line = line;
            read?;
        }
        Ok(())
    }

    fn line_ended(&mut self, line: &[u8], tell: &mut impl FnMut(Event<'_>)) -> Result<(), TooLong> {
        let line = match line.strip_prefix(b"\xef\xbb\xbf") {
            Some(line) if !self.past_first_line => line,
            _ => line,
        };
        self.past_first_line = true;
        if line.is_empty() {
            if self.has_data {
                let name = if self.name.is_empty() { &b"message"[..] } else { &self.name };
                tell(Event { name, data: &self.data });
            }
            self.name.clear();
            self.data.clear();
            self.has_data = false;
            return Ok(());
        }
        let (field, value) = match memchr::memchr(b':', line) {
            Some(at) => {
                let (field, value) = line.split_at(at);
                let value = value.get(1..).unwrap_or_default();
                (field, value.strip_prefix(b" ").unwrap_or(value))
            }
            None => (line, &b""[..]),
        };
        match field {
            b"event" => {
                self.name.clear();
                self.name.extend_from_slice(value);
            }
            b"data" => {
                if self.data.len() + 1 + value.len() > MOST_DATA {
                    return Err(TooLong);
                }
                if std::mem::replace(&mut self.has_data, true) {
                    self.data.push(b'\n');
                }
                self.data.extend_from_slice(value);
            }
            // A comment has no name before its colon. Event ids and reconnection times are not for us: each opening is signed anew, and
            // its first event says all there is to know.
            _ => {}
        }
        Ok(())
    }

    /// Bytes that are kept at the moment.
    pub(super) fn held(&self) -> usize {
        self.line.len() + self.name.len() + self.data.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Read = Vec<(String, String)>;

    fn read_in(pieces: &[&[u8]]) -> Result<Read, TooLong> {
        let (mut reader, mut events) = (EventReader::default(), Read::new());
        for piece in pieces {
            reader.read(piece, |event| {
                let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
                events.push((text(event.name), text(event.data)));
            })?;
        }
        Ok(events)
    }

    fn read(text: &str) -> Read {
        read_in(&[text.as_bytes()]).unwrap()
    }

    fn event(name: &str, data: &str) -> (String, String) {
        (name.to_owned(), data.to_owned())
    }

    #[test]
    fn events_are_told_at_their_empty_line() {
        assert_eq!(read("event: status\ndata: {}\n\n"), [event("status", "{}")]);
        assert_eq!(read("event: status\ndata: {}\n"), []);
        assert_eq!(read("data:a\ndata: b\ndata:  c\n\n"), [event("message", "a\nb\n c")]);
        assert_eq!(read("data\n\ndata\ndata\n\n"), [event("message", ""), event("message", "\n")]);
        assert_eq!(
            read("event: a\nevent: b\ndata: x\n\ndata: y\n\n"),
            [event("b", "x"), event("message", "y")]
        );
    }

    #[test]
    fn what_is_no_event_is_passed_over() {
        assert_eq!(read(": comment\n\n:\n\nevent: status\n\nid: 7\nretry: 9\nwhatever: x\ndatax: y\n\n"), []);
        assert_eq!(read("event: lost\n\ndata: x\n\n"), [event("message", "x")]);
        assert_eq!(read("data: a:b: c\n\n"), [event("message", "a:b: c")]);
        assert_eq!(read("DATA: x\n data: y\n\n"), []);
    }

    #[test]
    fn every_way_to_end_a_line_is_one() {
        for end in ["\n", "\r", "\r\n"] {
            let text = format!("event: status{end}: c{end}data: x{end}data: y{end}{end}data: z{end}{end}");
            let expected = [event("status", "x\ny"), event("message", "z")];
            assert_eq!(read(&text), expected);
            let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            assert_eq!(read_in(&bytes).unwrap(), expected);
        }
        assert_eq!(read("data: x\n\r\ndata: y\r\r\n"), [event("message", "x"), event("message", "y")]);
    }

    #[test]
    fn a_byte_order_mark_is_passed_over_at_the_beginning_only() {
        assert_eq!(read("\u{feff}data: x\n\n"), [event("message", "x")]);
        assert_eq!(read("\n\u{feff}data: x\n\n"), []);
        assert_eq!(read("\u{feff}\u{feff}data: x\n\n"), []);
        assert_eq!(read_in(&[b"\xef", b"\xbb", b"\xbfdata: x\n\n"]).unwrap(), [event("message", "x")]);
    }

    #[test]
    fn no_line_and_no_event_is_kept_beyond_its_bound() {
        let line = |length: usize| format!("data: {}", "x".repeat(length - 6));
        assert!(read_in(&[line(LONGEST_LINE).as_bytes(), b"\n\n"]).is_ok());
        assert_eq!(read_in(&[line(LONGEST_LINE + 1).as_bytes()]), Err(TooLong));
        assert_eq!(read_in(&[&[b':'; LONGEST_LINE], b"x"]), Err(TooLong), "not even a comment");
        let many = "data:\n".repeat(MOST_DATA + 2);
        assert_eq!(read_in(&[many.as_bytes()]), Err(TooLong));
        let endless = [b'x'; 1024];
        let mut reader = EventReader::default();
        let read = (0..1_000).try_for_each(|_| reader.read(&endless, |_| {}));
        assert_eq!(read, Err(TooLong));
        assert!(reader.held() <= LONGEST_LINE);
    }

    /// The format's own words, the slow way: over the whole text at once.
    fn model(text: &str) -> Read {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
        let (mut events, mut name, mut data) = (Read::new(), String::new(), None::<String>);
        let Some((whole, _)) = text.rsplit_once('\n') else { return events };
        for line in whole.split('\n') {
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                _ if line.is_empty() => {
                    let name = std::mem::take(&mut name);
                    if let Some(data) = data.take() {
                        events.push((if name.is_empty() { "message".to_owned() } else { name }, data));
                    }
                }
                "event" => name = value.to_owned(),
                "data" => data = Some(data.map_or(value.to_owned(), |data| format!("{data}\n{value}"))),
                _ => {}
            }
        }
        events
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_it_is_cut(
            words in proptest::collection::vec(
                prop_oneof![
                    Just("event"), Just("data"), Just(":"), Just(": "), Just(" "), Just("\n"), Just("\r"), Just("\r\n"), Just("\n\n"),
                    Just("\u{feff}"), Just("status"), Just("{\"a\":1}"), Just("x"), Just("é"),
                ],
                0..60,
            ),
            cuts in proptest::collection::vec(0_usize..300, 0..20),
        ) {
            let text = words.concat();
            let bytes = text.as_bytes();
            let mut cuts: Vec<_> = cuts.into_iter().map(|at| at.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect();
            prop_assert_eq!(read_in(&pieces).unwrap(), model(&text));
        }

        #[test]
        fn nothing_that_comes_makes_it_keep_more_than_its_bounds(
            pieces in proptest::collection::vec((proptest::collection::vec(any::<u8>(), 0..8), "[\\n:da ]{0,3}", 0_usize..2_000), 0..12)
        ) {
            let mut reader = EventReader::default();
            for (bytes, text, times) in &pieces {
                let piece = [&bytes[..], b"data:", text.as_bytes()].concat().repeat(*times);
                let read = reader.read(&piece, |event| assert!(event.data.len() <= MOST_DATA && event.name.len() <= LONGEST_LINE));
                prop_assert!(reader.held() <= LONGEST_LINE * 2 + MOST_DATA);
                if read.is_err() {
                    break;
                }
            }
        }
    }
}
