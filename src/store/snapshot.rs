//! What a store held at one time. It may use `part`, `der` and `whole`.

use super::der;
use super::part::Part;
use super::whole::Whole;
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, TrustAnchor};
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// The files and directories of a store as they were when they were opened.
pub(super) struct Snapshot {
    parts: Vec<Arc<Part>>,
    /// How many there were before it.
    generation: u64,
    /// Everything, once somebody has asked for it.
    whole: OnceLock<Whole>,
    /// Those trust anchors that a handshake has asked for, by their subject.
    known: RwLock<HashMap<Vec<u8>, Known>>,
    /// Whether the bundles were gone through for what has to be skipped.
    told: AtomicBool,
    given_up: AtomicBool,
}

/// Trust anchors with one name.
#[derive(Clone)]
struct Known {
    anchors: Arc<[TrustAnchor<'static>]>,
    /// Whether these are all that the store has, as long as its files do not change.
    is_all: bool,
}

/// The longest certificate of which it is known that what is not understood here is no certificate
/// for webpki either. TLS has none that are longer.
const LONGEST: usize = 0xffff;

impl Snapshot {
    pub(super) fn new(parts: Vec<Arc<Part>>) -> Self {
        Self {
            parts,
            generation: 0,
            whole: OnceLock::new(),
            known: RwLock::default(),
            told: AtomicBool::new(false),
            given_up: AtomicBool::new(false),
        }
    }

    pub(super) fn after(before: &Self, parts: Vec<Arc<Part>>) -> Self {
        Self { generation: before.generation + 1, ..Self::new(parts) }
    }

    pub(super) fn parts(&self) -> &[Arc<Part>] {
        &self.parts
    }

    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    /// Something of it can no longer be read. Says whether that is new.
    pub(super) fn give_up(&self) -> bool {
        !self.given_up.swap(true, Ordering::Relaxed)
    }

    pub(super) fn whole(&self) -> &Whole {
        self.whole.get_or_init(|| self.read())
    }

    fn read(&self) -> Whole {
        let mut whole = Whole::new(self.parts[0].peers());
        for part in &self.parts {
            part.read(&mut whole);
        }
        whole
    }

    /// The trust anchors with which webpki comes to the same verdict on a chain as with all of them:
    /// those that have the name of an issuer in it, whichever it then chooses. It compares names byte
    /// by byte, and so does this.
    ///
    /// # Errors
    ///
    /// A file was overwritten, and it is no longer known what was in it.
    pub(super) fn roots_for<'a>(
        &self,
        chain: impl Iterator<Item = &'a CertificateDer<'a>>,
    ) -> io::Result<RootCertStore> {
        let Some(issuers) = issuers(chain) else { return Ok(self.read().roots()) };
        let mut roots = RootCertStore::empty();
        for issuer in issuers {
            roots.extend(self.anchors(issuer)?.iter().cloned());
        }
        Ok(roots)
    }

    /// Some of these trust anchors, with which the verdict on a chain is the same if it is a good one: those
    /// that are known already, or else one that is quick to find in a bundle that is all there is.
    ///
    /// # Errors
    ///
    /// As [`roots_for`](Self::roots_for).
    pub(super) fn some_roots_for<'a>(
        &self,
        chain: impl Iterator<Item = &'a CertificateDer<'a>>,
    ) -> io::Result<RootCertStore> {
        let mut roots = RootCertStore::empty();
        let Some(issuers) = issuers(chain) else { return Ok(roots) };
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        for known in issuers.iter().filter_map(|issuer| known.get(*issuer)) {
            roots.extend(known.anchors.iter().cloned());
        }
        drop(known);
        let (true, [part]) = (roots.is_empty(), &*self.parts) else { return Ok(roots) };
        let found = part.seek(&issuers)?;
        if found.is_some_and(|certificate| roots.add(certificate).is_ok()) {
            let anchors: Arc<[_]> = roots.roots.as_slice().into();
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            let subject = anchors[0].subject.to_vec();
            known.entry(subject).or_insert(Known { anchors, is_all: false });
        }
        Ok(roots)
    }

    fn anchors(&self, subject: &[u8]) -> io::Result<Arc<[TrustAnchor<'static>]>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(subject).cloned();
        if let Some(Known { anchors, is_all: true }) = known {
            return Ok(anchors);
        }
        let (mut found, mut is_all) = (Vec::new(), true);
        for part in &self.parts {
            match part.find(subject, &mut found) {
                Ok(all) => is_all &= all,
                // What was used before goes on being trusted.
                Err(e) => return known.map(|known| known.anchors).ok_or(e),
            }
        }
        let mut whole = Whole::new(self.parts[0].peers());
        for certificate in found {
            // One that cannot be parsed is reported when everything is read.
            let _ = whole.add(certificate);
        }
        let anchors: Arc<[_]> = whole.roots().roots.into();
        // That there is none is not remembered: a server could ask for any number of names.
        if is_all && !anchors.is_empty() {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            known.insert(subject.to_owned(), Known { anchors: Arc::clone(&anchors), is_all });
        }
        Ok(anchors)
    }

    /// Of how many issuers the trust anchors are kept, and of how many files how they were.
    pub(super) fn kept(&self) -> (usize, usize) {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        (known.len(), self.parts.iter().map(|part| part.files()).sum())
    }

    /// Logs what had to be skipped, as far as it is known without reading more.
    pub(super) fn tell_skipped(&self) {
        for skipped in self.parts.iter().flat_map(|part| part.skipped()) {
            log::warn!("{}", skipped.told());
        }
    }

    /// Logs once what has to be skipped in the bundles that have not been read from beginning to
    /// end: what was looked for, and not found, may be there.
    pub(super) fn tell_unread_bundles(&self) {
        if self.told.swap(true, Ordering::Relaxed) {
            return;
        }
        for part in self.parts.iter().filter(|part| part.is_unread_bundle()) {
            let mut whole = Whole::new(part.peers());
            part.read(&mut whole);
            whole.tell_skipped();
        }
    }
}

/// The names of those who have issued the certificates of a chain; `None` if one of them is too long to
/// tell.
fn issuers<'a>(chain: impl Iterator<Item = &'a CertificateDer<'a>>) -> Option<Vec<&'a [u8]>> {
    let mut issuers = Vec::new();
    for certificate in chain {
        let Some(names) = der::names_in(certificate) else {
            if certificate.len() > LONGEST {
                return None;
            }
            continue;
        };
        let issuer = &certificate[names.issuer];
        if !issuers.contains(&issuer) {
            issuers.push(issuer);
        }
    }
    Some(issuers)
}
