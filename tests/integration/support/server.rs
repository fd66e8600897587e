//! A small HTTP server on this machine, with and without TLS, that remembers who comes.

use super::pki::Identity;
use super::real::{Setup, Versions};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion,
};
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What the server answers, but for the one that redirects.
pub(crate) const BODY: &str = "You have reached the server.\n";

/// How long the server waits for anything.
const LIMIT: Duration = Duration::from_secs(5);

/// Answers one request a connection, one connection at a time, until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What a server answers to who asks for `/`, and what came to it.
struct Shared {
    answer: Mutex<String>,
    connections: AtomicUsize,
    requests: Mutex<Vec<Request>>,
}

/// A request that was answered.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) head: String,
    /// Whether the client showed a certificate, which the server has verified.
    pub(crate) has_certificate: bool,
    pub(crate) certificate: Option<CertificateDer<'static>>,
}

/// Whether a client may stay anonymous.
#[derive(Clone, Copy)]
pub(crate) enum ClientCertificate {
    Optional,
    Required,
}

impl Server {
    pub(crate) fn http() -> Self {
        Self::start(Ipv4Addr::LOCALHOST.into(), None, answer("200 OK", ""))
    }

    pub(crate) fn https(identity: &Identity) -> Self {
        Self::https_on(Ipv4Addr::LOCALHOST.into(), identity)
    }

    pub(crate) fn https_on(ip: IpAddr, identity: &Identity) -> Self {
        Self::start(ip, Some(tls(identity, None)), answer("200 OK", ""))
    }

    /// A server that speaks TLS 1.2 and no later version.
    pub(crate) fn https_of_tls12(identity: &Identity) -> Self {
        let config = tls_of(&[&TLS12], identity, None);
        Self::start(Ipv4Addr::LOCALHOST.into(), Some(config), answer("200 OK", ""))
    }

    /// The one among the servers of [`Setup::with_each`] that is made of rustls.
    pub(crate) fn https_as(setup: &Setup<'_>) -> Self {
        let versions: &[_] = match setup.versions {
            Versions::Default => rustls::ALL_VERSIONS,
            Versions::Only11 => panic!("rustls does not speak TLS 1.1"),
            Versions::Only12 => &[&TLS12],
            Versions::Only13 => &[&TLS13],
        };
        let config = tls_of(versions, setup.identity, setup.clients);
        Self::start(setup.ip, Some(config), answer("200 OK", ""))
    }

    /// A server that has not what it is asked for.
    pub(crate) fn https_without_page(identity: &Identity) -> Self {
        let answer = answer("404 Not Found", "");
        Self::start(Ipv4Addr::LOCALHOST.into(), Some(tls(identity, None)), answer)
    }

    /// Asks clients for a certificate that leads to this CA.
    pub(crate) fn https_for(clients: &Path, asked: ClientCertificate, identity: &Identity) -> Self {
        let config = tls(identity, Some((clients, asked)));
        Self::start(Ipv4Addr::LOCALHOST.into(), Some(config), answer("200 OK", ""))
    }

    /// Sends everybody elsewhere who asks for `/`; without an identity, over plain HTTP.
    pub(crate) fn redirecting(to: &str, identity: Option<&Identity>) -> Self {
        let config = identity.map(|identity| tls(identity, None));
        Self::start(Ipv4Addr::LOCALHOST.into(), config, redirect(to))
    }

    /// The same, asking clients for a certificate that leads to this CA, and letting in others.
    pub(crate) fn redirecting_clients(to: &str, clients: &Path, identity: &Identity) -> Self {
        let config = tls(identity, Some((clients, ClientCertificate::Optional)));
        Self::start(Ipv4Addr::LOCALHOST.into(), Some(config), redirect(to))
    }

    /// A server with this configuration.
    pub(crate) fn of(config: ServerConfig) -> Self {
        Self::start(Ipv4Addr::LOCALHOST.into(), Some(config), answer("200 OK", ""))
    }

