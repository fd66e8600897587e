//! Puts TLS, as the settings want it, between ureq and a socket.

use crate::client::SILENCE_LIMIT;
use crate::client::address::server_of;
use crate::client::failure;
use crate::client::limits::{Impatient, Timed, left};
use crate::client::proxy_failure::{self, Trouble};
use crate::client::redirect::Hop;
use crate::error::{Error, ErrorKind};
use crate::resolve::Asked;
use crate::settings::Settings;
use crate::tls::{self, Made, Trusted};
use crate::verify::TrustStore;
use rustls::client::danger::ServerCertVerifier;
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::pki_types::ServerName;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ClientConnection, ProtocolVersion, SignatureScheme, StreamOwned};
use std::fmt;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
};

/// What the settings come to: made for the first request that needs it, so that `http://` opens no
/// trust file, and kept. An error is not kept: the next request tries again.
#[derive(Debug)]
pub(super) struct Trust {
    pub(super) settings: Settings,
    configured: Mutex<Option<Configured>>,
}

/// A configuration, and what it trusts.
#[derive(Clone, Debug)]
pub(super) struct Configured {
    pub(super) config: Arc<ClientConfig>,
    /// The same without a client certificate, and without sessions that began with one.
    anonymous: Arc<ClientConfig>,
    pub(super) verifier: Arc<dyn ServerCertVerifier>,
    pub(super) store: Option<TrustStore>,
    pub(super) trusted: Arc<Trusted>,
}

/// Shows no certificate.
#[derive(Debug)]
struct Anonymous;

impl ResolvesClientCert for Anonymous {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

impl Trust {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, configured: Mutex::new(None) }
    }

    pub(super) fn configured(&self) -> Result<Configured, Error> {
        let mut configured = self.configured.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(configured) = &*configured {
            return Ok(configured.clone());
        }
        let Made { config, verifier, store, trusted } =
            tls::configured(Asked::of_client(&self.settings))?;
        let mut anonymous = config.clone();
        anonymous.client_auth_cert_resolver = Arc::new(Anonymous);
        anonymous.resumption = Resumption::disabled();
        let made = Configured {
            config: Arc::new(config),
            anonymous: Arc::new(anonymous),
            verifier,
            store,
            trusted: Arc::new(trusted),
        };
        *configured = Some(made.clone());
        Ok(made)
    }

    /// A verdict with the store by which it was reached.
    pub(super) fn untrusted(&self, error: Error, trusted: &Trusted) -> Error {
        tls::failure::untrusted_by(error, trusted, Asked::of(&self.settings))
    }

    /// What went wrong with a request, and what can be done about it.
    pub(super) fn explain(&self, error: ureq::Error, hop: &Hop) -> Error {
        let error = match Trouble::of(error, hop) {
            Ok(ours) => return ours,
            Err(error) => failure::explain(error, &hop.peer()),
        };
        let error = tls::failure::advise(error, Asked::of(&self.settings), hop.is_elsewhere);
        proxy_failure::mention(error, hop)
    }
}

/// Links of ureq's chain up to the socket, which is given up where the peer is silent; their failures are put
/// in terms of the server, or proxy, that they concern. After a redirect that is not the one that was asked.
#[derive(Debug)]
pub(super) struct NamedConnector<C>(pub(super) C);

impl<C: Connector> Connector for NamedConnector<C> {
    type Out = Impatient<C::Out>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<()>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        self.0
            .connect(details, chained)
            .map(|made| made.map(|transport| Impatient { transport, silence: SILENCE_LIMIT }))
            .map_err(|e| match details.config.proxy() {
                Some(_) => Trouble::Connect(e).into(),
                None => other(failure::explain(e, &server_of(details.uri))),
            })
    }
}

