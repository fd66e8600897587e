//! Verifies servers by the trust anchors that their certificates ask for. It may use `watch`,
//! `verified`, `origin` and `store`, and rustls for every verdict.

use super::origin::Origin;
use super::verified::Chain;
use super::watch::Watch;
use crate::store::distrust::Roots;
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
        Self { watch, algorithms: provider.signature_verification_algorithms }
    }

    /// Whether a chain for the right server leads to what is trusted; `None` where that cannot be
    /// found out at the moment.
    fn trusts(&self, store: &Snapshot, chain: &Chain, at: UnixTime) -> Option<bool> {
        let (end_entity, intermediates) = chain.split_first()?;
        let certificate = ParsedCertificate::try_from(end_entity).ok()?;
        let roots = store.roots_for(chain.iter()).ok()?;
        Some(roots.are_for_all() && self.judge(&certificate, &roots, intermediates, at).is_ok())
    }

    /// rustls' verdict, without what is rejected.
    fn judge(
        &self,
        certificate: &ParsedCertificate<'_>,
        roots: &Roots,
        intermediates: &[CertificateDer<'_>],
        at: UnixTime,
    ) -> Result<(), Error> {
        let all = self.algorithms.all;
        roots.judge(intermediates, |anchors, intermediates| {
            verify_server_cert_signed_by_trust_anchor(certificate, anchors, intermediates, at, all)
        })
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
        let verify = |roots: &_| self.judge(&certificate, roots, intermediates, now);
        let verified = &self.watch.verified;
        let (mut store, some) = self.watch.some_roots_for(chain());
        // That nothing in a chain is rejected is known where it was looked for.
        let is_looked_for =
            !store.is_hashed() || verified.knows(server_name, chain(), store.generation());
        let (mut left, mut all) = (some.left(intermediates), None);
        // Only by all of them is anybody refused.
        if !is_looked_for || some.anchors.is_empty() || verify(&some).is_err() {
            let (now, roots) = self.watch.roots_for(chain)?;
            (store, left) = (now, roots.left(intermediates));
            verify(&roots).inspect_err(|e| {
                if *e == Error::InvalidCertificate(CertificateError::UnknownIssuer) {
                    store.tell_unread_bundles();
                }
            })?;
            all = Some(roots);
        }
        verify_server_name(&certificate, server_name)?;
        let generation = store.generation();
        let origin =
            || all.as_ref().map(|roots: &Roots| Origin::of(end_entity, &left, &roots.anchors));
        let chain = iter::once(end_entity).chain(&*left);
        let others = verified.remember(server_name, chain, origin, generation, now);
        for (old, at) in &others.old {
            if let Some(is_trusted) = self.trusts(&store, old, *at) {
                verified.judged(server_name, old, generation, is_trusted);
            }
        }
        for known in &others.untraced {
            let roots = store.roots_for(known.iter());
            let roots = roots.ok().map(|roots| roots.anchors);
            let origin = roots.and_then(|roots| Origin::of(&known[0], &known[1..], &roots));
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
