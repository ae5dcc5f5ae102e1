//! Whether the service makes codes, as this node has seen.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the service has made a code in an answer to this node. Once it has, a login without one fails: whatever stands between application and
/// service must not be able to take the code away. An operator who goes back to a service without codes starts the application anew.
#[derive(Debug, Default)]
pub(crate) struct MakesCodes(AtomicBool);

impl MakesCodes {
    pub(crate) fn is_so(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    pub(crate) fn hear(&self, makes_codes: bool) {
        if makes_codes {
            self.0.store(true, Ordering::Release);
        } else if self.is_so() {
            tracing::error!(
                "the service made codes and makes none any more, so the login fails. If this is meant, start the application anew"
            );
        }
    }
}
