//! rustls-platform-verifier 0.6 and 0.7 over cacerts: trusts the store that was decided on when the
//! program was built.
//!
//! `SSL_CERT_FILE` and `SSL_CERT_DIR` replace it, as cacerts has it. A bare [`Verifier`] opens the store at
//! the first handshake, so that a program without one can be started, and speak http://.

mod note;
mod verifier;

pub use verifier::Verifier;

use rustls::client::{Resumption, WantsClientCert};
#[cfg(feature = "dbg")]
use rustls::crypto::CryptoProvider;
#[cfg(feature = "dbg")]
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, ConfigBuilder, WantsVerifier};
use std::sync::Arc;

/// What is said of this crate in a program that has it.
const NOTE: &str =
    concat!("CACERTS_DROP_IN = \"rustls-platform-verifier ", env!("CARGO_PKG_VERSION"), "\"\n");

/// Trusts this root alone, whatever was decided on; for debugging.
///
/// # Panics
///
/// It is not a certificate that can be a trust anchor.
#[cfg(feature = "dbg")]
pub fn verifier_for_dbg(
    root: CertificateDer<'static>,
    crypto_provider: Arc<CryptoProvider>,
) -> Arc<dyn rustls::client::danger::ServerCertVerifier> {
    verifier::of([root], crypto_provider).expect("the root can be used")
}

/// Puts the verifier into a configuration that is being built.
pub trait BuilderVerifierExt {
    /// Has the [`Verifier`] verify servers. Sessions that are resumed outlive what was taken out of the
    /// store; see [`ConfigVerifierExt`].
    ///
    /// # Errors
    ///
    /// None here: the store is opened at the first handshake.
    fn with_platform_verifier(
        self,
    ) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, rustls::Error>;
}

impl BuilderVerifierExt for ConfigBuilder<ClientConfig, WantsVerifier> {
    fn with_platform_verifier(
        self,
    ) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, rustls::Error> {
        let verifier = Verifier::new(Arc::clone(self.crypto_provider()))?;
        Ok(self.dangerous().with_custom_certificate_verifier(Arc::new(verifier)))
    }
}

/// Makes a configuration with the verifier.
pub trait ConfigVerifierExt {
    /// A configuration with the [`Verifier`] and the default provider, which resumes no session from
    /// before a change of the store. So the store is opened here; while it cannot be used, which is
    /// logged, it is tried again at each handshake, and nothing is ever resumed.
    ///
    /// # Errors
    ///
    /// None here.
    fn with_platform_verifier() -> Result<ClientConfig, rustls::Error>;
}

impl ConfigVerifierExt for ClientConfig {
    fn with_platform_verifier() -> Result<ClientConfig, rustls::Error> {
        let builder = Self::builder();
        let verifier = Verifier::new(Arc::clone(builder.crypto_provider()))?;
        let resumption = verifier.resumption().unwrap_or_else(|_| Resumption::disabled());
        let verifier = Arc::new(verifier);
        let mut config =
            builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
        config.resumption = resumption;
        Ok(config)
    }
}
