//! This side's certificate and key as they are now: their files are followed on the handshakes of a
//! program and without a thread. It may use `identity`, `verify` and `error`.

use super::identity::{Files, Pair, States};
use crate::error::Error;
use crate::file::State;
use crate::shown;
use crate::verify::{INTERVAL, Looks, Warned};
use log::Level;
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// How long after it was written to a file is left alone, in milliseconds: who writes a chain in place
/// may not be through with it, and what is there so far would fit.
const SETTLING: u64 = 100;

/// The certificate and the key of this side: always a pair that was read as one.
pub(super) struct Identity {
    files: Files,
    provider: Arc<CryptoProvider>,
    current: RwLock<Arc<CertifiedKey>>,
    looks: Looks<Seen>,
}

struct Seen {
    /// What the files were from which the current pair was read.
    states: States,
    /// That what is there now is of no use.
    warned: Option<Warned>,
}

/// What is to be logged, and how many milliseconds there are until the next look.
type Look = (Option<(Level, String)>, u64);

impl Identity {
    /// Reads the pair. Unless it follows them, the files are never looked at again.
    pub(super) fn read(
        files: Files,
        provider: &Arc<CryptoProvider>,
        follows: bool,
    ) -> Result<Arc<Self>, Error> {
        let Pair { certified, states } = files.read(provider)?;
        Ok(Arc::new(Self {
            files,
            provider: Arc::clone(provider),
            current: RwLock::new(Arc::new(certified)),
            looks: Looks::new(
                if follows { INTERVAL } else { u64::MAX },
                Seen { states, warned: None },
            ),
        }))
    }

    /// The pair to show now. At most once a second it looks whether the files are what they were.
    pub(super) fn now(&self) -> Arc<CertifiedKey> {
        self.looks.if_due(|seen| self.look(seen));
        self.current()
    }

    fn current(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn look(&self, seen: &mut Seen) -> Look {
        let path = shown::path(self.files.cert());
        let states = self.files.states();
        if states == seen.states {
            let was_useless = seen.warned.take().is_some();
            let message = format!("{path} and its key are as they were");
            return (was_useless.then_some((Level::Info, message)), INTERVAL);
        }
        let settling = Duration::from_millis(SETTLING);
        let is_settling = |state: &State| state.was_written_within(settling);
        if states.iter().flatten().any(is_settling) {
            return (None, SETTLING);
        }
        let pair = self.files.read(&self.provider);
        // They may be being replaced at the moment, one after the other.
        if self.files.states() != states {
            return (None, SETTLING);
        }
        match pair {
            Ok(pair) => {
                let is_new = self.take(pair.certified);
                *seen = Seen { states, warned: None };
                let message = format!("{path} has changed; the certificate in it is shown now");
                (is_new.then_some((Level::Info, message)), INTERVAL)
            }
            Err(error) => {
                let now = Instant::now();
                let warned = seen.warned.get_or_insert_with(|| Warned::never(now));
                let message = format!("the certificate that {path} held before is shown: {error}");
                (warned.is_due(now).then_some((Level::Warn, message)), INTERVAL)
            }
        }
    }

    /// Shows this pair from now on, unless it is the same.
    fn take(&self, new: CertifiedKey) -> bool {
        // Where a provider does not tell whether a key fits, it may be the key that has changed.
        let is_same = new.cert == self.current().cert && new.keys_match().is_ok();
        if !is_same {
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
        }
        !is_same
    }
}

/// As rustls does with one certificate: shown to whoever asks.
impl ResolvesClientCert for Identity {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.now())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl ResolvesServerCert for Identity {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.now())
    }
}

/// Where it is from, and nothing of the key.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("cert", &self.files.cert()).finish_non_exhaustive()
    }
}
