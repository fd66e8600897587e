//! One handshake, for its own sake.

use crate::client::connect::Configured;
use crate::client::{CONNECT_LIMIT, Client, failure};
use crate::error::{Error, ErrorKind};
use rustls::{ClientConnection, ProtocolVersion};
use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Instant;

/// What a handshake agreed on.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Handshake {
    /// The server, as `HOST:PORT`.
    pub server: String,
    /// The TLS version, `1.2` or `1.3`.
    pub tls_version: String,
    /// The cipher suite by its IANA name.
    pub cipher_suite: String,
    /// What the client trusts, in words.
    pub trusted: String,
}

impl Client {
    /// Connects to a server, goes through one handshake, and hangs up.
    ///
    /// The server is `HOST`, `HOST:PORT` (an IPv6 address in brackets) or an `https://` address;
    /// the port is 443 where none is given. With verification off, success says nothing about who
    /// the server is. No proxy is used. In TLS 1.3 a server refuses a client certificate only after
    /// the handshake: that shows in a request, not here.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get), but for what concerns HTTP.
    pub fn check(&self, server: &str) -> Result<Handshake, Error> {
        let (host, port) = host_and_port(server)?;
        let server =
            if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        let name = super::connect::server_name(host)?;
        let Configured { config, trusted } = self.trust.configured()?;
        let mut connection =
            ClientConnection::new(config, name).map_err(|e| failure::explain_tls(&e, &server))?;
        let mut socket = connect(host, port).map_err(|e| failure::explain_io(e, &server))?;
        connection
            .complete_io(&mut socket)
            .map_err(|e| failure::untrusted_by(failure::explain_io(e, &server), &trusted))?;
        connection.send_close_notify();
        // A server that has hung up first is as good.
        let _ = connection.complete_io(&mut socket);
        let tls_version = match connection.protocol_version() {
            Some(ProtocolVersion::TLSv1_2) => "1.2",
            _ => "1.3",
        };
        let suite = connection.negotiated_cipher_suite();
        let cipher_suite = suite.and_then(|suite| suite.suite().as_str()).unwrap_or("unknown");
        Ok(Handshake {
            server,
            tls_version: tls_version.to_owned(),
            cipher_suite: cipher_suite.to_owned(),
            trusted: trusted.to_string(),
        })
    }
}

/// Tries the host's addresses, all of them within the limit.
fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let until = Instant::now() + CONNECT_LIMIT;
    let mut error = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in (host, port).to_socket_addrs()? {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        match TcpStream::connect_timeout(&address, left) {
            Ok(stream) => {
                stream.set_read_timeout(Some(CONNECT_LIMIT))?;
                stream.set_write_timeout(Some(CONNECT_LIMIT))?;
                return Ok(stream);
            }
            Err(e) => error = e,
        }
    }
    Err(error)
}

/// Takes a server's name apart.
fn host_and_port(server: &str) -> Result<(&str, u16), Error> {
    let refuse = || {
        Error::new(
            ErrorKind::InvalidAddress,
            format!(
                "{server:?} is no server; give HOST, HOST:PORT, [IPV6]:PORT or an https:// address"
            ),
        )
    };
    let rest = server.strip_prefix("https://").unwrap_or(server);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit_once('@').map_or(authority, |(_, server)| server);
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (host, after) = rest.split_once(']').ok_or_else(refuse)?;
        (host, after.strip_prefix(':'))
    } else {
        match authority.split_once(':') {
            // An IPv6 address without brackets has no port.
            Some((_, port)) if port.contains(':') => (authority, None),
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        }
    };
    let port = port.map_or(Ok(443), str::parse).map_err(|_| refuse())?;
    if host.is_empty() || rest.contains("://") { Err(refuse()) } else { Ok((host, port)) }
}

#[cfg(test)]
mod tests {
    use super::host_and_port;

    #[test]
    fn a_server_is_taken_apart() {
        for (server, expected) in [
            ("example.com", Some(("example.com", 443))),
            ("example.com:8443", Some(("example.com", 8443))),
            ("https://example.com", Some(("example.com", 443))),
            ("https://u:p@example.com:8443/x?y#z", Some(("example.com", 8443))),
            ("192.0.2.1:1", Some(("192.0.2.1", 1))),
            ("[2001:db8::1]:1", Some(("2001:db8::1", 1))),
            ("[2001:db8::1]", Some(("2001:db8::1", 443))),
            ("2001:db8::1", Some(("2001:db8::1", 443))),
            ("", None),
            (":443", None),
            ("http://example.com", None),
            ("example.com:https", None),
            ("example.com:70000", None),
            ("[2001:db8::1", None),
        ] {
            assert_eq!(host_and_port(server).ok(), expected, "{server}");
        }
    }
}
