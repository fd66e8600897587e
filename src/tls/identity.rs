//! The files of this side's certificate and key, and the pair in them. It may use `resolve`, `settings`,
//! `read`, `failure`, `file` and `error`.

use super::failure;
use crate::error::{Error, ErrorKind};
use crate::file::{self, Content, Problem, State};
use crate::read::format::Format;
use crate::read::private_key::PrivateKey;
use crate::resolve::{Asked, IdentityFiles, Origin, absolute};
use crate::settings::Named;
use crate::shown;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use std::path::{Path, PathBuf};

/// Where the certificate and the key of this side are.
pub(super) struct Files {
    cert: NamedFile,
    /// None, where the certificate's file is to hold the key as well.
    key: Option<NamedFile>,
    /// What else may be wrong where there is no key.
    hint: String,
}

/// A file that a setting names.
struct NamedFile {
    /// The setting as messages call it, and its name.
    named: String,
    setting: String,
    /// What else can be done than to correct the file.
    next_step: &'static str,
    path: PathBuf,
}

/// A certificate chain and the key that belongs to it.
pub(super) struct Pair {
    pub(super) certified: CertifiedKey,
    /// What the files were when they were read.
    pub(super) states: States,
}

/// What is seen of the files of a pair without reading them; `None`, where nothing is.
pub(super) type States = Vec<Option<State>>;

impl Files {
    /// Those that are asked for, if any are.
    pub(super) fn asked(asked: Asked<'_>) -> Result<Option<Self>, Error> {
        let Some(IdentityFiles { origin, cert, cert_name, key, key_name }) = asked.identity()
        else {
            return Ok(None);
        };
        let Some(cert) = cert else {
            return Err(Error::new(
                ErrorKind::ClientCertificate,
                format!("{key_name} is set without {}; name the certificate too", cert_name.name),
            )
            .with_setting(key_name.name));
        };
        let hint = match key {
            None => format!(" (is {} missing?)", key_name.name),
            Some(_) => String::new(),
        };
        let cert = NamedFile::new(asked, origin, cert_name, &cert)?;
        let key = key.map(|key| NamedFile::new(asked, origin, key_name, &key)).transpose()?;
        Ok(Some(Self { cert, key, hint }))
    }

    /// Reads both, and sees whether they fit as far as the provider can tell.
    pub(super) fn read(&self, provider: &CryptoProvider) -> Result<Pair, Error> {
        let cert = self.cert.read()?;
        let own_key = self.key.as_ref().map(NamedFile::read).transpose()?;
        let chain = cert.chain()?;
        let key_file = own_key.as_ref().unwrap_or(&cert);
        let key = key_file.key(&self.hint)?;
        let kind = PrivateKey::of(&key);
        let certified = CertifiedKey::from_der(chain, key, provider);
        let certified =
            certified.map_err(|e| does_not_fit(&e, &self.cert.path, key_file.file, kind))?;
        let states = [Some(cert.state), own_key.map(|key| key.state)].into_iter().flatten();
        Ok(Pair { certified, states: states.map(Some).collect() })
    }

    /// What is seen of them now.
    pub(super) fn states(&self) -> States {
        self.all().map(|file| State::at(&file.path).ok()).collect()
    }

    /// The certificate's file.
    pub(super) fn cert(&self) -> &Path {
        &self.cert.path
    }

    fn all(&self) -> impl Iterator<Item = &NamedFile> {
        [Some(&self.cert), self.key.as_ref()].into_iter().flatten()
    }
}

