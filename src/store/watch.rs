//! Follows the files of a store, on the handshakes of a program and without a thread. It may use
//! `snapshot` and `part`.

use super::part::Part;
use super::snapshot::Snapshot;
use crate::error::Error;
use crate::file::State;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// How long a replacement may go unnoticed, in milliseconds.
const INTERVAL: u64 = 1000;
/// How long a warning is not repeated: first, and at most.
const QUIET: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(120));

/// What is trusted at the moment.
#[derive(Debug)]
pub(crate) struct Watch {
    current: RwLock<Arc<Snapshot>>,
    start: Instant,
    /// When the files are looked at next, in milliseconds from the start.
    next: AtomicU64,
    /// For each part what is wrong with the files that are there now, if anything is.
    refused: Mutex<Vec<Option<Refused>>>,
}

/// Files that cannot take the place of those that were read before.
#[derive(Debug)]
struct Refused {
    files: Vec<Option<State>>,
    error: Error,
    quiet: Duration,
    quiet_until: Instant,
}

impl Watch {
    pub(super) fn new(snapshot: Arc<Snapshot>) -> Self {
        let refused = snapshot.parts().iter().map(|_| None).collect();
        Self {
            current: RwLock::new(snapshot),
            start: Instant::now(),
            next: AtomicU64::new(INTERVAL),
            refused: Mutex::new(refused),
        }
    }

    /// What is trusted now. At most once a second it looks whether the files are what they were.
    pub(super) fn now(&self) -> Arc<Snapshot> {
        let elapsed = || self.start.elapsed().as_millis() as u64;
        if elapsed() >= self.next.load(Ordering::Acquire) {
            let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
            // Whoever had to wait for another handshake to look finds that it has.
            let now = elapsed();
            if now >= self.next.load(Ordering::Acquire) {
                self.look(&mut refused);
                self.next.store(now + INTERVAL, Ordering::Release);
            }
        }
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The same without waiting for the second to be over.
    pub(super) fn again(&self) -> Arc<Snapshot> {
        self.next.store(0, Ordering::Release);
        self.now()
    }

    fn look(&self, refused: &mut [Option<Refused>]) {
        let current = Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner));
        let parts = current.parts().iter().zip(refused);
        let parts: Vec<_> = parts.map(|(part, refused)| look_at(part, refused)).collect();
        if parts.iter().zip(current.parts()).all(|(new, old)| Arc::ptr_eq(new, old)) {
            return;
        }
        let new = Snapshot::new(parts);
        new.tell_skipped();
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
    }
}

/// A part as it is to be used from now on: the one that there is, or the one that has taken its
/// place.
fn look_at(part: &Arc<Part>, refused: &mut Option<Refused>) -> Arc<Part> {
    let path = part.path().display();
    let Some(files) = part.changed() else {
        if refused.take().is_some() {
            log::info!("{path} is as it was");
        }
        return Arc::clone(part);
    };
    if refused.as_ref().is_none_or(|refused| refused.files != files) {
        match part.open_again() {
            // It is being written to: the next look is soon enough.
            Ok(new) if new.changed().is_some() => return Arc::clone(part),
            Ok(new) => {
                log::info!("{path} has changed; what it holds now is trusted");
                *refused = None;
                return Arc::new(new);
            }
            Err(error) => {
                let (quiet, quiet_until) = match refused {
                    Some(refused) => (refused.quiet, refused.quiet_until),
                    None => (QUIET.0, Instant::now()),
                };
                *refused = Some(Refused { files, error, quiet, quiet_until });
            }
        }
    }
    if let Some(refused) = refused {
        let now = Instant::now();
        if now >= refused.quiet_until {
            refused.quiet_until = now + refused.quiet;
            refused.quiet = (refused.quiet * 2).min(QUIET.1);
            log::warn!(
                "{path} has changed and cannot be used, so what it held before is still trusted: {}",
                refused.error
            );
        }
    }
    Arc::clone(part)
}
