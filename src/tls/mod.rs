//! Trust anchors and settings to rustls configurations. It may use `verify`, `resolve`, `settings`,
//! `file` and `error`.

mod client;
mod elsewhere;
mod identity;
mod server;
mod unverified;

pub use client::client_config;
#[cfg(feature = "client")]
pub(crate) use client::{Trusted, configured, warn_if_unverified};

use crate::error::{Error, ErrorKind};
use crate::resolve::Resolution;
use crate::settings::TlsVersion;
use crate::verify::TrustStore;
use rustls::crypto::CryptoProvider;
use rustls::version::TLS13;
use rustls::{RootCertStore, SupportedProtocolVersion};
use std::sync::Arc;

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

/// A store as it is now, for configurations that do not follow it.
fn whole(store: &TrustStore, resolution: &Resolution) -> Result<Arc<RootCertStore>, Error> {
    for skipped in store.skipped() {
        log::warn!("{}", skipped.told());
    }
    let roots = store.root_cert_store();
    if roots.is_empty() {
        let path = resolution.sources()[0].path();
        let message = format!("{} was overwritten while it was read; try again", path.display());
        return Err(Error::new(ErrorKind::StoreInvalid, message).with_path(path));
    }
    Ok(Arc::new(roots))
}
