//! What a store held at one time. It may use `anchors`, `part`, `whole`, `distrust` and `read`.

use super::Skipped;
use super::anchors::Anchors;
use super::distrust::{Distrusted, Roots, as_anchors};
use super::part::Part;
use super::whole::Whole;
use crate::read::der;
use crate::shown;
use rustls::pki_types::CertificateDer;
use std::collections::{HashMap, HashSet};
use std::io;
use std::iter;
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
    /// Servers' own certificates that were found in it, and count.
    pinned: RwLock<HashSet<Vec<u8>>>,
    /// Whether the bundles were gone through for what has to be skipped.
    told: AtomicBool,
    /// Whether it was said that what is named as an issuer is no CA.
    told_no_ca: AtomicBool,
    given_up: AtomicBool,
}

/// Whether a server's own certificate is named as what to trust.
pub(crate) enum Pin {
    None,
    Named,
    /// It would be, and it is rejected.
    Rejected(Distrusted),
}

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
            pinned: RwLock::default(),
            told: AtomicBool::new(false),
            told_no_ca: AtomicBool::new(false),
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
        self.whole.get_or_init(|| {
            let mut whole = self.read();
            // What asks for it has no room for an error.
            if let Some((file, why)) = &whole.failed {
                log::error!("a list of what is trusted lacks {}, which {why}", shown::path(file));
            }
            whole.without_distrusted([].iter());
            whole
        })
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
    /// that it gives up. It compares names byte by byte, and so does this. Without those that the store
    /// rejects, and with what it rejects of the chain.
    ///
    /// # Errors
    ///
    /// A file was overwritten, and it is no longer known what was in it; one cannot be read at the moment; or
    /// all is gone.
    pub(crate) fn roots_for<'a>(
        &self,
        chain: impl Iterator<Item = &'a CertificateDer<'a>> + Clone,
    ) -> io::Result<Roots> {
        let mut roots = Roots::none();
        let Some(asked) = asked(chain.clone()) else {
            let mut whole = self.read();
            if let Some((file, why)) = &whole.failed {
                return Err(io::Error::other(format!("{} {why}", shown::path(file))));
            }
            roots.rejected = as_anchors(whole.without_distrusted([].iter()));
            roots.anchors = whole.roots();
            roots.reject(chain, whole.distrusted.iter());
            return Ok(roots);
        };
        let mut distrusted = Vec::new();
        for (issuer, issued) in asked {
            let anchors = self.anchors(issuer)?;
            anchors.add_for(&issued, &mut roots);
            distrusted.extend_from_slice(&anchors.distrusted);
        }
        // All others in the chain that are of use have issued something in it.
        if let Some((first, names)) = chain.clone().find_map(|der| Some((der, der::names_in(der)?)))
        {
            let mut found = Whole::new(self.parts[0].peers());
            for part in self.parts.iter().filter(|part| part.is_hashed()) {
                part.find(&first[names.subject.clone()], &mut found)?;
            }
            distrusted.append(&mut found.distrusted);
        }
        self.reject(chain, &distrusted, &mut roots)?;
        Ok(roots)
    }

    /// Notes what of a chain is rejected: by these, or by what is known without looking for its names.
    fn reject<'a>(
        &self,
        chain: impl Iterator<Item = &'a CertificateDer<'a>>,
        found: &[Distrusted],
        roots: &mut Roots,
    ) -> io::Result<()> {
        let all = self.distrusted()?;
        roots.reject(chain, all.iter().copied().flatten().chain(found));
        Ok(())
    }

    /// What each part rejects, as far as it has not to be looked for by name.
    fn distrusted(&self) -> io::Result<Vec<&[Distrusted]>> {
        let all = self.parts.iter().map(|part| part.distrusted());
        all.filter(|part| part.as_ref().map_or(true, |part| !part.is_empty())).collect()
    }

    /// Whether there may be something in it that rejects a certificate, and is looked for by its name.
    pub(crate) fn is_hashed(&self) -> bool {
        self.parts.iter().any(|part| part.is_hashed())
    }

    /// Some of these trust anchors, with which the verdict on a chain is the same if it is a good one: those
    /// that are known already, or else one that is quick to find in a bundle that is all there is. What the
    /// store rejects of the chain is known, but for what has to be looked for ([`is_hashed`](Self::is_hashed)).
    ///
    /// # Errors
    ///
    /// As [`roots_for`](Self::roots_for).
    pub(crate) fn some_roots_for<'a>(
        &self,
        chain: impl Iterator<Item = &'a CertificateDer<'a>> + Clone,
    ) -> io::Result<Roots> {
        let mut roots = Roots::none();
        let Some(asked) = asked(chain.clone()) else { return Ok(roots) };
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        for (issuer, issued) in &asked {
            if let Some(anchors) = known.get(*issuer) {
                anchors.add_for(issued, &mut roots);
            }
        }
        drop(known);
        let (true, [part]) = (roots.anchors.is_empty(), &*self.parts) else {
            self.reject(chain, &[], &mut roots)?;
            return Ok(roots);
        };
        let issuers: Vec<_> = asked.iter().map(|(issuer, _)| *issuer).collect();
        let Some(found) = part.seek(&issuers)? else { return Ok(roots) };
        if roots.anchors.add(found.clone()).is_ok() {
            let anchor = roots.anchors.roots[0].clone();
            let subject = anchor.subject.to_vec();
            let anchors = Anchors::one(anchor, found);
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            known.entry(subject).or_insert_with(|| Arc::new(anchors));
        }
        Ok(roots)
    }

    /// Whether a server is trusted by this certificate of its own, because it is in what a person has named,
    /// byte for byte. Its dates are not looked at.
    ///
    /// # Errors
    ///
    /// As [`roots_for`](Self::roots_for).
    pub(crate) fn pins(&self, end_entity: &CertificateDer<'_>) -> io::Result<Pin> {
        let Some(names) = der::names_in(end_entity) else { return Ok(Pin::None) };
        if self.has_pinned(end_entity) {
            return Ok(Pin::Named);
        }
        let (mut found, mut result) = (Whole::new(self.parts[0].peers()), Ok(Pin::None));
        for part in self.parts.iter().filter(|part| part.pins()) {
            // It may be in another one.
            if let Err(e) = part.find(&end_entity[names.subject.clone()], &mut found) {
                result = Err(e);
            }
        }
        if !found.has(end_entity) {
            return result;
        }
        // What is rejected is trusted in no role.
        if let Some(mark) = self.roots_for(iter::once(end_entity))?.rejected_end_entity() {
            return Ok(Pin::Rejected(mark.clone()));
        }
        // It goes on being trusted, also if the file is overwritten.
        let mut pinned = self.pinned.write().unwrap_or_else(PoisonError::into_inner);
        pinned.insert(end_entity.to_vec());
        Ok(Pin::Named)
    }

    /// Whether it is known already that it [pins](Self::pins) this one.
    pub(crate) fn has_pinned(&self, end_entity: &CertificateDer<'_>) -> bool {
        self.pinned.read().unwrap_or_else(PoisonError::into_inner).contains(&end_entity[..])
    }

    fn anchors(&self, subject: &[u8]) -> io::Result<Arc<Anchors>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(subject).cloned();
        if let Some(anchors) = known.as_ref().filter(|anchors| anchors.is_all) {
            return Ok(Arc::clone(anchors));
        }
        let is_gone = self.parts.iter().all(|part| part.why_gone().is_some());
        if let (true, Some(why)) = (is_gone, self.parts[0].why_gone()) {
            return Err(io::Error::other(why.clone().begun("nobody is trusted any more: ")));
        }
        let (mut found, mut is_all) = (Whole::new(self.parts[0].peers()), true);
        for part in &self.parts {
            match part.find(subject, &mut found) {
                Ok(all) => is_all &= all,
                // What was used before goes on being trusted.
                Err(e) => return known.ok_or(e),
            }
        }
        let distrusted = self.distrusted()?;
        let rejected = found.without_distrusted(distrusted.iter().copied().flatten());
        let rejected = as_anchors(rejected);
        let anchors = Arc::new(Anchors::of(found, rejected, is_all));
        // That there is none is not remembered: a server could ask for any number of names.
        if is_all && !(anchors.anchors.is_empty() && anchors.rejected.is_empty()) {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            known.insert(subject.to_owned(), Arc::clone(&anchors));
        }
        Ok(anchors)
    }

    /// The certificates of those trust anchors with this subject that handshakes have gone by.
    pub(crate) fn gone_by(&self, subject: &[u8]) -> Vec<CertificateDer<'static>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(subject).map(|anchors| anchors.certificates.clone()).unwrap_or_default()
    }

    /// The certificates with this subject that are not rejected.
    ///
    /// # Errors
    ///
    /// As [`roots_for`](Self::roots_for).
    pub(crate) fn named(&self, subject: &[u8]) -> io::Result<Vec<CertificateDer<'static>>> {
        let mut found = Whole::new(self.parts[0].peers());
        for part in &self.parts {
            part.find(subject, &mut found)?;
        }
        let distrusted = self.distrusted()?;
        found.without_distrusted(distrusted.iter().copied().flatten());
        // What is understood by webpki alone is found under every subject.
        let has_it = |der: &CertificateDer<'_>| {
            der::names_in(der).is_some_and(|names| der[names.subject] == *subject)
        };
        Ok(found.certificates.into_iter().chain(found.not_ca).filter(has_it).collect())
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

    /// Logs once that what a refused chain names as an issuer is there, and says that it is no CA.
    pub(crate) fn tell_no_ca<'a>(&self, chain: impl Iterator<Item = &'a CertificateDer<'a>>) {
        for (issuer, _) in asked(chain).unwrap_or_default() {
            for part in &self.parts {
                let mut found = Whole::new(part.peers());
                let is_known = self.told_no_ca.load(Ordering::Relaxed);
                if is_known || part.find(issuer, &mut found).is_err() {
                    continue;
                }
                if !found.not_ca.is_empty() {
                    self.told_no_ca.store(true, Ordering::Relaxed);
                    log::warn!(
                        "{} holds a certificate with the name of the issuer that a server's certificate \
                         has; it says that it is no CA (CA:FALSE), so it vouches for nobody else: put the \
                         CA's certificate there, or the server's own",
                        shown::path(part.path())
                    );
                }
            }
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
