//! What a store held at one time. It may use `part`, `der` and `whole`.

use super::part::Part;
use super::whole::Whole;
use super::{Skipped, der};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, ServerName, TrustAnchor};
use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::{Arc, Mutex, Once, OnceLock, PoisonError, RwLock};

/// The files and directories of a store as they were when they were opened.
#[derive(Debug)]
pub(super) struct Snapshot {
    parts: Vec<Arc<Part>>,
    /// Everything, once somebody has asked for it.
    whole: OnceLock<Whole>,
    /// Those trust anchors that a handshake has asked for, by their subject.
    known: RwLock<HashMap<Vec<u8>, Arc<[TrustAnchor<'static>]>>>,
    /// The servers that were verified by it.
    verified: Mutex<HashSet<ServerName<'static>>>,
    told: Once,
}

/// How many servers are remembered as verified.
const MOST_VERIFIED: usize = 1024;

impl Snapshot {
    pub(super) fn new(parts: Vec<Arc<Part>>) -> Self {
        Self {
            parts,
            whole: OnceLock::new(),
            known: RwLock::default(),
            verified: Mutex::default(),
            told: Once::new(),
        }
    }

    pub(super) fn parts(&self) -> &[Arc<Part>] {
        &self.parts
    }

    pub(super) fn whole(&self) -> &Whole {
        self.whole.get_or_init(|| {
            let mut whole = Whole::new();
            for part in &self.parts {
                part.read(&mut whole);
            }
            whole
        })
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
        let mut issuers = Vec::new();
        for certificate in chain {
            // What is not understood here, webpki may understand.
            let Some(names) = der::names_in(certificate) else {
                return Ok(self.whole().roots.clone());
            };
            let issuer = &certificate[names.issuer];
            if !issuers.contains(&issuer) {
                issuers.push(issuer);
            }
        }
        let mut roots = RootCertStore::empty();
        for issuer in issuers {
            roots.extend(self.anchors(issuer)?.iter().cloned());
        }
        Ok(roots)
    }

    fn anchors(&self, subject: &[u8]) -> io::Result<Arc<[TrustAnchor<'static>]>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(subject).cloned();
        if let Some(anchors) = known {
            return Ok(anchors);
        }
        let mut found = Vec::new();
        for part in &self.parts {
            part.find(subject, &mut found)?;
        }
        let mut roots = RootCertStore::empty();
        for (place, certificate) in found.iter().enumerate() {
            if !found[..place].contains(certificate) {
                // One that cannot be parsed is reported when everything is read.
                let _ = roots.add(certificate.clone());
            }
        }
        let anchors: Arc<[_]> = roots.roots.into();
        // That there is none is not remembered: a server could ask for any number of names.
        if !anchors.is_empty() {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            known.insert(subject.to_owned(), Arc::clone(&anchors));
        }
        Ok(anchors)
    }

    /// Remembers that a server has been verified.
    pub(super) fn remember_verified(&self, server: &ServerName<'_>) {
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if !contains(&verified, server) {
            if verified.len() == MOST_VERIFIED {
                verified.clear();
            }
            verified.insert(server.to_owned());
        }
    }

    /// Whether a server is among the last that were verified by what is trusted here.
    pub(super) fn has_verified(&self, server: &ServerName<'_>) -> bool {
        contains(&self.verified.lock().unwrap_or_else(PoisonError::into_inner), server)
    }

    /// Logs what had to be skipped, as far as it is known without reading more.
    pub(super) fn tell_skipped(&self) {
        tell(self.parts.iter().filter_map(|part| part.whole()).flat_map(|whole| &whole.skipped));
    }

    /// Logs once what has to be skipped in the bundles that have not been read from beginning to
    /// end: what was looked for, and not found, may be there.
    pub(super) fn tell_skipped_in_bundles(&self) {
        self.told.call_once(|| {
            for part in &self.parts {
                tell(part.read_bundle().iter().flat_map(|whole| &whole.skipped));
            }
        });
    }
}

fn contains<'a>(servers: &HashSet<ServerName<'a>>, server: &ServerName<'a>) -> bool {
    servers.contains(server)
}

fn tell<'a>(skipped: impl Iterator<Item = &'a Skipped>) {
    for skipped in skipped {
        log::warn!("skipped in the trust store: {skipped}");
    }
}
