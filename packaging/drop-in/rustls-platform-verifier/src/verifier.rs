//! The verifier: opens the store when a server has to be verified, adds extra roots to it, and says why a
//! server is not trusted where nobody else will.

use cacerts::{ErrorKind, Settings, TrustStore};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Trusts the store that was decided on, and follows it when it is replaced.
///
/// It is opened at the first handshake; while it cannot be used, handshakes end in an error that says
/// why ([`Error::General`]), and each tries again.
///
/// Where no CA of the store has issued a server's certificate, the error is not
/// [`CertificateError::UnknownIssuer`], which is all that a program would print, but a
/// [`CertificateError::Other`] that says what the store is, which setting has named it, and what to do; its
/// source is rustls' own error. The server is told `certificate_unknown` then, not `unknown_ca`.
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
        let store = Settings::new().trust_store().map_err(|error| match error.kind() {
            // Extra roots do not make up for it.
            ErrorKind::InvalidSetting => Error::Other(OtherError(Arc::new(error))),
            _ => unusable(&error),
        })?;
        let verifier = store.verifier(Arc::clone(&self.provider));
        Ok(self.opened.get_or_init(|| Opened { store, verifier }))
    }

    fn algorithms(&self) -> &WebPkiSupportedAlgorithms {
        &self.provider.signature_verification_algorithms
    }
}

fn unusable(why: &cacerts::Error) -> Error {
    Error::General(format!("the CA store cannot be used: {why}"))
}

/// Why a server is not trusted, in the words of cacerts. rustls prints what it is given by Debug.
struct Explained {
    why: cacerts::Error,
    error: Error,
    has_extra: bool,
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let extra = if self.has_extra { ". The program trusts roots of its own, too" } else { "" };
        write!(f, "{}{extra}", self.why)
    }
}

impl fmt::Debug for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Explained {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// What rustls has only a structure for, or a name, in words. What it says itself in a sentence is left, and
/// so is what programs may tell apart.
fn explained(error: Error, has_extra: bool) -> Error {
    use CertificateError::{Other, UnknownIssuer};
    if !matches!(error, Error::InvalidCertificate(UnknownIssuer | Other(_))) {
        return error;
    }
    match Settings::new().explain(&error) {
        Some(why) => {
            let explained = Explained { why, error, has_extra };
            Error::InvalidCertificate(Other(OtherError(Arc::new(explained))))
        }
        None => error,
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
        Error::InvalidCertificate(ApplicationVerificationFailure | Other(_) | Revoked) => false,
        Error::InvalidCertificate(_) => true,
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
        let verdict = self.opened().and_then(|opened| {
            verify(&opened.verifier).map_err(|error| match &error {
                // It was removed, or cannot be read any more.
                Error::Other(OtherError(inner)) => {
                    inner.downcast_ref().map_or_else(|| error.clone(), unusable)
                }
                _ => error,
            })
        });
        match (verdict, &self.extra) {
            (Err(error), Some(extra)) if may_lead_elsewhere(&error) => {
                if let Error::General(why) = error {
                    log::warn!("only the extra roots are trusted: {why}");
                }
                verify(extra)
            }
            (verdict, _) => verdict,
        }
        .map_err(|error| explained(error, self.extra.is_some()))
        .inspect_err(|error| match error {
            Error::InvalidCertificate(CertificateError::Other(OtherError(why))) => {
                log::error!("{why}");
            }
            _ => log::error!("the server is not trusted: {error}"),
        })
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
