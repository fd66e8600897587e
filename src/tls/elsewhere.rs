//! The trust store for a configuration that somebody else makes, or that is none of rustls: what is
//! not about trust anchors cannot go with it.

use crate::error::{Error, ErrorKind};
use crate::resolve::Asked;
use crate::settings::{Settings, TlsVersion};
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
        if let Some(setting) = not_carried(asked)? {
            let message = format!(
                "{setting} is set, and cannot be kept here, where only a CA store is asked for; unset \
                 it, or make this connection with a configuration of the crate cacerts"
            );
            return Err(Error::new(ErrorKind::InvalidSetting, message).with_setting(&setting));
        }
        super::store(asked, &asked.resolve_servers()?)
    }
}

/// The first setting that has to do with something else than the store.
fn not_carried(asked: Asked<'_>) -> Result<Option<String>, Error> {
    if let (false, Some(named)) = asked.verifies()? {
        return Ok(Some(named.to_string()));
    }
    if let Some(files) = asked.identity() {
        let named = if files.cert.is_some() { files.cert_name } else { files.key_name };
        return Ok(Some(named.to_string()));
    }
    let minimum = asked.tls_minimum()?;
    Ok((minimum > TlsVersion::Tls12).then(|| format!("TLS {minimum} as the oldest version")))
}
