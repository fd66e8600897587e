//! Bytes to trust anchors. The only stage that reads trust files; it may use `resolve`, `file` and
//! `error`.

#[cfg(any(test, fuzzing))]
pub(crate) mod check;
#[allow(dead_code, reason = "the index, which comes next, uses it")]
mod der;
mod format;
mod pem;
mod source;
#[cfg(test)]
mod tests;

use crate::error::{Error, ErrorKind};
use crate::file::{self, Content, Problem};
use format::Format;
use pem::Block;
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, fs};

/// The trust anchors of a file or directory, and an account of what was not loaded.
///
/// **A file** is PEM, up to 256 MiB: blocks `CERTIFICATE` and `X509 CERTIFICATE`, with text between
/// them, a byte order mark, blanks around lines, and any line ending. **A directory** is read as
/// OpenSSL reads it where it has files named by subject hash (`5ed36f99.0`): those and no others,
/// which are reported if they hold more; where it has none, every file in it once. Subdirectories are not entered.
///
/// Every block that claims to be a certificate is loaded or is in [`skipped`](Self::skipped). A
/// certificate that is there twice counts once.
///
/// What is *not* checked, as in rustls: whether an anchor has expired, is marked as a CA, or is
/// signed by anybody. Name constraints in an anchor are honoured.
///
#[doc = include_str!("odd-files.md")]
#[derive(Clone, Debug)]
pub struct TrustStore {
    kind: StoreKind,
    certificates: Vec<CertificateDer<'static>>,
    skipped: Vec<Skipped>,
    roots: Arc<RootCertStore>,
}

/// What a store is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum StoreKind {
    /// A directory of PEM files.
    Directory,
    /// A PEM file.
    File,
}

impl fmt::Display for StoreKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Directory => "directory",
            Self::File => "file",
        })
    }
}

/// Something that claims to be a certificate, and was not loaded.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Skipped {
    /// The file.
    pub path: PathBuf,
    /// The line on which the block begins, from 1; `None` where the whole file was skipped.
    pub line: Option<usize>,
    /// Why, as the end of a sentence.
    pub reason: String,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path.display(), self.reason),
            None => write!(f, "{}: {}", self.path.display(), self.reason),
        }
    }
}

impl TrustStore {
    /// Loads a file or directory.
    ///
    /// It costs a read of everything there is and a decoding of each certificate.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::StoreMissing`] where there is nothing at the path; [`ErrorKind::StoreInvalid`]
    /// where it is neither a regular file nor a directory, may not be read, is too large, or holds
    /// no usable certificate.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        read(path).map_err(|problem| match problem {
            Problem::Missing => {
                error(ErrorKind::StoreMissing, path, format!("{} does not exist", path.display()))
            }
            Problem::Unusable(why) => {
                error(ErrorKind::StoreInvalid, path, format!("{} {why}", path.display()))
            }
        })
    }

    /// How many different certificates there are; never 0.
    #[expect(clippy::len_without_is_empty, reason = "a store is never empty")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.certificates.len()
    }

    /// What it was loaded from: the first of several, where it was put together.
    #[must_use]
    pub fn kind(&self) -> StoreKind {
        self.kind
    }

    /// The certificates, in the order in which they were found.
    #[must_use]
    pub fn certificates(&self) -> &[CertificateDer<'static>] {
        &self.certificates
    }

    /// What claims to be a certificate, and was not loaded.
    #[must_use]
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// The whole store as rustls keeps it; a copy.
    #[must_use]
    pub fn root_cert_store(&self) -> RootCertStore {
        RootCertStore::clone(&self.roots)
    }

    /// A verifier that trusts this store: a server's certificate has to lead to one of the anchors
    /// and to be valid now and for the server's name. Revocation is not checked.
    #[must_use]
    pub fn verifier(&self, provider: Arc<CryptoProvider>) -> Arc<dyn ServerCertVerifier> {
        WebPkiServerVerifier::builder_with_provider(Arc::clone(&self.roots), provider)
            .build()
            .expect("without revocation lists it fails only for an empty store")
    }

    /// This store and another one.
    fn and(self, other: Self) -> Self {
        let kind = self.kind;
        let mut found = Found {
            seen: self.certificates.iter().cloned().collect(),
            certificates: self.certificates,
            skipped: self.skipped,
            roots: Arc::unwrap_or_clone(self.roots),
        };
        for certificate in other.certificates {
            found.add(certificate).expect("it was parsed when it was loaded");
        }
        found.skipped.extend(other.skipped);
        found.into_store(kind)
    }
}

fn error(kind: ErrorKind, path: &Path, message: String) -> Error {
    Error::new(kind, message).with_path(path)
}

