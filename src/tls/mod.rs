//! Trust anchors and settings to a rustls configuration. It may use `store`, `resolve`, `settings`,
//! `file` and `error`.

mod identity;
mod unverified;

use crate::error::{Error, ErrorKind};
use crate::resolve::Source;
use crate::settings::{Settings, TlsVersion};
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::version::TLS13;
use rustls::{ClientConfig, SupportedProtocolVersion};
use std::sync::Arc;
use unverified::Unverified;

/// A client configuration that trusts the store that was decided on, all else default.
///
/// The same as [`Settings::client_config`] with nothing set; see there.
///
/// # Errors
///
/// As [`Settings::client_config`].
///
/// # Example
///
/// ```no_run
/// let config = std::sync::Arc::new(cacerts::client_config()?);
/// # Ok::<(), cacerts::Error>(())
/// ```
pub fn client_config() -> Result<ClientConfig, Error> {
    Settings::new().client_config()
}

impl Settings {
    /// A client configuration with these settings.
    ///
    /// It decides on a store ([`resolve`](Self::resolve)), loads it, and reads the client
    /// certificate, all of it anew in each call: make one configuration and share it. ALPN is left
    /// empty, and session resumption, SNI and the rest are as rustls has them.
    ///
    /// The crypto provider is the one that is installed for the process
    /// ([`CryptoProvider::install_default`]); without one it is ring's where the feature `ring` is
    /// on, and aws-lc-rs's where only that feature is.
    ///
    /// # Errors
    ///
    /// A setting that is set and cannot be used is an error that names it, never a reason to trust
    /// something else: all kinds but those that only a connection has.
    pub fn client_config(&self) -> Result<ClientConfig, Error> {
        self.configured().map(|(config, _)| config)
    }

    /// The configuration, and in words what it trusts.
    pub(crate) fn configured(&self) -> Result<(ClientConfig, String), Error> {
        let provider = provider()?;
        let versions = versions(self.tls_minimum()?);
        let (verifier, trusted) = self.verifier(&provider)?;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .map_err(|e| {
                Error::new(
                    ErrorKind::NoProvider,
                    format!("the installed crypto provider cannot be used: {e}"),
                )
            })?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let config = match self.identity()? {
            None => builder.with_no_client_auth(),
            Some(identity) => identity.add_to(builder)?,
        };
        Ok((config, trusted))
    }

    /// To be said every time: nobody should get used to it.
    pub(crate) fn warn_if_unverified(&self) {
        if self.verifies() {
            return;
        }
        log::warn!(
            "verification is off: the server may be anybody, and anybody on the way can read and \
             change what is sent"
        );
        if self.first(|layer| layer.ca_certs.as_ref()).is_some() {
            log::warn!("verification is off, so ca_certs is not used");
        }
    }

    fn verifier(
        &self,
        provider: &Arc<CryptoProvider>,
    ) -> Result<(Arc<dyn ServerCertVerifier>, String), Error> {
        if !self.verifies() {
            self.warn_if_unverified();
            return Ok((Arc::new(Unverified::new(provider)), "anybody".to_owned()));
        }
        let resolution = self.resolve()?;
        let store = resolution.load()?;
        for skipped in store.skipped() {
            log::warn!("skipped in the trust store: {skipped}");
        }
        let words = resolution.sources().iter().chain(resolution.extra()).map(in_words);
        let words = words.collect::<Vec<_>>().join(" and ");
        Ok((store.verifier(Arc::clone(provider)), words))
    }
}

fn in_words(source: &Source) -> String {
    format!("{} ({})", source.path().display(), source.describe())
}

/// The one place where the crypto provider is chosen.
fn provider() -> Result<Arc<CryptoProvider>, Error> {
    if let Some(installed) = CryptoProvider::get_default() {
        return Ok(Arc::clone(installed));
    }
    #[cfg(feature = "ring")]
    return Ok(Arc::new(rustls::crypto::ring::default_provider()));
    #[cfg(all(feature = "aws-lc-rs", not(feature = "ring")))]
    return Ok(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    #[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
    Err(Error::new(
        ErrorKind::NoProvider,
        "there is no crypto provider: turn on the feature ring or aws-lc-rs of the crate cacerts, \
         or call CryptoProvider::install_default",
    ))
}

fn versions(minimum: TlsVersion) -> &'static [&'static SupportedProtocolVersion] {
    static ONLY_TLS13: [&SupportedProtocolVersion; 1] = [&TLS13];
    match minimum {
        TlsVersion::Tls12 => rustls::ALL_VERSIONS,
        TlsVersion::Tls13 => &ONLY_TLS13,
    }
}
