//! The log of one check.

use std::cell::RefCell;
use std::sync::Once;

use tracing_subscriber::filter::LevelFilter;

thread_local! {
    /// The log of this thread, which is one test's.
    static LOGGED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Log;

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOGGED.with_borrow_mut(|logged| logged.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// From now on all is logged, in the whole process: what is set for one thread is missed by what other threads are the first to log.
pub(crate) fn begin() {
    static BEGUN: Once = Once::new();
    // The time of a line has six digits behind the point, which might be those of a code.
    BEGUN.call_once(|| {
        tracing_subscriber::fmt().without_time().with_max_level(LevelFilter::TRACE).with_writer(|| Log).init()
    });
}

/// How often these words stand in the log of this thread.
pub(crate) fn logged(words: &str) -> usize {
    LOGGED.with_borrow(|logged| String::from_utf8_lossy(logged).matches(words).count())
}

/// The lines of the log of this thread with these words.
pub(crate) fn lines(words: &str) -> Vec<String> {
    LOGGED.with_borrow(|logged| {
        let logged = String::from_utf8_lossy(logged);
        logged.lines().filter(|line| line.contains(words)).map(str::to_owned).collect()
    })
}
