//! The certificate and key of this side. It may use `resolve`, `settings`, `file` and `error`.

use crate::error::{Error, ErrorKind};
use crate::file::{self, Content, Problem};
use crate::resolve::{Asked, IdentityFiles};
use crate::settings::Named;
use rustls::client::WantsClientCert;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WantsServerCert;
use rustls::{ClientConfig, ConfigBuilder, ServerConfig};
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
    pub(super) fn add_to_client(
        self,
        builder: ConfigBuilder<ClientConfig, WantsClientCert>,
    ) -> Result<ClientConfig, Error> {
        let Self { chain, key, chain_path, key_file } = self;
        let made = builder.with_client_auth_cert(chain, key);
        made.map_err(|e| does_not_fit(&e, &chain_path, &key_file))
    }

    pub(super) fn add_to_server(
        self,
        builder: ConfigBuilder<ServerConfig, WantsServerCert>,
    ) -> Result<ServerConfig, Error> {
        let Self { chain, key, chain_path, key_file } = self;
        let made = builder.with_single_cert(chain, key);
        made.map_err(|e| does_not_fit(&e, &chain_path, &key_file))
    }
}

fn does_not_fit(error: &rustls::Error, chain: &Path, key: &Pem<'_>) -> Error {
    let chain = chain.display();
    key.error(&match error {
        rustls::Error::InconsistentKeys(_) => {
            format!("holds a key that does not belong to the certificate in {chain}")
        }
        _ => format!("holds a key that cannot be used with the certificate in {chain} ({error})"),
    })
}

impl<'a> Identity<'a> {
    /// Reads the certificate and the key that are asked for, if any are.
    pub(super) fn read(asked: Asked<'a>) -> Result<Option<Self>, Error> {
        let Some(IdentityFiles { cert, cert_name, key, key_name }) = asked.identity() else {
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
        let cert = Pem::read(asked, cert_name, &cert)?;
        let key = key.map(|key| Pem::read(asked, key_name, &key)).transpose()?;
        let (chain, chain_path) = (cert.chain()?, cert.path.clone());
        let key_file = key.unwrap_or(cert);
        let key = key_file.key(&hint)?;
        Ok(Some(Identity { chain, key, chain_path, key_file }))
    }
}

/// A PEM file that a setting names.
struct Pem<'a> {
    named: Named<'a>,
    path: PathBuf,
    bytes: Vec<u8>,
}

impl<'a> Pem<'a> {
    fn read(asked: Asked<'_>, named: Named<'a>, path: &Path) -> Result<Self, Error> {
        let path = asked.written_path(path, named)?;
        let mut pem = Self { named, path, bytes: Vec::new() };
        match file::read(&pem.path) {
            Ok(Content::File(bytes)) => pem.bytes = bytes,
            Ok(Content::Directory) => return Err(pem.error("is a directory; name a PEM file")),
            Err(Problem::Missing) => return Err(pem.error("does not exist")),
            Err(Problem::Nothing(why) | Problem::Unusable(why)) => return Err(pem.error(&why)),
        }
        Ok(pem)
    }

    fn chain(&self) -> Result<Vec<CertificateDer<'static>>, Error> {
        let chain = CertificateDer::pem_slice_iter(&self.bytes).collect::<Result<Vec<_>, _>>();
        match chain {
            Ok(chain) if !chain.is_empty() => Ok(chain),
            Ok(_) => Err(self.error("holds no -----BEGIN CERTIFICATE-----; it has to be PEM")),
            // A key that is encrypted in the old way is no base64, and that stops the search.
            Err(e) => Err(self
                .encrypted()
                .unwrap_or_else(|| self.error(&format!("holds a damaged certificate ({e})")))),
        }
    }

    fn key(&self, hint: &str) -> Result<PrivateKeyDer<'static>, Error> {
        PrivateKeyDer::from_pem_slice(&self.bytes).map_err(|e| {
            if let Some(error) = self.encrypted() {
                error
            } else if matches!(e, rustls::pki_types::pem::Error::NoItemsFound) {
                self.error(&format!("holds no private key in PEM{hint}"))
            } else {
                self.error(&format!("holds a damaged key ({e})"))
            }
        })
    }

    fn encrypted(&self) -> Option<Error> {
        let text = String::from_utf8_lossy(&self.bytes);
        let is = text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains(",ENCRYPTED");
        is.then(|| {
            self.error("holds an encrypted key; decrypt it with `openssl pkey -in FILE -out FILE`")
        })
    }

    fn error(&self, why: &str) -> Error {
        let message = format!("{} names {}, which {why}", self.named, self.path.display());
        Error::new(ErrorKind::ClientCertificate, message)
            .with_setting(self.named.name)
            .with_path(&self.path)
    }
}
