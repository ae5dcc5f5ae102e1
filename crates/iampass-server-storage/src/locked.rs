//! [`locked`]: locks that a panic does not close.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Only for a thread that must not panic the process: a poisoned lock holds a consistent list all the same.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
