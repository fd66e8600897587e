//! Everything that is in a store, parsed, and what was skipped. It may use `pem` and `format`.

use super::Skipped;
use super::format::Format;
use super::pem::{self, Block};
use crate::resolve::Peers;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use std::collections::HashSet;
use std::path::Path;

/// What has been read.
#[derive(Clone, Debug)]
pub(super) struct Whole {
    pub(super) certificates: Vec<CertificateDer<'static>>,
    pub(super) skipped: Vec<Skipped>,
    /// The same certificates, in the same order.
    pub(super) roots: RootCertStore,
    seen: HashSet<CertificateDer<'static>>,
    /// Whom it verifies.
    peers: Peers,
}

/// What becomes of a certificate that has been found.
pub(super) type Take<'a> =
    dyn FnMut(&mut Whole, CertificateDer<'static>) -> Result<(), String> + 'a;

impl Whole {
    pub(super) fn new(peers: Peers) -> Self {
        Self {
            certificates: Vec::new(),
            skipped: Vec::new(),
            roots: RootCertStore::empty(),
            seen: HashSet::new(),
            peers,
        }
    }

    /// Takes the certificates of a bundle, or says what kind of file it is if nothing in it claims
    /// to be one.
    pub(super) fn read(
        &mut self,
        path: &Path,
        bytes: &[u8],
        take: &mut Take<'_>,
    ) -> Result<(), Format> {
        let blocks = pem::blocks(bytes, self.peers);
        if blocks.certificates.is_empty() {
            return Err(Format::of(bytes, blocks.other));
        }
        for Block { line, result } in blocks.certificates {
            if let Err(reason) = result.and_then(|certificate| take(self, certificate)) {
                self.skip(path, Some(line), reason);
            }
        }
        Ok(())
    }

    /// Takes a certificate as a trust anchor, once, or says why it cannot be one.
    pub(super) fn add(&mut self, certificate: CertificateDer<'static>) -> Result<(), String> {
        if self.has(&certificate) {
            return Ok(());
        }
        self.roots
            .add(certificate.clone())
            .map_err(|e| format!("is not a certificate that can be read ({e})"))?;
        self.seen.insert(certificate.clone());
        self.certificates.push(certificate);
        Ok(())
    }

    pub(super) fn has(&self, certificate: &CertificateDer<'_>) -> bool {
        self.seen.contains(certificate)
    }

    pub(super) fn skip(&mut self, path: &Path, line: Option<usize>, reason: impl Into<String>) {
        let (path, reason) = (path.to_owned(), reason.into());
        self.skipped.push(Skipped { path, line, reason });
    }

    /// The certificates with this subject.
    pub(super) fn find(&self, subject: &[u8]) -> impl Iterator<Item = &CertificateDer<'static>> {
        let certificates = self.certificates.iter().zip(&self.roots.roots);
        certificates.filter(move |(_, anchor)| *anchor.subject == *subject).map(|(der, _)| der)
    }

    /// Takes what another one has.
    pub(super) fn append(&mut self, other: &Self) {
        for certificate in &other.certificates {
            self.add(certificate.clone()).expect("it was parsed when it was read");
        }
        self.skipped.extend_from_slice(&other.skipped);
    }

    /// Why there is nothing in it, as the end of a sentence.
    pub(super) fn why_empty(&self) -> Option<String> {
        let first = self.skipped.first()?;
        Some(format!("holds no usable certificate ({first})"))
    }
}
