//! One handshake, for its own sake.

use crate::client::{Client, Proxy};
use crate::error::{Error, ErrorKind};
use crate::settings::TlsVersion;
#[cfg(doc)]
use crate::verify::TrustStore;
use std::fmt;

/// What a handshake agreed on.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Handshake {
    /// The server, as `HOST` or `HOST:PORT`.
    pub server: String,
    /// The TLS version.
    pub tls_version: TlsVersion,
    /// The cipher suite by its IANA name.
    pub cipher_suite: String,
    /// What the client trusts, in words.
    pub trusted: String,
    /// Whether the server's own certificate is what is trusted ([`TrustStore::is_pinned`]).
    pub pinned: bool,
}

impl Client {
    /// Connects to a server, goes through one handshake, and hangs up.
    ///
    /// The server is `HOST`, `HOST:PORT` (an IPv6 address in brackets) or an `https://` address; the
    /// port is 443 where none is given. With verification off, success says nothing about who the
    /// server is. In TLS 1.3 a server refuses a client certificate only after the handshake: that
    /// shows in a request, not here. Limits and proxies are those of [`get`](Self::get).
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get), but for what concerns HTTP.
    pub fn check(&self, server: &str) -> Result<Handshake, Error> {
        let url = match server.split_once("://") {
            Some(_) => server.to_owned(),
            None => format!("https://{server}/"),
        };
        let hop = self.target(&url)?;
        if !hop.is_https() {
            return Err(Error::new(
                ErrorKind::InvalidAddress,
                "http:// has no handshake to check; give HOST, HOST:PORT or an https:// address",
            ));
        }
        // The connector ends the request with what it has agreed on.
        match self
            .handshake
            .get(&hop.uri)
            .config()
            .proxy(hop.proxy.as_ref().map(Proxy::carrier))
            .build()
            .call()
        {
            Err(ureq::Error::Other(other)) => match other.downcast::<Agreed>() {
                Ok(agreed) => Ok(agreed.0),
                Err(other) => Err(self.trust.explain(ureq::Error::Other(other), &hop)),
            },
            Err(e) => Err(self.trust.explain(e, &hop)),
            Ok(_) => unreachable!("the connector for checks connects nothing"),
        }
    }
}

/// The way of a [`Handshake`] out of ureq, which takes it for an error.
#[derive(Debug)]
pub(super) struct Agreed(pub(super) Handshake);

impl fmt::Display for Agreed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the handshake is done")
    }
}

impl std::error::Error for Agreed {}
