//! Standard output.

use std::io::Write as _;

/// Prints to standard output. An error is ignored: the reader has closed it.
pub(super) fn print(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
}
