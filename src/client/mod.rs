//! A rustls configuration to HTTPS requests. The only stage with sockets; it may use `tls`, `resolve`,
//! `settings` and `error`, and ureq, none of whose types show.

mod address;
mod check;
mod connect;
mod curl;
mod failure;
mod handshake;
mod limits;
mod proxy;
mod record;
mod redirect;
mod starttls;

pub use handshake::{CertificateRequest, Endpoint, Handshake, Proxy, Stage};
pub use starttls::StartTls;

use crate::error::{Error, ErrorKind};
use crate::resolve::Asked;
use crate::settings::Settings;
use crate::tls::warn_if_unverified;
use connect::{NamedConnector, Purpose, TlsConnector, Trust};
use redirect::Hop;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};
use ureq::http::{StatusCode, Uri};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{ConnectProxyConnector, Connector, TcpConnector};
use ureq::{Agent, Proxy as Carrier};

/// How long looking up a name may take, and connecting with the TLS handshake.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);
/// How long a server may be silent.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);
/// The longest time that can be given for a whole request: a year.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// How many redirects are followed.
const MAX_REDIRECTS: usize = 10;
/// How much of the body of a redirect is read, so that the connection can be used again.
const REDIRECT_BODY: u64 = 16 << 10;

/// A small blocking HTTPS client that trusts what the settings say (feature `client`).
///
/// It is enough to fetch something, and to see whether a server is trusted; it is no HTTP framework.
/// Connections are kept and used again. Limits: 15 seconds for looking up the name and 15 for
/// connecting, TLS included, 30 seconds of silence, and no limit on the whole unless one is given
/// to [`with_time_limit`](Self::with_time_limit). An HTTP proxy is taken from `https_proxy` or
/// `HTTPS_PROXY` (for `http://` from `http_proxy`), else from `all_proxy` or `ALL_PROXY`, with the
/// exceptions in `no_proxy` or `NO_PROXY`; one that cannot be used is an error.
///
/// `https://` addresses may redirect to others, ten times; a redirect to `http://` is an error. Where
/// one leads to another server, that server and all after it get neither the client certificate nor
/// the user and password in the address. For an `http://` address any redirect is an error, and no
/// trust file is opened. The trust store and the client certificate are loaded for the first `https://`
/// request, and followed for all others when they are replaced ([`Settings::reload`]).
///
/// Each request is logged (level debug) as a `curl` command with the same trust and client certificate,
/// without user and password, but with the rest of the address; curl has no way to say that a store is
/// a directory or has others added to it, and then that is logged.
///
/// # Example
///
/// ```no_run
/// use std::io::Read;
///
/// let client = cacerts::Client::new(cacerts::Settings::new());
/// let mut page = String::new();
/// client.get("https://example.com/")?.read_to_string(&mut page)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    agent: Agent,
    /// For servers that another one has named: with connections of its own, which show no client
    /// certificate.
    redirected: Agent,
    limit: Option<Duration>,
    trust: Arc<Trust>,
}

