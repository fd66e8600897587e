//! The settings of the process, for whoever makes a configuration in it.

use super::Settings;
use crate::error::{Error, ErrorKind};
use std::sync::OnceLock;

/// Set by the application, or, with `None`, by the first who had to go by it.
static INSTALLED: OnceLock<Option<Settings>> = OnceLock::new();

/// The settings of the process, if there are any by now.
pub(crate) fn installed() -> Option<&'static Settings> {
    INSTALLED.get().and_then(Option::as_ref)
}

/// The settings of the process, if there are any. From now on there are no others.
pub(crate) fn settled() -> Option<&'static Settings> {
    INSTALLED.get_or_init(|| None).as_ref()
}

impl Settings {
    /// Makes these the settings of the process: of every client configuration that is made from now
    /// on, [`client_config`](crate::client_config) in a library included, as far as its own settings
    /// do not say otherwise. To be called once, by the program and not by a library, before any is
    /// made.
    ///
    /// ```no_run
    /// cacerts::Settings::new().ca_certs("/etc/app/ca.pem").install_default()?;
    /// # Ok::<(), cacerts::Error>(())
    /// ```
    ///
    /// The [`names`](Self::names) go with them: their variables are read for every client, after those
    /// that it declares itself. Nothing is read yet: a path that cannot be used is an error where a
    /// configuration is made. A [`server_config`](Self::server_config) does not go by the settings of the
    /// process.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooLate`] where there are settings of the process already, or where somebody has
    /// made a client configuration or resolved a store ([`resolve`](Self::resolve)) without any: these
    /// are then not used.
    pub fn install_default(self) -> Result<(), Error> {
        INSTALLED.set(Some(self)).map_err(|_| {
            let why = match installed() {
                Some(_) => "others were installed before",
                None => "somebody has gone by the defaults already",
            };
            Error::new(
                ErrorKind::TooLate,
                format!(
                    "these settings cannot become those of the process: {why}; call \
                     install_default once, before anything else of cacerts"
                ),
            )
        })
    }
}
