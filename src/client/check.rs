//! One handshake, for its own sake, and what is seen of it.

use crate::client::Client;
use crate::client::address::{self, server_of};
use crate::client::connect::{Configured, NamedConnector, complete, other, server_name};
use crate::client::handshake::{Endpoint, Handshake, Stage};
use crate::client::limits::{Timed, left};
use crate::client::proxy::Proxy;
use crate::client::proxy_failure::Trouble;
use crate::client::record::{Asked, Dial, Heard, Lookup, Record, Witness, kind_of};
use crate::client::starttls::StartTls;
use crate::client::tunnel::{PeerResolver, ProxyConnector};
use crate::error::{Error, ErrorKind};
use crate::settings::TlsVersion;
use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, ProtocolVersion};
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{ConnectionDetails, Connector, TcpConnector, Transport};

/// How long a server that has asked for a client certificate may take to say that it does not like it. In
/// TLS 1.3 that is after the handshake.
const LAST_WORD: Duration = Duration::from_secs(3);

impl Client {
    /// Connects to a server, goes through one handshake, and hangs up.
    ///
    /// The server is an [`Endpoint`], or what [`Endpoint::new`] takes. Whether it is trusted is the
    /// [`verdict`](Handshake::verdict), whatever else was seen; with verification off that says nothing
    /// about who the server is. No session is resumed. A server that asks for a client certificate is
    /// given three seconds more to refuse it, as it does after the handshake in TLS 1.3, or what is left
    /// of the time limit. Limits and proxies are those of [`get`](Self::get).
    ///
    /// # Errors
    ///
    /// Those of the verdict are as in [`get`](Self::get), but for what concerns HTTP.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use cacerts::{Client, Endpoint, Settings, StartTls};
    ///
    /// let mail = Endpoint::new("mail.example.org").start_tls(StartTls::Smtp);
    /// let seen = Client::new(Settings::new()).check(mail);
    /// match seen.verdict {
    ///     Ok(()) => println!("{} is trusted, by TLS {:?}", seen.server, seen.tls_version),
    ///     Err(e) => println!("{e}; it has sent {} certificates", seen.chain.len()),
    /// }
    /// ```
    #[must_use = "whether the server is trusted is in the verdict"]
    pub fn check(&self, server: impl Into<Endpoint>) -> Handshake {
        let endpoint = server.into();
        let mut seen = Handshake::with(address::shown(&endpoint.server));
        seen.verdict = self.go(&endpoint, &mut seen);
        seen
    }

    fn go(&self, endpoint: &Endpoint, seen: &mut Handshake) -> Result<(), Error> {
        let port = endpoint.start_tls.map_or(443, StartTls::port);
        let uri = Endpoint::uri(&endpoint.server, port)?;
        seen.server = server_of(&uri);
        let host = uri.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        seen.server_name = endpoint.server_name.as_deref().unwrap_or(host).to_owned();
        let name = server_name(&seen.server_name)?;
        let place = match &endpoint.connect {
            Some(place) => Endpoint::uri(place, uri.port_u16().unwrap_or(port))?,
            None => uri,
        };
        let hop = self.target(&place.to_string())?;
        seen.proxy = hop.proxy.clone();
        let configured = self.trust.configured()?;
        seen.trusted = Some(configured.trusted.to_string());
        seen.store = configured.store.clone();

        let record = Record::default();
        let tls = CheckConnector {
            config: watched(&configured, &record, &endpoint.server),
            name,
            start_tls: endpoint.start_tls,
            record: record.clone(),
        };
        let dial = Dial(record.clone(), TcpConnector::default());
        let connector = NamedConnector(dial).chain(ProxyConnector).chain(tls);
        let lookup = PeerResolver(Lookup(record.clone(), DefaultResolver::default()));
        let agent = Agent::with_parts(self.agent.config().clone(), connector, lookup);
        // The connector ends the request with what it has agreed on.
        let ended = agent
            .get(&hop.uri)
            .config()
            .proxy(hop.proxy.as_ref().map(Proxy::carrier))
            .build()
            .call();
        let verdict = match ended {
            Err(ureq::Error::Other(other)) => match other.downcast::<Ended>() {
                Ok(ended) => {
                    ended.tell(seen);
                    match ended.error {
                        Some(e) => Err(self.trust.explain(ureq::Error::Io(e), &hop)),
                        None => Ok(()),
                    }
                }
                Err(other) => {
                    seen.failure = Trouble::failure(&*other);
                    seen.proxy_answer = Trouble::answer(&*other, hop.proxy.as_ref());
                    Err(self.trust.explain(ureq::Error::Other(other), &hop))
                }
            },
            Err(e) => Err(self.trust.explain(e, &hop)),
            Ok(_) => unreachable!("the connector for checks connects nothing"),
        };
        let record = std::mem::take(&mut *record.seen());
        seen.stage = if verdict.is_ok() { Stage::Done } else { record.stage };
        seen.address = record.address;
        seen.failure = record.failure.or(seen.failure);
        seen.heard = record.heard;
        seen.is_trusted = record.is_verified.filter(|_| seen.store.is_some());
        seen.chain = record.chain;
        seen.certificate_request = record.request;
        verdict.map_err(|e| self.trust.untrusted(e, &configured.trusted))
    }
}

/// The configuration of a client, which writes down what it sees, and knows no server from before.
fn watched(configured: &Configured, record: &Record, server: &str) -> Arc<ClientConfig> {
    let mut config = ClientConfig::clone(&configured.config);
    config.resumption = Resumption::disabled();
    config.client_auth_cert_resolver =
        Arc::new(Asked(Arc::clone(&config.client_auth_cert_resolver), record.clone()));
    let witness = Witness(Arc::clone(&configured.verifier), record.clone());
    config.dangerous().set_certificate_verifier(Arc::new(witness));
    // What browsers offer, to whom they would. Of others it is not known what they speak.
    if server.starts_with("https://") {
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    }
    Arc::new(config)
}

