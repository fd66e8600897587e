//! Trust anchors and settings to rustls configurations. It may use `verify`, `resolve`, `settings`,
//! `file` and `error`.
//!
//! ```text
//! client         a configuration for clients
//!  -> unverified   of one that was told not to verify
//!  -> sessions     what it may resume
//! server         one for servers
//!  -> renewal      the certificate and key of either, as they are now
//!  -> identity     their files
//! elsewhere      the store alone, for a configuration that somebody else makes
//! failure        what rustls says of a connection, in our words
//!  -> explain      the same for the errors of other clients
//! ```

mod client;
mod elsewhere;
mod explain;
pub(crate) mod failure;
mod identity;
mod renewal;
mod server;
mod sessions;
mod unverified;

pub(crate) use client::Trusted;
pub use client::client_config;
#[cfg(feature = "client")]
pub(crate) use client::{Made, configured, warn_if_unverified};
#[cfg(feature = "client")]
pub(crate) use explain::to_be_checked;

use crate::error::{Error, ErrorKind};
use crate::resolve::{Asked, Resolution};
use crate::settings::TlsVersion;
use crate::verify::TrustStore;
use rustls::SupportedProtocolVersion;
use rustls::crypto::CryptoProvider;
use rustls::version::TLS13;
use std::sync::Arc;

/// The crypto provider that configurations are made with: the one that is installed for the process, or
/// else that of a feature, as [`Settings::client_config`](crate::Settings::client_config) tells.
///
/// # Errors
///
/// [`ErrorKind::NoProvider`]
pub fn crypto_provider() -> Result<Arc<CryptoProvider>, Error> {
    provider()
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

/// rustls refuses to be used with a provider.
fn unusable_provider(error: &rustls::Error) -> Error {
    Error::new(
        ErrorKind::NoProvider,
        format!("the installed crypto provider cannot be used: {error}"),
    )
}

/// The store that was decided on, which follows its files unless a setting says not to.
fn store(asked: Asked<'_>, resolution: &Resolution) -> Result<TrustStore, Error> {
    let opened = resolution.load()?;
    let store = match (asked.reload(), asked.keep_removed()) {
        (false, _) => opened.held()?,
        (true, Some(kept)) => opened.keeping(kept),
        (true, None) => opened,
    };
    store.tell_skipped();
    Ok(store)
}
