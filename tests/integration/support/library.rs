//! The library, used in this process.

use super::command;
use super::real::REQUIRED;
use super::server::Server;
use cacerts::{Client, Error, Settings};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, HandshakeKind, StreamOwned};
use std::any::type_name;
use std::env;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(5);

/// Runs the body of a test in a process of its own, with an empty environment: the library goes by
/// the real one, where the machine that runs the tests may have set a store or a proxy, and a
/// process with threads must not change its environment.
///
/// It is given the test that calls it, whose name is how the process is told what to run.
#[track_caller]
pub(crate) fn alone<T: Fn()>(test: T, body: impl FnOnce()) {
    alone_with(test, &[], body);
}

/// The same, with these variables set. The process is a new one, with new certificates: a variable can
/// name their files below its working directory.
#[track_caller]
pub(crate) fn alone_with<T: Fn()>(_: T, variables: &[(&str, &str)], body: impl FnOnce()) {
    const MARK: &str = "CACERTS_TEST_ALONE";
    if env::var_os(MARK).is_some() {
        return body();
    }
    let (_, name) = type_name::<T>().split_once("::").unwrap();
    let mut test = Command::new(env::current_exe().unwrap());
    test.args(["--exact", name, "--nocapture"]).env_clear().env(MARK, "1");
    test.envs(variables.iter().copied());
    for name in ["TMPDIR", REQUIRED] {
        if let Some(value) = env::var_os(name) {
            test.env(name, value);
        }
    }
    let run = command::run(&mut test);
    let passed = run.code == Some(0) && run.stdout.contains("1 passed");
    assert!(passed, "{name}, alone:\n{}{}", run.stdout, run.stderr);
}

/// Fetches from a server with the library's own client. To be called [`alone`].
pub(crate) fn get(settings: &Settings, url: &str) -> Result<String, Error> {
    let mut body = String::new();
    let mut response = Client::with_time_limit(settings.clone(), LIMIT).get(url)?;
    response.read_to_string(&mut body).map_err(|e| {
        let inner = e.into_inner().unwrap();
        *inner.downcast().unwrap()
    })?;
    Ok(body)
}

/// Fetches from a server as an application that has its own client would: with a configuration of
/// the library's. The answer's head comes with it.
pub(crate) fn fetch(config: ClientConfig, server: &Server) -> io::Result<String> {
    fetch_from(config, server.address())
}

/// The same, from whatever server there is at an address.
pub(crate) fn fetch_from(config: ClientConfig, server: SocketAddr) -> io::Result<String> {
    fetch_as(config, server, "localhost")
}

/// The same, by another name of the server's.
pub(crate) fn fetch_as(config: ClientConfig, server: SocketAddr, name: &str) -> io::Result<String> {
    converse(&Arc::new(config), server, name).map(|(answer, _)| answer)
}

/// Fetches from whatever server there is at an address, and says how the handshake went.
pub(crate) fn visit(config: &Arc<ClientConfig>, server: SocketAddr) -> io::Result<HandshakeKind> {
    converse(config, server, "localhost").map(|(_, kind)| kind)
}

fn converse(
    config: &Arc<ClientConfig>,
    server: SocketAddr,
    name: &str,
) -> io::Result<(String, HandshakeKind)> {
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let connection = ClientConnection::new(Arc::clone(config), name).map_err(io::Error::other)?;
    let socket = TcpStream::connect_timeout(&server, LIMIT)?;
    socket.set_read_timeout(Some(LIMIT))?;
    socket.set_write_timeout(Some(LIMIT))?;
    let mut stream = StreamOwned::new(connection, socket);
    stream.write_all(b"GET /page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok((answer, stream.conn.handshake_kind().unwrap()))
}

/// The crypto provider that the library takes, whichever of its features is on.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    #[cfg(feature = "ring")]
    let provider = rustls::crypto::ring::default_provider();
    #[cfg(not(feature = "ring"))]
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    Arc::new(provider)
}

/// From now on no file can be opened, until the limit that was there before is set again.
pub(crate) fn exhaust_files() -> Rlimit {
    let before = getrlimit(Resource::Nofile);
    // The lowest number that is free.
    let free = File::open("/dev/null").unwrap().as_raw_fd();
    let current = Some(u64::try_from(free).unwrap());
    setrlimit(Resource::Nofile, Rlimit { current, ..before }).unwrap();
    assert!(File::open("/dev/null").is_err());
    before
}