/// The link of ureq's chain that goes through a handshake. It ends every request with [`Ended`].
#[derive(Debug)]
struct CheckConnector {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    start_tls: Option<StartTls>,
    record: Record,
}

impl<T: Transport> Connector<T> for CheckConnector {
    type Out = T;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<T>,
    ) -> Result<Option<T>, ureq::Error> {
        match chained {
            // The way to a proxy.
            Some(plain) if !details.needs_tls() => Ok(Some(plain)),
            Some(plain) => Err(other(self.handshake(details, plain))),
            None => Ok(None),
        }
    }
}

impl CheckConnector {
    fn handshake<T: Transport>(&self, details: &ConnectionDetails<'_>, transport: T) -> Ended {
        let limit = match left(details) {
            Ok(limit) => limit,
            Err(e) => return Ended::of(None, Some(e.into_io())),
        };
        let mut socket = Heard(Timed::new(transport, limit), self.record.clone());
        let failed = |error: io::Error, connection: Option<&ClientConnection>| {
            self.record.seen().failure = Some(kind_of(&error));
            Ended::of(connection, Some(error))
        };
        if let Some(protocol) = self.start_tls {
            self.record.seen().stage = Stage::StartTls;
            if let Err(e) = protocol.begin(&mut socket) {
                let server = server_of(details.uri);
                let kind = kind_of(&e);
                let error = match kind {
                    io::ErrorKind::Unsupported => {
                        format!("{server} offers no TLS by {protocol}'s STARTTLS")
                    }
                    io::ErrorKind::PermissionDenied => {
                        format!("{server} turns this client away before TLS, in {protocol}")
                    }
                    io::ErrorKind::InvalidData => {
                        format!("{server} does not speak {protocol}: {e}")
                    }
                    _ => return failed(e, None),
                };
                self.record.seen().failure = Some(kind);
                let error = Error::new(ErrorKind::Connection, error);
                return Ended::of(None, Some(ureq::Error::into_io(other(error))));
            }
            self.record.seen().heard.clear();
        }
        self.record.seen().stage = Stage::Tls;
        let mut connection =
            match ClientConnection::new(Arc::clone(&self.config), self.name.clone()) {
                Ok(connection) => connection,
                Err(e) => return failed(io::Error::other(e), None),
            };
        if let Err(e) = complete(&mut connection, &mut socket) {
            return failed(e, Some(&connection));
        }
        // Takes leave as TLS wants it. A server that has gone first is as good.
        connection.send_close_notify();
        let _ = connection.complete_io(&mut socket);
        let is_asked = self.record.seen().request.is_some();
        let is_late = connection.protocol_version() == Some(ProtocolVersion::TLSv1_3);
        if is_asked && is_late {
            if let Err(e) = last_word(&mut connection, &mut socket, details) {
                return failed(e, Some(&connection));
            }
        }
        Ended::of(Some(&connection), None)
    }
}

/// Waits for the server to go, and for what it may have to say before that.
fn last_word(
    connection: &mut ClientConnection,
    socket: &mut Heard<Timed>,
    details: &ConnectionDetails<'_>,
) -> io::Result<()> {
    // Silence, and going without a word, are no refusal.
    let Ok(mut limit) = left(details) else { return Ok(()) };
    if *limit.after > LAST_WORD {
        limit.after = LAST_WORD.into();
    }
    socket.0.set_limit(limit);
    while connection.read_tls(socket).is_ok_and(|read| read > 0) {
        connection.process_new_packets().map_err(io::Error::other)?;
    }
    Ok(())
}

/// The way of what was agreed on out of ureq, which takes it for an error.
#[derive(Debug)]
struct Ended {
    tls_version: Option<TlsVersion>,
    cipher_suite: Option<String>,
    group: Option<String>,
    alpn: Option<String>,
    error: Option<io::Error>,
}

impl Ended {
    fn of(connection: Option<&ClientConnection>, error: Option<io::Error>) -> Self {
        let version = connection.and_then(|connection| connection.protocol_version());
        let tls_version = version.and_then(|version| match version {
            ProtocolVersion::TLSv1_2 => Some(TlsVersion::Tls12),
            ProtocolVersion::TLSv1_3 => Some(TlsVersion::Tls13),
            _ => None,
        });
        let suite = connection.and_then(|connection| connection.negotiated_cipher_suite());
        let group = connection.and_then(|connection| connection.negotiated_key_exchange_group());
        let alpn = connection.and_then(|connection| connection.alpn_protocol());
        Self {
            tls_version,
            // rustls has names of its own for those of TLS 1.3.
            cipher_suite: suite
                .and_then(|suite| suite.suite().as_str())
                .map(|name| name.replacen("TLS13_", "TLS_", 1)),
            group: group.map(|group| match group.name().as_str() {
                Some(name) => name.to_owned(),
                None => format!("{:?}", group.name()),
            }),
            alpn: alpn.map(|alpn| String::from_utf8_lossy(alpn).into_owned()),
            error,
        }
    }

    fn tell(&self, seen: &mut Handshake) {
        seen.tls_version = self.tls_version;
        seen.cipher_suite.clone_from(&self.cipher_suite);
        seen.group.clone_from(&self.group);
        seen.alpn.clone_from(&self.alpn);
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the handshake is over")
    }
}

impl std::error::Error for Ended {}
