//! A rustls configuration to HTTPS requests. The only stage with sockets; it may use `tls`, `resolve`,
//! `settings` and `error`, and ureq, none of whose types show.
//!
//! ```text
//! address        what can be asked for
//!  -> no_proxy, proxy   whether there is a proxy before it
//!  -> redirect    where an answer may lead
//!  -> connect     TLS on a socket, for a request
//!  -> tunnel      the way to it through the proxy
//!  -> limits      how long each step may take
//!  -> failure, proxy_failure   what became of it otherwise
//!  -> curl        the same request, for the log
//! check          one handshake instead of a request
//!  -> starttls    the words before it
//!  -> record, handshake   what is seen of it
//! ```

mod address;
mod check;
mod connect;
mod curl;
mod failure;
mod handshake;
mod limits;
mod no_proxy;
mod proxy;
mod proxy_failure;
mod record;
mod redirect;
mod starttls;
mod tunnel;

pub use handshake::{CertificateRequest, Endpoint, Handshake, ProxyAnswer, Stage};
pub use proxy::Proxy;
pub use starttls::StartTls;

use crate::error::{Error, ErrorKind};
use crate::resolve::Asked;
use crate::settings::Settings;
use crate::tls::warn_if_unverified;
use connect::{NamedConnector, Purpose, TlsConnector, Trust};
use proxy_failure::{Answer, Trouble};
use redirect::Hop;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tunnel::{PeerResolver, ProxyConnector};
use ureq::Agent;
use ureq::http::header::PROXY_AUTHORIZATION;
use ureq::http::{StatusCode, Uri};
use ureq::unversioned::transport::{Connector, TcpConnector};

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
/// to [`with_time_limit`](Self::with_time_limit). The limits hold for what a proxy takes of the
/// time, too.
///
/// An HTTP proxy is taken from `https_proxy` or `HTTPS_PROXY` (for `http://` from `http_proxy`), else from
/// `all_proxy` or `ALL_PROXY`, as curl does it: `http://HOST:PORT` or `http://USER:PASSWORD@HOST:PORT` with
/// percent encoding, port 1080 where none is given. One that cannot be used is an error, and never passed
/// over. `no_proxy` or `NO_PROXY` has what is reached without it: names, which cover all below them,
/// addresses, networks (`10.0.0.0/8`), each with a port or without, and `*`. Names are compared as they are
/// asked for, and looked up by the proxy. Of a connection that goes through a proxy every error says so.
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
            let connector = NamedConnector(TcpConnector::default())
                .chain(ProxyConnector)
                .chain(TlsConnector { trust: Arc::clone(&trust), purpose });
            Agent::with_parts(config, connector, <PeerResolver>::default())
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
    /// [`ErrorKind::ClientCertificate`], [`ErrorKind::Connection`], [`ErrorKind::Proxy`] and
    /// [`ErrorKind::Http`].
    pub fn get(&self, url: &str) -> Result<Response, Error> {
        let mut hop = self.target(url)?;
        let end = self.limit.map(|limit| Instant::now() + limit);
        for _ in 0..=MAX_REDIRECTS {
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            let response = self.send(&hop, left)?;
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

    /// The proxy that a request for this address goes through, where the environment names one for it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidAddress`], and [`ErrorKind::InvalidSetting`] where the proxy is none that can be
    /// used.
    pub fn proxy_for(&self, url: &str) -> Result<Option<Proxy>, Error> {
        Ok(Hop::first(parsed(url)?)?.proxy)
    }

    fn send(
        &self,
        hop: &Hop,
        left: Option<Duration>,
    ) -> Result<ureq::http::Response<ureq::Body>, Error> {
        self.log(hop)?;
        let agent = if hop.is_elsewhere { &self.redirected } else { &self.agent };
        let carrier = hop.proxy.as_ref().map(Proxy::carrier);
        // Where there is no tunnel, the proxy reads the request itself.
        let for_proxy = carrier.as_ref().filter(|_| !hop.is_https());
        let authorization = for_proxy.and_then(proxy::authorization);
        let mut request = agent.get(&hop.uri);
        if let Some(value) = authorization {
            request = request.header(PROXY_AUTHORIZATION, value);
        }
        let request = request.config().proxy(carrier).timeout_global(left).build();
        let response = request.call().map_err(|e| self.trust.explain(e, hop))?;
        match &hop.proxy {
            Some(proxy) if !hop.is_https() && response.status() == 407 => {
                Err(Trouble::Answer(Answer::of(&response)).explain(proxy, hop))
            }
            _ => Ok(response),
        }
    }

    fn log(&self, hop: &Hop) -> Result<(), Error> {
        if log::log_enabled!(log::Level::Debug) {
            let configured = if hop.is_https() { Some(self.trust.configured()?) } else { None };
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
    fn target(&self, url: &str) -> Result<Hop, Error> {
        let hop = Hop::first(parsed(url)?)?;
        if hop.is_https() {
            // For every request, and once for each, however many connections it takes.
            warn_if_unverified(Asked::of(&self.trust.settings))?;
            self.trust.configured()?;
        }
        Ok(hop)
    }
}

/// For the fuzz targets.
#[cfg(fuzzing)]
#[allow(missing_docs, reason = "for nobody else")]
pub mod fuzzing {
    use super::{Error, Proxy, address, no_proxy, parsed};
    use std::ffi::OsString;

    pub fn shown(url: &str) -> String {
        address::shown(url)
    }

    pub fn covers(list: &str, host: &str, port: u16) -> bool {
        no_proxy::covers(list, host, port)
    }

    /// The server of an address that can be asked, as `HOST` or `HOST:PORT`, and its host.
    pub fn server(url: &str) -> Option<(String, String)> {
        let uri = address::parse(url)?;
        Some((address::server_of(&uri), uri.host()?.to_owned()))
    }

    pub fn proxy(
        url: &str,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Option<Proxy>, Error> {
        Proxy::of(&parsed(url)?, variable)
    }
}

/// An address that can be asked.
fn parsed(url: &str) -> Result<Uri, Error> {
    address::parse(url).ok_or_else(|| {
        let usual =
            "it has to begin with https:// or http:// and a host, and an IPv6 address stands in brackets";
        let next = address::next_step(url, usual);
        let message =
            format!("{:?} is not an address that can be asked; {next}", address::shown(url));
        Error::new(ErrorKind::InvalidAddress, message)
    })
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

    /// The proxy that the answer came through; over plain HTTP it may be the proxy's own.
    #[must_use]
    pub fn proxy(&self) -> Option<&Proxy> {
        self.hop.proxy.as_ref()
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
