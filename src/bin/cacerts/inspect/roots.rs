//! The CAs of the trusted store, and how many of them were found in a file. It may use `x509-cert`.
//!
//! A CA is known by its public key, which is in whatever form a program has of it: the certificate,
//! or the subject and the key, as webpki-roots has them.

use crate::count::many;
use memchr::memmem;
use rustls::pki_types::CertificateDer;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use x509_cert::Certificate;
use x509_cert::der::asn1::AnyRef;
use x509_cert::der::{self, Decode, Reader, SliceReader};

/// So many CAs are a list of roots; fewer are those of somebody's choice. Programs that pin a vendor's
/// CAs have a handful (Amazon has 5, Google 7, Let's Encrypt 4), lists to trust the web by have more
/// than a hundred, and old ones have dozens in common with today's.
const LIST: usize = 10;
/// A key is 32 bytes long or more.
const SHORTEST_KEY: usize = 32;
/// How the version of a certificate begins, which those of version 1 have not got.
const VERSION: u8 = 0xa0;

/// A CA of the store.
pub(crate) struct Anchor {
    /// The bits of its public key.
    pub(crate) key: Vec<u8>,
    /// Its certificates, and where the key stands in each.
    certificates: Vec<(Vec<u8>, usize)>,
}

impl Anchor {
    /// Those of these certificates, one for each key.
    pub(crate) fn all(certificates: &[CertificateDer<'_>]) -> Vec<Self> {
        let mut anchors: Vec<Self> = Vec::new();
        let mut known = HashMap::new();
        for der in certificates {
            // One that is too odd for the parser here can only be found as a whole.
            let key = key(der).unwrap_or_else(|| der.to_vec());
            let place = memmem::find(der, &key).unwrap_or_default();
            let number = *known.entry(key.clone()).or_insert_with(|| {
                anchors.push(Self { key, certificates: Vec::new() });
                anchors.len() - 1
            });
            anchors[number].certificates.push((der.to_vec(), place));
        }
        anchors
    }

    /// Whether the key at this place stands in one of the certificates.
    fn is_certificate(&self, bytes: &[u8], at: usize) -> bool {
        self.certificates.iter().any(|(der, place)| {
            at.checked_sub(*place).is_some_and(|begin| bytes[begin..].starts_with(der))
        })
    }
}

fn key(der: &[u8]) -> Option<Vec<u8>> {
    let certificate = Certificate::from_der(der).ok()?;
    let key = certificate.tbs_certificate.subject_public_key_info.subject_public_key;
    Some(key.raw_bytes().to_vec()).filter(|key| key.len() >= SHORTEST_KEY)
}

/// What was found in a file.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Found {
    /// The CAs that are there as a whole certificate, by the key alone, and as text.
    certificates: BTreeSet<usize>,
    keys: BTreeSet<usize>,
    pem: BTreeSet<usize>,
    /// The certificates that are there as text, of whomever.
    pem_certificates: usize,
    /// The hashes of those of them that are of a CA at the top, but none of the store.
    others: HashSet<u64>,
}

impl Found {
    /// Notes the key of a CA that stands at this place.
    pub(crate) fn key(&mut self, number: usize, anchor: &Anchor, bytes: &[u8], at: usize) {
        if anchor.is_certificate(bytes, at) {
            self.certificates.insert(number);
        } else {
            self.keys.insert(number);
        }
    }

    /// Notes a certificate that stands there as text, with the CAs whose keys are in it.
    pub(crate) fn pem(&mut self, der: &[u8], anchors: &[usize]) {
        self.pem_certificates += 1;
        self.pem.extend(anchors);
        if anchors.is_empty() && is_root(der) {
            let mut hasher = DefaultHasher::new();
            der.hash(&mut hasher);
            self.others.insert(hasher.finish());
        }
    }

    /// Whether there is nothing to be said of them.
    pub(crate) fn is_empty(&self) -> bool {
        self.count() + self.pem_certificates == 0
    }

    /// How many of the store's CAs there are.
    fn count(&self) -> usize {
        let all: BTreeSet<_> =
            self.certificates.iter().chain(&self.keys).chain(&self.pem).collect();
        all.len()
    }

    /// Whether these are a list of roots. `None`: nobody can tell without a store.
    pub(crate) fn is_list(&self, store: Option<usize>) -> Option<bool> {
        let roots = self.count() + self.others.len();
        match store {
            // A store with fewer CAs is a list, too, if all of it is there.
            Some(size) => Some(roots >= LIST || (size > 0 && self.count() == size)),
            None => Some(true).filter(|_| roots >= LIST),
        }
    }

    /// What they are; `None` where there are none.
    pub(crate) fn in_words(&self, store: Option<usize>) -> Option<String> {
        let verb = if self.is_list(store) == Some(true) { "embeds roots:" } else { "names" };
        let mut words = Vec::new();
        if let Some(size) = store.filter(|_| self.count() > 0) {
            let forms: Vec<_> = [
                (self.certificates.len(), "as certificates"),
                (self.keys.len(), "as keys"),
                (self.pem.len(), "as PEM"),
            ]
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, form)| format!("{count} {form}"))
            .collect();
            let forms = forms.join(", ");
            words.push(format!("{} of the store's {} ({forms})", self.count(), many(size, "CA")));
        }
        if !self.others.is_empty() {
            words.push(format!("{} as PEM", many(self.others.len(), "other root")));
        }
        match self.pem_certificates {
            0 if words.is_empty() => None,
            count if words.is_empty() => Some(format!("holds {}", many(count, "PEM certificate"))),
            _ => Some(format!("{verb} {}", words.join(" and "))),
        }
    }

    pub(crate) fn to_json(&self, store: Option<usize>) -> Value {
        json!({
            "embedded": self.is_list(store),
            "store": store,
            "found": self.count(),
            "certificates": self.certificates.len(),
            "keys": self.keys.len(),
            "pem": self.pem.len(),
            "pem_certificates": self.pem_certificates,
            "other_roots": self.others.len(),
        })
    }
}

/// Whether a certificate is at the top of its chain: it says that it has issued itself. Compared byte by
/// byte, because taking the names apart costs the square of their length.
fn is_root(der: &[u8]) -> bool {
    names(der).is_ok_and(|(issuer, subject)| issuer == subject)
}

/// The names of the issuer and of the subject.
fn names(der: &[u8]) -> der::Result<(&[u8], &[u8])> {
    let certificate = AnyRef::from_der(der)?;
    let mut fields = SliceReader::new(certificate.value())?;
    let mut fields = SliceReader::new(AnyRef::decode(&mut fields)?.value())?;
    if fields.peek_byte() == Some(VERSION) {
        AnyRef::decode(&mut fields)?;
    }
    let [_serial, _algorithm, issuer, _validity, subject] =
        [(); 5].map(|()| AnyRef::decode(&mut fields));
    Ok((issuer?.value(), subject?.value()))
}
