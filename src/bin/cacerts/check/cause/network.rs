//! The server was not reached, which is no verdict, or does not speak TLS as this client does. Who is to blame, the
//! server or the proxy, is told by how far it came.

use super::super::brief::brief;
use super::{Answer, Cause};
use crate::shown;
use cacerts::{Handshake, ProxyAnswer, Stage};
use rustls::{AlertDescription, InvalidMessage};
use std::io::ErrorKind;
use std::path::Path;

/// Ports on which TLS begins after some words, and the protocol as `--starttls` has it.
const STARTTLS: [(&str, &str); 6] = [
    ("25", "smtp"),
    ("110", "pop3"),
    ("143", "imap"),
    ("389", "ldap"),
    ("587", "smtp"),
    ("5432", "postgres"),
];

pub(super) fn find(handshake: &Handshake, proxy: Through<'_>, said: &Said<'_>) -> Cause {
    match handshake.stage {
        Stage::Lookup | Stage::Connect => unreached(handshake, proxy),
        Stage::Proxy => no_tunnel(handshake, proxy, said),
        Stage::StartTls => start_tls(handshake, proxy),
        _ => tls(handshake, proxy, said),
    }
}

/// What the library says.
#[derive(Default)]
pub(super) struct Said<'a> {
    pub(super) text: &'a str,
    pub(super) tls: Option<&'a rustls::Error>,
    /// The setting to blame, and the file in which it stands.
    pub(super) setting: Option<(&'a str, Option<&'a Path>)>,
}

/// The proxy's address, and the variable that names it.
pub(super) type Through<'a> = Option<(&'a str, &'a str)>;

fn none(reason: &'static str, sentence: impl Into<String>) -> Cause {
    Cause::new(Answer::None, reason, sentence)
}

/// The server has answered, in TLS, and will not.
fn no(reason: &'static str, sentence: impl Into<String>) -> Cause {
    Cause::new(Answer::No, reason, sentence)
}

fn unreached(handshake: &Handshake, proxy: Through<'_>) -> Cause {
    let address = handshake.address.map(|address| address.to_string());
    // Where it is not what was asked for, and already said.
    let asked = proxy.map_or(&*handshake.server, |(url, _)| url);
    let address = address.filter(|address| !asked.ends_with(&**address));
    let address = address.map(|address| format!(" ({address})")).unwrap_or_default();
    let Some((url, setting)) = proxy else {
        return match (handshake.stage, handshake.failure) {
            (Stage::Lookup, Some(ErrorKind::NotFound)) => {
                none("unknown-host", "is not known: its name cannot be looked up")
                    .step("Is the name right, and does this machine reach its DNS server?")
            }
            (Stage::Lookup, _) => none("lookup-failed", "cannot be looked up: DNS does not answer")
                .step("Does this machine reach its DNS server?"),
            (_, Some(ErrorKind::ConnectionRefused)) => {
                none("refused", format!("refuses the connection{address}"))
                    .step("Is it running, and is the port right?")
            }
            (_, Some(ErrorKind::TimedOut)) => {
                none("silent", format!("does not answer{address}")).step(
                    "Is the address right? A firewall may be in the way; behind one that lets only a proxy \
                     through, set https_proxy.",
                )
            }
            _ => none("unreachable", format!("cannot be reached{address}"))
                .step("Is this machine connected to its network?"),
        };
    };
    let is = |reason, what: &str| {
        none(reason, format!("was not reached: the proxy {url} ({setting}) {what}")).step(format!(
            "Put {setting} right, or unset it; no_proxy names hosts to go to without it."
        ))
    };
    match (handshake.stage, handshake.failure) {
        (Stage::Lookup, Some(ErrorKind::NotFound)) => {
            is("proxy-unknown-host", "is not known: its name cannot be looked up")
        }
        (Stage::Lookup, _) => is("proxy-lookup-failed", "cannot be looked up: DNS does not answer"),
        (_, Some(ErrorKind::ConnectionRefused)) => {
            is("proxy-refused", &format!("refuses the connection{address}"))
        }
        (_, Some(ErrorKind::TimedOut)) => is("proxy-silent", &format!("does not answer{address}")),
        _ => is("proxy-unreachable", &format!("cannot be reached{address}")),
    }
}

