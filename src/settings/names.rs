//! What an application calls the settings. It uses nothing else of this crate.

/// One of the settings that have a name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Setting {
    CaCerts,
    ExtraCaCerts,
    ClientCert,
    ClientKey,
    Verify,
    MinTlsVersion,
}

impl Setting {
    /// Its name in the API, and in a configuration file.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::CaCerts => "ca_certs",
            Self::ExtraCaCerts => "extra_ca_certs",
            Self::ClientCert => "client_cert",
            Self::ClientKey => "client_key",
            Self::Verify => "verify",
            Self::MinTlsVersion => "min_tls_version",
        }
    }
}

/// The flags and variables by which an application offers the settings to its users.
///
/// One line for each that has another name than the usual one:
///
/// ```
/// use cacerts::Names;
///
/// const NAMES: Names = Names::new()
///     .ca_certs(&["--os-cacert"], &["OS_CACERT"])
///     .client_cert(&["--os-cert"], &["OS_CERT"])
///     .client_key(&["--os-key"], &["OS_KEY"]);
/// let settings = cacerts::Settings::new().names(NAMES);
/// ```
///
/// The flags are what messages call a setting that was made by a call on
/// [`Settings`](crate::Settings), the first of several; `Arguments` (feature `clap`) is an argument
/// group that has them, and names them in its help. An application that has no flag for a setting
/// declares an empty list, and messages then have the name of the method.
///
/// The **variables** are read for each configuration made: the first that is set and not empty
/// counts. It is beaten by an argument, and beats configuration; of `ca_certs`, it also beats
/// `SSL_CERT_FILE` and `SSL_CERT_DIR`. A path is taken as it stands (no `~`, no list). A variable for
/// [`insecure`](Self::insecure) has to be `true` or `false`, anything else is an error. In a process
/// that is privileged beyond its caller ([`is_privileged`](crate::is_privileged)) none of them is
/// read.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Names([Name; 6]);

#[derive(Clone, Copy, Debug)]
struct Name {
    flags: &'static [&'static str],
    variables: &'static [&'static str],
}

impl Names {
    pub(crate) const KEYS: Self = Self([Name { flags: &[], variables: &[] }; 6]);

    /// No flags and no variables: messages have the names of the methods, which are also the keys of a
    /// configuration file.
    pub const fn keys() -> Self {
        Self::KEYS
    }

    /// The usual flags: `--ca-certs`, `--extra-ca-certs`, `--client-cert`, `--client-key`,
    /// `--insecure` and `--min-tls-version`. No variables.
    pub const fn new() -> Self {
        Self::KEYS
            .ca_certs(&["--ca-certs"], &[])
            .extra_ca_certs(&["--extra-ca-certs"], &[])
            .client_cert(&["--client-cert"], &[])
            .client_key(&["--client-key"], &[])
            .insecure(&["--insecure"], &[])
            .min_tls_version(&["--min-tls-version"], &[])
    }

    /// Names [`Settings::ca_certs`](crate::Settings::ca_certs).
    pub const fn ca_certs(
        self,
        flags: &'static [&'static str],
        variables: &'static [&'static str],
    ) -> Self {
        self.with(Setting::CaCerts, flags, variables)
    }

    /// Names [`Settings::extra_ca_certs`](crate::Settings::extra_ca_certs). A variable holds one path.
    pub const fn extra_ca_certs(
        self,
        flags: &'static [&'static str],
        variables: &'static [&'static str],
    ) -> Self {
        self.with(Setting::ExtraCaCerts, flags, variables)
    }

    /// Names [`Settings::client_cert`](crate::Settings::client_cert).
    pub const fn client_cert(
        self,
        flags: &'static [&'static str],
        variables: &'static [&'static str],
    ) -> Self {
        self.with(Setting::ClientCert, flags, variables)
    }

    /// Names [`Settings::client_key`](crate::Settings::client_key).
    pub const fn client_key(
        self,
        flags: &'static [&'static str],
        variables: &'static [&'static str],
    ) -> Self {
        self.with(Setting::ClientKey, flags, variables)
    }

    /// Names the switch that turns verification off, the opposite of
    /// [`Settings::verify`](crate::Settings::verify): `--insecure`, or a variable that is `true`.
    pub const fn insecure(
        self,
        flags: &'static [&'static str],
        variables: &'static [&'static str],
    ) -> Self {
        self.with(Setting::Verify, flags, variables)
    }

    /// Names [`Settings::min_tls_version`](crate::Settings::min_tls_version).
    pub const fn min_tls_version(
        self,
        flags: &'static [&'static str],
        variables: &'static [&'static str],
    ) -> Self {
        self.with(Setting::MinTlsVersion, flags, variables)
    }

    const fn with(
        mut self,
        setting: Setting,
        flags: &'static [&'static str],
        variables: &'static [&'static str],
    ) -> Self {
        self.0[setting as usize] = Name { flags, variables };
        self
    }

    /// What a user of the application knows a setting by.
    pub(crate) fn name(&self, setting: Setting) -> &'static str {
        self.flags(setting).first().copied().unwrap_or_else(|| setting.key())
    }

    pub(crate) fn flags(&self, setting: Setting) -> &'static [&'static str] {
        self.0[setting as usize].flags
    }

    pub(crate) fn variables(&self, setting: Setting) -> &'static [&'static str] {
        self.0[setting as usize].variables
    }
}

impl Default for Names {
    fn default() -> Self {
        Self::new()
    }
}
