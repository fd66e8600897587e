//! The proxy that the environment names. It may use `address`, `no_proxy` and `error`.

use crate::client::address;
use crate::client::no_proxy::covers;
use crate::error::{Error, ErrorKind};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;
use ureq::http::Uri;
use ureq::http::uri::Scheme;
use ureq::{Proxy as Carrier, ProxyProtocol};

/// The port of a proxy whose address has none, as in curl.
const DEFAULT_PORT: u16 = 1080;

/// An HTTP proxy that a request goes through, and the variable that names it.
///
/// It is shown as `http://HOST:PORT (VARIABLE)`: neither user nor password is ever shown.
#[derive(Clone)]
pub struct Proxy(Arc<Inner>);

struct Inner {
    address: String,
    variable: &'static str,
    carrier: Carrier,
}

impl Proxy {
    /// The proxy for an address, from the variables that curl knows. ureq's own reading of them passes
    /// over what it does not understand, and would then connect without any proxy.
    pub(super) fn of(
        uri: &Uri,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Option<Self>, Error> {
        let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
        let is_https = uri.scheme() == Some(&Scheme::HTTPS);
        // Not HTTP_PROXY: in a CGI program that is a header of the request.
        let own: &[_] = if is_https { &["https_proxy", "HTTPS_PROXY"] } else { &["http_proxy"] };
        let found = own.iter().chain(&["all_proxy", "ALL_PROXY"]);
        let Some((name, value)) = found.map(|&name| (name, set(&name))).find(|(_, v)| v.is_some())
        else {
            return Ok(None);
        };
        let excepted = ["no_proxy", "NO_PROXY"].iter().find_map(set).unwrap_or_default();
        let port = uri.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        if covers(&excepted.to_string_lossy(), uri.host().unwrap_or_default(), port) {
            return Ok(None);
        }
        let value = value.unwrap_or_default();
        let proxy = value.to_str().and_then(|value| Self::parse(name, value));
        proxy.map(Some).ok_or_else(|| {
            let usual = "it has to be http://HOST:PORT or http://USER:PASSWORD@HOST:PORT (with %40 for an @ in \
                         USER or PASSWORD, %3A for a colon, %2F for a slash), or unset";
            let next = address::next_step(value.to_str().unwrap_or_default(), usual);
            let message = format!("{name} names no proxy that can be used; {next}");
            Error::new(ErrorKind::InvalidSetting, message).with_setting(name)
        })
    }

    /// `[http://][USER[:PASSWORD]@]HOST[:PORT][/...]`.
    fn parse(variable: &'static str, value: &str) -> Option<Self> {
        let rest = match value.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some(_) => return None,
            None => value,
        };
        let authority = rest.split(['/', '?', '#']).next()?;
        let (user, server) = match authority.rsplit_once('@') {
            Some((user, server)) => (Some(user), server),
            None => (None, authority),
        };
        let parsed: Uri = format!("http://{server}").parse().ok().filter(address::has_server)?;
        let (host, port) = (parsed.host()?, parsed.port_u16().unwrap_or(DEFAULT_PORT));
        let mut carrier = Carrier::builder(ProxyProtocol::Http).host(host).port(port);
        if let Some(user) = user {
            // Where it ends is not clear, and what follows would be taken for the host.
            if user.contains('@') {
                return None;
            }
            let (user, password) = user.split_once(':').unwrap_or((user, ""));
            let both = [&decoded(user)[..], b":", &decoded(password)].concat();
            carrier = carrier.username(&URL_SAFE.encode(both));
        }
        // So that the resolver below is asked, for the address of the proxy.
        let carrier = carrier.resolve_target(true).build().ok()?;
        Some(Self(Arc::new(Inner { address: format!("http://{host}:{port}"), variable, carrier })))
    }

    /// Its address, `http://HOST:PORT`, without user and password.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.0.address
    }

    /// The variable that names it, such as `https_proxy`.
    #[must_use]
    pub fn variable(&self) -> &str {
        self.0.variable
    }

    /// How ureq is given it: as what connections are told apart by, and with its user and password.
    pub(super) fn carrier(&self) -> Carrier {
        self.0.carrier.clone()
    }
}

/// The value of `Proxy-Authorization`, where the address has a user.
pub(super) fn authorization(carrier: &Carrier) -> Option<String> {
    let (user, _) = carrier.uri().authority()?.as_str().rsplit_once('@')?;
    // ureq may have encoded what base64 ends with.
    let encoded = String::from_utf8(decoded(user)).ok()?;
    Some(format!("Basic {}", encoded.replace('-', "+").replace('_', "/")))
}

