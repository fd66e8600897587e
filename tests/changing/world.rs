//! CAs, a server of each, a store that goes through some states, and what may be said in each.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{
    ClientConfig, ClientConnection, HandshakeKind, RootCertStore, ServerConfig, ServerConnection,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What stands in the store: which certificates plain, and which rejected.
pub(crate) struct State {
    plain: &'static [&'static str],
    rejected: &'static [&'static str],
}

/// In the last one nobody is trusted: the only CA that the one before has is rejected.
pub(crate) const STATES: &[State] = &[
    State { plain: &["a", "b"], rejected: &[] },
    State { plain: &["a", "b"], rejected: &["issuing"] },
    State { plain: &["b"], rejected: &[] },
    State { plain: &["a", "b"], rejected: &["b"] },
    State { plain: &["a"], rejected: &[] },
    State { plain: &[], rejected: &["a"] },
];

struct Authority {
    name: &'static str,
    params: CertificateParams,
    key: KeyPair,
    certificate: CertificateDer<'static>,
    pem: String,
}

pub(crate) struct World {
    directory: TempDir,
    authorities: Vec<Authority>,
    pub(crate) servers: Vec<Server>,
    clients: Authority,
    /// The certificates that the client has had.
    shown: Mutex<Vec<CertificateDer<'static>>>,
}

pub(crate) struct Server {
    pub(crate) name: &'static str,
    /// Whom it takes to verify it.
    needs: &'static [&'static str],
    config: Arc<ServerConfig>,
}

/// What came of a handshake.
#[derive(Debug)]
pub(crate) enum Seen {
    Refused(rustls::Error),
    /// With this one of the client's certificates.
    Full(usize),
    Resumed,
}

/// What was put where, and since when it has been there.
#[derive(Default)]
pub(crate) struct History {
    stores: Puts,
    identities: Puts,
}

/// Without a time while it is being put: it may be seen already, and what was there before too.
type Puts = Mutex<Vec<(Option<Instant>, usize)>>;

/// What may have been said at some time.
#[derive(Debug)]
pub(crate) struct Expected {
    trusted: bool,
    refused: bool,
    shown: Vec<usize>,
}

impl Expected {
    pub(crate) fn allows(&self, seen: &Seen) -> bool {
        match seen {
            Seen::Refused(rustls::Error::InvalidCertificate(_)) => self.refused,
            // Nobody is trusted any more.
            Seen::Refused(rustls::Error::General(_)) => self.refused,
            Seen::Refused(_) => false,
            Seen::Full(shown) => self.trusted && self.shown.contains(shown),
            Seen::Resumed => self.trusted,
        }
    }

    pub(crate) fn is_certain(&self) -> bool {
        self.trusted != self.refused
    }
}

impl State {
    fn trusts(&self, server: &Server) -> bool {
        let root = server.needs.last().unwrap();
        self.plain.contains(root) && server.needs.iter().all(|ca| !self.rejected.contains(ca))
    }
}

impl History {
    /// Puts a state where the store is.
    pub(crate) fn store(&self, world: &World, state: usize) {
        put(&self.stores, state, || world.store(state));
    }

    /// Gives the client another certificate.
    pub(crate) fn identity(&self, world: &World) {
        let number = self.identities.lock().unwrap().len();
        put(&self.identities, number, || world.renew());
    }

    /// What may be said of a handshake that began then and is over now.
    pub(crate) fn within(&self, start: Instant, unnoticed: Duration, server: &Server) -> Expected {
        let since = start.checked_sub(unnoticed).unwrap_or(start);
        let stores = current_since(&self.stores.lock().unwrap(), since);
        let shown = current_since(&self.identities.lock().unwrap(), since);
        let trusts = |state: &usize| STATES[*state].trusts(server);
        Expected { trusted: stores.iter().any(trusts), refused: !stores.iter().all(trusts), shown }
    }
}

fn put(puts: &Puts, what: usize, write: impl FnOnce()) {
    puts.lock().unwrap().push((None, what));
    write();
    puts.lock().unwrap().last_mut().unwrap().0 = Some(Instant::now());
}

/// What there was at some time or later.
fn current_since(puts: &[(Option<Instant>, usize)], since: Instant) -> Vec<usize> {
    let was_there = |at: &Option<Instant>| at.is_some_and(|at| at <= since);
    let first = puts.iter().rposition(|(at, _)| was_there(at)).unwrap_or(0);
    puts[first..].iter().map(|(_, what)| *what).collect()
}

