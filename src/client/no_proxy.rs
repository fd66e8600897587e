//! Which hosts are reached without a proxy, as `no_proxy` says; it uses nothing else of this crate.

use std::net::IpAddr;

/// Whether the list covers a host (an IPv6 address in brackets or not) and port.
///
/// As in curl a domain covers all below it, with a dot before it or not, and networks stand for addresses
/// only: no name is looked up. Unlike in curl 7.88 these count, too: `*` among others, `*.DOMAIN`,
/// `HOST:PORT`, brackets, and networks of no bits.
pub(super) fn covers(list: &str, host: &str, port: u16) -> bool {
    let mut entries = list.split([',', ' ', '\t', '\r', '\n']).filter(|entry| !entry.is_empty());
    let host = bare(host);
    let host = host.strip_suffix('.').unwrap_or(host);
    let address = host.parse::<IpAddr>().ok();
    entries.any(|entry| {
        let entry = match with_port(entry) {
            Some((entry, its)) if its == port => entry,
            Some(_) => return false,
            None => entry,
        };
        entry == "*"
            || match address {
                Some(address) => covers_address(bare(entry), address),
                None => covers_name(entry, host),
            }
    })
}

/// Without the brackets of an IPv6 address.
fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

/// `HOST:PORT` in its parts; an IPv6 address without brackets has no port.
fn with_port(entry: &str) -> Option<(&str, u16)> {
    let (host, port) = entry.rsplit_once(':')?;
    let is_whole = !host.contains(':') || host.ends_with(']');
    is_whole.then_some((host, port.parse().ok()?))
}

fn covers_name(entry: &str, host: &str) -> bool {
    let domain = entry.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(entry);
    let domain = domain.strip_prefix('.').unwrap_or(domain);
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let (host, domain) = (host.as_bytes(), domain.as_bytes());
    let Some(before) = host.len().checked_sub(domain.len()) else { return false };
    !domain.is_empty()
        && host[before..].eq_ignore_ascii_case(domain)
        && (before == 0 || host[before - 1] == b'.')
}

/// An entry that is neither an address nor a network covers none.
fn covers_address(entry: &str, address: IpAddr) -> bool {
    let (network, bits) = match entry.split_once('/') {
        Some((network, bits)) => (network, bits.parse::<u32>().ok()),
        None => (entry, Some(128)),
    };
    let (Ok(network), Some(bits)) = (bare(network).parse::<IpAddr>(), bits) else { return false };
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let bits = if entry.contains('/') { bits } else { 32 };
            let differ = u32::from(network) ^ u32::from(address);
            bits <= 32 && differ.leading_zeros() >= bits
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let differ = u128::from(network) ^ u128::from(address);
            bits <= 128 && differ.leading_zeros() >= bits
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::covers;

    /// As curl 7.88.1 does it: `no_proxy`, a host, and whether that is reached without the proxy.
    const CURL: [(&str, &str, bool); 34] = [
        ("corp.test", "corp.test", true),
        ("corp.test", "web.corp.test", true),
        ("corp.test", "xcorp.test", false),
        ("corp.test", "test", false),
        (".corp.test", "corp.test", true),
        (".corp.test", "web.corp.test", true),
        ("corp.test.", "web.corp.test", true),
        ("corp.test", "web.corp.test.", true),
        ("CORP.test", "web.corp.TEST", true),
        ("test", "a.test", true),
        ("*", "a.test", true),
        ("*", "127.1.2.3", true),
        ("a.test b.test", "b.test", true),
        ("a.test, b.test", "b.test", true),
        ("a.test,,b.test", "b.test", true),
        ("a.test\tb.test", "b.test", true),
        ("b.test:2", "b.test", false),
        ("", "a.test", false),
        (",", "a.test", false),
        (".", "a.test", false),
        ("127.0.0.0/8", "127.1.2.3", true),
        ("127.1.0.0/16", "127.2.2.3", false),
        ("127.0.0.0/9", "127.127.0.1", true),
        ("127.0.0.0/9", "127.128.0.1", false),
        ("127.1.2.3", "127.1.2.3", true),
        ("127.1.2.3/32", "127.1.2.3", true),
        ("127.1.2.3/33", "127.1.2.3", false),
        ("127.1", "127.0.0.1", false),
        (".2.3", "127.1.2.3", false),
        ("127.0.0.0/8", "localhost", false),
        ("::1", "[::1]", true),
        ("::2", "[::1]", false),
        ("127.0.0.1", "[::1]", false),
        ("::1", "127.0.0.1", false),
    ];

    /// What curl 7.88.1 does not do, and somebody who writes it means.
    const MORE: [(&str, &str, bool); 17] = [
        ("*.corp.test", "web.corp.test", true),
        ("*corp.test", "web.corp.test", false),
        ("a.test,*", "b.test", true),
        ("b.test:1", "b.test", true),
        ("b.test:1", "web.b.test", true),
        ("127.1.2.3:1", "127.1.2.3", true),
        ("127.1.2.3:2", "127.1.2.3", false),
        ("[::1]", "[::1]", true),
        ("[::1]:1", "[::1]", true),
        ("[::1]:2", "[::1]", false),
        ("0:0:0:0:0:0:0:1", "[::1]", true),
        ("::/64", "[::1]", true),
        ("::/64", "[1::1]", false),
        ("::1/128", "[::1]", true),
        ("::/0", "[2001:db8::1]", true),
        ("0.0.0.0/0", "127.1.2.3", true),
        ("127.1.2.3/x", "127.1.2.3", false),
    ];

    #[test]
    fn hosts_are_covered_as_in_curl_and_as_they_are_meant() {
        for (list, host, expected) in CURL.into_iter().chain(MORE) {
            assert_eq!(covers(list, host, 1), expected, "{list:?} {host}");
        }
    }
}
