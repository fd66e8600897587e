//! The one error of the library. Every stage may use it; it uses `shown` alone.

use crate::shown::shown;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What went wrong, as a sentence that names the setting, the path and the next step.
///
/// The text says everything; there is no `source()` that a caller would have to print as well. For
/// code there are [`kind`](Self::kind), [`setting`](Self::setting), [`path`](Self::path) and
/// [`tls`](Self::tls).
///
/// It is one line, whatever files and servers say: control characters and what cannot be seen are escaped
/// (`\n`, `\u{1b}`), a path with such stands in quotes, and of more than 5,000 characters the middle is
/// left out.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    setting: Option<String>,
    path: Option<PathBuf>,
    /// Shared, so that whatever drops an error need not know all that rustls may say.
    tls: Option<Arc<rustls::Error>>,
}

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client certificate or its key cannot be used, or the server refused it.
    ClientCertificate,
    /// No connection, or one that broke off: name not found, refused, timed out, not TLS.
    Connection,
    /// A redirect leaves https, there are too many of them, or the answer is not HTTP.
    Http,
    /// The address of a request is no `https://` or `http://` URL.
    InvalidAddress,
    /// A setting has a value that is not allowed.
    InvalidSetting,
    /// Nothing is baked in, nothing is set, and no store was found.
    NoStore,
    /// There is no crypto provider: neither is one installed nor a feature on that brings one.
    NoProvider,
    /// The proxy cannot be reached, or does not connect this client to the server; `setting` names the
    /// variable that it is from.
    Proxy,
    /// The server's certificate does not lead to the trust store, or is not for that server.
    ServerNotTrusted,
    /// The store exists, and cannot be used.
    StoreInvalid,
    /// The store that was decided on does not exist.
    StoreMissing,
    /// The settings of the process cannot be installed any more.
    TooLate,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::with_message(kind, message.into())
    }

    // Not inlined, here and below: it is made in many places, and seldom.
    #[cold]
    #[inline(never)]
    fn with_message(kind: ErrorKind, message: String) -> Self {
        let message = shown(&message);
        Self(Box::new(Inner { kind, message, setting: None, path: None, tls: None }))
    }

    #[inline(never)]
    pub(crate) fn with_setting(mut self, setting: &str) -> Self {
        self.0.setting = Some(setting.to_owned());
        self
    }

    #[inline(never)]
    pub(crate) fn with_path(mut self, path: &Path) -> Self {
        self.0.path = Some(path.to_owned());
        self
    }

    /// Begins the text with more.
    pub(crate) fn begun(mut self, text: &str) -> Self {
        self.0.message = shown(&format!("{text}{}", self.0.message));
        self
    }

    /// Ends the text with more.
    pub(crate) fn add(mut self, text: &str) -> Self {
        self.0.message = shown(&(self.0.message + text));
        self
    }

    pub(crate) fn with_tls(mut self, error: rustls::Error) -> Self {
        self.0.tls = Some(error.into());
        self
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The setting to blame, by its name: a flag, a variable, a configuration key or a constant. Where a
    /// server is not trusted, the one that named the store.
    #[must_use]
    pub fn setting(&self) -> Option<&str> {
        self.0.setting.as_deref()
    }

    /// The file or directory that it is about: where a server is not trusted, the store, or the first of
    /// several.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.0.path.as_deref()
    }

    /// What rustls said, where the error comes from a TLS connection.
    #[must_use]
    pub fn tls(&self) -> Option<&rustls::Error> {
        self.0.tls.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

/// What a program prints whose `main` returns the error, so the text comes first.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?})", self.0.message, self.0.kind)
    }
}

impl std::error::Error for Error {}
