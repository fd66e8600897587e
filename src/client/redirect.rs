//! Where redirects lead, and with what a request may go there. It may use `address`, `proxy`
//! and `error`.

use crate::client::address::{encoded, parse, server_of, shown};
use crate::client::proxy::Proxy;
use crate::error::{Error, ErrorKind};
use iri_string::types::{UriAbsoluteStr, UriReferenceStr};
use std::env;
use ureq::http::uri::Scheme;
use ureq::http::{Response, Uri, header};

/// One of the requests that an address leads to.
#[derive(Debug)]
pub(super) struct Hop {
    /// With the user and password for this server, if there are any.
    pub(super) uri: Uri,
    pub(super) server: String,
    /// It goes to a server that another one has named, or that such a one has. Whoever that is may be
    /// anybody: it gets nothing by which the client is known.
    pub(super) is_elsewhere: bool,
    /// The one that leads there.
    pub(super) proxy: Option<Proxy>,
}

impl Hop {
    pub(super) fn first(uri: Uri) -> Result<Self, Error> {
        let proxy = Proxy::of(&uri, |name| env::var_os(name))?;
        Ok(Self { server: server_of(&uri), uri, is_elsewhere: false, proxy })
    }

    pub(super) fn is_https(&self) -> bool {
        self.uri.scheme() == Some(&Scheme::HTTPS)
    }

    /// Who is spoken to. What is asked for over plain HTTP a proxy answers itself.
    pub(super) fn peer(&self) -> String {
        match &self.proxy {
            Some(proxy) if !self.is_https() => {
                format!("the proxy {proxy}, asked for {},", self.server)
            }
            _ => self.server.clone(),
        }
    }

    /// The request to which an answer leads; `None` where it is no redirect.
    pub(super) fn redirect<B>(&self, answer: &Response<B>) -> Result<Option<Self>, Error> {
        // RFC 9110, section 15.4: the statuses that name another address for the same request.
        let is_redirect = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
        let location = answer.headers().get(header::LOCATION).filter(|_| is_redirect);
        let Some(location) = location else { return Ok(None) };
        let location = String::from_utf8_lossy(location.as_bytes());
        let to = target(&self.uri, &location);
        let refuse = |why: &str| {
            let named = to.as_ref().map_or_else(|| shown(&location), Uri::to_string);
            let message = format!("{} redirects to {named}{why}", self.server);
            Err(Error::new(ErrorKind::Http, message))
        };
        if !self.is_https() {
            return refuse(
                "; redirects are followed within https only, so ask for that address itself",
            );
        }
        let Some(to) = &to else {
            return refuse(", which is no address that can be asked");
        };
        if to.scheme() != Some(&Scheme::HTTPS) {
            return refuse(", which is not followed: redirects are followed within https only");
        }
        let mut next = Self { is_elsewhere: true, ..Self::first(to.clone())? };
        if !self.is_elsewhere && is_same_server(&self.uri, &next.uri) {
            next.is_elsewhere = false;
            let authority = self.uri.authority().map_or("", |authority| authority.as_str());
            next.uri = with_authority(&next.uri, authority).unwrap_or(next.uri);
        }
        Ok(Some(next))
    }
}

/// The address that a redirect names, relative to where it comes from (RFC 3986, section 5), without
/// any user and password: those of the one place are none of the other's. `None` where it is no
/// address.
fn target(from: &Uri, location: &str) -> Option<Uri> {
    let (from, location) = (encoded(&from.to_string()), encoded(location));
    let base = UriAbsoluteStr::new(&from).ok()?;
    let to = UriReferenceStr::new(&location).ok()?.resolve_against(base).to_string();
    let to = parse(&to)?;
    with_authority(&to, &server_of(&to))
}

/// The same path with another authority.
fn with_authority(uri: &Uri, authority: &str) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    parts.authority = Some(authority.parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// Whether both addresses are of one server: the same host, however it is written, and port.
fn is_same_server(a: &Uri, b: &Uri) -> bool {
    let port = |uri: &Uri| {
        let usual = if uri.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 };
        uri.port_u16().unwrap_or(usual)
    };
    let (host_a, host_b) = (a.host().unwrap_or_default(), b.host().unwrap_or_default());
    a.scheme() == b.scheme() && host_a.eq_ignore_ascii_case(host_b) && port(a) == port(b)
}

#[cfg(test)]
mod tests {
    use super::{is_same_server, target};
    use ureq::http::Uri;

    #[test]
    fn a_redirect_is_relative_to_where_it_comes_from() {
        let from: Uri = "https://u:p@a.example:8443/b/c?d".parse().unwrap();
        for (location, expected) in [
            ("https://other.example/x", Some("https://other.example/x")),
            ("https://v:w@other.example/x#y", Some("https://other.example/x")),
            ("//other.example", Some("https://other.example/")),
            ("/x?y=z", Some("https://a.example:8443/x?y=z")),
            ("x", Some("https://a.example:8443/b/x")),
            ("../../x", Some("https://a.example:8443/x")),
            ("?e", Some("https://a.example:8443/b/c?e")),
            ("", Some("https://a.example:8443/b/c?d")),
            ("http://a.example/", Some("http://a.example/")),
            ("https://[::1]:1/", Some("https://[::1]:1/")),
            ("/x y?z[]={1}", Some("https://a.example:8443/x%20y?z%5B%5D=%7B1%7D")),
            ("https://a.example:99999/", None),
            ("https://not an address/", None),
            ("mailto:somebody@example.com", None),
            ("https://", None),
        ] {
            let to = target(&from, location).map(|to| to.to_string());
            assert_eq!(to.as_deref(), expected, "{location}");
        }
    }

    #[test]
    fn an_address_with_brackets_may_redirect() {
        let from: Uri = "https://a.example/b?c[]={d}".parse().unwrap();
        assert_eq!(target(&from, "/e").unwrap(), "https://a.example/e");
        assert_eq!(target(&from, "").unwrap(), "https://a.example/b?c%5B%5D=%7Bd%7D");
    }

    #[test]
    fn one_server_is_one_host_and_port() {
        let is_same = |a: &str, b: &str| is_same_server(&a.parse().unwrap(), &b.parse().unwrap());
        assert!(is_same("https://a.example/", "https://u:p@A.example:443/x"));
        assert!(!is_same("https://a.example/", "https://a.example:8443/"));
        assert!(!is_same("https://a.example/", "https://b.example/"));
        assert!(!is_same("https://a.example:80/", "http://a.example/"));
        assert!(!is_same("https://a.example/", "https://a.example.org/"));
    }
}