/// The proxy was reached, and has made no tunnel.
fn no_tunnel(handshake: &Handshake, proxy: Through<'_>, said: &Said<'_>) -> Cause {
    let Some((url, setting)) = proxy else {
        return none("failed", format!("could not be asked: {}", said.text));
    };
    let is = |reason, what: &str| {
        none(reason, format!("was not reached: the proxy {url} ({setting}) {what}"))
    };
    match handshake.proxy_answer {
        Some(ProxyAnswer::PasswordRefused) => is(
            "proxy-authentication",
            &format!("does not accept the user and password that are in {setting} (407)"),
        )
        .step("Put them right there, with what is special in them as %XX."),
        Some(ProxyAnswer::OtherScheme) => {
            is("proxy-authentication", "wants to know who asks in a way that is not known here (407)")
                .step(
                    "Whoever runs the proxy has to allow Basic, a user and a password; no_proxy names hosts to \
                     go to without it.",
                )
        }
        Some(ProxyAnswer::PasswordWanted) => is(
            "proxy-authentication",
            "wants a user and a password (407)",
        )
        .step(format!(
            "Write them into {setting}: http://USER:PASSWORD@HOST:PORT, with what is special in them as %XX."
        )),
        Some(ProxyAnswer::Forbidden(status)) => {
            is("proxy-forbidden", &format!("does not let this machine go there ({status})")).step(
                "Whoever runs the proxy decides which hosts and ports it lets through; no_proxy names hosts to go \
                 to without it.",
            )
        }
        Some(ProxyAnswer::Other(status)) => {
            is("proxy-failed", &format!("could not connect to it ({status})")).step(
                "Is the server running, and known to the proxy? no_proxy names hosts to go to without it.",
            )
        }
        _ => {
            let what = match handshake.failure {
                Some(ErrorKind::TimedOut) => "does not answer",
                _ => "gives no answer that can be used",
            };
            is("proxy-silent", what)
                .step(format!("Is it an HTTP proxy? Put {setting} right, or unset it."))
        }
    }
}

fn start_tls(handshake: &Handshake, proxy: Through<'_>) -> Cause {
    match handshake.failure {
        Some(ErrorKind::Unsupported) => {
            none("no-starttls", "speaks the protocol, and offers no TLS in it")
                .step("Whoever runs it has to turn STARTTLS on, or it has another port for TLS.")
        }
        Some(ErrorKind::InvalidData) => {
            let heard = heard(handshake);
            let what = match heard {
                Some((_, what)) => format!("speaks another protocol here: {what}"),
                None => "speaks another protocol here than the one of --starttls".to_owned(),
            };
            // An alert, most likely. Its first byte is all that was read where that was to be the answer.
            match matches!(handshake.heard.first(), Some(0x15 | 0x16)) {
                true => none("starttls-not-needed", "begins with TLS on this port")
                    .step("Leave --starttls out."),
                false => none("other-protocol", what).step("Is the port right?"),
            }
        }
        Some(ErrorKind::PermissionDenied) => {
            none("starttls-refused", format!("turns this client away before TLS: {}", last_line(handshake)))
                .step("Whoever runs it can see why in its log. It may be busy, or not for this machine.")
        }
        Some(ErrorKind::TimedOut) => silent(handshake),
        _ if proxy.is_none() => none("closed", "breaks off the connection before TLS").step(
            "Does it speak the protocol of --starttls on this port? Where TLS comes first, leave that out.",
        ),
        _ => closed(handshake, proxy),
    }
}

/// What the server said last, as far as it was kept.
fn last_line(handshake: &Handshake) -> String {
    let heard = String::from_utf8_lossy(&handshake.heard);
    let line = heard.trim_end().lines().next_back().unwrap_or_default();
    format!("it says \"{}\"", brief(line.trim_end()))
}

fn silent(handshake: &Handshake) -> Cause {
    let cause = none("silent", "takes the connection, and says nothing");
    if handshake.stage == Stage::StartTls {
        return cause.step(
            "It waits: it may speak another protocol than the one of --starttls, or TLS from the beginning.",
        );
    }
    match by_port(handshake) {
        Some(protocol) => starttls_step(cause, handshake, protocol),
        None => cause.step("Is the port right? It may wait for words of another protocol."),
    }
}

fn closed(handshake: &Handshake, proxy: Through<'_>) -> Cause {
    if let Some(protocol) = by_port(handshake).filter(|_| handshake.stage == Stage::Tls) {
        let cause =
            none("starttls-needed", "breaks off the connection: TLS begins later on this port");
        return starttls_step(cause, handshake, protocol);
    }
    let sentence = match proxy {
        Some((url, _)) => {
            format!("gave no answer: the connection through the proxy {url} was broken off")
        }
        None => "breaks off the connection".to_owned(),
    };
    none("closed", sentence).step(
        "Does it speak TLS 1.2 or later on this port? Something in between may also break off what it does \
         not know.",
    )
}

fn starttls_step(cause: Cause, handshake: &Handshake, protocol: &str) -> Cause {
    cause.step(format!(
        "Ask it in its protocol:\n    cacerts check --starttls {protocol} {}",
        handshake.server
    ))
}

fn by_port(handshake: &Handshake) -> Option<&'static str> {
    let port = handshake.server.rsplit(':').next()?;
    STARTTLS.iter().find(|(usual, _)| *usual == port).map(|(_, protocol)| *protocol)
}

