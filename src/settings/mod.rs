//! What the user or the application asked for. It may use `error` and `shown`, nothing else of this
//! crate, and reads nothing: no file, no variable.

#[cfg(feature = "clap")]
mod arguments;
mod installed;
mod names;
#[cfg(feature = "serde")]
mod serialised;
mod version;

use crate::shown;
#[cfg(feature = "clap")]
pub use arguments::{Arguments, Naming, UsualNames};
pub(crate) use installed::{installed, settled};
pub use names::Names;
pub(crate) use names::Setting;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;
pub use version::TlsVersion;

/// What a TLS client may be told about trust; everything is optional.
///
/// Settings come in four ways, and each keeps its rank:
///
/// 1. What is set **by calls** on this type counts as an argument and beats everything; so does what
///    comes from `Arguments` (feature `clap`).
/// 2. The **variables** that the application declares with its [`Names`] beat configuration.
/// 3. What is **deserialised** (feature `serde`), and what is put below others with [`over`](Self::over),
///    counts as configuration.
/// 4. The settings of the process ([`install_default`](Self::install_default)) count where these say
///    nothing: at each rank below what is set here, so that an argument of the process still beats the
///    configuration here.
///
/// See the [crate's documentation](crate) for what else can decide on the store. The keys of a
/// configuration file have the names of the methods:
///
/// ```toml
/// ca_certs = "/etc/ssl/private-ca.pem"   # only this store; absolute, or ~/... (on Windows %USERPROFILE%)
/// extra_ca_certs = ["~/test-ca.pem"]     # in addition; one path or a list
/// client_cert = "/etc/app/client.pem"
/// client_key = "/etc/app/client.key"     # not needed if client_cert holds the key as well
/// verify = true
/// min_tls_version = "1.3"
/// ```
///
/// An empty path counts as not set; `verify` is a boolean, and no string or number is taken for one.
/// An unknown key is an error: a misspelt `ca_certs` must not end in a wider trust. Give the settings a
/// table of their own, of any name, therefore, and do not flatten them into another: with serde's
/// `flatten` unknown keys go unnoticed.
///
/// # Example
///
/// ```no_run
/// let config = cacerts::Settings::new().ca_certs("/etc/ssl/private-ca.pem").client_config()?;
/// # Ok::<(), cacerts::Error>(())
/// ```
///
/// A configuration file whose keys have other names is read by the application, and says what these
/// are:
///
/// ```
/// use cacerts::{Names, Settings};
///
/// const KEYS: Names = Names::keys()
///     .ca_certs(&["cacert"], &[])
///     .client_cert(&["cert"], &[])
///     .client_key(&["key"], &[]);
/// # let cacert = "/etc/cloud/ca.pem";
/// let cloud = Settings::new().names(KEYS).ca_certs(cacert);
/// let settings = Settings::new().over(cloud.read_from("/etc/cloud/clouds.yaml"));
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Settings {
    pub(crate) argument: Layer,
    /// Highest first.
    pub(crate) config: Vec<ConfigLayer>,
    pub(crate) names: Option<Names>,
    pub(crate) reload: Option<bool>,
    pub(crate) keep_removed: Option<Duration>,
    pub(crate) client_auth: Option<ClientAuth>,
    /// Where the settings made by calls were read, if they are put below others.
    pub(crate) file: Option<PathBuf>,
}

/// What one source of settings says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Layer {
    pub(crate) ca_certs: Option<PathBuf>,
    pub(crate) extra_ca_certs: Vec<PathBuf>,
    pub(crate) client_cert: Option<PathBuf>,
    pub(crate) client_key: Option<PathBuf>,
    pub(crate) verify: Option<bool>,
    pub(crate) min_tls_version: Option<TlsVersion>,
}

impl Layer {
    /// As configuration: an empty path is a template's way to say nothing. That of `ca_certs` is kept,
    /// so that `explain` can tell.
    fn without_empty_paths(mut self) -> Self {
        let is_path = |path: &PathBuf| !path.as_os_str().is_empty();
        self.extra_ca_certs.retain(is_path);
        self.client_cert = self.client_cert.filter(is_path);
        self.client_key = self.client_key.filter(is_path);
        self
    }
}

