//! What went wrong with a proxy, and not with the server behind it. It may use `failure`, `handshake`,
//! `proxy`, `record`, `redirect` and `error`.

use crate::client::failure;
use crate::client::handshake::ProxyAnswer;
use crate::client::proxy::{Proxy, authorization};
use crate::client::record::kind_of;
use crate::client::redirect::Hop;
use crate::error::{Error, ErrorKind};
use std::{fmt, io};

/// How much of a proxy's own words is shown.
const MAX_SHOWN: usize = 80;

/// A failure on its way through ureq to where the proxy's name is known.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Its name cannot be looked up.
    Lookup(ureq::Error),
    /// It is not reached.
    Connect(ureq::Error),
    /// It is reached, and then silent or gone.
    Talk(ureq::Error),
    /// What it answers is no HTTP.
    NoHttp,
    /// What it answers is longer than any answer.
    Long,
    /// It says no.
    Answer(Answer),
}

/// An answer that is no success.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// `403 Forbidden`, with nothing in it that a terminal would obey.
    text: String,
    /// The ways to identify oneself that are offered, such as `Basic`.
    schemes: Vec<String>,
}

impl Answer {
    /// From the head of a message; `None` where it is none of HTTP.
    pub(super) fn parse(head: &[u8]) -> Option<Self> {
        let head = String::from_utf8_lossy(head);
        let mut lines = head.lines();
        let (version, rest) = lines.next()?.split_once(' ')?;
        let rest = rest.trim();
        let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
        let is_status = status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit());
        if !version.starts_with("HTTP/") || !is_status {
            return None;
        }
        let offered = lines.filter_map(|line| line.split_once(':'));
        let offered = offered.filter(|(name, _)| name.eq_ignore_ascii_case("proxy-authenticate"));
        // One header may offer more than one, with parameters that have commas between them, too.
        let words = offered.flat_map(|(_, value)| value.split(',')).filter_map(|offer| {
            let scheme = offer.split_whitespace().next()?;
            (!scheme.contains('=')).then(|| harmless(scheme))
        });
        Some(Self {
            status: status.parse().ok()?,
            schemes: words.take(8).collect(),
            text: format!("{status} {}", harmless(reason)).trim_end().to_owned(),
        })
    }

    /// What it comes to.
    fn kind(&self, proxy: &Proxy) -> ProxyAnswer {
        let has_basic = self.schemes.iter().any(|scheme| scheme.eq_ignore_ascii_case("Basic"));
        match self.status {
            407 if !self.schemes.is_empty() && !has_basic => ProxyAnswer::OtherScheme,
            407 if authorization(&proxy.carrier()).is_some() => ProxyAnswer::PasswordRefused,
            407 => ProxyAnswer::PasswordWanted,
            status @ (401 | 403) => ProxyAnswer::Forbidden(status),
            status => ProxyAnswer::Other(status),
        }
    }

    /// The answer to a request for a whole address.
    pub(super) fn of<B>(response: &ureq::http::Response<B>) -> Self {
        let offered = response.headers().get_all("proxy-authenticate").iter();
        let offered: String = offered
            .map(|value| {
                format!("proxy-authenticate: {}\n", String::from_utf8_lossy(value.as_bytes()))
            })
            .collect();
        let status = response.status();
        let head = format!("HTTP/1.1 {status}\n{offered}");
        Self::parse(head.as_bytes()).expect("a status is one")
    }
}

/// Cut, and without what a terminal would obey.
fn harmless(text: &str) -> String {
    let cut: String = text.trim().chars().take(MAX_SHOWN).collect();
    let plain = |c: char| matches!(c, '\'' | '"' | '\\');
    cut.chars().fold(String::new(), |mut shown, c| {
        match plain(c) {
            true => shown.push(c),
            false => shown.extend(c.escape_debug()),
        }
        shown
    })
}

impl Trouble {
    pub(super) fn talk(error: io::Error) -> Self {
        Self::Talk(error.into())
    }

    /// What is said of it, where an error is one of these.
    pub(super) fn of(error: ureq::Error, hop: &Hop) -> Result<Error, ureq::Error> {
        match (error, &hop.proxy) {
            (ureq::Error::Other(inner), Some(proxy)) => match inner.downcast::<Self>() {
                Ok(trouble) => Ok(trouble.explain(proxy, hop)),
                Err(inner) => Err(ureq::Error::Other(inner)),
            },
            (error, _) => Err(error),
        }
    }

