//! Puts TLS, as the settings want it, between ureq and a socket.

use crate::client::{failure, host_and_port};
use crate::error::{Error, ErrorKind};
use crate::settings::Settings;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use std::fmt;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
    TransportAdapter,
};

/// What the settings come to: made for the first request that needs it, so that `http://` opens no
/// trust file, and kept. An error is not kept: the next request tries again.
#[derive(Debug)]
pub(super) struct Trust {
    settings: Settings,
    configured: Mutex<Option<Configured>>,
}

/// A configuration, and in words what it trusts.
#[derive(Clone, Debug)]
pub(super) struct Configured {
    pub(super) config: Arc<ClientConfig>,
    pub(super) trusted: Arc<str>,
}

impl Trust {
    pub(super) fn new(settings: Settings) -> Self {
        Self { settings, configured: Mutex::new(None) }
    }

    pub(super) fn configured(&self) -> Result<Configured, Error> {
        let mut configured = self.configured.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(configured) = &*configured {
            self.settings.warn_if_unverified();
            return Ok(configured.clone());
        }
        let (config, trusted) = self.settings.configured()?;
        let made = Configured { config: Arc::new(config), trusted: trusted.into() };
        *configured = Some(made.clone());
        Ok(made)
    }
}

/// The link of ureq's chain that turns a connection into a verified TLS connection.
#[derive(Debug)]
pub(super) struct TlsConnector(pub(super) Arc<Trust>);

impl TlsConnector {
    fn handshake<T: Transport>(
        &self,
        details: &ConnectionDetails<'_>,
        transport: T,
    ) -> Result<TlsTransport, Error> {
        let authority = details.uri.authority().map_or("", |a| a.as_str());
        let server = host_and_port(authority);
        // A URL writes an IPv6 address in brackets.
        let host = details.uri.host().unwrap_or_default();
        let name = server_name(host.trim_start_matches('[').trim_end_matches(']'))?;
        let Configured { config, trusted } = self.0.configured()?;
        let mut connection =
            ClientConnection::new(config, name).map_err(|e| failure::explain_tls(&e, &server))?;
        let mut socket = TransportAdapter::new(transport.boxed(), details.current_time.clone());
        socket.set_timeout(details.timeout);
        connection
            .complete_io(&mut socket)
            .map_err(|e| failure::untrusted_by(failure::explain_io(e, &server), &trusted))?;
        let config = details.config;
        Ok(TlsTransport {
            buffers: LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size()),
            stream: StreamOwned::new(connection, socket),
        })
    }
}

/// The name that a server's certificate has to be for.
pub(super) fn server_name(host: &str) -> Result<ServerName<'static>, Error> {
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
            Some(plain) => match self.handshake(details, plain) {
                Ok(tls) => Ok(Some(Either::B(tls))),
                Err(e) => Err(ureq::Error::Other(Box::new(e))),
            },
        }
    }
}

/// A connection with TLS on it.
pub(super) struct TlsTransport {
    buffers: LazyBuffers,
    stream: StreamOwned<ClientConnection, TransportAdapter>,
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
        self.stream.get_mut().set_timeout(limit);
        self.stream.write_all(&self.buffers.output()[..amount])?;
        Ok(())
    }

    fn await_input(&mut self, limit: NextTimeout) -> Result<bool, ureq::Error> {
        self.stream.get_mut().set_timeout(limit);
        let amount = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.get_mut().get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}