/// A configuration file's settings.
#[derive(Clone, Debug)]
pub(crate) struct ConfigLayer {
    pub(crate) file: Option<PathBuf>,
    pub(crate) layer: Layer,
    /// What its keys are called.
    pub(crate) names: Names,
}

/// Whether the clients of a [`server_config`](Settings::server_config) have to show a certificate.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ClientAuth {
    /// They may show none, and are then anonymous: `peer_certificates` of the connection is `None`.
    /// One that is shown has to be right.
    Optional,
    /// They have to.
    #[default]
    Required,
}

impl Settings {
    /// Nothing set: everything is as it was baked in and as the environment says.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts the store at this path, a PEM file or a directory, **instead of any other**.
    /// A server whose own certificate is in it is trusted as well: see [`TrustStore`](crate::TrustStore).
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

    /// Shows this certificate (a PEM file, the chain after it) to servers that ask for one. Where it is
    /// renewed on disk, the new one is shown from then on: [`reload`](Self::reload).
    pub fn client_cert(mut self, path: impl Into<PathBuf>) -> Self {
        self.argument.client_cert = Some(path.into());
        self
    }

    /// The key of the client certificate, a PEM file (PKCS#8, PKCS#1 or SEC1), not encrypted. Default: the
    /// file of the certificate. Both are taken from the same place: a key that is set in another (say a
    /// variable, where the certificate is an argument) is not paired with it. It is renewed together with
    /// the certificate, or not at all: [`reload`](Self::reload).
    pub fn client_key(mut self, path: impl Into<PathBuf>) -> Self {
        self.argument.client_key = Some(path.into());
        self
    }

    /// Whether servers have to prove who they are. Default: `true`.
    ///
    /// With `false` anybody on the way can read and change what is sent. Handshake signatures are
    /// still checked, no trust file is opened, whatever `ca_certs` says, and a warning is logged (by the
    /// crate log) for every configuration made and for every `https://` request of a `Client`.
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

    /// Whether a configuration follows its trust store, and its own certificate and key, when they are
    /// replaced. Default: `true`.
    ///
    /// # The trust store
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
    /// What is removed (the file is gone or empty, the directory gone or without certificates) is trusted
    /// for ten minutes, with a warning, because it may be in the middle of an update; then nothing of it
    /// is, until there is a store again: [`keep_removed`](Self::keep_removed).
    ///
    /// If a chain that was verified for a server's name is not trusted after a replacement, sessions
    /// for that name are no longer kept: rustls does not tell whether a ticket has come on a connection
    /// of the time before. A chain that has expired since then is judged by when it was valid, and of
    /// the certificates that one key has issued for the same names any stands for all.
    ///
    /// Up to 4,096 names are remembered, each with up to 8 chains, in 16 MiB and 64 KiB. What is more
    /// is forgotten: the oldest chain, and the name that was not used for longest. As long as nothing is
    /// replaced that makes no difference; after a replacement sessions are not kept for such a name, nor
    /// for a few others that cannot be told from those (one in 1,500 where 16,000 were forgotten).
    ///
    /// # The certificate of this side
    ///
    /// A certificate or a key that is replaced is shown by a client, and by a server, on the first
    /// handshake that begins a second after it or later. Handshakes look, at most once a second, with one
    /// stat for each of the two files. They are read when one of them has changed, and taken up when both
    /// can be used and the key belongs to the certificate, as far as the crypto provider can tell.
    /// Anything else is waited out: one of the two without the other, a file that is gone, damaged,
    /// encrypted or closed to this user. The pair of before is shown meanwhile, and a warning is logged,
    /// as often as for the store. What was written to within the last tenth of a second is left alone: the
    /// rest of a chain may be to come.
    ///
    /// What is *not* checked: whether the new certificate is valid, or lasts longer than the old one.
    ///
    /// To a server, whoever resumes a session is who began it. So a client drops its sessions with the old
    /// certificate, and keeps none that come in the minute after it, which may have begun before. A
    /// server that sends a ticket still later, on a connection that has been open all the time, may see
    /// the old certificate as long as its sessions are resumed. Connections that are open are left as they
    /// are.
    ///
    /// # Turned off
    ///
    /// With `false` the store, the certificate and the key are read from beginning to end when the
    /// configuration is made, and never again; for programs that give up their access to the file system,
    /// or the right to read the key, of which there would be a warning.
    pub fn reload(mut self, reload: bool) -> Self {
        self.reload = Some(reload);
        self
    }

