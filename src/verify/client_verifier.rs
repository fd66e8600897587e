//! Verifies clients by the trust anchors that their certificates ask for. It may use `watch`
//! and `store`, and rustls for every verdict.

use super::watch::Watch;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use std::iter;
use std::sync::Arc;

/// rustls' own verifier, made anew for each client with the trust anchors of the moment.
#[derive(Debug)]
pub(super) struct ClientVerifier {
    watch: Arc<Watch>,
    provider: Arc<CryptoProvider>,
    is_required: bool,
}

impl ClientVerifier {
    pub(super) fn new(watch: Arc<Watch>, provider: Arc<CryptoProvider>, is_required: bool) -> Self {
        Self { watch, provider, is_required }
    }

    fn algorithms(&self) -> &WebPkiSupportedAlgorithms {
        &self.provider.signature_verification_algorithms
    }
}

impl ClientCertVerifier for ClientVerifier {
    fn client_auth_mandatory(&self) -> bool {
        self.is_required
    }

    /// None, which stands for any: they could not be others when the store is.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        ParsedCertificate::try_from(end_entity)?;
        let chain = || iter::once(end_entity).chain(intermediates);
        let (store, roots) = self.watch.roots_for(chain)?;
        roots.judge(intermediates, |anchors, intermediates| {
            if anchors.is_empty() {
                store.tell_unread_bundles();
                return Err(CertificateError::UnknownIssuer.into());
            }
            let (anchors, provider) = (Arc::new(anchors.clone()), Arc::clone(&self.provider));
            WebPkiClientVerifier::builder_with_provider(anchors, provider)
                .build()
                .map_err(|e| Error::General(e.to_string()))?
                .verify_client_cert(end_entity, intermediates, now)
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, self.algorithms())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, self.algorithms())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms().supported_schemes()
    }
}
