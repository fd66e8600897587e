//! A small HTTP proxy on this machine, which may be as bad as a proxy can be.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How long it waits for anything.
const LIMIT: Duration = Duration::from_secs(5);

/// What a proxy does with whoever comes.
#[derive(Clone)]
pub(crate) enum Way {
    /// Connects everybody with this server, whatever name they ask for.
    To(SocketAddr),
    /// The same, for who shows this `Proxy-Authorization`.
    ToKnown(SocketAddr, &'static str),
    /// Says this and hangs up.
    Answer(String),
    /// Says this to each request, all on one connection.
    Keep(&'static str),
    /// Hangs up, with the request unread.
    Reset,
    /// Says this, then this again and again, a tenth of a second between.
    Drip(&'static str, &'static str),
    /// The same, this long after it was asked.
    Late(Duration, &'static str, &'static str),
}

/// Takes one connection after the other, each in a thread of its own, until it is dropped.
pub(crate) struct Proxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
}

impl Proxy {
    pub(crate) fn new(way: Way) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (heads, stop) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicBool>::default());
        let (seen, stopped) = (Arc::clone(&heads), Arc::clone(&stop));
        thread::spawn(move || {
            while let Ok((socket, _)) = listener.accept() {
                if stopped.load(SeqCst) {
                    return;
                }
                let (way, seen, stopped) = (way.clone(), Arc::clone(&seen), Arc::clone(&stopped));
                // Whoever breaks off is no failure of the proxy.
                thread::spawn(move || serve(&socket, &way, &seen, &stopped).ok());
            }
        });
        Self { address, heads, stop }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its address with a user and password in it, encoded.
    pub(crate) fn url_for(&self, user: &str) -> String {
        format!("http://{user}@{}", self.address)
    }

    /// What was asked of it: the heads of the requests.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.store(true, SeqCst);
        // It waits for a connection, so it gets one.
        let _ = TcpStream::connect_timeout(&self.address, LIMIT);
    }
}

fn serve(
    mut socket: &TcpStream,
    way: &Way,
    seen: &Mutex<Vec<String>>,
    stopped: &AtomicBool,
) -> io::Result<()> {
    socket.set_read_timeout(Some(LIMIT))?;
    socket.set_write_timeout(Some(LIMIT))?;
    if let Way::Reset = way {
        // Closing with something unread resets the connection.
        socket.read_exact(&mut [0])?;
        return Ok(());
    }
    let head = read(socket, seen)?;
    match way {
        Way::Reset => Ok(()),
        Way::Keep(answer) => loop {
            socket.write_all(answer.as_bytes())?;
            read(socket, seen)?;
        },
        Way::To(server) => forward(socket, &head, *server),
        Way::ToKnown(server, known) => {
            let mut lines = head.lines().filter_map(|line| line.split_once(": "));
            match lines.any(|(name, value)| {
                name.eq_ignore_ascii_case("proxy-authorization") && value == *known
            }) {
                true => forward(socket, &head, *server),
                false => say(socket, &refusal("407 Proxy Authentication Required", BASIC)),
            }
        }
        Way::Answer(answer) => say(socket, answer),
        Way::Drip(first, then) | Way::Late(_, first, then) => {
            if let Way::Late(pause, ..) = way {
                thread::sleep(*pause);
            }
            socket.write_all(first.as_bytes())?;
            while !stopped.load(SeqCst) {
                thread::sleep(Duration::from_millis(100));
                socket.write_all(then.as_bytes())?;
            }
            Ok(())
        }
    }
}

/// The head of a request, and nothing behind it.
pub(crate) fn head_of(socket: &mut (impl Read + ?Sized)) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// The same, which is kept.
fn read(mut socket: &TcpStream, seen: &Mutex<Vec<String>>) -> io::Result<String> {
    let head = head_of(&mut socket)?;
    seen.lock().unwrap().push(head.clone());
    Ok(head)
}

/// The header of a proxy that takes a user and password.
pub(crate) const BASIC: &str = "Proxy-Authenticate: Basic realm=\"x, y\"\r\n";

/// An answer that is no success.
pub(crate) fn refusal(status: &str, headers: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n")
}

fn say(mut socket: &TcpStream, answer: &str) -> io::Result<()> {
    socket.write_all(answer.as_bytes())?;
    socket.shutdown(Shutdown::Write)?;
    io::copy(&mut socket, &mut io::sink()).map(drop)
}

/// A tunnel, or a request for a whole address in the form that a server gets it.
fn forward(mut client: &TcpStream, head: &str, server: SocketAddr) -> io::Result<()> {
    let mut server = TcpStream::connect_timeout(&server, LIMIT)?;
    server.set_read_timeout(Some(LIMIT))?;
    match head.strip_prefix("GET http://") {
        Some(rest) => {
            let path = rest.find('/').unwrap();
            server.write_all(format!("GET {}", &rest[path..]).as_bytes())?;
        }
        None => client.write_all(b"HTTP/1.0 200 Connection established\r\nVia: x\r\n\r\n")?,
    }
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        to.shutdown(Shutdown::Write)
    });
    io::copy(&mut server, &mut client)?;
    client.shutdown(Shutdown::Write)
}
