//! What is right where the store says something else than rustls with all that is in it. It may use `case`
//! and `tally`, and rustls for every verdict.

use crate::case::{Entry, Presented, roots};
use crate::tally::{Verdict, plain, verdict};
use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::client::danger::ServerCertVerifier;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error, RootCertStore};
use std::sync::Arc;

/// The differences.
pub(crate) const KINDS: [&str; 2] = [PINNED, NO_CA];
const PINNED: &str = "pinned";
const NO_CA: &str = "CA:FALSE is no CA";

/// Judges by the anchors that are left, and by the certificates themselves.
pub(crate) struct Judge {
    named: Vec<CertificateDer<'static>>,
    /// rustls with the anchors that are left; none where these are all.
    left: Option<Arc<dyn ServerCertVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl Judge {
    pub(crate) fn new(entries: &[Entry], provider: &Arc<CryptoProvider>) -> Self {
        let is_taken = |entry: &&Entry| !roots(&[(*entry).clone()]).is_empty();
        let named = entries.iter().filter(is_taken).map(|entry| entry.der.clone()).collect();
        let anchors: Vec<_> = entries.iter().filter(|e| !says_no_ca(&e.der)).cloned().collect();
        let left = (anchors.len() < entries.len()).then(|| {
            let mut roots = roots(&anchors);
            if roots.is_empty() {
                // rustls takes no verifier without any.
                roots.add(stranger()).unwrap();
            }
            plain(roots, provider).expect("there is an anchor")
        });
        Self { named, left, provider: Arc::clone(provider) }
    }

    /// What is right, and the kind of the difference, if there may be one.
    pub(crate) fn verdict(&self, presented: &Presented) -> Option<(Verdict, &'static str)> {
        let by_anchors = self.left.as_ref().map(|left| verdict(&**left, presented));
        if !self.named.contains(&presented.end_entity) {
            return by_anchors.map(|verdict| (verdict, NO_CA));
        }
        // Where the anchors are those that rustls has, its own verdict is as good.
        match by_anchors.or_else(|| Some(verdict(&*self.all(), presented))) {
            Some(Ok(())) => Some((Ok(()), NO_CA)),
            _ => Some((self.by_itself(presented), PINNED)),
        }
    }

    fn all(&self) -> Arc<dyn ServerCertVerifier> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(self.named.iter().cloned());
        plain(roots, &self.provider).expect("there is an anchor")
    }

    /// What rustls says of a certificate before it asks who has issued it, and of its names.
    fn by_itself(&self, presented: &Presented) -> Verdict {
        let end_entity = ParsedCertificate::try_from(&presented.end_entity)?;
        let none = RootCertStore::empty();
        let algorithms = self.provider.signature_verification_algorithms.all;
        let now = presented.now;
        match verify_server_cert_signed_by_trust_anchor(&end_entity, &none, &[], now, algorithms) {
            Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) | Ok(()) => {}
            Err(e) if format!("{e:?}").contains("CaUsedAsEndEntity") => {}
            Err(e) => return Err(e),
        }
        verify_server_name(&end_entity, &presented.name)
    }
}

/// A CA that has issued nothing.
fn stranger() -> CertificateDer<'static> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "a stranger to all of them");
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().into()
}

/// Whether there are basic constraints, and they do not say CA:TRUE. Looked for byte by byte.
fn says_no_ca(der: &[u8]) -> bool {
    const ID: [u8; 5] = [6, 3, 0x55, 0x1d, 19];
    let Some(at) = der.windows(ID.len()).position(|window| window == ID) else { return false };
    let rest = &der[at + ID.len()..];
    let rest = if rest.first() == Some(&1) { rest.get(3..).unwrap_or_default() } else { rest };
    // OCTET STRING, SEQUENCE, BOOLEAN.
    match *rest {
        [4, 5, 0x30, 3, 1, 1, is_ca, ..] | [4, 8, 0x30, 6, 1, 1, is_ca, 2, 1, ..] => is_ca == 0,
        _ => true,
    }
}