/// A protocol that is no TLS, by its first words: what `--starttls` has for it, and its name.
fn heard(handshake: &Handshake) -> Option<(Option<&'static str>, &'static str)> {
    let heard = &handshake.heard[..];
    Some(match heard {
        _ if heard.starts_with(b"HTTP/") => (None, "HTTP without TLS"),
        _ if heard.starts_with(b"220")
            && heard.windows(3).any(|w| w.eq_ignore_ascii_case(b"FTP")) =>
        {
            (None, "FTP")
        }
        _ if heard.starts_with(b"220") => (Some("smtp"), "SMTP"),
        _ if heard.starts_with(b"* OK") => (Some("imap"), "IMAP"),
        _ if heard.starts_with(b"+OK") => (Some("pop3"), "POP3"),
        _ if heard.starts_with(b"SSH-") => (None, "SSH"),
        [b'E', 0, 0, ..] => (Some("postgres"), "PostgreSQL"),
        [_, _, 0, 0, 10, ..] => (None, "MySQL"),
        _ => return None,
    })
}

fn tls(handshake: &Handshake, proxy: Through<'_>, said: &Said<'_>) -> Cause {
    use rustls::Error as Tls;
    match said.tls {
        Some(Tls::InvalidMessage(InvalidMessage::HandshakePayloadTooLarge)) => none(
            "chain-too-large",
            "sends certificates of more than 64 KiB, which no client here takes",
        )
        .step("Whoever runs it has to send its own certificate and the intermediate ones, and no more."),
        Some(Tls::InvalidMessage(_)) => not_tls(handshake),
        Some(Tls::AlertReceived(AlertDescription::ProtocolVersion)) => version(said),
        Some(Tls::PeerIncompatible(why)) => {
            let text = format!("{why:?}");
            if text.contains("Version") || text.contains("Tls12") || text.contains("Tls13") {
                version(said)
            } else {
                suite(&format!(" ({why:?})"))
            }
        }
        Some(Tls::AlertReceived(AlertDescription::HandshakeFailure)) => {
            suite(" (its alert: HandshakeFailure)")
        }
        Some(Tls::AlertReceived(AlertDescription::UnrecognisedName)) => {
            no("unrecognised-name", format!("does not know the name {}", brief(&handshake.server_name)))
                .step("Ask for a name that it has, with --server-name.")
        }
        Some(Tls::AlertReceived(alert)) => {
            no("alert", format!("ends the handshake (its alert: {alert:?})"))
                .step("Whoever runs it can see why in its log.")
        }
        Some(_) => none("tls-failed", format!("could not be agreed with: {}", said.text)),
        None => match handshake.failure {
            Some(ErrorKind::TimedOut) => silent(handshake),
            _ => closed(handshake, proxy),
        },
    }
}

fn version(said: &Said<'_>) -> Cause {
    let cause = no("no-common-version", "and this client have no TLS version in common");
    match said.setting {
        None => cause.step(
            "This client speaks TLS 1.2 and 1.3, and a server that is older has to be brought up to date.",
        ),
        Some((baked @ "CACERTS_TLS_MIN_VERSION", _)) => cause.step(format!(
            "This client speaks TLS 1.3 alone: it is built so ({baked}). Whoever runs the server has to bring \
             it up to date."
        )),
        Some((setting, file)) => {
            let file = file.map(|file| format!(" in {}", shown::path(file))).unwrap_or_default();
            cause.step(format!(
                "This client speaks TLS 1.3 alone, as {setting}{file} asks for. Leave that out, and it speaks TLS \
                 1.2 as well; or whoever runs the server has to bring it up to date."
            ))
        }
    }
}

fn suite(said: &str) -> Cause {
    no(
        "no-common-suite",
        format!("and this client have no cipher suite, group or kind of key in common{said}"),
    )
    .step(
        "Whoever runs it has to allow TLS 1.2 or 1.3, an ECDHE suite with AES-GCM or ChaCha20 and the group \
         X25519, P-256 or P-384, and to have a key of RSA 2048 and more, P-256, P-384 or Ed25519.",
    )
}

fn not_tls(handshake: &Handshake) -> Cause {
    match heard(handshake) {
        Some((None, "HTTP without TLS")) => {
            none("plain-http", "speaks HTTP without TLS on this port").step(
                "Is the port right? Its TLS may be on 443 or 8443; http:// has nothing to check.",
            )
        }
        Some((Some(protocol), name)) => {
            let cause = none(
                "starttls-needed",
                format!("speaks {name} on this port, in which TLS begins later"),
            );
            starttls_step(cause, handshake, protocol)
        }
        Some((None, name)) => {
            none("other-protocol", format!("speaks {name} on this port")).step("Is the port right?")
        }
        None => {
            let said = String::from_utf8_lossy(&handshake.heard);
            let said: String = said.chars().take(40).collect();
            let cause = none(
                "not-tls",
                format!("does not speak TLS on this port; it says \"{}\"", brief(&said)),
            );
            match by_port(handshake) {
                Some(protocol) => starttls_step(cause, handshake, protocol),
                None => cause.step("Is the port right?"),
            }
        }
    }
}
