//! What the user or the application asked for. It may use `error`, `defaults` and nothing else of
//! this crate, and reads nothing: no file, no variable.

use crate::defaults;
use crate::error::{Error, ErrorKind};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// What a TLS client may be told about trust; everything is optional.
///
/// Settings come in two ways, and each keeps its rank. What is set **by calls** on this type counts
/// as an argument and beats everything. What is **deserialised** (feature `serde`) counts as
/// configuration, which the environment beats. See the [crate's documentation](crate) for the whole
/// order. The keys of a configuration file have the names of the methods:
///
/// ```toml
/// ca_certs = "/etc/ssl/private-ca.pem"   # only this store; absolute, or ~/...
/// extra_ca_certs = ["~/test-ca.pem"]     # in addition; one path or a list
/// client_cert = "/etc/app/client.pem"
/// client_key = "/etc/app/client.key"     # not needed if client_cert holds the key as well
/// verify = true
/// min_tls_version = "1.3"
/// ```
///
/// An empty path counts as not set. An unknown key is an error: a misspelt `ca_certs` must not end
/// in a wider trust. Give the settings a table of their own, therefore, and do not flatten them into
/// another: with serde's `flatten` unknown keys go unnoticed.
///
/// # Example
///
/// ```no_run
/// let config = cacerts::Settings::new().ca_certs("/etc/ssl/private-ca.pem").client_config()?;
/// # Ok::<(), cacerts::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Settings {
    pub(crate) argument: Layer,
    /// Highest first.
    pub(crate) config: Vec<ConfigLayer>,
    pub(crate) flags: Vec<(&'static str, String)>,
    pub(crate) variable: Option<String>,
    pub(crate) reload: Option<bool>,
}

/// What one source of settings says.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(deny_unknown_fields, default))]
pub(crate) struct Layer {
    pub(crate) ca_certs: Option<PathBuf>,
    #[cfg_attr(feature = "serde", serde(deserialize_with = "one_or_many"))]
    pub(crate) extra_ca_certs: Vec<PathBuf>,
    pub(crate) client_cert: Option<PathBuf>,
    pub(crate) client_key: Option<PathBuf>,
    pub(crate) verify: Option<bool>,
    pub(crate) min_tls_version: Option<TlsVersion>,
}

/// A configuration file's settings.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConfigLayer {
    pub(crate) file: Option<PathBuf>,
    pub(crate) layer: Layer,
}

impl Settings {
    /// Nothing set: everything is as it was baked in and as the environment says.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts the store at this path, a PEM file or a directory, **instead of any other**.
    pub fn ca_certs(mut self, path: impl Into<PathBuf>) -> Self {
        self.argument.ca_certs = Some(path.into());
        self
    }

    /// Trusts the certificates at this path, a PEM file or a directory, **in addition** to the
    /// store, whichever that is. May be called more than once, and adds to what is configured.
    pub fn extra_ca_certs(mut self, path: impl Into<PathBuf>) -> Self {
        self.argument.extra_ca_certs.push(path.into());
        self
    }

    /// Shows this certificate (a PEM file, the chain after it) to servers that ask for one.
    pub fn client_cert(mut self, path: impl Into<PathBuf>) -> Self {
        self.argument.client_cert = Some(path.into());
        self
    }

    /// The key of the client certificate, a PEM file, not encrypted. Default: the file of the
    /// certificate.
    pub fn client_key(mut self, path: impl Into<PathBuf>) -> Self {
        self.argument.client_key = Some(path.into());
        self
    }

    /// Whether servers have to prove who they are. Default: `true`.
    ///
    /// With `false` anybody on the way can read and change what is sent. Handshake signatures are
    /// still checked, no trust file is opened, whatever `ca_certs` says, and a warning is logged for
    /// every configuration made and for every request of a `Client`.
    pub fn verify(mut self, verify: bool) -> Self {
        self.argument.verify = Some(verify);
        self
    }

    /// Speaks no older TLS version. Default, and the oldest that may be asked for:
    /// [`CACERTS_TLS_MIN_VERSION`](crate::defaults::CACERTS_TLS_MIN_VERSION).
    pub fn min_tls_version(mut self, version: TlsVersion) -> Self {
        self.argument.min_tls_version = Some(version);
        self
    }

    /// Declares the application's own variable for `ca_certs`, such as `OS_CACERT`. It beats
    /// `SSL_CERT_FILE` and the configuration, and an argument beats it.
    pub fn ca_certs_variable(mut self, name: impl Into<String>) -> Self {
        self.variable = Some(name.into());
        self
    }

    /// Whether a configuration follows its trust store when that is replaced. Default: `true`.
    ///
    /// What is replaced, by another file or in place, is trusted on the first handshake that begins
    /// a second after it or later, and no session is resumed from before. There is no thread:
    /// handshakes look, at most once a second, with one stat for the file (for a directory, for it and
    /// for each of its files that is in use).
    ///
    /// Something unusable in its place is not used. What was there before is still trusted, and a
    /// warning is logged, after 2 seconds again, then less and less often, at least every 2 minutes.
    /// That takes the old content: it is in the old file if another one has taken its place, and in
    /// memory from the first look at an unchanged file. A file that is overwritten in place with
    /// something unusable before any handshake has looked at it is lost, and then only those anchors
    /// are trusted that were used already, until there is a usable file again.
    ///
    /// If a chain that was verified for a server's name is not trusted after a replacement, sessions
    /// for that name are no longer kept: rustls does not tell whether a ticket has come on a connection
    /// of the time before.
    ///
    /// With `false` the store is read from beginning to end when the configuration is made, and
    /// never again; for programs that give up their access to the file system. Sessions are then
    /// resumed as rustls does by default.
    pub fn reload(mut self, reload: bool) -> Self {
        self.reload = Some(reload);
        self
    }

