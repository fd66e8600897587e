//! The local server: TLS 1.3, one page, one connection at a time, until it is ended. It says on
//! which port it listens.

use cacerts_benches::{pki, roots};
use rustls::version::TLS13;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nOK\n";

fn main() {
    let config = ServerConfig::builder_with_provider(roots::provider())
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![pki::server(), pki::intermediate()], pki::server_key().into())
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    for socket in listener.incoming() {
        // Clients that do not trust it break off: no failure of the server.
        let _ = socket.and_then(|socket| answer(socket, Arc::clone(&config)));
    }
}

fn answer(socket: TcpStream, config: Arc<ServerConfig>) -> io::Result<()> {
    let limit = Some(Duration::from_secs(60));
    socket.set_read_timeout(limit)?;
    socket.set_nodelay(true)?;
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut stream = StreamOwned::new(connection, socket);
    let mut head = Vec::new();
    let mut part = [0; 1024];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut part)? {
            0 => return Ok(()),
            length => head.extend_from_slice(&part[..length]),
        }
    }
    stream.write_all(ANSWER)?;
    stream.conn.send_close_notify();
    stream.flush()?;
    // Closing with something unread would throw away what was said last.
    stream.sock.shutdown(Shutdown::Write)?;
    io::copy(&mut stream.sock, &mut io::sink())?;
    Ok(())
}