fn does_not_fit(
    error: &rustls::Error,
    chain: &Path,
    key: &NamedFile,
    kind: Option<PrivateKey>,
) -> Error {
    let chain = shown::path(chain);
    key.error(&match error {
        rustls::Error::InconsistentKeys(_) => format!(
            "holds a key that does not belong to the certificate in {chain}; name the one that it was \
             issued for"
        ),
        rustls::Error::InvalidCertificate(why) => format!(
            "holds a key that cannot be used with what is in {chain}: {}",
            failure::untrusted(why)
        ),
        _ => match kind {
            Some(kind) if !kind.is_usual() => format!(
                "holds a key of the kind {kind}, with which this program cannot sign{}; have a certificate \
                 issued for another key: RSA with 2048 to 4096 bits, ECDSA P-256 or P-384, or Ed25519",
                kind.where_it_can()
            ),
            _ => format!(
                "holds a key that cannot be used with the certificate in {chain} ({error}); {}",
                key.next_step
            ),
        },
    })
}

impl NamedFile {
    fn new(asked: Asked<'_>, origin: Origin, named: Named<'_>, path: &Path) -> Result<Self, Error> {
        // The same file wherever the process goes.
        let path = absolute(&asked.written_path(path, named)?)?;
        Ok(Self {
            named: named.to_string(),
            setting: named.name.to_owned(),
            next_step: origin.next_step().unwrap_or_default(),
            path,
        })
    }

    fn read(&self) -> Result<Pem<'_>, Error> {
        match file::read_with(&self.path, file::whole) {
            Ok(Content::File((bytes, _, state))) => Ok(Pem { file: self, bytes, state }),
            Ok(Content::Directory) => Err(self.error("is a directory; name a PEM file")),
            Err(Problem::Missing) => Err(self.useless("does not exist")),
            Err(Problem::Nothing(why) | Problem::Unusable(why) | Problem::Failed(why)) => {
                Err(self.useless(&why))
            }
        }
    }

    /// For what is wrong with the file as a whole.
    fn useless(&self, why: &str) -> Error {
        self.error(&format!("{why}; {}", self.next_step))
    }

    fn error(&self, why: &str) -> Error {
        let message = format!("{} names {}, which {why}", self.named, shown::path(&self.path));
        Error::new(ErrorKind::ClientCertificate, message)
            .with_setting(&self.setting)
            .with_path(&self.path)
    }
}

/// What a file holds, which is to be PEM.
struct Pem<'a> {
    file: &'a NamedFile,
    bytes: Vec<u8>,
    state: State,
}

impl Pem<'_> {
    fn chain(&self) -> Result<Vec<CertificateDer<'static>>, Error> {
        let chain = CertificateDer::pem_slice_iter(&self.bytes).collect::<Result<Vec<_>, _>>();
        match chain {
            Ok(chain) if !chain.is_empty() => Ok(chain),
            Ok(_) if self.bytes.is_empty() => Err(self.file.useless("is empty")),
            Ok(_) => match Format::of(&self.bytes, None) {
                format if format.may_hold_certificates() => {
                    Err(self.file.error(&format.to_string()))
                }
                _ => Err(self.file.useless("holds no certificate in PEM")),
            },
            // A key that is encrypted in the old way is no base64, and that stops the search.
            Err(e) => Err(self.encrypted().unwrap_or_else(|| {
                self.file.useless(&format!("holds a damaged certificate ({e})"))
            })),
        }
    }

    fn key(&self, hint: &str) -> Result<PrivateKeyDer<'static>, Error> {
        PrivateKeyDer::from_pem_slice(&self.bytes).map_err(|e| {
            if let Some(error) = self.encrypted() {
                error
            } else if !matches!(e, rustls::pki_types::pem::Error::NoItemsFound) {
                self.file.useless(&format!("holds a damaged key ({e})"))
            } else if hint.is_empty() {
                self.file.useless("holds no private key in PEM")
            } else {
                self.file.error(&format!("holds no private key in PEM{hint}"))
            }
        })
    }

    fn encrypted(&self) -> Option<Error> {
        let text = String::from_utf8_lossy(&self.bytes);
        let is = text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains(",ENCRYPTED");
        is.then(|| {
            self.file
                .error("holds an encrypted key; decrypt it with `openssl pkey -in FILE -out OTHER`, and name OTHER")
        })
    }
}
