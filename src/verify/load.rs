//! What was decided on, opened. It may use `store`, `resolve` and `error`.

use super::TrustStore;
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::resolve::{Resolution, Source};
use crate::store::source;

impl Source {
    /// Loads this one source.
    ///
    /// # Errors
    ///
    /// As [`TrustStore::load`], with the setting that named the path, and what to do.
    pub fn load(&self) -> Result<TrustStore, Error> {
        self.open().map(|part| TrustStore::of(vec![part], Vec::new()))
    }
}

impl Resolution {
    /// Loads what was decided on, the extra certificates included. What the settings say of anything but
    /// the store is not looked at: [`Settings::trust_store`](crate::Settings::trust_store) refuses what would
    /// be lost.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::StoreMissing`] and [`ErrorKind::StoreInvalid`], as [`TrustStore::load`]; the
    /// text also names the setting and what to do. One of several that cannot be used is an error, but for
    /// a directory of the list in `SSL_CERT_DIR` that does not exist or holds nothing while another one of
    /// it is of use: that one is in [`skipped`](TrustStore::skipped), and is not looked at again.
    pub fn load(&self) -> Result<TrustStore, Error> {
        let (parts, skipped) = source::open_all(self.sources().iter().chain(self.extra()))?;
        Ok(TrustStore::of(parts, skipped))
    }
}