/// Without percent encoding; a percent sign that begins none stands for itself.
fn decoded(text: &str) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digit = |at: usize| char::from(*after.get(at)?).to_digit(16);
        (decoded, rest) = match (byte, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(u8::try_from(high * 16 + low).expect("two hexadecimal digits"));
                (decoded, &after[2..])
            }
            _ => {
                decoded.push(byte);
                (decoded, after)
            }
        };
    }
    decoded
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.address(), self.variable())
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str, variables: &[(&str, &str)]) -> Result<Option<Proxy>, Error> {
        Proxy::of(&url.parse().unwrap(), |name| {
            variables.iter().find(|(its, _)| *its == name).map(|(_, value)| (*value).into())
        })
    }

    /// As curl 7.88.1 does it.
    #[test]
    fn the_variables_are_curls() {
        let (http, https) = ("http://a.test/", "https://a.test/");
        for (url, variables, expected) in [
            (http, &[("HTTP_PROXY", "p:1")][..], None),
            (http, &[("http_proxy", "p:1")], Some("http://p:1 (http_proxy)")),
            (http, &[("https_proxy", "p:1")], None),
            (http, &[("http_proxy", ""), ("all_proxy", "p:1")], Some("http://p:1 (all_proxy)")),
            (http, &[("ALL_PROXY", "p:1")], Some("http://p:1 (ALL_PROXY)")),
            (http, &[("all_proxy", ""), ("ALL_PROXY", "p:1")], Some("http://p:1 (ALL_PROXY)")),
            (http, &[("ALL_PROXY", "q:1"), ("all_proxy", "p:1")], Some("http://p:1 (all_proxy)")),
            (https, &[("HTTPS_PROXY", "p:1")], Some("http://p:1 (HTTPS_PROXY)")),
            (
                https,
                &[("HTTPS_PROXY", "q:1"), ("https_proxy", "p:1")],
                Some("http://p:1 (https_proxy)"),
            ),
            (
                https,
                &[("HTTPS_PROXY", "p:1"), ("https_proxy", "")],
                Some("http://p:1 (HTTPS_PROXY)"),
            ),
            (https, &[("https_proxy", ""), ("all_proxy", "p:1")], Some("http://p:1 (all_proxy)")),
            (https, &[("http_proxy", "p:1")], None),
            (http, &[("http_proxy", "p:1"), ("no_proxy", "a.test")], None),
            (http, &[("http_proxy", "p:1"), ("NO_PROXY", "a.test")], None),
            (http, &[("http_proxy", "p:1"), ("no_proxy", ""), ("NO_PROXY", "a.test")], None),
            (
                http,
                &[("http_proxy", "p:1"), ("no_proxy", "b.test"), ("NO_PROXY", "a.test")],
                Some("http://p:1 (http_proxy)"),
            ),
            (http, &[("http_proxy", "p:1"), ("no_proxy", "a.test:80")], None),
            (https, &[("https_proxy", "p:1"), ("no_proxy", "a.test:443")], None),
        ] {
            let proxy = of(url, variables).unwrap().map(|proxy| proxy.to_string());
            assert_eq!(proxy.as_deref(), expected, "{variables:?}");
        }
    }

    /// As curl 7.88.1 sends it.
    #[test]
    fn user_and_password_are_decoded() {
        for (value, address, expected) in [
            ("p", "http://p:1080", None),
            ("HTTP://p:3128/x", "http://p:3128", None),
            ("http://[::1]:3128", "http://[::1]:3128", None),
            ("http://[::1]", "http://[::1]:1080", None),
            ("http://u%40x:p%3Ay%20@p:1", "http://p:1", Some("Basic dUB4OnA6eSA=")),
            ("http://u@p:1", "http://p:1", Some("Basic dTo=")),
            ("http://:p@p:1", "http://p:1", Some("Basic OnA=")),
            ("u:p:q@p:1", "http://p:1", Some("Basic dTpwOnE=")),
            ("http://u:p%ff@p:1", "http://p:1", Some("Basic dTpw/w==")),
            ("http://u:p%zz@p:1", "http://p:1", Some("Basic dTpwJXp6")),
        ] {
            let proxy = of("http://a.test/", &[("http_proxy", value)]).unwrap().unwrap();
            assert_eq!(proxy.address(), address);
            assert_eq!(authorization(&proxy.carrier()).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_an_error_without_a_password() {
        for value in [
            "socks5://secret:secret@p:1",
            "https://secret@p:1",
            "http://u:secret@q@p:1",
            "http://u:secret/q@p:1",
            "http://u:secret@p:99999",
            "http://u:secret@p:x",
            "http://u:secret@p:+1",
            "http://u:secret@:1",
            "http://u:secret@",
            "http://u:secret@p:1 ",
            "http://",
            "::",
        ] {
            let error = of("http://a.test/", &[("http_proxy", value)]).unwrap_err();
            let is_port = [":99999", ":x", ":+1", ":1 "].iter().any(|end| value.ends_with(end));
            assert_eq!(error.to_string().contains("from 1 to 65535"), is_port, "{value}: {error}");
            assert_eq!(error.setting(), Some("http_proxy"));
            assert!(!format!("{error:?}").contains("secret"), "{error:?}");
            // It is not asked for where it is not needed.
            let variables = [("http_proxy", value), ("no_proxy", "a.test")];
            assert!(of("http://a.test/", &variables).unwrap().is_none());
        }
    }
}
