//! Servers and proxies that mean harm, or are broken: they speak without listening, and know no end.

use super::proxy::head_of;
use rustls::{ServerConfig, ServerConnection, Stream};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

/// How long it waits for anything: longer than a client may take to give up.
const LIMIT: Duration = Duration::from_secs(30);
/// Between two pieces of what drips.
const PAUSE: Duration = Duration::from_millis(50);

/// What it does with whoever comes.
#[derive(Clone)]
pub(crate) enum Way {
    /// Says this, and no more, and stays.
    Stop(Vec<u8>),
    /// Says this, then this again and again, a twentieth of a second between.
    Drip(Vec<u8>, Vec<u8>),
    /// Says this, then this again and again, as fast as it is taken.
    Flood(Vec<u8>, Vec<u8>),
    /// Begins a handshake as it should, and stops after so many bytes.
    Cut(Arc<ServerConfig>, usize),
    /// Goes through a handshake, then does this within TLS.
    Within(Arc<ServerConfig>, Box<Self>),
    /// Says this, waits for something, and goes on so.
    Then(Vec<u8>, Box<Self>),
    /// Goes by the name that a proxy is asked for.
    ByName(Vec<(String, Self)>),
}

/// Takes each connection in a thread of its own, until it is dropped.
pub(crate) struct Hostile {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
}

impl Hostile {
    pub(crate) fn new(way: Way) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stop = Arc::<AtomicBool>::default();
        let stopped = Arc::clone(&stop);
        thread::spawn(move || {
            while let Ok((mut socket, _)) = listener.accept() {
                if stopped.load(SeqCst) {
                    return;
                }
                let (way, stopped) = (way.clone(), Arc::clone(&stopped));
                // Whoever breaks off is no failure of the server.
                thread::spawn(move || {
                    socket.set_read_timeout(Some(LIMIT))?;
                    socket.set_write_timeout(Some(LIMIT))?;
                    serve(&mut socket, &way, &stopped)
                });
            }
        });
        Self { address, stop }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.stop.store(true, SeqCst);
        // It waits for a connection, so it gets one.
        let _ = TcpStream::connect_timeout(&self.address, LIMIT);
    }
}

/// A connection, with TLS on it or without.
trait Connection: Read + Write {}

impl<T: Read + Write> Connection for T {}

fn serve(mut socket: &mut dyn Connection, way: &Way, stopped: &AtomicBool) -> io::Result<()> {
    match way {
        Way::Stop(said) => {
            socket.write_all(said)?;
            socket.flush()?;
            stay(stopped);
        }
        Way::Drip(first, then) => {
            socket.write_all(first)?;
            while !stopped.load(SeqCst) {
                socket.write_all(then)?;
                socket.flush()?;
                thread::sleep(PAUSE);
            }
        }
        Way::Flood(first, then) => {
            let much = then.repeat((16 << 10) / then.len() + 1);
            socket.write_all(first)?;
            while !stopped.load(SeqCst) {
                socket.write_all(&much)?;
            }
        }
        Way::Cut(config, length) => {
            let mut connection = ServerConnection::new(Arc::clone(config)).unwrap();
            while !connection.wants_write() {
                connection.read_tls(&mut socket)?;
                connection.process_new_packets().map_err(io::Error::other)?;
            }
            let mut flight = Vec::new();
            while connection.wants_write() {
                connection.write_tls(&mut flight)?;
            }
            assert!(flight.len() > *length, "there is nothing to cut off: {}", flight.len());
            socket.write_all(&flight[..*length])?;
            stay(stopped);
        }
        Way::Within(config, way) => {
            let mut connection = ServerConnection::new(Arc::clone(config)).unwrap();
            serve(&mut Stream::new(&mut connection, &mut socket), way, stopped)?;
        }
        Way::Then(said, way) => {
            socket.write_all(said)?;
            socket.flush()?;
            socket.read_exact(&mut [0])?;
            serve(socket, way, stopped)?;
        }
        Way::ByName(ways) => {
            let head = head_of(socket)?;
            let named = |(name, _): &&(String, Way)| head.contains(name);
            let (_, way) = ways.iter().find(named).expect("nobody else is asked for");
            serve(socket, way, stopped)?;
        }
    }
    Ok(())
}

/// Keeps the connection open.
fn stay(stopped: &AtomicBool) {
    while !stopped.load(SeqCst) {
        thread::sleep(PAUSE);
    }
}
