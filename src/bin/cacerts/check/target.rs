//! What was given for a server, and the way to it. It uses the library's [`Endpoint`].

use crate::args::{Check, Protocol};
use crate::failure::Failure;
use cacerts::{Endpoint, StartTls};

/// The schemes of protocols that begin with TLS, and their ports.
const IMPLICIT: [(&str, u16); 4] = [("imaps", 993), ("ldaps", 636), ("pop3s", 995), ("smtps", 465)];

/// The server that the arguments name.
pub(super) fn endpoint(args: &Check) -> Result<Endpoint, Failure> {
    let asked = args.starttls.map(start_tls);
    let (scheme, rest) = match args.server.split_once("://") {
        Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
        None => (None, args.server.as_str()),
    };
    let named = match scheme.as_deref() {
        Some("imap") => Some(StartTls::Imap),
        Some("ldap") => Some(StartTls::Ldap),
        Some("pop3") => Some(StartTls::Pop3),
        Some("postgres" | "postgresql") => Some(StartTls::Postgres),
        Some("smtp" | "submission") => Some(StartTls::Smtp),
        _ => None,
    };
    let implicit = IMPLICIT.iter().find(|(name, _)| scheme.as_deref() == Some(*name));
    if asked.is_some() && (scheme.is_some() && named != asked) {
        return Err(Failure::usage("--starttls names another protocol than the address does"));
    }
    let mut server = match (named, implicit) {
        // Of such an address only the host and port count; it may hold a password.
        (Some(_), _) | (_, Some(_)) => authority(rest).to_owned(),
        (None, None) => args.server.clone(),
    };
    let port = match (scheme.as_deref(), implicit) {
        (Some("submission"), _) => Some(587),
        (_, Some((_, port))) => Some(*port),
        _ => None,
    };
    if let Some(port) = args.port {
        let host = authority(rest);
        if has_port(host) {
            return Err(Failure::usage("a port is given twice, behind the host and as a word"));
        }
        server = match &scheme {
            // What is offered to the server goes by it.
            Some(scheme) if named.is_none() && implicit.is_none() => {
                format!("{scheme}://{}/", with_port(host, port))
            }
            _ => with_port(host, port),
        };
    } else if let (Some(port), false) = (port, has_port(&server)) {
        server = with_port(&server, port);
    }
    let mut endpoint = Endpoint::new(server);
    if let Some(protocol) = named.or(asked) {
        endpoint = endpoint.start_tls(protocol);
    }
    if let Some(name) = &args.server_name {
        endpoint = endpoint.server_name(name);
    }
    if let Some(place) = &args.connect {
        endpoint = endpoint.connect(place);
    }
    Ok(endpoint)
}

fn start_tls(protocol: Protocol) -> StartTls {
    match protocol {
        Protocol::Imap => StartTls::Imap,
        Protocol::Ldap => StartTls::Ldap,
        Protocol::Pop3 => StartTls::Pop3,
        Protocol::Postgres => StartTls::Postgres,
        Protocol::Smtp => StartTls::Smtp,
    }
}

/// The host and port of what is behind a scheme.
fn authority(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

/// Not where it is an IPv6 address without brackets.
fn has_port(host: &str) -> bool {
    let behind = host.rsplit(']').next().unwrap_or_default();
    if host.contains(']') { behind.contains(':') } else { host.matches(':').count() == 1 }
}

fn with_port(host: &str, port: u16) -> String {
    let is_bare = host.contains(':') && !host.starts_with('[');
    if is_bare { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

#[cfg(test)]
mod tests {
    use super::{authority, has_port, with_port};

    #[test]
    fn hosts_and_ports_are_told_apart() {
        for (given, host, has) in [
            ("a.example", "a.example", false),
            ("user:secret@a.example:25/x", "a.example:25", true),
            ("[::1]", "[::1]", false),
            ("[::1]:25", "[::1]:25", true),
            ("::1", "::1", false),
        ] {
            assert_eq!((authority(given), has_port(host)), (host, has), "{given}");
        }
        assert_eq!(with_port("::1", 25), "[::1]:25");
        assert_eq!(with_port("[::1]", 25), "[::1]:25");
    }
}
