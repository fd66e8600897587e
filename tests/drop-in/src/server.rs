//! A server on loopback that speaks TLS and, on the same port, plain HTTP. It counts who has sent it a
//! request of HTTP/1.1, which nobody does who does not trust it.

use crate::pki::Pki;
use rustls::crypto::ring;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// It ends with this process.
pub struct Server {
    pub port: u16,
    requests: Arc<AtomicUsize>,
}

impl Server {
    pub fn start(pki: &Pki) -> Self {
        let key = PrivatePkcs8KeyDer::from(pki.key.serialize_der());
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![pki.server.der().clone()], key.into())
            .unwrap();
        config.alpn_protocols = vec![b"http/1.1".to_vec(), b"h2".to_vec()];
        let (config, requests) = (Arc::new(config), Arc::new(AtomicUsize::new(0)));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let counter = Arc::clone(&requests);
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let (config, counter) = (Arc::clone(&config), Arc::clone(&counter));
                // Who does not trust it breaks off.
                thread::spawn(move || drop(serve(socket, config, &counter)));
            }
        });
        Self { port, requests }
    }

    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn serve(socket: TcpStream, config: Arc<ServerConfig>, requests: &AtomicUsize) -> io::Result<()> {
    const HANDSHAKE: u8 = 22;
    socket.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut first = [0];
    socket.peek(&mut first)?;
    if first[0] != HANDSHAKE {
        return answer(&mut &socket, requests);
    }
    let mut connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut socket = socket;
    while connection.is_handshaking() {
        connection.complete_io(&mut socket)?;
    }
    let is_http2 = connection.alpn_protocol() == Some(b"h2");
    let mut stream = StreamOwned::new(connection, socket);
    if !is_http2 {
        answer(&mut stream, requests)?;
        stream.conn.send_close_notify();
        return stream.flush();
    }
    // It says that it has no settings, and no more; the answer is the connection.
    stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0])?;
    io::copy(&mut stream, &mut io::sink())?;
    Ok(())
}

fn answer(stream: &mut (impl Read + Write), requests: &AtomicUsize) -> io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        request.push(byte[0]);
    }
    requests.fetch_add(1, Ordering::SeqCst);
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    stream.flush()
}
