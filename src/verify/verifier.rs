//! Verifies servers by the trust anchors that their certificates ask for. It may use `watch`,
//! `verified`, `origin`, `pins`, `algorithms` and `store`, and rustls for every verdict but on what is pinned.

use super::algorithms;
use super::origin::Origin;
use super::pins;
use super::verified::{Chain, Verdict};
use super::watch::Watch;
use crate::store::distrust::Roots;
use crate::store::snapshot::{Pin, Snapshot};
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
        if !roots.are_for_all() {
            return Some(Verdict::Refused);
        }
        if self.judge(&certificate, &roots, intermediates, at).is_ok() {
            return Some(Verdict::Issued);
        }
        let is_pinned = matches!(store.pins(end_entity).ok()?, Pin::Named)
            && pins::check(end_entity, at).is_ok();
        Some(if is_pinned { Verdict::Pinned } else { Verdict::Refused })
    }

    /// What is trusted now, if a chain that is refused for this reason is a server's whose own certificate
    /// is named.
    fn pinned<'a, C: Iterator<Item = &'a CertificateDer<'a>>>(
        &self,
        store: Arc<Snapshot>,
        chain: impl Fn() -> C,
        now: UnixTime,
        refused: Error,
    ) -> Result<Arc<Snapshot>, Error> {
        let Some(end_entity) = chain().next() else { return Err(refused) };
        match self.watch.pins(end_entity)? {
            (latest, Pin::Named) => {
                pins::verify(end_entity, now, refused)?;
                Ok(latest)
            }
            (_, Pin::Rejected(mark)) => Err((&mark).into()),
            (_, Pin::None) => {
                if refused == Error::InvalidCertificate(CertificateError::UnknownIssuer) {
                    store.tell_unread_bundles();
                    store.tell_no_ca(chain());
                }
                Err(refused)
            }
        }
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
        let quick = (is_looked_for && !some.anchors.is_empty()).then(|| verify(&some));
        let (mut left, mut all, mut verdict) = (some.left(intermediates), None, Verdict::Issued);
        // Only by all of them is anybody refused.
        if !matches!(quick, Some(Ok(()))) {
            let (latest, roots) = self.watch.roots_for(chain)?;
            let judged = match quick {
                Some(refused) if Arc::ptr_eq(&latest, &store) && roots.are_no_more(&some) => {
                    refused
                }
                _ => verify(&roots),
            };
            (store, left) = (latest, roots.left(intermediates));
            if let Err(error) = judged {
                store = self.pinned(store, chain, now, error)?;
                verdict = Verdict::Pinned;
            } else {
                all = Some(roots);
            }
        }
        verify_server_name(&certificate, server_name)?;
        let generation = store.generation();
        let origin = || match verdict {
            // Who has issued it was not asked.
            Verdict::Pinned => Some(None),
            _ => all.as_ref().map(|roots: &Roots| Origin::of(end_entity, &left, &roots.anchors)),
        };
        let chain = iter::once(end_entity).chain(&*left);
        let others = verified.remember(server_name, chain, verdict, origin, generation, now);
        for (old, at) in &others.old {
            if let Some(verdict) = self.trusts(&store, old, *at) {
                verified.judged(server_name, old, generation, verdict);
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