    /// What the proxy answered, where an error is that.
    pub(super) fn answer(
        error: &(dyn std::error::Error + 'static),
        proxy: Option<&Proxy>,
    ) -> Option<ProxyAnswer> {
        match error.downcast_ref()? {
            Self::Answer(answer) => Some(answer.kind(proxy?)),
            _ => None,
        }
    }

    /// What kind of trouble the network made while it was talked to.
    pub(super) fn failure(error: &(dyn std::error::Error + 'static)) -> Option<io::ErrorKind> {
        match error.downcast_ref()? {
            Self::Talk(ureq::Error::Timeout(_)) => Some(io::ErrorKind::TimedOut),
            Self::Talk(ureq::Error::Io(e)) => Some(kind_of(e)),
            _ => None,
        }
    }

    /// In words: what happened, at which proxy, named by what, and what to do.
    pub(super) fn explain(self, proxy: &Proxy, hop: &Hop) -> Error {
        let (variable, address) = (proxy.variable(), proxy.address());
        let host = hop.uri.host().unwrap_or_default();
        let what = match self {
            Self::Lookup(e) => {
                return failure::lookup(e, &format!("the proxy {proxy}"), ErrorKind::Proxy)
                    .with_setting(variable);
            }
            Self::Connect(e) | Self::Talk(e) => failed(e, host),
            Self::NoHttp => format!(
                "gives no answer in HTTP; is {address} an HTTP proxy that is reached without TLS, and the \
                 port right?"
            ),
            Self::Long => "answers with more headers than are read (64 KiB)".to_owned(),
            Self::Answer(answer) => refused(&answer, proxy, &hop.server),
        };
        Error::new(ErrorKind::Proxy, format!("the proxy {proxy} {what}")).with_setting(variable)
    }
}

fn failed(error: ureq::Error, host: &str) -> String {
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, TimedOut, UnexpectedEof,
        WouldBlock,
    };
    let except = format!("If {host} is reached without a proxy, name it in no_proxy");
    match error {
        ureq::Error::Timeout(which) => format!("did not answer in time (limit: {which}). {except}"),
        ureq::Error::Io(e) => match e.kind() {
            ConnectionRefused => {
                format!("refuses the connection: is it running, and is the port right? {except}")
            }
            BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof => {
                "broke off the connection without a whole answer; is it an HTTP proxy, does it let this client \
                 use it, and is the port right?"
                    .to_owned()
            }
            TimedOut | WouldBlock => format!("did not answer in time. {except}"),
            _ => format!("cannot be reached: {e}. {except}"),
        },
        other => format!("cannot be reached: {other}. {except}"),
    }
}

fn refused(answer: &Answer, proxy: &Proxy, server: &str) -> String {
    let (Answer { text, schemes, .. }, variable) = (answer, proxy.variable());
    match answer.kind(proxy) {
        ProxyAnswer::OtherScheme => format!(
            "wants to know who asks ({text}), by {}; this client has nothing but a user and password \
             (Basic) for it",
            schemes.join(" or ")
        ),
        ProxyAnswer::PasswordRefused => {
            format!("does not accept the user and password that are in {variable} ({text})")
        }
        ProxyAnswer::PasswordWanted => format!(
            "wants a user and password ({text}); put them into {variable}: http://USER:PASSWORD@HOST:PORT"
        ),
        ProxyAnswer::Forbidden(_) => format!(
            "does not let this client connect to {server} ({text}); ask whoever runs it, or, if {server} is \
             reached without a proxy, name it in no_proxy"
        ),
        ProxyAnswer::Other(_) => format!(
            "makes no connection to {server}: it answers {text}; is {server} running, and known to the proxy? \
             If it is reached without a proxy, name it in no_proxy"
        ),
    }
}

/// Adds to what went wrong behind a proxy that there is one: it may have taken part.
pub(super) fn mention(error: Error, hop: &Hop) -> Error {
    use rustls::{CertificateError::UnknownIssuer, Error::InvalidCertificate};
    let Some(proxy) = hop.proxy.as_ref().filter(|_| hop.is_https()) else { return error };
    let part = match (error.kind(), error.tls()) {
        (ErrorKind::ServerNotTrusted, Some(InvalidCertificate(UnknownIssuer))) => {
            ", which may have put a certificate of its own in the place of the server's"
        }
        (ErrorKind::Connection, None) => ", where it may have failed",
        (ErrorKind::Connection | ErrorKind::Http | ErrorKind::ServerNotTrusted, _)
        | (ErrorKind::ClientCertificate, Some(_)) => "",
        _ => return error,
    };
    error.add(&format!(". The connection goes through the proxy {proxy}{part}"))
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the proxy failed")
    }
}

impl std::error::Error for Trouble {}

impl From<Trouble> for ureq::Error {
    fn from(trouble: Trouble) -> Self {
        Self::Other(Box::new(trouble))
    }
}
