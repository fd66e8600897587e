//! Verifies servers by the trust anchors that their certificates ask for. It may use `watch` and
//! `snapshot`, and rustls for every verdict.

use super::watch::Watch;
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
        let mut store = self.watch.now();
        let roots = store.roots_for(chain()).or_else(|_| {
            // A file was overwritten after it was opened: what is in it now?
            store = self.watch.again();
            store.roots_for(chain())
        });
        let roots = roots.map_err(|e| Error::General(e.to_string()))?;
        verify_server_cert_signed_by_trust_anchor(
            &certificate,
            &roots,
            intermediates,
            now,
            self.algorithms.all,
        )
        .inspect_err(|e| {
            if *e == Error::InvalidCertificate(CertificateError::UnknownIssuer) {
                store.tell_skipped_in_bundles();
            }
        })?;
        verify_server_name(&certificate, server_name)?;
        store.remember_verified(server_name);
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
