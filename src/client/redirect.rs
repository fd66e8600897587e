//! Where a redirect leads, and with what it may go there. It uses nothing else of this crate.

use iri_string::types::{UriAbsoluteStr, UriReferenceStr};
use ureq::http::Uri;
use ureq::http::uri::Scheme;

/// The address that a redirect names, relative to where it comes from (RFC 3986, section 5), without
/// any user and password: those of the one place are none of the other's. `None` where it is no
/// address.
pub(super) fn target(from: &Uri, location: &str) -> Option<Uri> {
    let from = from.to_string();
    let base = UriAbsoluteStr::new(&from).ok()?;
    let to = UriReferenceStr::new(location).ok()?.resolve_against(base).to_string();
    let to: Uri = to.parse().ok()?;
    to.scheme()?;
    with_authority(&to, &super::server_of(&to))
}

/// The same path with another authority.
pub(super) fn with_authority(uri: &Uri, authority: &str) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    parts.authority = Some(authority.parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// Whether both addresses are of one server: the same host, however it is written, and port.
pub(super) fn is_same_server(a: &Uri, b: &Uri) -> bool {
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
            ("not an address", None),
            ("mailto:somebody@example.com", None),
            ("https://", None),
        ] {
            let to = target(&from, location).map(|to| to.to_string());
            assert_eq!(to.as_deref(), expected, "{location}");
        }
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
