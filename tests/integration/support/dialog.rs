//! A server of a few lines: what it says is up to a test. It goes with the value.

use rustls::{ServerConfig, ServerConnection, Stream};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread::{self, JoinHandle};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(5);

/// Holds one conversation after the other.
pub(crate) struct Dialog {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Dialog {
    pub(crate) fn start(talk: impl Fn(&mut TcpStream) -> io::Result<()> + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            while let Ok((mut socket, _)) = listener.accept() {
                if stopped.load(SeqCst) {
                    return;
                }
                let _ = socket.set_read_timeout(Some(LIMIT));
                let _ = socket.set_write_timeout(Some(LIMIT));
                // A client that breaks off is no failure of the server.
                let _ = talk(&mut socket);
            }
        });
        Self { address, stop, thread: Some(thread) }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// `localhost:PORT`.
    pub(crate) fn name(&self) -> String {
        format!("localhost:{}", self.address.port())
    }
}

impl Drop for Dialog {
    fn drop(&mut self) {
        self.stop.store(true, SeqCst);
        let _ = TcpStream::connect_timeout(&self.address, LIMIT);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Says something, and waits for a line.
pub(crate) fn say(socket: &mut TcpStream, text: &str) -> io::Result<String> {
    socket.write_all(text.as_bytes())?;
    let mut line = Vec::new();
    while !line.ends_with(b"\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte)?;
        line.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

/// Goes on with TLS until the client takes its leave.
pub(crate) fn go_over(socket: &mut TcpStream, config: &Arc<ServerConfig>) -> io::Result<()> {
    let mut connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    let mut stream = Stream::new(&mut connection, socket);
    io::copy(&mut stream, &mut io::sink()).map(drop)
}

/// A proxy that answers everybody so.
pub(crate) fn answering(status: &'static str) -> Dialog {
    Dialog::start(move |socket| {
        while !say(socket, "")?.is_empty() {}
        write!(socket, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n")
    })
}

/// A proxy that connects whoever asks.
pub(crate) fn tunnel() -> Dialog {
    Dialog::start(|socket| {
        let first = say(socket, "")?;
        while !say(socket, "")?.is_empty() {}
        let port = first.split([' ', ':']).nth(2).unwrap().parse::<u16>().unwrap();
        let mut server = TcpStream::connect(("127.0.0.1", port))?;
        socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        let (mut from, mut to) = (socket.try_clone()?, server.try_clone()?);
        let forth = thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
        io::copy(&mut server, socket)?;
        let _ = socket.shutdown(Shutdown::Both);
        let _ = forth.join();
        Ok(())
    })
}
