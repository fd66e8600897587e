//! What a store held at one time. It may use `part`, `whole` and `read`.

use super::Skipped;
use super::part::Part;
use super::whole::Whole;
use crate::read::{der, extensions};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, TrustAnchor};
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// The files and directories of a store as they were when they were opened.
pub(crate) struct Snapshot {
    parts: Vec<Arc<Part>>,
    /// What was named, and passed over, when they were opened.
    skipped: Vec<Skipped>,
    /// How many there were before it.
    generation: u64,
    /// Everything, once somebody has asked for it.
    whole: OnceLock<Whole>,
    /// Those trust anchors that a handshake has asked for, by their subject.
    known: RwLock<HashMap<Vec<u8>, Arc<Anchors>>>,
    /// Whether the bundles were gone through for what has to be skipped.
    told: AtomicBool,
    given_up: AtomicBool,
}

/// Trust anchors of one subject.
struct Anchors {
    anchors: Vec<TrustAnchor<'static>>,
    /// Of many, by what others refer to their keys.
    key_ids: Vec<Option<Vec<u8>>>,
    /// Whether these are all that the store has, as long as its files do not change.
    is_all: bool,
}

/// How many trust anchors of one subject are taken as they come. webpki tries one after the other, and
/// gives up after 100 signatures.
const FEW: usize = 8;
/// The longest certificate of which it is known that what is not understood here is no certificate
/// for webpki either. TLS has none that are longer.
const LONGEST: usize = 0xffff;

impl Snapshot {
    pub(crate) fn new(parts: Vec<Arc<Part>>, skipped: Vec<Skipped>) -> Self {
        Self {
            parts,
            skipped,
            generation: 0,
            whole: OnceLock::new(),
            known: RwLock::default(),
            told: AtomicBool::new(false),
            given_up: AtomicBool::new(false),
        }
    }

    pub(crate) fn after(before: &Self, parts: Vec<Arc<Part>>) -> Self {
        Self { generation: before.generation + 1, ..Self::new(parts, before.skipped.clone()) }
    }

    pub(crate) fn parts(&self) -> &[Arc<Part>] {
        &self.parts
    }

    pub(crate) fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    /// Something of it can no longer be read. Says whether that is new.
    pub(crate) fn give_up(&self) -> bool {
        !self.given_up.swap(true, Ordering::Relaxed)
    }

    pub(crate) fn whole(&self) -> &Whole {
        self.whole.get_or_init(|| self.read())
    }

    fn read(&self) -> Whole {
        let mut whole = Whole::new(self.parts[0].peers());
        for part in &self.parts {
            part.read(&mut whole);
        }
        whole.skipped.extend_from_slice(&self.skipped);
        whole
    }

