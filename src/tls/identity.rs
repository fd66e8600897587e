//! The client's own certificate and key. It may use `resolve`, `settings`, `file` and `error`.

use crate::error::{Error, ErrorKind};
use crate::file::{self, Content, Problem};
use crate::resolve::{World, written_path};
use crate::settings::{Layer, Place, Settings};
use rustls::client::WantsClientCert;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ConfigBuilder};
use std::path::{Path, PathBuf};

/// A certificate chain and its key, read but not yet seen to fit.
pub(super) struct Identity<'a> {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    /// Where each comes from, for messages.
    chain_path: PathBuf,
    key_file: Pem<'a>,
}

impl Identity<'_> {
    pub(super) fn add_to(
        self,
        builder: ConfigBuilder<ClientConfig, WantsClientCert>,
    ) -> Result<ClientConfig, Error> {
        builder.with_client_auth_cert(self.chain, self.key).map_err(|e| {
            let chain_path = self.chain_path.display();
            self.key_file.error(&match e {
                rustls::Error::InconsistentKeys(_) => {
                    format!("holds a key that does not belong to the certificate in {chain_path}")
                }
                _ => format!(
                    "holds a key that cannot be used with the certificate in {chain_path} ({e})"
                ),
            })
        })
    }
}

impl Settings {
    /// Reads the client certificate and its key. Both are taken from the same layer, so that a
    /// certificate given as an argument is never paired with a configured key.
    pub(super) fn identity(&self) -> Result<Option<Identity<'_>>, Error> {
        let says = |layer: &'_ Layer| {
            let (cert, key) = (layer.client_cert.clone(), layer.client_key.clone());
            (cert.is_some() || key.is_some()).then_some((cert, key))
        };
        let world = World::REAL;
        let Some(((cert, key), place)) = self.first(says) else {
            return Ok(None);
        };
        let Some(cert) = cert else {
            return Err(Error::new(
                ErrorKind::ClientCertificate,
                format!(
                    "{} is set without {}; name the certificate too",
                    place.describe(self.name("client_key", place)),
                    self.name("client_cert", place),
                ),
            )
            .with_setting(self.name("client_key", place)));
        };
        let key_name = self.name("client_key", place);
        let cert = Pem::read(self.name("client_cert", place), &cert, place, &world)?;
        let hint = match key {
            None => format!(" (is {key_name} missing?)"),
            Some(_) => String::new(),
        };
        let key = key.map(|key| Pem::read(key_name, &key, place, &world)).transpose()?;
        let (chain, chain_path) = (cert.chain()?, cert.path.clone());
        let key_file = key.unwrap_or(cert);
        let key = key_file.key(&hint)?;
        Ok(Some(Identity { chain, key, chain_path, key_file }))
    }
}

/// A PEM file that a setting names.
struct Pem<'a> {
    setting: &'a str,
    place: Place<'a>,
    path: PathBuf,
    bytes: Vec<u8>,
}

impl<'a> Pem<'a> {
    fn read(
        setting: &'a str,
        path: &Path,
        place: Place<'a>,
        world: &World<'_>,
    ) -> Result<Self, Error> {
        let path = written_path(path, place, setting, world)?;
        let mut pem = Self { setting, place, path, bytes: Vec::new() };
        match file::read(&pem.path) {
            Ok(Content::File(bytes)) => pem.bytes = bytes,
            Ok(Content::Directory) => return Err(pem.error("is a directory; name a PEM file")),
            Err(Problem::Missing) => return Err(pem.error("does not exist")),
            Err(Problem::Unusable(why)) => return Err(pem.error(&why)),
        }
        Ok(pem)
    }

    fn chain(&self) -> Result<Vec<CertificateDer<'static>>, Error> {
        let chain = CertificateDer::pem_slice_iter(&self.bytes).collect::<Result<Vec<_>, _>>();
        match chain {
            Ok(chain) if !chain.is_empty() => Ok(chain),
            Ok(_) => Err(self.error("holds no -----BEGIN CERTIFICATE-----; it has to be PEM")),
            Err(e) => Err(self.error(&format!("holds a damaged certificate ({e})"))),
        }
    }

    fn key(&self, hint: &str) -> Result<PrivateKeyDer<'static>, Error> {
        PrivateKeyDer::from_pem_slice(&self.bytes).map_err(|e| {
            let text = String::from_utf8_lossy(&self.bytes);
            if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains(",ENCRYPTED") {
                self.error(
                    "holds an encrypted key; decrypt it with `openssl pkey -in FILE -out FILE`",
                )
            } else if matches!(e, rustls::pki_types::pem::Error::NoItemsFound) {
                self.error(&format!("holds no private key in PEM{hint}"))
            } else {
                self.error(&format!("holds a damaged key ({e})"))
            }
        })
    }

    fn error(&self, why: &str) -> Error {
        let who = self.place.describe(self.setting);
        let message = format!("{who} names {}, which {why}", self.path.display());
        Error::new(ErrorKind::ClientCertificate, message)
            .with_setting(self.setting)
            .with_path(&self.path)
    }
}