impl World {
    pub(crate) fn new() -> Self {
        let [a, b] = ["a", "b"].map(|name| Authority::new(name, None));
        let issuing = Authority::new("issuing", Some(&a));
        let clients = Authority::new("clients", None);
        let mut roots = RootCertStore::empty();
        roots.add(clients.certificate.clone()).unwrap();
        let roots = Arc::new(roots);
        let server = |name: &'static str, needs, issuer: &Authority, sent: &[&Authority]| {
            let (leaf, key) = issuer.issue(name, ExtendedKeyUsagePurpose::ServerAuth);
            let sent = sent.iter().map(|ca| ca.certificate.clone());
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), provider());
            let config = ServerConfig::builder_with_provider(provider())
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_client_cert_verifier(verifier.build().unwrap())
                .with_single_cert([leaf].into_iter().chain(sent).collect(), key)
                .unwrap();
            Server { name, needs, config: Arc::new(config) }
        };
        let servers = vec![
            server("a.test", &["a"], &a, &[]),
            server("issued.test", &["issuing", "a"], &issuing, &[&issuing]),
            server("b.test", &["b"], &b, &[]),
        ];
        let directory = tempfile::tempdir().unwrap();
        Self {
            directory,
            authorities: vec![a, b, issuing],
            servers,
            clients,
            shown: Mutex::default(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn store(&self, state: usize) {
        let State { plain, rejected } = &STATES[state];
        let authority = |name: &&str| self.authorities.iter().find(|ca| ca.name == *name).unwrap();
        let plain = plain.iter().map(|name| authority(name).pem.clone());
        let rejected = rejected.iter().map(|name| authority(name).rejected());
        replace(&self.path("store.pem"), &plain.chain(rejected).collect::<String>());
    }

    /// Puts something of no use where the store is, one kind after the other; or nothing at all.
    pub(crate) fn spoil(&self, number: usize) {
        let store = self.path("store.pem");
        let damaged = self.authorities[0].pem.replace("A", "!");
        match number % 4 {
            0 => replace(&store, "no certificate"),
            1 => replace(&store, ""),
            2 => replace(&store, &damaged),
            _ => fs::remove_file(&store).unwrap(),
        }
    }

    /// Key and certificate are in one file, so that they change at one time.
    fn renew(&self) {
        let (certificate, key) =
            self.clients.issue("client.test", ExtendedKeyUsagePurpose::ClientAuth);
        let both = pem("CERTIFICATE", &certificate) + &pem("PRIVATE KEY", key.secret_der());
        self.shown.lock().unwrap().push(certificate);
        replace(&self.path("client.pem"), &both);
    }

    fn number(&self, shown: &CertificateDer<'_>) -> usize {
        self.shown.lock().unwrap().iter().position(|known| known == shown).unwrap()
    }
}

impl Authority {
    fn new(name: &'static str, issuer: Option<&Self>) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, format!("changing {name}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = match issuer {
            Some(by) => params.signed_by(&key, &Issuer::from_params(&by.params, &by.key)).unwrap(),
            None => params.self_signed(&key).unwrap(),
        };
        let (pem, certificate) = (certificate.pem(), certificate.der().clone());
        Self { name, params, key, certificate, pem }
    }

    fn issue(
        &self,
        name: &str,
        purpose: ExtendedKeyUsagePurpose,
    ) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.extended_key_usages = vec![purpose];
        let certificate =
            params.signed_by(&key, &Issuer::from_params(&self.params, &self.key)).unwrap();
        (certificate.der().clone(), key.serialize_der().try_into().unwrap())
    }

    /// As OpenSSL writes it with `-addreject serverAuth`.
    fn rejected(&self) -> String {
        const SETTINGS: &[u8] = b"\x30\x0c\xa0\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01";
        pem("TRUSTED CERTIFICATE", &[&self.certificate, SETTINGS].concat())
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap());
    let body: String = lines.map(|line| format!("{line}\n")).collect();
    format!("-----BEGIN {label}-----\n{body}-----END {label}-----\n")
}

/// In one step, as who replaces a file should.
fn replace(path: &Path, text: &str) {
    let new = path.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::rename(&new, path).unwrap();
}

/// One configuration, as a program has it.
pub(crate) struct Client<'a>(&'a World, Arc<ClientConfig>);

impl<'a> Client<'a> {
    pub(crate) fn new(world: &'a World) -> Self {
        let identity = world.path("client.pem");
        let settings = cacerts::Settings::new()
            .ca_certs(world.path("store.pem"))
            .client_cert(&identity)
            .client_key(&identity);
        Self(world, Arc::new(settings.client_config().unwrap()))
    }

    pub(crate) fn handshake(&self, server: &Server) -> Seen {
        let name = ServerName::try_from(server.name).unwrap();
        let mut client = ClientConnection::new(Arc::clone(&self.1), name).unwrap();
        let mut server = ServerConnection::new(Arc::clone(&server.config)).unwrap();
        while client.is_handshaking() || server.is_handshaking() {
            let mut bytes = Vec::new();
            client.write_tls(&mut bytes).unwrap();
            server.read_tls(&mut bytes.as_slice()).unwrap();
            server.process_new_packets().unwrap();
            if let Err(e) = answer(&mut server, &mut client) {
                return Seen::Refused(e);
            }
        }
        // The tickets.
        answer(&mut server, &mut client).unwrap();
        match client.handshake_kind().unwrap() {
            HandshakeKind::Resumed => Seen::Resumed,
            _ => Seen::Full(self.0.number(&server.peer_certificates().unwrap()[0])),
        }
    }
}

fn answer(
    server: &mut ServerConnection,
    client: &mut ClientConnection,
) -> Result<(), rustls::Error> {
    let mut bytes = Vec::new();
    while server.wants_write() {
        server.write_tls(&mut bytes).unwrap();
    }
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        client.read_tls(&mut rest).unwrap();
    }
    client.process_new_packets().map(drop)
}

fn provider() -> Arc<CryptoProvider> {
    #[cfg(feature = "ring")]
    let provider = rustls::crypto::ring::default_provider();
    #[cfg(not(feature = "ring"))]
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    Arc::new(provider)
}
