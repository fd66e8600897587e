//! A certificate with its key in one file or two, that is renewed under a program, and whoever meets it.

use super::bundle::{Bundle, Way};
use super::handshake::{Client, Connection, Server};
use super::library::provider;
use super::pki::{Identity, Pki};
use super::server::{ClientCertificate, tls_of};
use cacerts::Settings;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, Error, HandshakeKind, RootCertStore, SupportedProtocolVersion};
use std::fs;
use std::path::Path;

pub(crate) const VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

/// A certificate with the chain after it, and its key.
#[derive(Clone, Debug)]
pub(crate) struct Issued {
    pub(crate) cert: String,
    pub(crate) key: String,
}

impl Issued {
    pub(crate) fn of(identity: &Identity) -> Self {
        let read = |path| fs::read_to_string(path).unwrap();
        Self { cert: read(&identity.certificate), key: read(&identity.key) }
    }

    /// The certificate by itself.
    pub(crate) fn der(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(self.cert.as_bytes()).unwrap()
    }
}

/// Which side of a connection the library is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    Client,
    Server,
}

impl Side {
    pub(crate) const BOTH: [Self; 2] = [Self::Client, Self::Server];

    /// Certificates for this side, whose files are all of one length.
    pub(crate) fn issue<const N: usize>(self, pki: &Pki) -> [Issued; N] {
        let mut length = None;
        [(); N].map(|()| {
            loop {
                let issued = Issued::of(&match self {
                    Self::Client => pki.client(),
                    Self::Server => pki.server(),
                });
                let this = (issued.cert.len(), issued.key.len());
                if this == *length.get_or_insert(this) {
                    return issued;
                }
            }
        })
    }

    /// Settings that trust the other side.
    pub(crate) fn settings(self, pki: &Pki) -> Settings {
        Settings::new().ca_certs(match self {
            Self::Client => &pki.root,
            Self::Server => &pki.client_ca,
        })
    }
}

/// The files of a certificate and its key.
pub(crate) struct Pair {
    pub(crate) cert: Bundle,
    /// None, where there is one for both.
    pub(crate) key: Option<Bundle>,
}

impl Pair {
    pub(crate) fn in_two_files(way: Way, issued: &Issued) -> Self {
        let (cert, key) = (Bundle::new(way, &issued.cert), Bundle::new(way, &issued.key));
        Self { cert, key: Some(key) }
    }

    pub(crate) fn in_one_file(way: Way, issued: &Issued) -> Self {
        Self { cert: Bundle::new(way, &(issued.cert.clone() + &issued.key)), key: None }
    }

    pub(crate) fn replace(&self, issued: &Issued) {
        match &self.key {
            None => self.cert.replace(&(issued.cert.clone() + &issued.key)),
            Some(key) => {
                key.replace(&issued.key);
                self.cert.replace(&issued.cert);
            }
        }
    }

    pub(crate) fn named_in(&self, settings: Settings) -> Settings {
        let settings = settings.client_cert(&self.cert.path);
        match &self.key {
            None => settings,
            Some(key) => settings.client_key(&key.path),
        }
    }
}

/// A configuration of the library, and one of rustls' own at the other end.
pub(crate) struct Meeting {
    side: Side,
    client: Client,
    server: Server,
}

impl Meeting {
    pub(crate) fn new(
        side: Side,
        version: &'static SupportedProtocolVersion,
        settings: &Settings,
        pki: &Pki,
    ) -> Self {
        let (client, server) = match side {
            Side::Client => {
                let clients = Some((&*pki.client_ca, ClientCertificate::Required));
                let server = tls_of(&[version], &pki.server(), clients);
                (Client::new(settings), Server::with(server))
            }
            Side::Server => {
                let client = Client::with(plain_client(version, pki)).without_resumption();
                (client, Server::with(settings.server_config().unwrap()))
            }
        };
        Self { side, client, server }
    }

    /// Both get to know each other, which they may have done before.
    pub(crate) fn attempt(&self) -> Result<Connection, Error> {
        let mut connection = self.client.attempt(&self.server)?;
        connection.finish();
        Ok(connection)
    }

    /// The certificate that the library shows. That its key fits is verified.
    #[track_caller]
    pub(crate) fn shown(&self) -> CertificateDer<'static> {
        let connection = self.attempt().unwrap();
        let shown = match self.side {
            Side::Client => connection.client_certificate(),
            Side::Server => connection.server_certificate(),
        };
        shown.unwrap()
    }

    /// The same with how it came to it.
    pub(crate) fn visit(&self) -> (Option<HandshakeKind>, CertificateDer<'static>) {
        let connection = self.attempt().unwrap();
        (connection.kind(), connection.client_certificate().unwrap())
    }

    /// A connection on which the server's last words are still under way.
    pub(crate) fn begin(&self) -> Connection {
        self.client.attempt(&self.server).unwrap()
    }
}

fn plain_client(version: &'static SupportedProtocolVersion, pki: &Pki) -> ClientConfig {
    let identity = pki.client();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(chain(&pki.root));
    ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(
            chain(&identity.certificate),
            PrivateKeyDer::from_pem_file(&identity.key).unwrap(),
        )
        .unwrap()
}

fn chain(path: &Path) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_file_iter(path).unwrap().collect::<Result<_, _>>().unwrap()
}
