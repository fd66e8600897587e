//! When files are looked at: on the handshakes of a program, at most once in a while, and without a thread.
//! It uses `shown` alone.

use crate::shown::shown;
use log::Level;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a replacement may go unnoticed, in milliseconds.
pub(crate) const INTERVAL: u64 = 1000;
/// How long a warning is not repeated: first, and at most.
const QUIET: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(120));

/// Has one handshake look when that is due.
pub(crate) struct Looks<T> {
    start: Instant,
    /// When the next one is due, in milliseconds from the start.
    next: AtomicU64,
    /// What is known from the last one.
    seen: Mutex<T>,
}

/// When to warn again: again and again, but not every time.
pub(crate) struct Warned {
    quiet: Duration,
    quiet_until: Instant,
}

impl<T> Looks<T> {
    /// The first is due after so many milliseconds; with `u64::MAX` there is none.
    pub(crate) fn new(first: u64, seen: T) -> Self {
        Self { start: Instant::now(), next: AtomicU64::new(first), seen: Mutex::new(seen) }
    }

    /// Looks if that is due. `look` gives what is to be logged, which is done when no lock is held any
    /// more (a logger may make handshakes, too), and after how many milliseconds the next one is due.
    pub(crate) fn if_due<M: IntoIterator<Item = (Level, String)>>(
        &self,
        look: impl FnOnce(&mut T) -> (M, u64),
    ) {
        let elapsed = || self.start.elapsed().as_millis() as u64;
        if elapsed() < self.next.load(Ordering::Acquire) {
            return;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever had to wait for another handshake to look finds that it has.
        let now = elapsed();
        if now < self.next.load(Ordering::Acquire) {
            return;
        }
        let (messages, interval) = look(&mut seen);
        self.next.store(now + interval, Ordering::Release);
        drop(seen);
        for (level, message) in messages {
            log::log!(level, "{}", shown(&message));
        }
    }

    /// Does not wait for the next one to be due.
    pub(crate) fn hurry(&self) {
        self.next.store(0, Ordering::Release);
    }
}

impl Warned {
    pub(crate) fn never(now: Instant) -> Self {
        Self { quiet: QUIET.0, quiet_until: now }
    }

    /// Whether to warn now, which is to be done then.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        if now < self.quiet_until {
            return false;
        }
        self.quiet_until = now + self.quiet;
        self.quiet = (self.quiet * 2).min(QUIET.1);
        true
    }
}
