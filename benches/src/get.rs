//! A verified GET with nothing but rustls and a socket.

use rustls::{ClientConfig, ClientConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;

/// Fetches the local server's page, or panics.
pub fn get(config: ClientConfig, port: u16) -> Vec<u8> {
    let name = Ipv4Addr::LOCALHOST.into();
    let connection = ClientConnection::new(Arc::new(config), name).expect("a good configuration");
    let socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("the server is there");
    let mut stream = StreamOwned::new(connection, socket);
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        .expect("the server is trusted");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the server answers");
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "the answer is a page");
    answer
}
