//! CAs that have a server each in this process, and handshakes with it without a socket: thousands of
//! them take no time.

use super::library::provider;
use super::pki::{Identity, authority_params};
use cacerts::{Settings, TrustStore};
use rcgen::{
    Certificate, CertificateParams, ExtendedKeyUsagePurpose, Issuer, KeyPair, date_time_ymd,
};
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, Error, HandshakeKind, RootCertStore,
    ServerConfig, ServerConnection, SupportedProtocolVersion,
};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use std::{panic, thread};

/// A self-signed CA, and a server that has its certificate from it.
pub(crate) struct Ca {
    pub(crate) pem: String,
    authority: CertificateParams,
    key: KeyPair,
    leaf: Certificate,
    leaf_key: KeyPair,
    server: Arc<ServerConfig>,
}

impl Ca {
    pub(crate) fn new(name: &str) -> Self {
        Self::with_key(name, KeyPair::generate().unwrap())
    }

    /// The same CA, as somebody would write its name who does not care for case and blanks.
    pub(crate) fn spelt(&self, name: &str) -> Self {
        Self::with_key(name, KeyPair::from_pem(&self.key.serialize_pem()).unwrap())
    }

    fn with_key(name: &str, key: KeyPair) -> Self {
        let authority = authority_params(name);
        let pem = authority.self_signed(&key).unwrap().pem();
        let (leaf, leaf_key) = issue(&authority, &key, "localhost", 4096);
        let server = server(rustls::ALL_VERSIONS, &leaf, &leaf_key);
        Self { pem, authority, key, leaf, leaf_key, server }
    }

    /// A server that has another certificate, for this name.
    pub(crate) fn another(&self, name: &str, version: &'static SupportedProtocolVersion) -> Server {
        let (leaf, leaf_key) = issue(&self.authority, &self.key, name, 4096);
        Server(server(&[version], &leaf, &leaf_key))
    }

    /// One whose certificate is valid until a year begins.
    pub(crate) fn another_until(&self, year: i32) -> Server {
        let (leaf, leaf_key) = issue(&self.authority, &self.key, "localhost", year);
        Server(server(&[&TLS13], &leaf, &leaf_key))
    }

    /// The server, which speaks this version only.
    pub(crate) fn server_of(&self, version: &'static SupportedProtocolVersion) -> Server {
        Server(server(&[version], &self.leaf, &self.leaf_key))
    }

    pub(crate) fn server(&self) -> Server {
        Server(Arc::clone(&self.server))
    }

    /// Somebody who shows the server's certificate and has another key.
    pub(crate) fn impostor(&self) -> Server {
        let key = KeyPair::generate().unwrap().serialize_der().try_into().unwrap();
        let key = provider().key_provider.load_private_key(key).unwrap();
        let shown = CertifiedKey::new(vec![self.leaf.der().clone()], key);
        let config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(rustls::ALL_VERSIONS)
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(shown)));
        Server(Arc::new(config))
    }

    /// The server's certificate.
    pub(crate) fn leaf(&self) -> &CertificateDer<'static> {
        self.leaf.der()
    }

    /// The server's certificate and key as files, for a server that is a program.
    pub(crate) fn identity(&self, directory: &Path) -> Identity {
        let (certificate, key) = (directory.join("leaf.pem"), directory.join("leaf.key"));
        fs::write(&certificate, self.leaf.pem()).unwrap();
        fs::write(&key, self.leaf_key.serialize_pem()).unwrap();
        Identity { certificate, key }
    }
}

/// CAs whose certificates are all as long as each other's, so that their bundles are, too.
pub(crate) fn of_equal_length<const N: usize>(names: [&str; N]) -> [Ca; N] {
    let mut length = None;
    assert!(names.iter().all(|name| name.len() == names[0].len()));
    names.map(|name| {
        loop {
            let ca = Ca::new(name);
            if ca.pem.len() == *length.get_or_insert(ca.pem.len()) {
                return ca;
            }
        }
    })
}

