//! Progress of long work, on standard error and only where somebody looks.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// So many of something, without an end in sight.
pub(super) fn counting(what: &'static str) -> ProgressBar {
    styled(ProgressBar::no_length().with_message(what), "{spinner} {pos} {msg}")
}

/// A share of something.
pub(super) fn share(what: &'static str) -> ProgressBar {
    styled(ProgressBar::new(0).with_message(what), "{bar:30} {percent}% {msg}")
}

/// One thing after another.
pub(super) fn steps() -> ProgressBar {
    styled(ProgressBar::no_length(), "{spinner} {elapsed} {msg}")
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
