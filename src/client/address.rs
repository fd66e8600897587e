//! Addresses that can be asked, and how they are shown. It uses nothing else of this crate.

use std::fmt::Write;
use std::ops::Range;
use ureq::http::Uri;

/// An `https://` or `http://` address, as far as it can be asked.
pub(super) fn parse(url: &str) -> Option<Uri> {
    let uri = url.parse::<Uri>().ok()?;
    let is_http = matches!(uri.scheme_str(), Some("https" | "http"));
    (is_http && has_server(&uri)).then_some(uri)
}

/// Whether an address has a host, and behind it a port or nothing: a port that is no number, or too large,
/// would pass for none.
pub(super) fn has_server(uri: &Uri) -> bool {
    let (host, server) = (uri.host().unwrap_or_default(), server_of(uri));
    let port = server.strip_prefix(host).filter(|_| !host.is_empty());
    port.is_some_and(|port| port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

/// Not `+80`, which would be one for Rust.
fn is_port(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse().is_ok_and(|port: u16| port > 0)
}

/// What to do about an address that is none: what is right for its port, or this where that is not the fault.
pub(super) fn next_step<'a>(url: &str, otherwise: &'a str) -> &'a str {
    if has_wrong_port(url) { "its port has to be a number from 1 to 65535" } else { otherwise }
}

/// Whether what stands behind the host of an address, or of a `HOST:PORT`, is a colon and no port.
fn has_wrong_port(url: &str) -> bool {
    let Range { start, end } = meant(url);
    // Behind a slash, an @ may end a password that was to be encoded.
    if url[end..].contains('@') {
        return false;
    }
    let server = url[start..end].rsplit('@').next().unwrap_or_default();
    let split = match server.rfind(']') {
        Some(at) => server[at..].find(':').map(|colon| at + colon),
        // With more of them it is an IPv6 address without brackets.
        None => server.find(':').filter(|_| server.matches(':').count() == 1),
    };
    split.is_some_and(|at| at > 0 && !is_port(&server[at + 1..]))
}

/// `HOST` or `HOST:PORT` of an address, without the user and password that it may hold.
pub(super) fn server_of(uri: &Uri) -> String {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    authority.rsplit_once('@').map_or(authority, |(_, server)| server).to_owned()
}

/// An address that may be none, for a message: without the user and password that it may hold, and with
/// nothing in it that a terminal would obey.
pub(super) fn shown(url: &str) -> String {
    let Range { start, end } = meant(url);
    let server = url[start..end].rfind('@').map_or(start, |at| start + at + 1);
    let mut shown = String::new();
    for char in url[..start].chars().chain(url[server..].chars()) {
        match char {
            '\'' | '"' | '\\' => shown.push(char),
            _ => shown.extend(char.escape_debug()),
        }
    }
    shown
}

/// With what RFC 3986 does not allow in a path or query encoded as browsers do it: people write brackets
/// there, and more.
pub(super) fn encoded(url: &str) -> String {
    let end = authority(url).map_or(0, |authority| authority.end);
    let mut encoded = url[..end].to_owned();
    for byte in url[end..].bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => encoded.push(byte.into()),
            _ if b"-._~:/?#@!$&'()*+,;=%".contains(&byte) => encoded.push(byte.into()),
            _ => write!(encoded, "%{byte:02X}").expect("a string takes everything"),
        }
    }
    encoded
}

/// Where the user, host and port stand, or might be meant to.
fn meant(url: &str) -> Range<usize> {
    authority(url).unwrap_or_else(|| 0..url.find(['/', '?', '#']).unwrap_or(url.len()))
}

/// Where the user, host and port stand, if they do.
fn authority(url: &str) -> Option<Range<usize>> {
    let start = url.find("//")? + 2;
    let is_scheme =
        |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let before = &url[..start - 2];
    let is_one = before.is_empty() || before.strip_suffix(':').is_some_and(is_scheme);
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
    is_one.then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::{encoded, has_wrong_port, parse, server_of, shown};

    #[test]
    fn no_user_or_password_is_shown() {
        for (url, expected, server) in [
            ("https://example.com/a@b", "https://example.com/a@b", "example.com"),
            ("https://u:p@example.com:8443/x", "https://example.com:8443/x", "example.com:8443"),
            ("https://u@[2001:db8::1]:1?q@r", "https://[2001:db8::1]:1?q@r", "[2001:db8::1]:1"),
        ] {
            assert_eq!(shown(url), expected);
            assert_eq!(server_of(&parse(url).unwrap()), server);
        }
        assert_eq!(shown("u:p@example.com"), "example.com");
        assert_eq!(shown("//u:p@example.com/x//y@z"), "//example.com/x//y@z");
        assert_eq!(shown("ftp://u:p@x@example.com#f"), "ftp://example.com#f");
        assert_eq!(shown("/a\u{9b}31m\u{202e}b"), "/a\\u{9b}31m\\u{202e}b");
    }

    #[test]
    fn what_cannot_be_asked_is_no_address() {
        for url in [
            "https://a.example:99999/",
            "https://a:b/",
            "https://a:+443/",
            "https://[::1]:+1/",
            // It would be looked up.
            "https://:443/",
            "http://u@:80/",
            "ftp://a/",
            "mailto:a@b",
            "a",
            "https://",
        ] {
            assert_eq!(parse(url), None, "{url}");
        }
        assert!(parse("http://a.example:65535/?a[]=1").is_some());
    }

    #[test]
    fn a_port_is_from_1_to_65535() {
        for (server, is_wrong) in [
            ("a.example:99999", true),
            ("a.example:65536", true),
            ("a.example:0", true),
            ("a.example:https", true),
            ("a.example:", true),
            ("a.example:+443", true),
            ("[::1]:99999", true),
            ("u:p@a.example:99999", true),
            ("a.example:65535", false),
            ("a.example:1", false),
            ("u:p@a.example", false),
            ("[::1]", false),
            ("::99999", false),
            (":99999", false),
            ("", false),
        ] {
            for url in [server.to_owned(), format!("https://{server}/"), format!("{server}/x:y?z")]
            {
                assert_eq!(has_wrong_port(&url), is_wrong, "{url}");
                assert!(!is_wrong || parse(&url).is_none(), "{url}");
            }
        }
        // A password that is not encoded is no port.
        assert!(!has_wrong_port("http://u:secret/q@p:1"));
    }

    #[test]
    fn what_is_not_allowed_is_encoded() {
        for (url, expected) in [
            ("https://[::1]:1/a b?c[]={d}|e", "https://[::1]:1/a%20b?c%5B%5D=%7Bd%7D%7Ce"),
            ("//h", "//h"),
            ("/\u{e9}%20?x//y[", "/%C3%A9%20?x//y%5B"),
            ("?a[]", "?a%5B%5D"),
            ("?to=http://x[", "?to=http://x%5B"),
            ("", ""),
        ] {
            assert_eq!(encoded(url), expected);
        }
    }
}
