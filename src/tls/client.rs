//! Trust anchors and settings to a configuration for clients.

use super::identity::Files;
use super::renewal::Identity;
use super::sessions::Sessions;
use super::unverified::Unverified;
use super::{provider, store, unusable_provider, versions};
use crate::error::Error;
use crate::resolve::{Asked, Candidate, Origin, Outcome, Resolution, Source};
use crate::settings::Settings;
use crate::shown;
use crate::verify::TrustStore;
use rustls::ClientConfig;
use rustls::client::danger::ServerCertVerifier;
use rustls::client::{ClientSessionMemoryCache, ClientSessionStore, Resumption};
use rustls::crypto::CryptoProvider;
use std::fmt;
use std::sync::Arc;

/// How many servers' sessions are kept where nobody is verified, as rustls keeps by default.
const SERVERS: usize = 256;

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
    /// store, and the certificate with its key, when they are replaced, and drops sessions then
    /// ([`reload`](Self::reload)). ALPN is left empty, and SNI and the rest are as rustls has them.
    ///
    /// A store that is a file may stay open: one descriptor. Processes that are forked afterwards share
    /// it, each follows the store by itself, and none has to make a configuration of its own. A program
    /// that closes all descriptors, to become a daemon, does so before.
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
        configured(asked).map(|made| made.config)
    }
}

/// A configuration, and what it was made of.
pub(crate) struct Made {
    pub(crate) config: ClientConfig,
    /// The verifier in it, which rustls does not give back.
    #[cfg_attr(not(feature = "client"), expect(dead_code))]
    pub(crate) verifier: Arc<dyn ServerCertVerifier>,
    /// The store that it goes by; none where nobody is verified.
    #[cfg_attr(not(feature = "client"), expect(dead_code))]
    pub(crate) store: Option<TrustStore>,
    #[cfg_attr(not(feature = "client"), expect(dead_code))]
    pub(crate) trusted: Trusted,
}

/// The configuration, and what it trusts. That it may be anybody is left to the caller to say.
pub(crate) fn configured(asked: Asked<'_>) -> Result<Made, Error> {
    let versions = versions(asked.tls_minimum()?);
    let provider = provider()?;
    let (verifier, store, trusted) = verifier(asked, &provider)?;
    let made =
        |config| Made { config, verifier: Arc::clone(&verifier), store: store.clone(), trusted };
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .map_err(|e| unusable_provider(&e))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&verifier));
    let of_store = store.clone();
    let sessions = move || match &of_store {
        None => Arc::new(ClientSessionMemoryCache::new(SERVERS)) as Arc<dyn ClientSessionStore>,
        Some(store) => store.sessions(),
    };
    let Some(files) = Files::asked(asked)? else {
        let mut config = builder.with_no_client_auth();
        config.resumption = Resumption::store(sessions());
        return Ok(made(config));
    };
    let identity = Identity::read(files, &provider, asked.reload())?;
    let resolver = Arc::clone(&identity);
    let mut config = builder.with_client_cert_resolver(resolver);
    config.resumption = Resumption::store(Arc::new(Sessions::new(identity, sessions)));
    Ok(made(config))
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

/// A verifier, the store that it goes by, and what it trusts.
fn verifier(asked: Asked<'_>, provider: &Arc<CryptoProvider>) -> Result<Verification, Error> {
    if !asked.verifies()?.0 {
        return Ok((Arc::new(Unverified::new(provider)), None, Trusted::Anybody));
    }
    let mut resolution = asked.resolve_servers()?;
    let store = store(asked, &resolution)?;
    store.tell_unusable_keys(provider);
    resolution.leave(|source| store.is_from(source.path()));
    let verifier = store.verifier(Arc::clone(provider));
    Ok((verifier, Some(store), Trusted::Stores(resolution)))
}

type Verification = (Arc<dyn ServerCertVerifier>, Option<TrustStore>, Trusted);

/// What a configuration trusts; to be displayed.
#[derive(Debug)]
pub(crate) enum Trusted {
    Anybody,
    Stores(Resolution),
}

impl Trusted {
    /// What a configuration of these settings trusts, or would; `None` where that cannot be decided.
    pub(crate) fn decided(asked: Asked<'_>) -> Option<Self> {
        if !asked.verifies().ok()?.0 {
            return Some(Self::Anybody);
        }
        let mut resolution = asked.resolve_servers().ok()?;
        let is_there = |source: &Source| source.path().exists();
        if resolution.sources().iter().any(is_there) {
            resolution.leave(is_there);
        }
        Some(Self::Stores(resolution))
    }

    /// The store, without what is added to it; empty where anybody is trusted.
    pub(crate) fn sources(&self) -> &[Source] {
        match self {
            Self::Anybody => &[],
            Self::Stores(resolution) => resolution.sources(),
        }
    }

    /// What is added to the store.
    pub(crate) fn extra(&self) -> &[Source] {
        match self {
            Self::Anybody => &[],
            Self::Stores(resolution) => resolution.extra(),
        }
    }
}

impl fmt::Display for Trusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Stores(resolution) = self else {
            return f.write_str("anybody");
        };
        for (place, source) in resolution.sources().iter().chain(resolution.extra()).enumerate() {
            let and = if place == 0 { "" } else { " and " };
            write!(f, "{and}{} ({})", shown::path(source.path()), source.named())?;
        }
        Ok(())
    }
}