    /// The trust anchors with which webpki comes to the same verdict on a chain as with all of them:
    /// those that have the name of an issuer in it, whichever it then chooses, unless they are so many
    /// that it gives up. It compares names byte by byte, and so does this.
    ///
    /// # Errors
    ///
    /// A file was overwritten, and it is no longer known what was in it; or all is gone.
    pub(crate) fn roots_for<'a>(
        &self,
        chain: impl Iterator<Item = &'a CertificateDer<'a>>,
    ) -> io::Result<RootCertStore> {
        let Some(asked) = asked(chain) else { return Ok(self.read().roots()) };
        let mut roots = RootCertStore::empty();
        for (issuer, issued) in asked {
            self.anchors(issuer)?.add_for(&issued, &mut roots);
        }
        Ok(roots)
    }

    /// Some of these trust anchors, with which the verdict on a chain is the same if it is a good one: those
    /// that are known already, or else one that is quick to find in a bundle that is all there is.
    ///
    /// # Errors
    ///
    /// As [`roots_for`](Self::roots_for).
    pub(crate) fn some_roots_for<'a>(
        &self,
        chain: impl Iterator<Item = &'a CertificateDer<'a>>,
    ) -> io::Result<RootCertStore> {
        let mut roots = RootCertStore::empty();
        let Some(asked) = asked(chain) else { return Ok(roots) };
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        for (issuer, issued) in &asked {
            if let Some(anchors) = known.get(*issuer) {
                anchors.add_for(issued, &mut roots);
            }
        }
        drop(known);
        let (true, [part]) = (roots.is_empty(), &*self.parts) else { return Ok(roots) };
        let issuers: Vec<_> = asked.iter().map(|(issuer, _)| *issuer).collect();
        let found = part.seek(&issuers)?;
        if found.is_some_and(|certificate| roots.add(certificate).is_ok()) {
            let anchors = roots.roots.clone();
            let subject = anchors[0].subject.to_vec();
            let anchors = Anchors { anchors, key_ids: Vec::new(), is_all: false };
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            known.entry(subject).or_insert_with(|| Arc::new(anchors));
        }
        Ok(roots)
    }

    fn anchors(&self, subject: &[u8]) -> io::Result<Arc<Anchors>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(subject).cloned();
        if let Some(anchors) = known.as_ref().filter(|anchors| anchors.is_all) {
            return Ok(Arc::clone(anchors));
        }
        if self.parts.iter().all(|part| part.why_gone().is_some()) {
            let why = self.parts[0].why_gone().unwrap_or_default();
            return Err(io::Error::other(format!("nobody is trusted any more: {why}")));
        }
        let (mut found, mut is_all) = (Vec::new(), true);
        for part in &self.parts {
            match part.find(subject, &mut found) {
                Ok(all) => is_all &= all,
                // What was used before goes on being trusted.
                Err(e) => return known.ok_or(e),
            }
        }
        let mut whole = Whole::new(self.parts[0].peers());
        for certificate in found {
            // One that cannot be parsed is reported when everything is read.
            let _ = whole.add(certificate);
        }
        let anchors = Arc::new(Anchors::of(&whole, is_all));
        // That there is none is not remembered: a server could ask for any number of names.
        if is_all && !anchors.anchors.is_empty() {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            known.insert(subject.to_owned(), Arc::clone(&anchors));
        }
        Ok(anchors)
    }

    /// The certificates with this subject; none where a file was overwritten.
    pub(crate) fn named(&self, subject: &[u8]) -> Vec<CertificateDer<'static>> {
        let mut found = Vec::new();
        for part in &self.parts {
            // What is no longer known is not there.
            let _ = part.find(subject, &mut found);
        }
        // What is understood by webpki alone is found under every subject.
        found.retain(|der| der::names_in(der).is_some_and(|names| der[names.subject] == *subject));
        found
    }

    /// Of how many issuers the trust anchors are kept, and of how many files how they were.
    pub(crate) fn kept(&self) -> (usize, usize) {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        (known.len(), self.parts.iter().map(|part| part.files()).sum())
    }

    /// Logs what had to be skipped, as far as it is known without reading more.
    pub(crate) fn tell_skipped(&self) {
        for skipped in self.parts.iter().flat_map(|part| part.skipped()).chain(&self.skipped) {
            log::warn!("{}", skipped.told());
        }
    }

    /// Logs once what has to be skipped in the bundles that have not been read from beginning to
    /// end: what was looked for, and not found, may be there.
    pub(crate) fn tell_unread_bundles(&self) {
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

impl Anchors {
    fn of(whole: &Whole, is_all: bool) -> Self {
        let anchors = whole.roots().roots;
        let key_id = |der: &CertificateDer<'_>| extensions::subject_key_id(der).map(<[u8]>::to_vec);
        let key_ids = match anchors.len() {
            ..=FEW => Vec::new(),
            _ => whole.certificates.iter().map(key_id).collect(),
        };
        Self { anchors, key_ids, is_all }
    }

    /// Adds them, those first whose keys are referred to in what they may have issued.
    fn add_for(&self, issued: &[&CertificateDer<'_>], roots: &mut RootCertStore) {
        if self.key_ids.is_empty() {
            return roots.extend(self.anchors.iter().cloned());
        }
        let wanted: Vec<_> =
            issued.iter().filter_map(|der| extensions::authority_key_id(der)).collect();
        let is_wanted = |key_id: &Option<Vec<u8>>| {
            key_id.as_deref().is_some_and(|key_id| wanted.contains(&key_id))
        };
        let all = || self.anchors.iter().zip(&self.key_ids);
        roots.extend(all().filter(|(_, id)| is_wanted(id)).map(|(anchor, _)| anchor.clone()));
        roots.extend(all().filter(|(_, id)| !is_wanted(id)).map(|(anchor, _)| anchor.clone()));
    }
}

/// The certificates of a chain by the names of their issuers; `None` if one of them is too long to tell.
fn asked<'a>(
    chain: impl Iterator<Item = &'a CertificateDer<'a>>,
) -> Option<Vec<(&'a [u8], Vec<&'a CertificateDer<'a>>)>> {
    let mut asked: Vec<(&[u8], Vec<_>)> = Vec::new();
    for certificate in chain {
        let Some(names) = der::names_in(certificate) else {
            if certificate.len() > LONGEST {
                return None;
            }
            continue;
        };
        let issuer = &certificate[names.issuer];
        match asked.iter_mut().find(|(name, _)| *name == issuer) {
            Some((_, issued)) => issued.push(certificate),
            None => asked.push((issuer, vec![certificate])),
        }
    }
    Some(asked)
}