/// One file with all of them, in this order.
pub(crate) fn bundle(cas: &[&Ca]) -> String {
    cas.iter().map(|ca| ca.pem.as_str()).collect()
}

fn issue(
    authority: &CertificateParams,
    key: &KeyPair,
    name: &str,
    until: i32,
) -> (Certificate, KeyPair) {
    let leaf_key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.not_after = date_time_ymd(until, 1, 1);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // OpenSSL tells CAs of one name apart by it.
    params.use_authority_key_identifier_extension = true;
    let leaf = params.signed_by(&leaf_key, &Issuer::from_params(authority, key)).unwrap();
    (leaf, leaf_key)
}

fn server(
    versions: &[&'static SupportedProtocolVersion],
    leaf: &Certificate,
    key: &KeyPair,
) -> Arc<ServerConfig> {
    let config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key.serialize_der().try_into().unwrap());
    Arc::new(config.unwrap())
}

/// A server in this process. It remembers its sessions, in either version.
#[derive(Clone)]
pub(crate) struct Server(Arc<ServerConfig>);

impl Server {
    pub(crate) fn with(config: ServerConfig) -> Self {
        Self(Arc::new(config))
    }
}

/// A client in this process.
#[derive(Clone)]
pub(crate) struct Client(Arc<ClientConfig>);

impl Client {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self::with(settings.client_config().unwrap())
    }

    pub(crate) fn with(config: ClientConfig) -> Self {
        Self(Arc::new(config))
    }

    /// With a configuration of the library's.
    pub(crate) fn of(store: &Path) -> Self {
        Self::new(&Settings::new().ca_certs(store))
    }

    /// With an application's own configuration and the library's verifier.
    pub(crate) fn with_verifier_of(store: &Path) -> Self {
        Self::with_verifier(&TrustStore::load(store).unwrap())
    }

    fn with_verifier(store: &TrustStore) -> Self {
        let verifier = store.verifier(provider());
        let builder = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS12, &TLS13])
            .unwrap();
        let config = builder.dangerous().with_custom_certificate_verifier(verifier);
        Self(Arc::new(config.with_no_client_auth())).without_resumption()
    }

    /// rustls by itself, with these roots.
    pub(crate) fn of_rustls(cas: &[&Ca]) -> Self {
        let mut roots = RootCertStore::empty();
        for ca in cas {
            roots.add(CertificateDer::from_pem_slice(ca.pem.as_bytes()).unwrap()).unwrap();
        }
        let builder = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS12, &TLS13])
            .unwrap();
        Self::with(builder.with_root_certificates(roots).with_no_client_auth())
    }

    /// A configuration of the library's, and one of an application with the library's verifier.
    pub(crate) fn both_with(settings: &Settings) -> [Self; 2] {
        [Self::new(settings), Self::with_verifier(&settings.trust_store().unwrap())]
    }

    /// The two ways to use a store.
    pub(crate) fn both(store: &Path) -> [Self; 2] {
        [Self::of(store), Self::with_verifier_of(store)]
    }

    /// Which has to verify every time.
    pub(crate) fn without_resumption(self) -> Self {
        let mut config = Arc::unwrap_or_clone(self.0);
        config.resumption = Resumption::disabled();
        Self(Arc::new(config))
    }

    pub(crate) fn config(&self) -> ClientConfig {
        ClientConfig::clone(&self.0)
    }

    /// Whether it trusts the server of this CA.
    pub(crate) fn trusts(&self, ca: &Ca) -> bool {
        self.visit(&ca.server()).is_some()
    }

    /// Whether it knows the server from before; `None` where it does not trust it.
    pub(crate) fn visit(&self, server: &Server) -> Option<HandshakeKind> {
        let mut connection = self.begin(server)?;
        connection.finish();
        connection.client.handshake_kind()
    }

    /// The same with a server of another name, that is to be trusted.
    pub(crate) fn visit_by_name(&self, name: &str, server: &Server) -> HandshakeKind {
        let mut connection = self.attempt_by_name(name, server).unwrap();
        connection.finish();
        connection.client.handshake_kind().unwrap()
    }

    /// A connection on which the server's last words, its session tickets, are still under way.
    pub(crate) fn begin(&self, server: &Server) -> Option<Connection> {
        match self.attempt(server) {
            Ok(connection) => Some(connection),
            // Any other error is a fault of the test.
            Err(Error::InvalidCertificate(
                CertificateError::UnknownIssuer | CertificateError::BadSignature,
            )) => None,
            Err(other) => panic!("{other}"),
        }
    }

    /// The same, where there may be other errors.
    pub(crate) fn attempt(&self, server: &Server) -> Result<Connection, Error> {
        self.attempt_by_name("localhost", server)
    }

    fn attempt_by_name(&self, name: &str, server: &Server) -> Result<Connection, Error> {
        let name = ServerName::try_from(name).unwrap().to_owned();
        let client = ClientConnection::new(Arc::clone(&self.0), name).unwrap();
        let server = ServerConnection::new(Arc::clone(&server.0)).unwrap();
        let mut connection = Connection { client, server };
        connection.shake_hands().map(|()| connection)
    }
}

