//! Follows the files of a store, on the handshakes of a program and without a thread. It may use
//! `store`, `looks` and `verified`.

use super::looks::{INTERVAL, Looks, Warned};
use super::verified::Verified;
use crate::shown;
use crate::store::distrust::Roots;
use crate::store::part::{Part, Refused};
use crate::store::snapshot::{Pin, Snapshot};
use log::Level;
use rustls::Error;
use rustls::OtherError;
use rustls::pki_types::CertificateDer;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};
use std::{fmt, io};

/// For how long what was removed is still trusted, unless a setting says otherwise.
pub(super) const KEPT: Duration = Duration::from_secs(600);

/// What is trusted at the moment.
pub(crate) struct Watch {
    current: RwLock<Arc<Snapshot>>,
    /// For each part, whether what is there now is of no use.
    looks: Looks<Vec<Option<Useless>>>,
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

type Messages = Vec<(Level, String)>;

impl Watch {
    pub(super) fn new(snapshot: Arc<Snapshot>, kept: Duration) -> Self {
        Self::looking_after(INTERVAL, snapshot, kept)
    }

    /// One that never looks.
    pub(super) fn without_looking(snapshot: Arc<Snapshot>) -> Self {
        Self::looking_after(u64::MAX, snapshot, KEPT)
    }

    fn looking_after(first: u64, snapshot: Arc<Snapshot>, kept: Duration) -> Self {
        Self {
            looks: Looks::new(first, snapshot.parts().iter().map(|_| None).collect()),
            current: RwLock::new(snapshot),
            verified: Verified::default(),
            kept,
        }
    }

    /// What is trusted now. At most once a second it looks whether the files are what they were.
    pub(super) fn now(&self) -> Arc<Snapshot> {
        self.looks.if_due(|useless| (self.look(useless), INTERVAL));
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The same without waiting for the second to be over, once for each snapshot.
    fn now_rather_than(&self, old: &Snapshot) -> Arc<Snapshot> {
        if old.give_up() {
            self.looks.hurry();
        }
        self.now()
    }

    /// What is trusted now, and the trust anchors of it that a chain asks for.
    pub(super) fn roots_for<'a, C: Iterator<Item = &'a CertificateDer<'a>> + Clone>(
        &self,
        chain: impl Fn() -> C,
    ) -> Result<(Arc<Snapshot>, Roots), Error> {
        self.ask(|store| store.roots_for(chain()))
    }

    /// What is trusted now, and whether a server is by this certificate of its own.
    pub(super) fn pins(
        &self,
        end_entity: &CertificateDer<'_>,
    ) -> Result<(Arc<Snapshot>, Pin), Error> {
        self.ask(|store| store.pins(end_entity))
    }

    fn ask<T>(
        &self,
        question: impl Fn(&Snapshot) -> io::Result<T>,
    ) -> Result<(Arc<Snapshot>, T), Error> {
        let mut store = self.now();
        let answer = question(&store).or_else(|_| {
            // A file was overwritten after it was opened: what is in it now?
            store = self.now_rather_than(&store);
            question(&store)
        });
        answer.map(|answer| (store, answer)).map_err(unusable)
    }

    /// What is trusted now, and some of these trust anchors, of which it is enough if they verify the
    /// chain.
    pub(super) fn some_roots_for<'a>(
        &self,
        chain: impl Iterator<Item = &'a CertificateDer<'a>> + Clone,
    ) -> (Arc<Snapshot>, Roots) {
        let store = self.now();
        // What goes wrong does so again where it is told.
        let roots = store.some_roots_for(chain).unwrap_or_else(|_| Roots::none());
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
        let path = shown::path(part.path());
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
                messages.push(if new.rejects_all() {
                    let what = "it rejects all that it holds now, and nobody is trusted by it";
                    (Level::Error, format!("{path} has changed; {what}"))
                } else {
                    (Level::Info, format!("{path} has changed; what it holds now is trusted"))
                });
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
            Some(why) if why.to_string() != error.to_string() => {
                return Arc::new(part.gone(&error));
            }
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

/// An error of rustls that has ours in it, for whoever looks for the kind, the setting and the path.
fn unusable(error: io::Error) -> Error {
    match error.downcast::<crate::error::Error>() {
        Ok(ours) => Error::Other(OtherError(Arc::new(ours))),
        Err(other) => Error::General(other.to_string()),
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
