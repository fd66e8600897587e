//! What a store rejects, and what that takes away from a chain. It may use `read` and `shown`.

use crate::read::{der, name};
use crate::shown;
use rustls::pki_types::{CertificateDer, TrustAnchor};
use rustls::{CertificateError, Error, OtherError, RootCertStore};
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A certificate that a trust store rejects, and where it does so.
///
/// It is in [`TrustStore::distrusted`](crate::TrustStore::distrusted); and where a server, or a client, would be
/// verified but for that, it is the error of the handshake, in a
/// [`CertificateError::Other`](rustls::CertificateError::Other).
#[derive(Clone)]
pub struct Distrusted {
    certificate: CertificateDer<'static>,
    path: PathBuf,
    line: usize,
    /// Where in the certificate is by what it is known.
    subject: Range<usize>,
    key: Range<usize>,
    /// That of its subject.
    hash: Option<u32>,
}

impl Distrusted {
    /// `None` for what is no certificate.
    pub(super) fn new(
        certificate: CertificateDer<'static>,
        path: &Path,
        line: usize,
    ) -> Option<Self> {
        let (subject, key) = der::identity_in(&certificate)?;
        let hash = name::hash(&certificate[subject.clone()]);
        Some(Self { certificate, path: path.to_owned(), line, subject, key, hash })
    }

    /// The certificate as it stands in the store. Whatever has its subject and its public key is rejected,
    /// too.
    #[must_use]
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// The file that rejects it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The line on which its block, or its section, begins, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    pub(super) fn has_hash(&self, hash: u32) -> bool {
        self.hash == Some(hash)
    }

    /// Whether it has this name, however the text in it is encoded: a CA may have chosen another way since.
    fn is_named(&self, subject: &[u8], hash: impl FnOnce() -> Option<u32>) -> bool {
        self.certificate[self.subject.clone()] == *subject
            || self.hash.is_some() && self.hash == hash()
    }

    fn is(&self, subject: &[u8], key: &[u8]) -> bool {
        self.certificate[self.key.clone()] == *key && self.is_named(subject, || name::hash(subject))
    }
}

/// As a sentence.
impl fmt::Display for Distrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, line) = (shown::path(&self.path), self.line);
        match name::spoken(&self.certificate[self.subject.clone()]) {
            Some(name) => write!(
                f,
                "{:?} is rejected by the trust store, in {path}:{line}",
                shown::shown(&name)
            ),
            None => write!(f, "a certificate is rejected by the trust store, in {path}:{line}"),
        }
    }
}

/// The same sentence: rustls shows the cause of a failed handshake in this way.
impl fmt::Debug for Distrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Distrusted {}

impl From<&Distrusted> for Error {
    fn from(distrusted: &Distrusted) -> Self {
        CertificateError::Other(OtherError(Arc::new(distrusted.clone()))).into()
    }
}

/// What rejects a certificate, if anything does.
pub(super) fn find<'a>(
    marks: impl IntoIterator<Item = &'a Distrusted>,
    der: &[u8],
) -> Option<&'a Distrusted> {
    let mut marks = marks.into_iter().peekable();
    marks.peek()?;
    let (subject, key) = der::identity_in(der)?;
    marks.find(|mark| mark.is(&der[subject.clone()], &der[key.clone()]))
}

