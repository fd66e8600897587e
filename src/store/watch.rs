//! Follows the files of a store, on the handshakes of a program and without a thread. It may use
//! `snapshot`, `part` and `verified`.

use super::part::Part;
use super::snapshot::Snapshot;
use super::verified::Verified;
use log::Level;
use rustls::pki_types::CertificateDer;
use rustls::{Error, RootCertStore};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// How long a replacement may go unnoticed, in milliseconds.
const INTERVAL: u64 = 1000;
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
    pub(super) verified: Verified,
}

/// When to warn again of what cannot take the place of what was read before.
struct Useless {
    quiet: Duration,
    quiet_until: Instant,
}

/// What is to be logged when no lock is held any more: a logger may make handshakes, too.
type Messages = Vec<(Level, String)>;

impl Watch {
    pub(super) fn new(snapshot: Arc<Snapshot>) -> Self {
        Self {
            start: Instant::now(),
            next: AtomicU64::new(INTERVAL),
            useless: Mutex::new(snapshot.parts().iter().map(|_| None).collect()),
            current: RwLock::new(snapshot),
            verified: Verified::default(),
        }
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
            let new = look_at(part, useless, &mut messages);
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

/// A part as it is to be used from now on: the one that there is, or the one that has taken its
/// place.
fn look_at(part: &Arc<Part>, useless: &mut Option<Useless>, messages: &mut Messages) -> Arc<Part> {
    let path = part.path().display();
    if part.is_unchanged() {
        if useless.take().is_some() {
            messages.push((Level::Info, format!("{path} is as it was")));
        }
        return Arc::clone(part);
    }
    match part.open_again() {
        Ok(new) => {
            // It may be being written to at the moment: the next look is soon enough then.
            if !new.is_unchanged() {
                return Arc::clone(part);
            }
            *useless = None;
            messages
                .push((Level::Info, format!("{path} has changed; what it holds now is trusted")));
            Arc::new(new)
        }
        Err(error) => {
            if is_due(useless) {
                let left = part.what_is_left();
                messages.push((Level::Warn, format!("{path} has changed; {left}: {error}")));
            }
            Arc::clone(part)
        }
    }
}

/// Whether to warn: again and again, but not every time.
fn is_due(useless: &mut Option<Useless>) -> bool {
    let now = Instant::now();
    let useless = useless.get_or_insert(Useless { quiet: QUIET.0, quiet_until: now });
    if now < useless.quiet_until {
        return false;
    }
    useless.quiet_until = now + useless.quiet;
    useless.quiet = (useless.quiet * 2).min(QUIET.1);
    true
}