    fn start(ip: IpAddr, tls: Option<ServerConfig>, answer: String) -> Self {
        let listener = TcpListener::bind((ip, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let shared = Arc::new(Shared {
            answer: Mutex::new(answer),
            connections: AtomicUsize::new(0),
            requests: Mutex::default(),
        });
        let stop = Arc::default();
        let (seen, stopped) = (Arc::clone(&shared), Arc::clone(&stop));
        let tls = tls.map(Arc::new);
        let thread = thread::spawn(move || serve(&listener, tls, &seen, &stopped));
        Self { address, scheme, shared, stop, thread: Some(thread) }
    }

    /// The address under the name that the good server's certificate has first.
    pub(crate) fn url(&self) -> String {
        self.url_as("localhost")
    }

    /// The address under another name.
    pub(crate) fn url_as(&self, host: &str) -> String {
        format!("{}://{host}:{}/", self.scheme, self.address.port())
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections there were, whatever became of them.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(SeqCst)
    }

    /// From now on it sends everybody there who asks for `/`.
    pub(crate) fn redirect_to(&self, url: &str) {
        *self.shared.answer.lock().unwrap() = redirect(url);
    }

    /// The requests that were answered.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, SeqCst);
        // It waits for a connection, so it gets one. Where there can be none, it is left to wait.
        let woken = TcpStream::connect_timeout(&self.address, LIMIT).is_ok();
        if let Some(thread) = self.thread.take().filter(|_| woken) {
            let _ = thread.join();
        }
    }
}

fn answer(status: &str, headers: &str) -> String {
    let length = BODY.len();
    format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{BODY}"
    )
}

fn redirect(to: &str) -> String {
    answer("302 Found", &format!("Location: {to}\r\n"))
}

fn tls(identity: &Identity, clients: Option<(&Path, ClientCertificate)>) -> ServerConfig {
    tls_of(rustls::ALL_VERSIONS, identity, clients)
}

/// A configuration of rustls' own, for these versions.
pub(crate) fn tls_of(
    versions: &[&'static SupportedProtocolVersion],
    identity: &Identity,
    clients: Option<(&Path, ClientCertificate)>,
) -> ServerConfig {
    let certificates = |path: &Path| {
        CertificateDer::pem_file_iter(path).unwrap().collect::<Result<Vec<_>, _>>().unwrap()
    };
    let provider = super::library::provider();
    let key_provider = provider.key_provider;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_protocol_versions(versions).unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some((path, asked)) => {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(certificates(path));
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            let verifier = match asked {
                ClientCertificate::Optional => verifier.allow_unauthenticated(),
                ClientCertificate::Required => verifier,
            };
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let key = PrivateKeyDer::from_pem_file(&identity.key).unwrap();
    // Nothing here asks whether the two fit: a test may want to show somebody else's certificate.
    let key = key_provider.load_private_key(key).unwrap();
    let certified = CertifiedKey::new(certificates(&identity.certificate), key);
    builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)))
}

fn serve(
    listener: &TcpListener,
    tls: Option<Arc<ServerConfig>>,
    shared: &Shared,
    stop: &AtomicBool,
) {
    while let Ok((socket, _)) = listener.accept() {
        if stop.load(SeqCst) {
            return;
        }
        shared.connections.fetch_add(1, SeqCst);
        let limits = [socket.set_read_timeout(Some(LIMIT)), socket.set_write_timeout(Some(LIMIT))];
        limits.into_iter().collect::<io::Result<()>>().unwrap();
        // A client that breaks off, as many here have to, is no failure of the server.
        let _ = match &tls {
            None => converse(&socket, shared, |_| None),
            Some(config) => converse_over_tls(&socket, Arc::clone(config), shared),
        };
        hang_up(&socket);
    }
}

fn converse_over_tls(
    socket: &TcpStream,
    config: Arc<ServerConfig>,
    shared: &Shared,
) -> io::Result<()> {
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, socket);
    converse(&mut stream, shared, |stream| {
        stream.conn.peer_certificates().map(|chain| chain[0].clone().into_owned())
    })?;
    stream.conn.send_close_notify();
    stream.conn.complete_io(&mut stream.sock).map(drop)
}

/// Reads the head of a request, all there is to a GET, and answers. Who asks for anything but `/`
/// gets the page.
fn converse<S: Read + Write>(
    mut stream: S,
    shared: &Shared,
    certificate: impl FnOnce(&S) -> Option<CertificateDer<'static>>,
) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let answer = match head.starts_with("GET / ") {
        true => shared.answer.lock().unwrap().clone(),
        false => answer("200 OK", ""),
    };
    let certificate = certificate(&stream);
    let has_certificate = certificate.is_some();
    shared.requests.lock().unwrap().push(Request { head, has_certificate, certificate });
    stream.write_all(answer.as_bytes())?;
    stream.flush()
}

/// Ends a connection in such a way that what was said last, an alert perhaps, arrives: closing with
/// something unread would throw it away.
fn hang_up(mut socket: &TcpStream) {
    let _ = socket.shutdown(Shutdown::Write);
    let _ = io::copy(&mut socket, &mut io::sink());
}
