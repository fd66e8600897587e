//! Trust anchors and settings to a rustls configuration. It may use `store`, `resolve`, `settings`,
//! `file` and `error`.

mod identity;
mod unverified;

use crate::error::{Error, ErrorKind};
use crate::resolve::{Candidate, Origin, Outcome, Resolution};
use crate::settings::{Settings, TlsVersion};
use rustls::client::danger::ServerCertVerifier;
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::version::TLS13;
use rustls::{ClientConfig, SupportedProtocolVersion};
use std::fmt;
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
    /// It decides on a store ([`resolve`](Self::resolve)), opens it, and reads the client
    /// certificate, all of it anew in each call: make one configuration and share it. It follows the
    /// store when that is replaced, and drops sessions then ([`reload`](Self::reload)). ALPN is left
    /// empty, and SNI and the rest are as rustls has them.
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
        self.warn_if_unverified();
        self.configured().map(|(config, _)| config)
    }

    /// The configuration, and what it trusts. That it may be anybody is left to the caller to say.
    pub(crate) fn configured(&self) -> Result<(ClientConfig, Trusted), Error> {
        let provider = provider()?;
        let versions = versions(self.tls_minimum()?);
        let (verifier, resumption, trusted) = self.verifier(&provider)?;
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
        let mut config = match self.identity()? {
            None => builder.with_no_client_auth(),
            Some(identity) => identity.add_to(builder)?,
        };
        if let Some(resumption) = resumption {
            config.resumption = resumption;
        }
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
        let named = |c: &Candidate| {
            c.outcome == Outcome::Chosen && !matches!(c.origin, Origin::BuiltIn | Origin::Search)
        };
        if let Some(candidate) = self.candidates().into_iter().find(named) {
            log::warn!("verification is off, so {} is not used", candidate.setting);
        }
    }

    /// A verifier, the resumption that goes with it, and what it trusts.
    fn verifier(&self, provider: &Arc<CryptoProvider>) -> Result<Verification, Error> {
        if !self.verifies() {
            return Ok((Arc::new(Unverified::new(provider)), None, Trusted::Anybody));
        }
        let resolution = self.resolve_quickly()?;
        let store = resolution.load()?;
        let provider = Arc::clone(provider);
        if self.reload.unwrap_or(true) {
            store.tell_skipped();
            return Ok((
                store.verifier(provider),
                Some(store.resumption()),
                Trusted::Stores(resolution),
            ));
        }
        for skipped in store.skipped() {
            log::warn!("{}", skipped.told());
        }
        let roots = Arc::new(store.root_cert_store());
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider).build();
        let verifier = verifier.map_err(|_| {
            let path = resolution.sources()[0].path();
            let message =
                format!("{} was overwritten while it was read; try again", path.display());
            Error::new(ErrorKind::StoreInvalid, message).with_path(path)
        })?;
        Ok((verifier, None, Trusted::Stores(resolution)))
    }
}

type Verification = (Arc<dyn ServerCertVerifier>, Option<Resumption>, Trusted);

/// What a configuration trusts; to be displayed.
#[derive(Debug)]
pub(crate) enum Trusted {
    Anybody,
    Stores(Resolution),
}

impl fmt::Display for Trusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Stores(resolution) = self else {
            return f.write_str("anybody");
        };
        for (place, source) in resolution.sources().iter().chain(resolution.extra()).enumerate() {
            let and = if place == 0 { "" } else { " and " };
            write!(f, "{and}{} ({})", source.path().display(), source.describe())?;
        }
        Ok(())
    }
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
