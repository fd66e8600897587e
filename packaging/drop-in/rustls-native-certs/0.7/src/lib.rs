//! rustls-native-certs 0.7 over cacerts: the certificates of the store that was decided on when the
//! program was built, and no other's.
//!
//! `SSL_CERT_FILE` and `SSL_CERT_DIR` replace it, as cacerts has it. What had to be skipped in a store
//! that can be used is logged, and is no error.

mod note;

use cacerts::{Settings, TrustStore};
use pki_types::CertificateDer;
use std::io::{Error, ErrorKind};

/// What is said of this crate in a program that has it.
const NOTE: &str =
    concat!("CACERTS_DROP_IN = \"rustls-native-certs ", env!("CARGO_PKG_VERSION"), "\"\n");

/// Reads the store. It is read anew in each call.
///
/// # Errors
///
/// It cannot be used. The text names the setting, the path and the next step.
pub fn load_native_certs() -> Result<Vec<CertificateDer<'static>>, Error> {
    let store = Settings::new().trust_store().and_then(TrustStore::only_cas).map_err(|error| {
        log::error!("the CA store cannot be used: {error}");
        let kind = match error.kind() {
            cacerts::ErrorKind::StoreMissing => ErrorKind::NotFound,
            _ => ErrorKind::InvalidData,
        };
        Error::new(kind, error)
    })?;
    Ok(store.certificates().to_vec())
}
