//! The peers' ways to trust anchors, and plain rustls on top of them.

use crate::pki;
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore, crypto};
use std::sync::Arc;

/// The provider that cacerts takes by default.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(crypto::ring::default_provider())
}

/// A configuration that trusts these roots, all else default.
pub fn config(roots: RootCertStore) -> ClientConfig {
    ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("ring speaks all versions")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// What a program has that embeds Mozilla's roots.
pub fn embedded() -> RootCertStore {
    webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()
}

/// The same, had it been built with the local server's root among them.
pub fn embedded_with_ours() -> RootCertStore {
    webpki_roots::TLS_SERVER_ROOTS.iter().cloned().chain([pki::ROOT]).collect()
}

/// The system's roots, or those of `SSL_CERT_FILE`, as rustls-native-certs loads them.
pub fn native() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    assert!(!roots.is_empty(), "rustls-native-certs has found nothing");
    roots
}
