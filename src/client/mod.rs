//! A rustls configuration to HTTPS requests. The only stage with sockets; it may use `tls`,
//! `settings` and `error`, and ureq, none of whose types show.

mod check;
mod connect;
mod failure;

use crate::error::{Error, ErrorKind};
use crate::settings::Settings;
pub use check::Handshake;
use connect::{TlsConnector, Trust};
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;
use ureq::http::{StatusCode, Uri, header};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{ConnectProxyConnector, Connector, TcpConnector};

/// How long a name may take to be looked up, and a connection to stand, TLS included.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);
/// How long a server may be silent.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);
/// How many redirects are followed.
const MAX_REDIRECTS: u32 = 10;

/// A small blocking HTTPS client that trusts what the settings say (feature `client`).
///
/// It is enough to fetch something, and to see whether a server is trusted; it is no HTTP framework.
/// Connections are kept and used again. Limits: 15 seconds until a connection stands, 30 seconds of
/// silence, and no limit on the whole unless one is given to [`with_time_limit`](Self::with_time_limit). A proxy is
/// taken from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
///
/// `https://` addresses may redirect to others, ten times; a redirect to `http://` is an error. For
/// an `http://` address any redirect is one, and no trust file is opened. The trust store is loaded
/// for the first `https://` request and kept for all that follow.
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
    trust: Arc<Trust>,
}

impl Client {
    /// A client with these settings. Nothing is read yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self::build(settings, None)
    }

    /// A client with these settings that gives up on a request, body included, after this time.
    #[must_use]
    pub fn with_time_limit(settings: Settings, limit: Duration) -> Self {
        Self::build(settings, Some(limit))
    }

    fn build(settings: Settings, limit: Option<Duration>) -> Self {
        let config = Agent::config_builder()
            .user_agent(concat!("cacerts/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            .max_redirects(MAX_REDIRECTS)
            .timeout_global(limit)
            .timeout_resolve(Some(CONNECT_LIMIT))
            .timeout_connect(Some(CONNECT_LIMIT))
            .timeout_recv_response(Some(SILENCE_LIMIT))
            .timeout_per_read(Some(SILENCE_LIMIT))
            .timeout_per_write(Some(SILENCE_LIMIT))
            .build();
        let trust = Arc::new(Trust::new(settings));
        let connector =
            ().chain(ConnectProxyConnector::default())
                .chain(TcpConnector::default())
                .chain(TlsConnector(Arc::clone(&trust)));
        let agent = Agent::with_parts(config, connector, DefaultResolver::default());
        Self { agent, trust }
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
        let uri = parse(url)?;
        let server = uri.authority().map_or_else(String::new, |a| host_and_port(a.as_str()));
        let https = uri.scheme_str() == Some("https");
        if https {
            // A trust setting that cannot be used is an error before anything is sent.
            self.trust.configured()?;
        }
        let request = self.agent.get(uri).config();
        let request = if https {
            request.https_only(true)
        } else {
            request.max_redirects(0).max_redirects_will_error(false)
        };
        let response = request.build().call().map_err(|e| failure::explain(e, &server))?;
        if !https && response.status().is_redirection() {
            if let Some(location) = response.headers().get(header::LOCATION) {
                return Err(Error::new(
                    ErrorKind::Http,
                    format!(
                        "http://{server} redirects to {}; redirects are followed within https \
                         only, so ask for that address itself",
                        String::from_utf8_lossy(location.as_bytes())
                    ),
                ));
            }
        }
        let (parts, body) = response.into_parts();
        let body = Box::new(body.into_reader());
        Ok(Response { status: parts.status, server, body })
    }
}

/// What a server answered; reading it gives the body.
///
/// A read that fails gives an [`io::Error`] whose inner error is an [`Error`].
pub struct Response {
    status: StatusCode,
    server: String,
    body: Box<dyn Read + Send>,
}

impl Response {
    /// The status code, such as 200.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The status in words, such as `200 OK`.
    #[must_use]
    pub fn status_text(&self) -> String {
        self.status.to_string()
    }
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { status, server, .. } = self;
        f.debug_struct("Response").field("status", status).field("server", server).finish()
    }
}

impl Read for Response {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let server = &self.server;
        self.body.read(buffer).map_err(|e| io::Error::other(failure::explain(e.into(), server)))
    }
}

fn parse(url: &str) -> Result<Uri, Error> {
    let uri = url.parse::<Uri>().ok().filter(|uri| {
        matches!(uri.scheme_str(), Some("https" | "http")) && uri.authority().is_some()
    });
    uri.ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidAddress,
            format!("{url:?} is not an address that can be fetched; it has to begin with https:// or http://"),
        )
    })
}

/// The address of a server without the user and password that a URL may hold.
fn host_and_port(authority: &str) -> String {
    authority.rsplit_once('@').map_or(authority, |(_, server)| server).to_owned()
}