    /// For how long a store is still trusted that was removed, from the first handshake that has found it
    /// gone. Default: ten minutes. With zero it is not trusted from that handshake on.
    ///
    /// Then nobody is trusted, with an error that says so, unless there are other files and directories
    /// to trust; as soon as there is a store again, it is. What is there and of no use, as a damaged
    /// file, was not removed: what was before it is trusted as long as it lasts. With
    /// [`reload(false)`](Self::reload) nothing is looked at, so nothing is found gone: for programs that
    /// change their root directory, for which the store is gone from then on.
    pub fn keep_removed(mut self, time: Duration) -> Self {
        self.keep_removed = Some(time);
        self
    }

    /// Whether clients have to show a certificate, for a [`server_config`](Self::server_config).
    /// Default: they have to.
    pub fn client_auth(mut self, client_auth: ClientAuth) -> Self {
        self.client_auth = Some(client_auth);
        self
    }

    /// Gives the settings the names that the application has for them, and declares the variables that
    /// it reads.
    pub fn names(mut self, names: Names) -> Self {
        self.names = Some(names);
        self
    }

    pub(crate) fn names_declared(&self) -> &Names {
        self.names.as_ref().unwrap_or(&Names::KEYS)
    }

    /// How the user knows a setting that was made by a call.
    pub(crate) fn argument_name(&self, setting: Setting) -> Named<'_> {
        Named::elsewhere(self.names_declared().name(setting))
    }

    /// Remembers which file these settings were read from, for messages. It concerns what was
    /// deserialised and, once they are put below others, what was set by calls.
    pub fn read_from(mut self, file: impl Into<PathBuf>) -> Self {
        let file = file.into();
        for config in self.config.iter_mut().filter(|config| config.file.is_none()) {
            config.file = Some(file.clone());
        }
        self.file = Some(file);
        self
    }

    /// Puts other settings below these: they count where these say nothing, and, however they were
    /// made, as configuration. Messages call them by their own [`names`](Self::names), whose variables
    /// are not read: these settings have to declare what they go by.
    pub fn over(mut self, lower: Self) -> Self {
        if lower.argument != Layer::default() {
            self.config.push(ConfigLayer {
                file: lower.file,
                layer: lower.argument.without_empty_paths(),
                names: lower.names.unwrap_or(Names::KEYS),
            });
        }
        self.config.extend(lower.config);
        self.reload = self.reload.or(lower.reload);
        self.keep_removed = self.keep_removed.or(lower.keep_removed);
        self.client_auth = self.client_auth.or(lower.client_auth);
        self
    }
}

/// A setting as its user knows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'a> {
    /// The flag, variable, key, constant or method.
    pub(crate) name: &'static str,
    pub(crate) place: Place<'a>,
}

/// Where the value of a setting stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'a> {
    Config(Option<&'a Path>),
    /// On the command line, in a variable, or in the program.
    Elsewhere,
}

impl Named<'_> {
    pub(crate) fn elsewhere(name: &'static str) -> Self {
        Self { name, place: Place::Elsewhere }
    }
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        match self.place {
            Place::Config(Some(file)) => write!(f, " in {}", shown::path(file)),
            Place::Config(None) | Place::Elsewhere => Ok(()),
        }
    }
}
