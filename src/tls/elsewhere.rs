//! The trust store for a configuration that somebody else makes, or that is none of rustls: what is
//! not about trust anchors cannot go with it.

use crate::error::{Error, ErrorKind};
use crate::resolve::Asked;
use crate::settings::{Named, Settings, TlsVersion};
use crate::verify::TrustStore;

impl Settings {
    /// The store that was decided on, opened, for what takes a list of certificates or a verifier and
    /// no [`client_config`](Self::client_config).
    ///
    /// What had to be skipped is logged (by the crate log) as far as it is known; see [`TrustStore`].
    /// With [`reload(false)`](Self::reload) it has been read from beginning to end, and its verifiers
    /// follow nothing.
    ///
    /// # Errors
    ///
    /// As [`client_config`](Self::client_config); and [`ErrorKind::InvalidSetting`] where a setting
    /// stands that a store cannot carry: verification that is off, a client certificate, a TLS version
    /// newer than 1.2. That counts for the settings of the process
    /// ([`install_default`](Self::install_default)), too.
    pub fn trust_store(&self) -> Result<TrustStore, Error> {
        let asked = Asked::of_client(self);
        if let Some((setting, asks)) = not_carried(asked)? {
            let message = format!(
                "{setting} {asks}, which cannot be kept here, where only a CA store is asked for; unset \
                 it, or make this connection with a configuration of the crate cacerts"
            );
            return Err(Error::new(ErrorKind::InvalidSetting, message).with_setting(setting.name));
        }
        super::store(asked, &asked.resolve_servers()?)
    }
}

/// The first setting that has to do with something else than the store, and what it asks for.
fn not_carried(asked: Asked<'_>) -> Result<Option<(Named<'_>, String)>, Error> {
    if let (false, Some(named)) = asked.verifies()? {
        return Ok(Some((named, "turns verification off".to_owned())));
    }
    if let Some(files) = asked.identity() {
        let (named, what) = match files.cert {
            Some(_) => (files.cert_name, "certificate"),
            None => (files.key_name, "key"),
        };
        return Ok(Some((named, format!("names a client's {what}"))));
    }
    let (minimum, named) = asked.tls_minimum_named()?;
    let is_asked = minimum > TlsVersion::Tls12;
    Ok(is_asked.then(|| (named, format!("asks for TLS {minimum} or later"))))
}