    /// Tells the name under which the application offers a setting to its user, for messages and for
    /// [`Candidate::setting`](crate::Candidate): `.flag("ca_certs", "--os-cacert")`. The setting goes by
    /// the name of its method here.
    pub fn flag(mut self, setting: &'static str, name: impl Into<String>) -> Self {
        self.flags.push((setting, name.into()));
        self
    }

    /// Remembers which file these settings were deserialised from, for messages.
    pub fn read_from(mut self, file: impl Into<PathBuf>) -> Self {
        let file = file.into();
        for config in self.config.iter_mut().filter(|config| config.file.is_none()) {
            config.file = Some(file.clone());
        }
        self
    }

    /// Puts other settings below these: they count where these say nothing, and, however they were
    /// made, as configuration.
    pub fn over(mut self, lower: Self) -> Self {
        if lower.argument != Layer::default() {
            self.config.push(ConfigLayer { file: None, layer: lower.argument });
        }
        self.config.extend(lower.config);
        self.flags.extend(lower.flags);
        self.variable = self.variable.or(lower.variable);
        self.reload = self.reload.or(lower.reload);
        self
    }

    /// Whether servers have to prove who they are.
    #[must_use]
    pub fn verifies(&self) -> bool {
        self.first(|layer| layer.verify).is_none_or(|(verify, _)| verify)
    }

    /// The oldest TLS version to speak.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidSetting`] where a version is asked for that is older than the baked one.
    pub(crate) fn tls_minimum(&self) -> Result<TlsVersion, Error> {
        self.tls_minimum_over(defaults::CACERTS_TLS_MIN_VERSION.parse()?)
    }

    pub(crate) fn tls_minimum_over(&self, baked: TlsVersion) -> Result<TlsVersion, Error> {
        match self.first(|layer| layer.min_tls_version) {
            Some((asked, place)) if asked < baked => Err(Error::new(
                ErrorKind::InvalidSetting,
                format!(
                    "{} asks for TLS {asked}, and this program speaks no version older than \
                     {baked} (CACERTS_TLS_MIN_VERSION); ask for {baked} or nothing",
                    place.describe(self.name("min_tls_version", place))
                ),
            )
            .with_setting(self.name("min_tls_version", place))),
            Some((asked, _)) => Ok(asked),
            None => Ok(baked),
        }
    }

    /// The name under which the user knows a setting that stands at this place.
    pub(crate) fn name<'a>(&'a self, setting: &'static str, place: Place<'_>) -> &'a str {
        let flag = || self.flags.iter().find(|(named, _)| *named == setting);
        match place {
            Place::Argument => flag().map_or(setting, |(_, name)| name),
            Place::Config(_) => setting,
        }
    }

    /// What the highest layer says that says something about one setting, and where.
    pub(crate) fn first<'a, T>(
        &'a self,
        says: impl Fn(&'a Layer) -> Option<T>,
    ) -> Option<(T, Place<'a>)> {
        let argument = says(&self.argument).map(|value| (value, Place::Argument));
        argument.or_else(|| {
            self.config.iter().find_map(|config| {
                says(&config.layer).map(|value| (value, Place::Config(config.file.as_deref())))
            })
        })
    }
}

/// Where the value of a setting stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Place<'a> {
    Argument,
    Config(Option<&'a Path>),
}

impl Place<'_> {
    /// How a message names the setting at this place.
    pub(crate) fn describe(self, setting: &str) -> String {
        match self {
            Self::Config(Some(file)) => format!("{setting} in {}", file.display()),
            Self::Argument | Self::Config(None) => setting.to_owned(),
        }
    }
}

/// A TLS version that rustls speaks: there is no older one than 1.2.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.2, RFC 5246.
    Tls12,
    /// TLS 1.3, RFC 8446.
    Tls13,
}

impl FromStr for TlsVersion {
    type Err = Error;

    /// Reads `1.2` or `1.3`.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "1.2" => Ok(Self::Tls12),
            "1.3" => Ok(Self::Tls13),
            _ => Err(Error::new(
                ErrorKind::InvalidSetting,
                format!(
                    "{text:?} is not a TLS version that can be asked for: allowed are 1.2 and 1.3 \
                     (rustls speaks neither TLS 1.0 and 1.1 nor SSL)"
                ),
            )),
        }
    }
}

impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Tls12 => "1.2",
            Self::Tls13 => "1.3",
        })
    }
}

#[cfg(feature = "serde")]
mod serialised {
    use super::{ConfigLayer, Layer, Settings, TlsVersion};
    use serde::{Deserialize, Deserializer, de};
    use std::path::PathBuf;

    impl<'de> Deserialize<'de> for Settings {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let mut layer = Layer::deserialize(deserializer)?;
            // An empty path is a template's way to say nothing. That of `ca_certs` is kept, so that
            // `explain` can tell.
            layer.extra_ca_certs.retain(|path| !path.as_os_str().is_empty());
            layer.client_cert = layer.client_cert.filter(|path| !path.as_os_str().is_empty());
            layer.client_key = layer.client_key.filter(|path| !path.as_os_str().is_empty());
            Ok(Self { config: vec![ConfigLayer { layer, ..Default::default() }], ..Self::new() })
        }
    }

    impl<'de> Deserialize<'de> for TlsVersion {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
        }
    }

    pub(super) fn one_or_many<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<PathBuf>, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a path or a list of paths")]
        enum Paths {
            One(PathBuf),
            Many(Vec<PathBuf>),
        }
        Ok(match Paths::deserialize(d)? {
            Paths::One(path) => vec![path],
            Paths::Many(paths) => paths,
        })
    }
}
#[cfg(feature = "serde")]
use serialised::one_or_many;
