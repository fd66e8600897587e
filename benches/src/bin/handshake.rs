//! Handshakes with a server in the same process, none of which resumes a session. The first argument
//! is what is trusted, `embedded` or a path for cacerts; the second is what is done, so many times or
//! seconds:
//!
//! - `count N`: N handshakes, for counting instructions
//! - `last N`: handshakes for N seconds, for counting system calls
//! - `compare N`: N handshakes by cacerts and N on embedded roots, in turn. It says in nanoseconds
//!   the medians of what the client takes to judge what the server sends. It is done in a year in
//!   which the certificate has expired, which both say before they check a signature: signatures
//!   would hide everything else.

use cacerts::Settings;
use cacerts_benches::{argument, pki, roots};
use rustls::client::Resumption;
use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;
use rustls::version::TLS13;
use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn main() {
    let (store, what) = (argument(1).unwrap(), argument(2).unwrap());
    let count: u32 = argument(3).unwrap().parse().unwrap();
    let server = server();
    let client = match store.as_str() {
        "embedded" => embedded(),
        path => Settings::new().ca_certs(path).client_config().unwrap(),
    };
    match what.as_str() {
        "count" => {
            let client = full(client);
            for _ in 0..count {
                handshake(&client, &server).unwrap();
            }
        }
        "last" => {
            let client = full(client);
            let start = Instant::now();
            while start.elapsed().as_secs() < count.into() {
                handshake(&client, &server).unwrap();
            }
        }
        "compare" => {
            let (ours, theirs) = (late(client), late(embedded()));
            let time = |client| handshake(client, &server).unwrap_err().as_nanos();
            let (mut ours, mut theirs): (Vec<_>, Vec<_>) =
                (0..count).map(|_| (time(&ours), time(&theirs))).unzip();
            ours.sort_unstable();
            theirs.sort_unstable();
            println!("{} {}", ours[ours.len() / 2], theirs[theirs.len() / 2]);
        }
        _ => panic!("{what}: neither count, last nor compare"),
    }
}

fn embedded() -> ClientConfig {
    roots::config(roots::embedded_with_ours())
}

/// Without resumption, which would leave the verification out.
fn full(mut config: ClientConfig) -> Arc<ClientConfig> {
    config.resumption = Resumption::disabled();
    Arc::new(config)
}

/// In 2200.
fn late(mut config: ClientConfig) -> Arc<ClientConfig> {
    #[derive(Debug)]
    struct Late;
    impl TimeProvider for Late {
        fn current_time(&self) -> Option<UnixTime> {
            Some(UnixTime::since_unix_epoch(Duration::from_secs(7_258_118_400)))
        }
    }
    config.time_provider = Arc::new(Late);
    full(config)
}

fn server() -> Arc<ServerConfig> {
    let mut config = ServerConfig::builder_with_provider(roots::provider())
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![pki::server(), pki::intermediate()], pki::server_key().into())
        .unwrap();
    config.send_tls13_tickets = 0;
    Arc::new(config)
}

/// What the client takes to judge what the server sends; an error where it refuses the server.
fn handshake(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) -> Result<Duration, Duration> {
    let name = Ipv4Addr::LOCALHOST.into();
    let mut client = ClientConnection::new(Arc::clone(client), name).unwrap();
    let mut server = ServerConnection::new(Arc::clone(server)).unwrap();
    let mut hello = Vec::new();
    client.write_tls(&mut hello).unwrap();
    server.read_tls(&mut hello.as_slice()).unwrap();
    server.process_new_packets().unwrap();

    let mut flight = Vec::new();
    while server.wants_write() {
        server.write_tls(&mut flight).unwrap();
    }
    let mut rest = flight.as_slice();
    while !rest.is_empty() {
        client.read_tls(&mut rest).unwrap();
    }
    let start = Instant::now();
    let verdict = client.process_new_packets();
    let elapsed = start.elapsed();
    if verdict.is_err() {
        return Err(elapsed);
    }

    let mut finished = Vec::new();
    while client.wants_write() {
        client.write_tls(&mut finished).unwrap();
    }
    server.read_tls(&mut finished.as_slice()).unwrap();
    server.process_new_packets().unwrap();
    assert!(!client.is_handshaking() && !server.is_handshaking());
    Ok(elapsed)
}
