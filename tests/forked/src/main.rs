//! Configurations that were made before a program forks, as servers with workers do: all processes have one
//! descriptor of the bundle, and may read by it at the same time; each follows what takes its place, and no
//! session outlives it.

use fork::Fork;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{CertificateError, ClientConfig, ClientConnection, HandshakeKind};
use rustls::{Error, ServerConfig, ServerConnection};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::exit;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

const WORKERS: usize = 8;
/// How often other CAs stand in the bundle before the one that counts: it takes so many reads that those of two
/// processes meet.
const OTHERS: usize = 1_000;
const LIMIT: Duration = Duration::from_secs(60);
/// A second, within which a replacement is noticed, and what a loaded machine takes.
const NOTICED: Duration = Duration::from_millis(1_500);

struct World {
    directory: PathBuf,
    old: Server,
    new: Server,
    /// The bundle that trusts the new server alone.
    replacement: String,
}

/// A server, and the CA that it takes to verify it.
struct Server {
    name: ServerName<'static>,
    config: Arc<ServerConfig>,
    ca: String,
}

fn main() {
    let [old, new] = ["old.test", "new.test"].map(Server::new);
    let others = ca("another").2.repeat(OTHERS);
    let directory = tempfile::tempdir().unwrap();
    let bundle = directory.path().join("bundle.pem");
    let (first, replacement) = (others.clone() + &old.ca, others + &new.ca);
    let world = World { directory: directory.path().to_owned(), old, new, replacement };

    for used in [false, true] {
        put(&bundle, &first);
        let settings = cacerts::Settings::new().ca_certs(&bundle).keep_removed(Duration::ZERO);
        let config = Arc::new(settings.client_config().unwrap());
        if used {
            assert_eq!(world.old.handshake(&config), Ok(HandshakeKind::Full));
        }
        let descriptors = fs::read_dir("/proc/self/fd").unwrap();
        let is_bundle =
            |file: &fs::DirEntry| fs::read_link(file.path()).is_ok_and(|to| to == bundle);
        assert_eq!(descriptors.filter(|file| is_bundle(file.as_ref().unwrap())).count(), 1);
        world.forks(&config, &bundle, used);
        println!(
            "ok - {} that a program has before it forks",
            if used { "a configuration in use" } else { "a configuration" }
        );
    }
}

impl World {
    fn forks(&self, config: &Arc<ClientConfig>, bundle: &Path, used: bool) {
        for file in fs::read_dir(&self.directory).unwrap().map(|file| file.unwrap().path()) {
            if file != bundle {
                fs::remove_file(file).unwrap();
            }
        }
        let workers: Vec<_> = (0..WORKERS)
            .map(|number| match fork::fork().unwrap() {
                Fork::Parent(worker) => worker,
                Fork::Child => {
                    let work = || self.works(number, config, used);
                    // Without an end that would remove the directory.
                    exit(catch_unwind(AssertUnwindSafe(work)).map_or(1, |()| 0))
                }
            })
            .collect();
        fs::write(self.directory.join("go"), "").unwrap();
        self.before(config, used);
        (0..WORKERS).for_each(|number| self.wait_for(&format!("worker {number}")));
        put(bundle, &self.replacement);
        fs::write(self.directory.join("replaced"), "").unwrap();
        self.after(config);
        for worker in workers {
            assert_eq!(fork::waitpid(worker).unwrap(), 0, "a worker has failed");
        }
    }

    fn works(&self, number: usize, config: &Arc<ClientConfig>, used: bool) {
        self.wait_for("go");
        self.before(config, used);
        fs::write(self.directory.join(format!("worker {number}")), "").unwrap();
        self.wait_for("replaced");
        self.after(config);
    }

    fn before(&self, config: &Arc<ClientConfig>, used: bool) {
        let first = if used { HandshakeKind::Resumed } else { HandshakeKind::Full };
        assert_eq!(self.old.handshake(config), Ok(first));
        assert_eq!(self.old.handshake(config), Ok(HandshakeKind::Resumed));
        self.new.is_refused(config);
    }

    fn after(&self, config: &Arc<ClientConfig>) {
        sleep(NOTICED);
        self.old.is_refused(config);
        assert_eq!(self.new.handshake(config), Ok(HandshakeKind::Full));
    }

    fn wait_for(&self, name: &str) {
        let end = Instant::now() + LIMIT;
        while !self.directory.join(name).exists() {
            assert!(Instant::now() < end, "{name}: nobody has come so far");
            sleep(Duration::from_millis(10));
        }
    }
}

impl Server {
    fn new(name: &'static str) -> Self {
        let (params, key, ca) = ca(&format!("CA of {name}"));
        let own = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([name.to_owned()])
            .unwrap()
            .signed_by(&own, &Issuer::from_params(&params, &key))
            .unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(own.serialize_der()).unwrap(),
            )
            .unwrap();
        Self { name: name.try_into().unwrap(), config: Arc::new(config), ca }
    }

    #[track_caller]
    fn is_refused(&self, config: &Arc<ClientConfig>) {
        let refused = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        assert_eq!(self.handshake(config), Err(refused));
    }

    /// One in memory, tickets included.
    fn handshake(&self, config: &Arc<ClientConfig>) -> Result<HandshakeKind, Error> {
        let mut client = ClientConnection::new(Arc::clone(config), self.name.clone()).unwrap();
        let mut server = ServerConnection::new(Arc::clone(&self.config)).unwrap();
        while client.is_handshaking() || server.is_handshaking() || server.wants_write() {
            let mut bytes = Vec::new();
            while client.wants_write() {
                client.write_tls(&mut bytes).unwrap();
            }
            server.read_tls(&mut bytes.as_slice()).unwrap();
            server.process_new_packets().unwrap();
            bytes.clear();
            while server.wants_write() {
                server.write_tls(&mut bytes).unwrap();
            }
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                client.read_tls(&mut rest).unwrap();
            }
            client.process_new_packets()?;
        }
        Ok(client.handshake_kind().unwrap())
    }
}

/// A CA, its key, and its certificate in PEM.
fn ca(name: &str) -> (CertificateParams, KeyPair, String) {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    (params, key, pem)
}

/// In one step, as who replaces a file should.
fn put(path: &Path, text: &str) {
    let new = path.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::rename(&new, path).unwrap();
}