/// Both ends of a connection.
pub(crate) struct Connection {
    client: ClientConnection,
    server: ServerConnection,
}

impl Connection {
    fn shake_hands(&mut self) -> Result<(), Error> {
        loop {
            self.deliver_to_server();
            if !self.client.is_handshaking() && !self.server.is_handshaking() {
                return Ok(());
            }
            self.deliver_to_client()?;
        }
    }

    /// Whose certificate the server has seen.
    pub(crate) fn client_certificate(&self) -> Option<CertificateDer<'static>> {
        self.server.peer_certificates().map(|chain| chain[0].clone().into_owned())
    }

    /// Whose certificate the client has seen.
    pub(crate) fn server_certificate(&self) -> Option<CertificateDer<'static>> {
        self.client.peer_certificates().map(|chain| chain[0].clone().into_owned())
    }

    /// Whether the two have known each other.
    pub(crate) fn kind(&self) -> Option<HandshakeKind> {
        self.client.handshake_kind()
    }

    /// Lets the last words arrive.
    pub(crate) fn finish(&mut self) {
        self.deliver_to_client().unwrap();
    }

    fn deliver_to_server(&mut self) {
        let mut flight = Vec::new();
        while self.client.wants_write() {
            self.client.write_tls(&mut flight).unwrap();
        }
        let mut rest = flight.as_slice();
        while !rest.is_empty() {
            self.server.read_tls(&mut rest).unwrap();
            self.server.process_new_packets().unwrap();
        }
    }

    fn deliver_to_client(&mut self) -> Result<(), Error> {
        let mut flight = Vec::new();
        while self.server.wants_write() {
            self.server.write_tls(&mut flight).unwrap();
        }
        let mut rest = flight.as_slice();
        while !rest.is_empty() {
            self.client.read_tls(&mut rest).unwrap();
            self.client.process_new_packets()?;
        }
        Ok(())
    }
}

/// Does something that might hang, in a thread of its own, and waits no longer than this.
#[track_caller]
pub(crate) fn within<T: Send + 'static>(
    limit: Duration,
    body: impl FnOnce() -> T + Send + 'static,
) -> T {
    let (done, wait) = mpsc::channel();
    let thread = thread::spawn(move || {
        // Whoever waited may be gone.
        let _ = done.send(body());
    });
    match wait.recv_timeout(limit) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => panic!("it takes longer than {limit:?}"),
        Err(RecvTimeoutError::Disconnected) => panic::resume_unwind(thread.join().unwrap_err()),
    }
}
