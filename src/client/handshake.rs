//! Whom a check asks, and what it sees. It may use `address`, `starttls`, `verify`, `settings` and `error`.

use crate::client::address;
use crate::client::proxy::Proxy;
use crate::client::starttls::StartTls;
use crate::error::{Error, ErrorKind};
use crate::settings::TlsVersion;
use crate::verify::TrustStore;
use rustls::pki_types::CertificateDer;
use std::io;
use std::net::SocketAddr;
use ureq::http::Uri;

/// A server to [`check`](crate::Client::check), and the way to it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub(super) server: String,
    pub(super) start_tls: Option<StartTls>,
    pub(super) server_name: Option<String>,
    pub(super) connect: Option<String>,
}

impl Endpoint {
    /// `HOST`, `HOST:PORT` (an IPv6 address in brackets) or an `https://` address. Where no port is given
    /// it is 443, or that of the protocol of [`start_tls`](Self::start_tls). For an `https://` address HTTP/2
    /// and HTTP/1.1 are offered (ALPN), as browsers do; otherwise nothing is.
    #[must_use]
    pub fn new(server: impl Into<String>) -> Self {
        Self { server: server.into(), start_tls: None, server_name: None, connect: None }
    }

    /// TLS begins after some words of this protocol in the clear.
    #[must_use]
    pub fn start_tls(self, protocol: StartTls) -> Self {
        Self { start_tls: Some(protocol), ..self }
    }

    /// Asks for this name (SNI), which the certificate then has to be for, or for this IP address.
    /// Default: the host.
    #[must_use]
    pub fn server_name(self, name: impl Into<String>) -> Self {
        Self { server_name: Some(name.into()), ..self }
    }

    /// Connects to this `HOST` or `HOST:PORT`, and asks for the server all the same.
    #[must_use]
    pub fn connect(self, place: impl Into<String>) -> Self {
        Self { connect: Some(place.into()), ..self }
    }

    /// The address of the server, always with its port.
    pub(super) fn uri(server: &str, port: u16) -> Result<Uri, Error> {
        let url = match server.split_once("://") {
            Some(_) => server.to_owned(),
            None => format!("https://{server}/"),
        };
        let usual = "give HOST, HOST:PORT or an https:// address, an IPv6 address in brackets";
        let next = address::next_step(server, usual);
        let invalid = |what: &str| {
            let message = format!("{:?} {what}; {next}", address::shown(server));
            Error::new(ErrorKind::InvalidAddress, message)
        };
        let uri = address::parse(&url).ok_or_else(|| invalid("is no server that can be asked"))?;
        if uri.scheme_str() != Some("https") {
            return Err(invalid("has no handshake to check"));
        }
        let (host, port) = (uri.host().unwrap_or_default(), uri.port_u16().unwrap_or(port));
        format!("https://{host}:{port}/").parse().map_err(|_| invalid("is no server"))
    }
}

impl From<&str> for Endpoint {
    fn from(server: &str) -> Self {
        Self::new(server)
    }
}

impl From<&String> for Endpoint {
    fn from(server: &String) -> Self {
        Self::new(server)
    }
}

/// What was seen of a handshake, whether it came to its end or not.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Handshake {
    /// The server, as `HOST:PORT`.
    pub server: String,
    /// The name or IP address that its certificate has to be for.
    pub server_name: String,
    /// What was connected to, or tried last: the proxy, where there is one.
    pub address: Option<SocketAddr>,
    /// The proxy that was gone through.
    pub proxy: Option<Proxy>,
    /// What the proxy said where it made no connection to the server.
    pub proxy_answer: Option<ProxyAnswer>,
    /// How far it came.
    pub stage: Stage,
    /// What kind of trouble the network made: `NotFound` is a name that is not known, `TimedOut` silence.
    /// Before TLS ([`StartTls`]), `Unsupported` is a server that offers none, `PermissionDenied` one that
    /// turns this client away, and `InvalidData` one that speaks another protocol.
    pub failure: Option<io::ErrorKind>,
    /// What the server said first, 256 bytes at most: TLS, or what it speaks instead. Where it came no further than
    /// [`StartTls`], the beginning of its last answer.
    pub heard: Vec<u8>,
    /// The certificates as the server sent them, its own first. Whatever is in them is the server's word
    /// alone.
    pub chain: Vec<CertificateDer<'static>>,
    /// Whether the chain was found to be trusted and for this server; `None` where it did not come to
    /// that, and where nobody is verified. That is not the verdict: a server that is trusted may not
    /// want this client.
    pub is_trusted: Option<bool>,
    /// The TLS version.
    pub tls_version: Option<TlsVersion>,
    /// The cipher suite by its IANA name.
    pub cipher_suite: Option<String>,
    /// The key exchange group by its IANA name.
    pub group: Option<String>,
    /// The application protocol (ALPN) that the server chose.
    pub alpn: Option<String>,
    /// What the server said when it asked for a client certificate; `None` where it did not.
    pub certificate_request: Option<CertificateRequest>,
    /// What the client trusts, in words; `None` where that could not be found out.
    pub trusted: Option<String>,
    /// The store by which it was verified; `None` where nobody is verified.
    pub store: Option<TrustStore>,
    /// Whether the handshake came to its end, and the server was trusted and took this client.
    pub verdict: Result<(), Error>,
}

impl Handshake {
    /// One of which nothing was seen yet.
    pub(super) fn with(server: String) -> Self {
        Self {
            server,
            server_name: String::new(),
            address: None,
            proxy: None,
            proxy_answer: None,
            stage: Stage::Settings,
            failure: None,
            heard: Vec::new(),
            chain: Vec::new(),
            is_trusted: None,
            tls_version: None,
            cipher_suite: None,
            group: None,
            alpn: None,
            certificate_request: None,
            trusted: None,
            store: None,
            verdict: Ok(()),
        }
    }
}

/// What a server says when it asks for a client certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct CertificateRequest {
    /// The names of the CAs that it takes certificates of, in DER; none where it does not say.
    pub authorities: Vec<Vec<u8>>,
    /// Whether it was shown one.
    pub is_shown: bool,
}

/// Why a proxy makes no connection to a server.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ProxyAnswer {
    /// It wants a user and a password, and was given none (407).
    PasswordWanted,
    /// It does not accept the user and password that it was given (407).
    PasswordRefused,
    /// It wants to know who asks in a way that this client has not (407).
    OtherScheme,
    /// It does not let this client go there: 401 or 403.
    Forbidden(u16),
    /// Anything else, by its status.
    Other(u16),
}

/// How far a [`Handshake`] came; it is the step that failed, unless all is done.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Stage {
    /// The settings, and the store that they name.
    #[default]
    Settings,
    /// Looking up a name: the proxy's where there is one.
    Lookup,
    /// Connecting to an address.
    Connect,
    /// The proxy's answer.
    Proxy,
    /// The words in the clear before TLS.
    StartTls,
    /// TLS.
    Tls,
    /// All is done.
    Done,
}
