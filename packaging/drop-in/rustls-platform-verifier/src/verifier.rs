//! The verifier: opens the store when a server has to be verified, and adds extra roots to it.

use cacerts::{Settings, TrustStore};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::sync::{Arc, OnceLock};

/// Trusts the store that was decided on, and follows it when it is replaced.
///
/// It is opened at the first handshake; while it cannot be used, handshakes end in an error that says
/// why ([`Error::General`]), and each tries again.
#[derive(Debug)]
pub struct Verifier {
    provider: Arc<CryptoProvider>,
    opened: OnceLock<Opened>,
    extra: Option<Arc<dyn ServerCertVerifier>>,
}

#[derive(Debug)]
struct Opened {
    store: TrustStore,
    verifier: Arc<dyn ServerCertVerifier>,
}

impl Verifier {
    /// Trusts the store.
    ///
    /// # Errors
    ///
    /// None.
    pub fn new(crypto_provider: Arc<CryptoProvider>) -> Result<Self, Error> {
        Self::new_with_extra_roots([], crypto_provider)
    }

    /// Trusts the store, and these roots in addition: for them, too, a store that cannot be used is
    /// only logged.
    ///
    /// # Errors
    ///
    /// One of the roots cannot be a trust anchor.
    pub fn new_with_extra_roots(
        extra_roots: impl IntoIterator<Item = CertificateDer<'static>>,
        crypto_provider: Arc<CryptoProvider>,
    ) -> Result<Self, Error> {
        let mut extra_roots = extra_roots.into_iter().peekable();
        let extra = match extra_roots.peek() {
            Some(_) => Some(of(extra_roots, Arc::clone(&crypto_provider))?),
            None => None,
        };
        Ok(Self { provider: crypto_provider, opened: OnceLock::new(), extra })
    }

    /// Session resumption that goes by the store.
    pub(crate) fn resumption(&self) -> Result<Resumption, Error> {
        Ok(self.opened()?.store.resumption())
    }

    fn opened(&self) -> Result<&Opened, Error> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        let store = Settings::new().trust_store().map_err(|error| {
            let why = format!("the CA store cannot be used: {error}");
            match self.extra {
                Some(_) => log::warn!("{why}"),
                None => log::error!("{why}"),
            }
            Error::General(why)
        })?;
        let verifier = store.verifier(Arc::clone(&self.provider));
        Ok(self.opened.get_or_init(|| Opened { store, verifier }))
    }

    fn algorithms(&self) -> &WebPkiSupportedAlgorithms {
        &self.provider.signature_verification_algorithms
    }
}

/// A verifier that trusts these roots alone.
pub(crate) fn of(
    certificates: impl IntoIterator<Item = CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots.add(certificate)?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
    verifier
        .map(|verifier| verifier as Arc<dyn ServerCertVerifier>)
        .map_err(|error| Error::General(error.to_string()))
}

/// Whether a chain that the store does not vouch for may be one of the extra roots': not where it has
/// said that a certificate is not to be trusted at all.
fn may_lead_elsewhere(error: &Error) -> bool {
    use CertificateError::{ApplicationVerificationFailure, Other, Revoked};
    match error {
        Error::InvalidCertificate(why) => {
            !matches!(why, ApplicationVerificationFailure | Other(_) | Revoked)
        }
        // The store cannot be used.
        Error::General(_) => true,
        _ => false,
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        #[cfg(feature = "cert-logging")]
        {
            use base64::Engine;
            let text = base64::engine::general_purpose::STANDARD.encode(end_entity);
            log::debug!("verifying certificate: {text}");
        }
        let verify = |verifier: &Arc<dyn ServerCertVerifier>| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        let verdict = self.opened().and_then(|opened| verify(&opened.verifier));
        match (verdict, &self.extra) {
            (Err(error), Some(extra)) if may_lead_elsewhere(&error) => verify(extra),
            (verdict, _) => verdict,
        }
        .inspect_err(|error| log::error!("the server is not trusted: {error}"))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, self.algorithms())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, self.algorithms())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms().supported_schemes()
    }
}
