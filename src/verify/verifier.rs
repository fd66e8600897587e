//! Verifies servers by the trust anchors that their certificates ask for. It may use `watch`,
//! `verified`, `origin`, `pins`, `algorithms` and `store`, and rustls for every verdict but on what is pinned.

use super::algorithms;
use super::origin::Origin;
use super::pins;
use super::verified::{Chain, Verdict};
use super::watch::Watch;
use crate::store::snapshot::Snapshot;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use std::iter;
use std::sync::Arc;

/// What rustls' own verifier does, step by step, with the trust anchors of the moment.
#[derive(Debug)]
pub(super) struct Verifier {
    watch: Arc<Watch>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    pub(super) fn new(watch: Arc<Watch>, provider: &CryptoProvider) -> Self {
        Self { watch, algorithms: algorithms::of(provider) }
    }

    /// Whether a chain for the right server leads to what is trusted, or is named; `None` where that
    /// cannot be found out at the moment.
    fn trusts(&self, store: &Snapshot, chain: &Chain, at: UnixTime) -> Option<Verdict> {
        let (end_entity, intermediates) = chain.split_first()?;
        let certificate = ParsedCertificate::try_from(end_entity).ok()?;
        let roots = store.roots_for(chain.iter()).ok()?;
        let all = self.algorithms.all;
        let result =
            verify_server_cert_signed_by_trust_anchor(&certificate, &roots, intermediates, at, all);
        if result.is_ok() {
            return Some(Verdict::Issued);
        }
        let is_pinned = store.pins(end_entity).ok()? && pins::check(end_entity, at).is_ok();
        Some(if is_pinned { Verdict::Pinned } else { Verdict::Refused })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let certificate = ParsedCertificate::try_from(end_entity)?;
        let chain = || iter::once(end_entity).chain(intermediates);
        let verify = |roots| {
            let all = self.algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&certificate, roots, intermediates, now, all)
        };
        let (mut store, some) = self.watch.some_roots_for(chain());
        let (mut all, mut verdict) = (None, Verdict::Issued);
        // Only by all of them is anybody refused.
        if some.is_empty() || verify(&some).is_err() {
            let (latest, roots) = self.watch.roots_for(chain)?;
            store = latest;
            if let Err(error) = verify(&roots) {
                let (latest, is_pinned) = self.watch.pins(end_entity)?;
                if !is_pinned {
                    if error == Error::InvalidCertificate(CertificateError::UnknownIssuer) {
                        store.tell_unread_bundles();
                        store.tell_no_ca(chain());
                    }
                    return Err(error);
                }
                pins::verify(end_entity, now, error)?;
                (store, verdict) = (latest, Verdict::Pinned);
            } else {
                all = Some(roots);
            }
        }
        verify_server_name(&certificate, server_name)?;
        let (verified, generation) = (&self.watch.verified, store.generation());
        let origin = || match verdict {
            // Who has issued it was not asked.
            Verdict::Pinned => Some(None),
            _ => all.as_ref().map(|roots| Origin::of(end_entity, intermediates, roots)),
        };
        let others = verified.remember(server_name, chain(), verdict, origin, generation, now);
        for (old, at) in &others.old {
            if let Some(verdict) = self.trusts(&store, old, *at) {
                verified.judged(server_name, old, generation, verdict);
            }
        }
        for known in &others.untraced {
            let roots = store.roots_for(known.iter());
            let origin = roots.ok().and_then(|roots| Origin::of(&known[0], &known[1..], &roots));
            verified.traced(server_name, known, generation, origin);
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