fn read(path: &Path) -> Result<TrustStore, Problem> {
    let mut found = Found::new();
    let (kind, empty) = match file::read(path)? {
        Content::File(bytes) => match found.read_bundle(path, &bytes, Found::add) {
            Ok(()) => (StoreKind::File, String::new()),
            Err(format) => (StoreKind::File, format.to_string()),
        },
        Content::Directory => {
            found.read_directory(path)?;
            (StoreKind::Directory, "is a directory without certificates".to_owned())
        }
    };
    if !found.certificates.is_empty() {
        return Ok(found.into_store(kind));
    }
    Err(Problem::Unusable(match found.skipped.first() {
        Some(first) => format!("holds no usable certificate ({first})"),
        None => empty,
    }))
}

/// What has been read so far.
struct Found {
    certificates: Vec<CertificateDer<'static>>,
    skipped: Vec<Skipped>,
    roots: RootCertStore,
    seen: HashSet<CertificateDer<'static>>,
}

/// What becomes of a certificate that has been found.
type Add = fn(&mut Found, CertificateDer<'static>) -> Result<(), String>;

impl Found {
    fn new() -> Self {
        Self {
            certificates: Vec::new(),
            skipped: Vec::new(),
            roots: RootCertStore::empty(),
            seen: HashSet::new(),
        }
    }

    fn into_store(self, kind: StoreKind) -> TrustStore {
        let Self { certificates, skipped, roots, .. } = self;
        TrustStore { kind, certificates, skipped, roots: Arc::new(roots) }
    }

    /// Takes the certificates of a file, or says what kind of file it is if nothing in it claims to
    /// be one.
    fn read_bundle(&mut self, path: &Path, bytes: &[u8], add: Add) -> Result<(), Format> {
        let blocks = pem::blocks(bytes);
        if blocks.certificates.is_empty() {
            return Err(Format::of(bytes, blocks.other));
        }
        for Block { line, result } in blocks.certificates {
            if let Err(reason) = result.and_then(|certificate| add(self, certificate)) {
                self.skip(path, Some(line), reason);
            }
        }
        Ok(())
    }

    fn read_directory(&mut self, directory: &Path) -> Result<(), Problem> {
        let mut names = fs::read_dir(directory)?
            .map(|entry| Ok(entry?.file_name()))
            .collect::<Result<Vec<_>, Problem>>()?;
        names.sort();
        let (hashed, other): (Vec<_>, Vec<_>) = names.into_iter().partition(|n| is_hashed(n));
        // A link beside its target is the same file; it is read once.
        let mut read = HashSet::new();
        for name in if hashed.is_empty() { &other } else { &hashed } {
            let path = directory.join(name);
            let Ok(target) = path.canonicalize() else {
                self.skip(&path, None, "is a link that leads nowhere".to_owned());
                continue;
            };
            if read.insert(target) {
                self.read_entry(&path, Self::add);
            }
        }
        if !hashed.is_empty() {
            for path in other.iter().map(|name| directory.join(name)) {
                if path.canonicalize().is_ok_and(|target| read.insert(target)) {
                    self.read_entry(&path, Self::add_nothing_new);
                }
            }
        }
        Ok(())
    }

    /// Reads a file of a directory.
    fn read_entry(&mut self, path: &Path, add: Add) {
        match file::read(path) {
            Ok(Content::File(bytes)) => {
                if let Err(format) = self.read_bundle(path, &bytes, add) {
                    // A README is no lost certificate; a DER file is one.
                    if format.may_hold_certificates() {
                        self.skip(path, None, format.to_string());
                    }
                }
            }
            Ok(Content::Directory) => {}
            Err(Problem::Missing) => self.skip(path, None, "went away".to_owned()),
            Err(Problem::Unusable(why)) => self.skip(path, None, why),
        }
    }

    /// Takes a certificate as a trust anchor, or says why it cannot be one.
    fn add(&mut self, certificate: CertificateDer<'static>) -> Result<(), String> {
        if self.seen.contains(&certificate) {
            return Ok(());
        }
        self.roots
            .add(certificate.clone())
            .map_err(|e| format!("is not a certificate that can be read ({e})"))?;
        self.seen.insert(certificate.clone());
        self.certificates.push(certificate);
        Ok(())
    }

    /// For the files that stand beside those named by hash: what is in them is not trusted, as it is
    /// not by OpenSSL, and is said to be lost unless it is there under its hash as well.
    fn add_nothing_new(&mut self, certificate: CertificateDer<'static>) -> Result<(), String> {
        if self.seen.contains(&certificate) {
            return Ok(());
        }
        Err("is not named by its hash, as others here are; run `openssl rehash`".to_owned())
    }

    fn skip(&mut self, path: &Path, line: Option<usize>, reason: String) {
        self.skipped.push(Skipped { path: path.to_owned(), line, reason });
    }
}

/// Whether a file is named as `openssl rehash` names certificates: eight hexadecimal digits, a dot,
/// a number. (Revocation lists have an `r` before the number.)
fn is_hashed(name: &OsStr) -> bool {
    let Some((hash, number)) = name.to_str().and_then(|name| name.split_once('.')) else {
        return false;
    };
    let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    hash.len() == 8
        && hash.bytes().all(is_hex)
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
}