/// Certificates that are rejected, as trust anchors.
pub(super) fn as_anchors(
    certificates: impl IntoIterator<Item = (CertificateDer<'static>, Distrusted)>,
) -> Vec<(TrustAnchor<'static>, Distrusted)> {
    let mut anchors = Vec::new();
    for (certificate, mark) in certificates {
        let mut roots = RootCertStore::empty();
        if roots.add(certificate).is_ok() {
            anchors.extend(roots.roots.into_iter().map(|anchor| (anchor, mark.clone())));
        }
    }
    anchors
}

/// The trust anchors that a chain asks for, and what the store rejects of it.
pub(crate) struct Roots {
    pub(crate) anchors: RootCertStore,
    /// Those that are none because they are rejected.
    pub(super) rejected: Vec<(TrustAnchor<'static>, Distrusted)>,
    /// Those of the chain, by their places in it.
    chain: Vec<(usize, Distrusted)>,
    /// Whether something is rejected that has the name of its first certificate.
    is_first_named: bool,
}

impl Roots {
    pub(crate) fn none() -> Self {
        Self {
            anchors: RootCertStore::empty(),
            rejected: Vec::new(),
            chain: Vec::new(),
            is_first_named: false,
        }
    }

    /// Notes what of a chain is rejected.
    pub(super) fn reject<'a, 'b>(
        &mut self,
        chain: impl Iterator<Item = &'a CertificateDer<'a>>,
        marks: impl Iterator<Item = &'b Distrusted> + Clone,
    ) {
        for (place, der) in chain.enumerate() {
            if marks.clone().next().is_none() {
                return;
            }
            let found = find(marks.clone(), der);
            self.chain.extend(found.map(|mark| (place, mark.clone())));
            let Some(names) = der::names_in(der) else { continue };
            let issuer = &der[names.issuer];
            let issuers = marks.clone().filter(|mark| mark.is_named(issuer, || None));
            self.rejected
                .extend(as_anchors(issuers.map(|mark| (mark.certificate.clone(), mark.clone()))));
            if place == 0 {
                let subject = &der[names.subject];
                let hash = name::hash(subject);
                self.is_first_named = marks.clone().any(|mark| mark.is_named(subject, || hash));
            }
        }
    }

    /// Whether all of the chain counts, and all that were renewed by its first certificate, which had its
    /// name.
    pub(crate) fn are_for_all(&self) -> bool {
        self.chain.is_empty() && !self.is_first_named
    }

    /// What rejects the first certificate of the chain, if anything does.
    pub(crate) fn rejected_end_entity(&self) -> Option<&Distrusted> {
        self.chain.first().filter(|(place, _)| *place == 0).map(|(_, mark)| mark)
    }

    /// Whether the verdict is the same as by these, which are some of them.
    pub(crate) fn are_no_more(&self, some: &Self) -> bool {
        let has_none = |roots: &Self| roots.rejected.is_empty() && roots.chain.is_empty();
        self.anchors.len() == some.anchors.len() && has_none(self) && has_none(some)
    }

    /// What is left of the certificates that stand behind the first one in the chain.
    pub(crate) fn left<'a, 'b>(
        &self,
        intermediates: &'b [CertificateDer<'a>],
    ) -> Cow<'b, [CertificateDer<'a>]> {
        if self.chain.is_empty() {
            return Cow::Borrowed(intermediates);
        }
        let is_left = |place: usize| self.chain.iter().all(|(rejected, _)| *rejected != place + 1);
        let all = intermediates.iter().enumerate();
        all.filter(|(place, _)| is_left(*place)).map(|(_, der)| der.clone()).collect()
    }

    /// The verdict on the chain without what is rejected; that is the error where the verdict would be
    /// another with it.
    pub(crate) fn judge<T>(
        &self,
        intermediates: &[CertificateDer<'_>],
        verify: impl Fn(&RootCertStore, &[CertificateDer<'_>]) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let in_chain = self.chain.iter().map(|(_, mark)| mark);
        let mut marks = in_chain.chain(self.rejected.iter().map(|(_, mark)| mark));
        let Some(mark) = marks.next() else {
            return verify(&self.anchors, intermediates);
        };
        if self.rejected_end_entity().is_none() {
            let verdict = verify(&self.anchors, &self.left(intermediates));
            if verdict.is_ok() {
                return verdict;
            }
        }
        let mut all = self.anchors.clone();
        all.extend(self.rejected.iter().map(|(anchor, _)| anchor.clone()));
        verify(&all, intermediates)?;
        Err(mark.into())
    }
}
