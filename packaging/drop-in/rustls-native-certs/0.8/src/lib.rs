//! rustls-native-certs 0.8 over cacerts: the certificates of the store that was decided on when the
//! program was built, and no other's.
//!
//! `SSL_CERT_FILE` and `SSL_CERT_DIR` replace it, as cacerts has it. A store that cannot be used is one
//! error, with no certificates. What had to be skipped in one that can be used is logged, and is no
//! error.

mod note;

use cacerts::{Settings, StoreKind, TrustStore};
use pki_types::CertificateDer;
use pki_types::pem;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What is said of this crate in a program that has it.
const NOTE: &str =
    concat!("CACERTS_DROP_IN = \"rustls-native-certs ", env!("CARGO_PKG_VERSION"), "\"\n");

const CONTEXT: &str = "the CA store cannot be used";

/// Reads the store. It is read anew in each call.
pub fn load_native_certs() -> CertificateResult {
    let mut result = CertificateResult::default();
    let store = Settings::new().trust_store().and_then(TrustStore::only_cas);
    result.take(store.map_err(ErrorKind::os));
    result
}

/// Reads a file, a directory, or both, whatever was decided on. With neither the result is empty.
///
/// A directory is read as OpenSSL reads it; see [`TrustStore`].
pub fn load_certs_from_paths(file: Option<&Path>, dir: Option<&Path>) -> CertificateResult {
    let mut result = CertificateResult::default();
    for (path, kind) in [(file, StoreKind::File), (dir, StoreKind::Directory)] {
        if let Some(path) = path {
            result.take(of_kind(path, kind));
        }
    }
    result.certs.sort_unstable_by(|a, b| a.cmp(b));
    result.certs.dedup();
    result
}

fn of_kind(path: &Path, kind: StoreKind) -> Result<TrustStore, ErrorKind> {
    let store = TrustStore::load(path).and_then(TrustStore::only_cas).map_err(ErrorKind::os)?;
    if store.kind() == kind {
        return Ok(store);
    }
    let inner = match kind {
        StoreKind::File => io::ErrorKind::IsADirectory,
        _ => io::ErrorKind::NotADirectory,
    };
    Err(ErrorKind::Io { inner: inner.into(), path: path.to_owned() })
}

/// What was read.
#[non_exhaustive]
#[derive(Debug, Default)]
pub struct CertificateResult {
    /// The certificates.
    pub certs: Vec<CertificateDer<'static>>,
    /// Why there are none.
    pub errors: Vec<Error>,
}

impl CertificateResult {
    fn take(&mut self, store: Result<TrustStore, ErrorKind>) {
        match store {
            Ok(store) => self.certs.extend_from_slice(store.certificates()),
            Err(kind) => {
                let error = Error { context: CONTEXT, kind };
                log::error!("{error}");
                self.errors.push(error);
            }
        }
    }

    /// The certificates.
    ///
    /// # Panics
    ///
    /// There are errors.
    #[track_caller]
    pub fn expect(self, msg: &str) -> Vec<CertificateDer<'static>> {
        assert!(self.errors.is_empty(), "{msg}: {:?}", self.errors);
        self.certs
    }

    /// The certificates.
    ///
    /// # Panics
    ///
    /// There are errors.
    #[track_caller]
    pub fn unwrap(self) -> Vec<CertificateDer<'static>> {
        self.expect("errors occurred while loading certificates")
    }
}

/// Why a store cannot be used.
#[derive(Debug)]
pub struct Error {
    /// The beginning of a sentence.
    pub context: &'static str,
    /// Its end.
    pub kind: ErrorKind,
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.kind {
            ErrorKind::Io { inner, .. } => Some(inner),
            ErrorKind::Os(error) => Some(&**error),
            ErrorKind::Pem(error) => Some(error),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.context)?;
        match &self.kind {
            ErrorKind::Io { inner, path } => write!(f, "{}: {inner}", path.display()),
            ErrorKind::Os(error) => error.fmt(f),
            ErrorKind::Pem(error) => error.fmt(f),
        }
    }
}

/// The kinds of [`Error`].
#[non_exhaustive]
#[derive(Debug)]
pub enum ErrorKind {
    /// A directory where a file was named, or the other way round.
    Io {
        /// What is wrong with it.
        inner: io::Error,
        /// Where it is.
        path: PathBuf,
    },
    /// What cacerts says, a sentence that names the setting, the path and the next step.
    Os(Box<dyn StdError + Send + Sync + 'static>),
    /// Not used here: in a file in PEM what cannot be read is skipped, and logged.
    Pem(pem::Error),
}

impl ErrorKind {
    fn os(error: cacerts::Error) -> Self {
        Self::Os(Box::new(error))
    }
}
