//! Trust anchors and settings to a configuration for clients.

use super::identity::Identity;
use super::unverified::Unverified;
use super::{provider, unusable_provider, versions, whole};
use crate::error::Error;
use crate::resolve::{Asked, Candidate, Origin, Outcome, Resolution};
use crate::settings::Settings;
use crate::store::TrustStore;
use rustls::{ClientConfig, RootCertStore};
use std::fmt;
use std::sync::Arc;

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
        let asked = Asked::of_client(self);
        warn_if_unverified(asked)?;
        configured(asked).map(|(config, _)| config)
    }
}

/// The configuration, and what it trusts. That it may be anybody is left to the caller to say.
pub(crate) fn configured(asked: Asked<'_>) -> Result<(ClientConfig, Trusted), Error> {
    let versions = versions(asked.tls_minimum()?);
    let provider = provider()?;
    let (verification, trusted) = verification(asked)?;
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .map_err(|e| unusable_provider(&e))?;
    let mut resumption = None;
    let builder = match verification {
        // Not by a verifier that is made first, which brings along what reads revocation lists.
        Verification::Fixed(roots) => builder.with_root_certificates(roots),
        Verification::Following(store) => {
            resumption = Some(store.resumption());
            builder.dangerous().with_custom_certificate_verifier(store.verifier(provider))
        }
        Verification::Off => {
            let verifier = Arc::new(Unverified::new(&provider));
            builder.dangerous().with_custom_certificate_verifier(verifier)
        }
    };
    let mut config = match Identity::read(asked)? {
        None => builder.with_no_client_auth(),
        Some(identity) => identity.add_to_client(builder)?,
    };
    if let Some(resumption) = resumption {
        config.resumption = resumption;
    }
    Ok((config, trusted))
}

/// To be said every time: nobody should get used to it.
pub(crate) fn warn_if_unverified(asked: Asked<'_>) -> Result<(), Error> {
    if asked.verifies()?.0 {
        return Ok(());
    }
    log::warn!(
        "verification is off: the server may be anybody, and anybody on the way can read and \
         change what is sent"
    );
    let named = |c: &Candidate| {
        c.outcome == Outcome::Chosen && !matches!(c.origin, Origin::BuiltIn | Origin::Search)
    };
    if let Some(candidate) = asked.candidates().into_iter().find(named) {
        log::warn!("verification is off, so {} is not used", candidate.setting);
    }
    Ok(())
}

/// How servers are verified.
enum Verification {
    Fixed(Arc<RootCertStore>),
    Following(TrustStore),
    Off,
}

fn verification(asked: Asked<'_>) -> Result<(Verification, Trusted), Error> {
    if !asked.verifies()?.0 {
        return Ok((Verification::Off, Trusted::Anybody));
    }
    let resolution = asked.resolve_servers()?;
    let store = resolution.load()?;
    let verification = if asked.reload() {
        store.tell_skipped();
        Verification::Following(store)
    } else {
        Verification::Fixed(whole(&store, &resolution)?)
    };
    Ok((verification, Trusted::Stores(resolution)))
}

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
            write!(f, "{and}{} ({})", source.path().display(), source.named())?;
        }
        Ok(())
    }
}
