//! Follows the files of a store, on the handshakes of a program and without a thread. It may use
//! `store` and `verified`.

use super::verified::Verified;
use crate::store::part::{Part, Refused};
use crate::store::snapshot::Snapshot;
use log::Level;
use rustls::pki_types::CertificateDer;
use rustls::{Error, RootCertStore};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// How long a replacement may go unnoticed, in milliseconds.
pub(crate) const INTERVAL: u64 = 1000;
/// For how long what was removed is still trusted, unless a setting says otherwise.
pub(super) const KEPT: Duration = Duration::from_secs(600);
/// How long a warning is not repeated: first, and at most.
const QUIET: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(120));

/// What is trusted at the moment.
pub(crate) struct Watch {
    current: RwLock<Arc<Snapshot>>,
    start: Instant,
    /// When the files are looked at next, in milliseconds from the start.
    next: AtomicU64,
    /// For each part, whether what is there now is of no use.
    useless: Mutex<Vec<Option<Useless>>>,
    /// For how long what was removed is still trusted.
    kept: Duration,
    pub(super) verified: Verified,
}

/// What cannot take the place of what was read before.
struct Useless {
    /// When it was first seen that it was removed.
    gone: Option<Instant>,
    warned: Warned,
}

/// When to warn again: again and again, but not every time.
pub(crate) struct Warned {
    quiet: Duration,
    quiet_until: Instant,
}

/// What is to be logged when no lock is held any more: a logger may make handshakes, too.
type Messages = Vec<(Level, String)>;

impl Watch {
    pub(super) fn new(snapshot: Arc<Snapshot>, kept: Duration) -> Self {
        Self {
            start: Instant::now(),
            next: AtomicU64::new(INTERVAL),
            useless: Mutex::new(snapshot.parts().iter().map(|_| None).collect()),
            current: RwLock::new(snapshot),
            verified: Verified::default(),
            kept,
        }
    }

    /// One that never looks.
    pub(super) fn without_looking(snapshot: Arc<Snapshot>) -> Self {
        Self { next: AtomicU64::new(u64::MAX), ..Self::new(snapshot, KEPT) }
    }

    /// What is trusted now. At most once a second it looks whether the files are what they were.
    pub(super) fn now(&self) -> Arc<Snapshot> {
        let elapsed = || self.start.elapsed().as_millis() as u64;
        if elapsed() >= self.next.load(Ordering::Acquire) {
            let mut useless = self.useless.lock().unwrap_or_else(PoisonError::into_inner);
            // Whoever had to wait for another handshake to look finds that it has.
            let now = elapsed();
            if now >= self.next.load(Ordering::Acquire) {
                let messages = self.look(&mut useless);
                self.next.store(now + INTERVAL, Ordering::Release);
                drop(useless);
                for (level, message) in messages {
                    log::log!(level, "{message}");
                }
            }
        }
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The same without waiting for the second to be over, once for each snapshot.
    fn now_rather_than(&self, old: &Snapshot) -> Arc<Snapshot> {
        if old.give_up() {
            self.next.store(0, Ordering::Release);
        }
        self.now()
    }

    /// What is trusted now, and the trust anchors of it that a chain asks for.
    pub(super) fn roots_for<'a, C: Iterator<Item = &'a CertificateDer<'a>>>(
        &self,
        chain: impl Fn() -> C,
    ) -> Result<(Arc<Snapshot>, RootCertStore), Error> {
        let mut store = self.now();
        let roots = store.roots_for(chain()).or_else(|_| {
            // A file was overwritten after it was opened: what is in it now?
            store = self.now_rather_than(&store);
            store.roots_for(chain())
        });
        roots.map(|roots| (store, roots)).map_err(|e| Error::General(e.to_string()))
    }

    /// What is trusted now, and some of these trust anchors, of which it is enough if they verify the
    /// chain.
    pub(super) fn some_roots_for<'a>(
        &self,
        chain: impl Iterator<Item = &'a CertificateDer<'a>>,
    ) -> (Arc<Snapshot>, RootCertStore) {
        let store = self.now();
        // What goes wrong does so again where it is told.
        let roots = store.some_roots_for(chain).unwrap_or_else(|_| RootCertStore::empty());
        (store, roots)
    }

    fn look(&self, useless: &mut [Option<Useless>]) -> Messages {
        let current = Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner));
        let mut messages = Messages::new();
        let mut parts = Vec::new();
        for (part, useless) in current.parts().iter().zip(useless) {
            let new = self.look_at(part, useless, &mut messages);
            if !Arc::ptr_eq(&new, part) {
                messages.extend(new.skipped().iter().map(|skipped| (Level::Warn, skipped.told())));
            }
            parts.push(new);
        }
        if !parts.iter().zip(current.parts()).all(|(new, old)| Arc::ptr_eq(new, old)) {
            let new = Arc::new(Snapshot::after(&current, parts));
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
        }
        messages
    }

    /// A part as it is to be used from now on: the one that there is, or the one that has taken its
    /// place.
    fn look_at(
        &self,
        part: &Arc<Part>,
        useless: &mut Option<Useless>,
        messages: &mut Messages,
    ) -> Arc<Part> {
        let path = part.path().display();
        if part.is_unchanged() {
            if useless.take().is_some() {
                messages.push((Level::Info, format!("{path} is as it was")));
            }
            return Arc::clone(part);
        }
        let Refused { error, is_gone } = match part.open_again() {
            // It may be being written to at the moment: the next look is soon enough then.
            Ok(new) if !new.is_unchanged() => return Arc::clone(part),
            Ok(new) => {
                *useless = None;
                let message = format!("{path} has changed; what it holds now is trusted");
                messages.push((Level::Info, message));
                return Arc::new(new);
            }
            Err(refused) => refused,
        };
        let now = Instant::now();
        let known = useless.get_or_insert(Useless { gone: None, warned: Warned::never(now) });
        known.gone = is_gone.then(|| known.gone.unwrap_or(now));
        let is_over = known.gone.is_some_and(|since| now.duration_since(since) >= self.kept);
        match part.why_gone() {
            None if is_over => {
                *useless = None;
                let message = format!("nothing that {path} held is trusted any more: {error}");
                messages.push((Level::Error, message));
                return Arc::new(part.gone(&error));
            }
            // There is something else of no use now.
            Some(why) if why != error.to_string() => return Arc::new(part.gone(&error)),
            _ => {}
        }
        if known.warned.is_due(now) {
            let left = part.what_is_left();
            let end = match (known.gone, part.why_gone()) {
                (Some(since), None) if self.kept < Duration::from_secs(1 << 30) => {
                    let rest = self.kept.saturating_sub(now.duration_since(since));
                    format!(", for {} seconds more", rest.as_secs())
                }
                _ => String::new(),
            };
            messages.push((Level::Warn, format!("{path} has changed; {left}{end}: {error}")));
        }
        Arc::clone(part)
    }
}

/// How much is kept: what grows with what is asked for can be seen.
impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let (issuers, files) = current.kept();
        let mut watch = f.debug_struct("Watch");
        watch.field("issuers", &issuers).field("files", &files).finish_non_exhaustive()
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