impl Client {
    /// A client with these settings. Nothing is read yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self::build(settings, None)
    }

    /// A client with these settings that gives up on a request, body included, after this time
    /// (after a year, where it is longer).
    #[must_use]
    pub fn with_time_limit(settings: Settings, limit: Duration) -> Self {
        Self::build(settings, Some(limit.min(LONGEST)))
    }

    fn build(settings: Settings, limit: Option<Duration>) -> Self {
        let trust = Arc::new(Trust::new(settings));
        let agent = |purpose| {
            let config = Agent::config_builder()
                .user_agent(concat!("cacerts/", env!("CARGO_PKG_VERSION")))
                .http_status_as_error(false)
                // They are followed here, one by one.
                .max_redirects(0)
                .max_redirects_will_error(false)
                .proxy(None)
                .timeout_global(limit)
                .timeout_resolve(Some(CONNECT_LIMIT))
                .timeout_connect(Some(CONNECT_LIMIT))
                .timeout_recv_response(Some(SILENCE_LIMIT))
                .build();
            let connector = NamedConnector(
                ().chain(ConnectProxyConnector::default()).chain(TcpConnector::default()),
            )
            .chain(TlsConnector { trust: Arc::clone(&trust), purpose });
            Agent::with_parts(config, connector, DefaultResolver::default())
        };
        let (request, redirect) = (agent(Purpose::Request), agent(Purpose::Redirect));
        Self { agent: request, redirected: redirect, limit, trust }
    }

    /// Fetches an `https://` or `http://` address.
    ///
    /// An answer with a status such as 404 is an answer, not an error.
    ///
    /// # Errors
    ///
    /// Those of [`Settings::client_config`], and [`ErrorKind::ServerNotTrusted`],
    /// [`ErrorKind::ClientCertificate`], [`ErrorKind::Connection`] and [`ErrorKind::Http`].
    pub fn get(&self, url: &str) -> Result<Response, Error> {
        let Target { uri, https, proxy } = self.target(url)?;
        let end = self.limit.map(|limit| Instant::now() + limit);
        let mut hop = Hop::first(uri);
        for _ in 0..=MAX_REDIRECTS {
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            let response = self.send(&hop, https, proxy.clone(), left)?;
            let Some(next) = hop.redirect(&response)? else {
                let (parts, body) = response.into_parts();
                let (body, trust) = (Box::new(body.into_reader()), Arc::clone(&self.trust));
                return Ok(Response { status: parts.status, body, hop, trust });
            };
            let mut rest = response.into_body().into_reader().take(REDIRECT_BODY);
            let _ = io::copy(&mut rest, &mut io::sink());
            hop = next;
        }
        let message = format!("{} redirects more than {MAX_REDIRECTS} times", address::shown(url));
        Err(Error::new(ErrorKind::Http, message))
    }

    fn send(
        &self,
        hop: &Hop,
        https: bool,
        proxy: Option<Carrier>,
        left: Option<Duration>,
    ) -> Result<ureq::http::Response<ureq::Body>, Error> {
        self.log(hop, https)?;
        let agent = if hop.is_elsewhere { &self.redirected } else { &self.agent };
        let request = agent.get(&hop.uri).config().proxy(proxy).timeout_global(left).build();
        request.call().map_err(|e| self.trust.explain(e, hop))
    }

    fn log(&self, hop: &Hop, https: bool) -> Result<(), Error> {
        if log::log_enabled!(log::Level::Debug) {
            let configured = if https { Some(self.trust.configured()?) } else { None };
            let asked = Asked::of(&self.trust.settings);
            match curl::command(asked, configured.as_ref(), hop) {
                Ok(command) => log::debug!("{command}"),
                Err(why) => log::debug!("{why}"),
            }
        }
        Ok(())
    }

    /// What every request begins with. A trust setting that cannot be used is an error before
    /// anything is sent.
    fn target(&self, url: &str) -> Result<Target, Error> {
        let uri = address::parse(url).ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidAddress,
                format!(
                    "{:?} is not an address that can be asked; it has to begin with https:// or \
                     http://, a port is at most 65535, and an IPv6 address stands in brackets",
                    address::shown(url)
                ),
            )
        })?;
        let https = uri.scheme_str() == Some("https");
        let proxy = proxy::from_environment(https)?;
        if https {
            // For every request, and once for each, however many connections it takes.
            warn_if_unverified(Asked::of(&self.trust.settings))?;
            self.trust.configured()?;
        }
        Ok(Target { uri, https, proxy })
    }
}

/// Where a request goes.
struct Target {
    uri: Uri,
    https: bool,
    proxy: Option<Carrier>,
}

/// What a server answered; reading it gives the body.
///
/// A read that fails gives an [`io::Error`] whose inner error is an [`Error`].
pub struct Response {
    status: StatusCode,
    body: Box<dyn Read + Send>,
    hop: Hop,
    trust: Arc<Trust>,
}

impl Response {
    /// The status code, such as 200.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The server that answered, as `HOST` or `HOST:PORT`: after a redirect not the one that was asked.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.hop.server
    }

    /// The status in words, such as `200 OK`.
    #[must_use]
    pub fn status_text(&self) -> String {
        self.status.to_string()
    }
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { status, hop, .. } = self;
        f.debug_struct("Response").field("status", status).field("server", &hop.server).finish()
    }
}

impl Read for Response {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let explain = |e: io::Error| self.trust.explain(e.into(), &self.hop);
        self.body.read(buffer).map_err(|e| io::Error::other(explain(e)))
    }
}