/// The link of ureq's chain that turns a connection into a verified TLS connection.
#[derive(Debug)]
pub(super) struct TlsConnector {
    pub(super) trust: Arc<Trust>,
    pub(super) purpose: Purpose,
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Purpose {
    /// A request to a server that another one has named.
    Redirect,
    /// A request to the server that was asked for.
    Request,
}

impl TlsConnector {
    fn handshake<T: Transport>(
        &self,
        details: &ConnectionDetails<'_>,
        transport: T,
    ) -> Result<TlsTransport, Error> {
        let server = server_of(details.uri);
        let name = server_name(details.uri.host().unwrap_or_default())?;
        let Configured { config, anonymous, trusted, .. } = self.trust.configured()?;
        let config = if self.purpose == Purpose::Redirect { anonymous } else { config };
        let mut connection = ClientConnection::new(config, name)
            .map_err(|e| tls::failure::explain_tls(&e, &server))?;
        let limit = left(details).map_err(|e| failure::explain(e, &server))?;
        let mut socket = Timed::new(transport, limit);
        complete(&mut connection, &mut socket).map_err(|e| {
            let error = failure::explain(ureq::Error::Io(e), &server);
            tls::to_be_checked(self.trust.untrusted(error, &trusted), Some(&trusted), &server)
        })?;
        let config = details.config;
        Ok(TlsTransport {
            buffers: LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size()),
            stream: StreamOwned::new(connection, socket),
            server,
        })
    }
}

/// Goes through a handshake. A server that hangs up while this client is still writing, as many do in TLS
/// 1.2 that do not like its certificate, has said why before that.
pub(super) fn complete(
    connection: &mut ClientConnection,
    socket: &mut (impl Read + Write),
) -> io::Result<()> {
    let Err(error) = connection.complete_io(socket) else {
        return Ok(());
    };
    if matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) {
        while connection.read_tls(socket).is_ok_and(|read| read > 0) {
            connection.process_new_packets().map_err(io::Error::other)?;
        }
    }
    Err(error)
}

/// The name that a server's certificate has to be for. A URL writes an IPv6 address in brackets.
pub(super) fn server_name(host: &str) -> Result<ServerName<'static>, Error> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    ServerName::try_from(host.to_owned()).map_err(|_| {
        Error::new(ErrorKind::InvalidAddress, format!("{host:?} is neither a name nor an address"))
    })
}

impl<T: Transport> Connector<T> for TlsConnector {
    type Out = Either<T, TlsTransport>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<T>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        match chained {
            None => Ok(None),
            Some(plain) if !details.needs_tls() => Ok(Some(Either::A(plain))),
            Some(plain) => Ok(Some(Either::B(self.handshake(details, plain).map_err(other)?))),
        }
    }
}

/// An error of ours on its way through ureq.
pub(super) fn other(error: impl std::error::Error + Send + Sync + 'static) -> ureq::Error {
    ureq::Error::Other(Box::new(error))
}

/// A connection with TLS on it.
pub(super) struct TlsTransport {
    buffers: LazyBuffers,
    stream: StreamOwned<ClientConnection, Timed>,
    server: String,
}

impl TlsTransport {
    /// A handshake that fails where one was made is a second one, that the server has asked for.
    fn explain(&self, error: io::Error) -> ureq::Error {
        let is_second = self.stream.conn.protocol_version() == Some(ProtocolVersion::TLSv1_2);
        let tls = error.get_ref().filter(|_| is_second).and_then(|inner| inner.downcast_ref());
        match tls.and_then(|tls| tls::failure::explain_second(tls, &self.server)) {
            Some(ours) => other(ours),
            None => error.into(),
        }
    }
}

impl fmt::Debug for TlsTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsTransport").finish_non_exhaustive()
    }
}

impl Transport for TlsTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, limit: NextTimeout) -> Result<(), ureq::Error> {
        self.stream.get_mut().set_limit(limit);
        let written = self.stream.write_all(&self.buffers.output()[..amount]);
        written.map_err(|e| self.explain(e))
    }

    fn await_input(&mut self, limit: NextTimeout) -> Result<bool, ureq::Error> {
        self.stream.get_mut().set_limit(limit);
        let mut read = self.stream.read(self.buffers.input_append_buf());
        // Some versions of rustls, such as 0.23.31, end so where they have something to send first.
        if read.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::WouldBlock) {
            read = self.stream.read(self.buffers.input_append_buf());
        }
        let amount = read.map_err(|e| self.explain(e))?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}
