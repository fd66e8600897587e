//! Everything that is in a store, and what was skipped. It may use `distrust`, `read` and `resolve`.

use super::Skipped;
use super::distrust::{self, Distrusted};
use crate::read::format::Format;
use crate::read::pem::{self, Block};
use crate::read::{der, index, usable};
use crate::resolve::Peers;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use std::collections::HashMap;
use std::path::Path;

/// What has been read.
pub(crate) struct Whole {
    pub(crate) certificates: Vec<CertificateDer<'static>>,
    pub(crate) skipped: Vec<Skipped>,
    /// What it rejects.
    pub(crate) distrusted: Vec<Distrusted>,
    /// How many times a certificate was there that had been taken before.
    pub(crate) repeated: usize,
    /// Where each of them is, by its last bytes, which are a signature's; of those that have the same
    /// ones, also by how many came before it.
    places: HashMap<([u8; 16], usize), usize>,
    /// Whom it verifies.
    peers: Peers,
}

/// What becomes of a certificate that has been found.
pub(crate) type Take<'a> =
    dyn FnMut(&mut Whole, CertificateDer<'static>) -> Result<(), String> + 'a;

impl Whole {
    pub(crate) fn new(peers: Peers) -> Self {
        Self {
            certificates: Vec::new(),
            skipped: Vec::new(),
            distrusted: Vec::new(),
            repeated: 0,
            places: HashMap::new(),
            peers,
        }
    }

    /// Takes the certificates of a bundle, or says what kind of file it is if nothing in it claims
    /// to be one.
    pub(crate) fn read(
        &mut self,
        path: &Path,
        bytes: &[u8],
        take: &mut Take<'_>,
    ) -> Result<(), Format> {
        let blocks = match index::blocks(bytes) {
            Some(blocks) => blocks,
            None => {
                let blocks = pem::blocks(bytes, self.peers);
                if blocks.certificates.is_empty() {
                    return Err(Format::of(bytes, blocks.other));
                }
                blocks.certificates
            }
        };
        for Block { line, result, rejected } in blocks {
            if let Err(reason) = result.and_then(|certificate| take(self, certificate)) {
                self.skip(path, Some(line), reason);
            }
            let rejected = rejected.and_then(|der| Distrusted::new(der, path, line));
            self.distrusted.extend(rejected);
        }
        Ok(())
    }

    /// Takes a certificate as a trust anchor, once, or says why it cannot be one.
    pub(crate) fn add(&mut self, certificate: CertificateDer<'static>) -> Result<(), String> {
        let Err(place) = self.place(&certificate) else {
            self.repeated += 1;
            return Ok(());
        };
        usable::check(&certificate)
            .map_err(|e| format!("is not a certificate that can be read ({e})"))?;
        self.places.insert(place, self.certificates.len());
        self.certificates.push(certificate);
        Ok(())
    }

    /// Takes all of these that can be trust anchors; of others it is told when everything is read.
    pub(super) fn add_all(
        &mut self,
        certificates: impl IntoIterator<Item = CertificateDer<'static>>,
    ) {
        for certificate in certificates {
            let _ = self.add(certificate);
        }
    }

    pub(crate) fn has(&self, certificate: &CertificateDer<'_>) -> bool {
        self.place(certificate).is_ok()
    }

    /// Where a certificate is, or under what it is to be noted where it is.
    fn place(&self, certificate: &CertificateDer<'_>) -> Result<usize, ([u8; 16], usize)> {
        let last = certificate.last_chunk().copied().unwrap_or_default();
        let mut key = (last, 0);
        while let Some(place) = self.places.get(&key) {
            if self.certificates[*place] == *certificate {
                return Ok(*place);
            }
            key.1 += 1;
        }
        Err(key)
    }

    /// The same certificates, in the same order, as rustls keeps them.
    pub(crate) fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        for certificate in &self.certificates {
            if let Err(e) = roots.add(certificate[..].into()) {
                // It was seen to be one that is taken.
                log::error!("a certificate in the trust store is not used: {e}");
            }
        }
        roots
    }

    pub(crate) fn skip(&mut self, path: &Path, line: Option<usize>, reason: impl Into<String>) {
        let (path, reason) = (path.to_owned(), reason.into());
        self.skipped.push(Skipped { path, line, reason });
    }

    /// Logs what had to be skipped.
    pub(crate) fn tell_skipped(&self) {
        for skipped in &self.skipped {
            log::warn!("{}", skipped.told());
        }
    }

    /// The certificates with this subject.
    pub(crate) fn find(&self, subject: &[u8]) -> impl Iterator<Item = &CertificateDer<'static>> {
        self.certificates.iter().filter(move |der| {
            // What is not understood here may be what is looked for: webpki reads it again.
            der::names_in(der).is_none_or(|names| der[names.subject] == *subject)
        })
    }

    /// Takes what another one has.
    pub(crate) fn append(&mut self, other: &Self) {
        for certificate in &other.certificates {
            self.add(certificate.clone()).expect("it was parsed when it was read");
        }
        self.skipped.extend_from_slice(&other.skipped);
        self.distrusted.extend_from_slice(&other.distrusted);
        self.repeated += other.repeated;
    }

    /// Whether there is something in it that it does not reject itself.
    pub(super) fn has_anchors(&self) -> bool {
        self.certificates.iter().any(|der| distrust::find(&self.distrusted, der).is_none())
    }

    /// Takes those away that it rejects, or others reject. To be done last, because their places change.
    pub(super) fn without_distrusted<'a>(
        &mut self,
        others: impl Iterator<Item = &'a Distrusted> + Clone,
    ) -> Vec<(CertificateDer<'static>, Distrusted)> {
        let mut rejected = Vec::new();
        self.certificates.retain(|der| {
            let own = distrust::find(&self.distrusted, der).cloned();
            let mark = own.or_else(|| distrust::find(others.clone(), der).cloned());
            let is_left = mark.is_none();
            rejected.extend(mark.map(|mark| (der.clone(), mark)));
            is_left
        });
        rejected
    }

    /// Why there is nothing in it, as the end of a sentence.
    pub(crate) fn why_empty(&self) -> Option<String> {
        if let (false, Some(mark)) = (self.certificates.is_empty(), self.distrusted.first()) {
            return Some(format!("holds no certificate that it does not reject itself ({mark})"));
        }
        let first = self.skipped.first()?;
        Some(format!("holds no usable certificate ({first})"))
    }
}
