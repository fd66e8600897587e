//! Everything that is in a store, and what was skipped. It may use `distrust`, `read`, `resolve`
//! and `file`.

use super::distrust::{self, Distrusted};
use super::{Reason, Skipped};
use crate::file::Problem;
use crate::read::block::Block;
use crate::read::format::Format;
use crate::read::pem;
use crate::read::usable::{self, Usable};
use crate::read::{der, index};
use crate::resolve::Peers;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What has been read.
pub(crate) struct Whole {
    pub(crate) certificates: Vec<CertificateDer<'static>>,
    /// Those that say that they are no CA: they may vouch for themselves, and issue nothing.
    pub(crate) not_ca: Vec<CertificateDer<'static>>,
    pub(crate) skipped: Vec<Skipped>,
    /// A file that could not be read at the moment, and why: it may hold anything, and reject anything.
    pub(crate) failed: Option<(PathBuf, String)>,
    /// What it rejects.
    pub(crate) distrusted: Vec<Distrusted>,
    /// How many times a certificate was there that had been taken before.
    pub(crate) repeated: usize,
    /// Where each of them is, by its last bytes, which are a signature's, as a number; where another one has
    /// that, by the next that none has.
    places: HashMap<u128, Place>,
    /// Whom it verifies.
    peers: Peers,
}

/// In which list a certificate is, and where.
#[derive(Clone, Copy)]
enum Place {
    Anchor(usize),
    NotCa(usize),
}

/// What becomes of a certificate that has been found.
pub(crate) type Take<'a> =
    dyn FnMut(&mut Whole, CertificateDer<'static>) -> Result<(), Reason> + 'a;

impl Whole {
    pub(crate) fn new(peers: Peers) -> Self {
        Self {
            certificates: Vec::new(),
            not_ca: Vec::new(),
            skipped: Vec::new(),
            failed: None,
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
        self.places.reserve(blocks.len());
        for Block { line, result, rejected, .. } in blocks {
            if let Err(reason) =
                result.map_err(Reason::from).and_then(|certificate| take(self, certificate))
            {
                self.skip(path, Some(line), reason);
            }
            let rejected = rejected.and_then(|der| Distrusted::new(der, path, line));
            self.distrusted.extend(rejected);
        }
        Ok(())
    }

    /// Takes a certificate, once, as a trust anchor or as one that is no CA, or says why it cannot be
    /// read.
    pub(crate) fn add(&mut self, certificate: CertificateDer<'static>) -> Result<(), Reason> {
        let Err(key) = self.place(&certificate) else {
            self.repeated += 1;
            return Ok(());
        };
        let usable = usable::check(&certificate)
            .map_err(|e| format!("is not a certificate that can be read ({e})"))?;
        let (list, place) = match usable {
            Usable::NotCa => (&mut self.not_ca, Place::NotCa as fn(usize) -> Place),
            Usable::Anchor => (&mut self.certificates, Place::Anchor as _),
        };
        self.places.insert(key, place(list.len()));
        list.push(certificate);
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

    /// Whether there is something to trust in it that it does not reject itself: an anchor, or a server's
    /// own certificate where that counts.
    pub(crate) fn is_of_use(&self, pins: bool) -> bool {
        let own = if pins { &*self.not_ca } else { &[] };
        let mut all = self.certificates.iter().chain(own);
        all.any(|der| distrust::find(&self.distrusted, der).is_none())
    }

    /// Where a certificate is, or under what it is to be noted where it is.
    fn place(&self, certificate: &CertificateDer<'_>) -> Result<Place, u128> {
        let last = certificate.last_chunk().copied().unwrap_or_default();
        let mut key = u128::from_ne_bytes(last);
        while let Some(place) = self.places.get(&key) {
            let there = match *place {
                Place::Anchor(at) => &self.certificates[at],
                Place::NotCa(at) => &self.not_ca[at],
            };
            if *there == *certificate {
                return Ok(*place);
            }
            key = key.wrapping_add(1);
        }
        Err(key)
    }

    /// The trust anchors, in the same order, as rustls keeps them.
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

    pub(crate) fn skip(&mut self, path: &Path, line: Option<usize>, reason: impl Into<Reason>) {
        let Reason { kind, words } = reason.into();
        self.skipped.push(Skipped { path: path.to_owned(), line, reason: words, kind });
    }

    /// Notes what cannot be read at the moment; it is among what is skipped as well.
    pub(crate) fn fail(&mut self, path: &Path, why: String) {
        self.failed.get_or_insert_with(|| (path.to_owned(), why.clone()));
        self.skip(path, None, why);
    }

    /// An error where a file or directory, or one in it, could not be read at the moment.
    pub(crate) fn intact(&self, path: &Path) -> Result<(), Problem> {
        match &self.failed {
            Some((file, why)) if file.starts_with(path) => Err(Problem::failed_in(path, file, why)),
            _ => Ok(()),
        }
    }

    /// Logs what had to be skipped.
    pub(crate) fn tell_skipped(&self) {
        for skipped in &self.skipped {
            log::warn!("{}", skipped.told());
        }
    }

    /// The certificates with this subject, those that are no CA as well.
    pub(crate) fn find(&self, subject: &[u8]) -> impl Iterator<Item = &CertificateDer<'static>> {
        self.certificates.iter().chain(&self.not_ca).filter(move |der| {
            // What is not understood here may be what is looked for: webpki reads it again.
            der::names_in(der).is_none_or(|names| der[names.subject] == *subject)
        })
    }

    /// Takes what another one has.
    pub(crate) fn append(&mut self, other: &Self) {
        for certificate in other.certificates.iter().chain(&other.not_ca) {
            self.add(certificate.clone()).expect("it was parsed when it was read");
        }
        self.skipped.extend_from_slice(&other.skipped);
        if self.failed.is_none() {
            self.failed.clone_from(&other.failed);
        }
        self.distrusted.extend_from_slice(&other.distrusted);
        self.repeated += other.repeated;
    }

    /// Takes those away that it rejects, or others reject, and gives the anchors among them. To be done
    /// last, because their places change.
    pub(super) fn without_distrusted<'a>(
        &mut self,
        others: impl Iterator<Item = &'a Distrusted> + Clone,
    ) -> Vec<(CertificateDer<'static>, Distrusted)> {
        let mark = |der: &CertificateDer<'_>| {
            let own = distrust::find(&self.distrusted, der);
            own.or_else(|| distrust::find(others.clone(), der)).cloned()
        };
        let mut rejected = Vec::new();
        self.certificates.retain(|der| {
            let mark = mark(der);
            let is_left = mark.is_none();
            rejected.extend(mark.map(|mark| (der.clone(), mark)));
            is_left
        });
        self.not_ca.retain(|der| mark(der).is_none());
        rejected
    }

    /// Why there is nothing in it, as the end of a sentence.
    pub(crate) fn why_empty(&self) -> Option<String> {
        let is_empty = self.certificates.is_empty() && self.not_ca.is_empty();
        if let (false, Some(mark)) = (is_empty, self.distrusted.first()) {
            return Some(format!("holds no certificate that it does not reject itself ({mark})"));
        }
        if !self.not_ca.is_empty() {
            let they = match self.peers {
                Peers::Clients => "and has issued no client's certificate",
                Peers::Servers => {
                    "and is trusted for its own server alone, where somebody names it"
                }
            };
            return Some(format!(
                "holds no CA: what is in it says that it is none (CA:FALSE), {they}"
            ));
        }
        let first = self.skipped.first()?;
        Some(format!("holds no usable certificate ({first})"))
    }
}
