//! Causes by how far it came, and what was heard.

use super::network::Said;
use super::tests::{NOW, Roots, handshake};
use super::{Answer, Facts, client, network};
use cacerts::{Handshake, ProxyAnswer, Stage};
use rustls::AlertDescription;
use std::io::ErrorKind;
use std::path::Path;

#[test]
fn a_server_that_does_not_want_this_client_says_why() {
    let mut seen = handshake("a.example");
    let of = |seen: &Handshake, alert| {
        let (store, error) = (Roots(Vec::new()), rustls::Error::AlertReceived(alert));
        let facts = Facts { handshake: seen, chain: &[], store: &store, now: NOW, past: 0 };
        client::find(&facts, Some(&error)).map(|cause| cause.reason)
    };
    assert_eq!(of(&seen, AlertDescription::HandshakeFailure), None);
    let required = Some("client-certificate-required");
    assert_eq!(of(&seen, AlertDescription::CertificateRequired), required);
    for (alert, expected) in [
        (AlertDescription::CertificateExpired, "client-certificate-expired"),
        (AlertDescription::UnknownCA, "client-certificate-unknown-ca"),
        (AlertDescription::BadCertificate, "client-certificate-refused"),
    ] {
        assert_eq!(of(&seen, alert), Some(expected));
    }
    seen.stage = Stage::Proxy;
    assert_eq!(of(&seen, AlertDescription::ProtocolVersion), None);
}

#[test]
fn the_network_is_told_from_the_proxy() {
    let mut handshake = handshake("a.example");
    let through = Some(("http://proxy.example:3128", "https_proxy"));
    let answers = [
        (ProxyAnswer::PasswordWanted, "proxy-authentication"),
        (ProxyAnswer::PasswordRefused, "proxy-authentication"),
        (ProxyAnswer::OtherScheme, "proxy-authentication"),
        (ProxyAnswer::Forbidden(403), "proxy-forbidden"),
        (ProxyAnswer::Other(502), "proxy-failed"),
    ];
    let answers = answers.map(|(answer, expected)| {
        (Stage::Proxy, ErrorKind::Other, Some(answer), ["failed", expected])
    });
    let failures = [
        (Stage::Lookup, ErrorKind::NotFound, ["unknown-host", "proxy-unknown-host"]),
        (Stage::Lookup, ErrorKind::TimedOut, ["lookup-failed", "proxy-lookup-failed"]),
        (Stage::Connect, ErrorKind::ConnectionRefused, ["refused", "proxy-refused"]),
        (Stage::Connect, ErrorKind::TimedOut, ["silent", "proxy-silent"]),
        (Stage::Connect, ErrorKind::HostUnreachable, ["unreachable", "proxy-unreachable"]),
        (Stage::Proxy, ErrorKind::TimedOut, ["failed", "proxy-silent"]),
        (Stage::Tls, ErrorKind::TimedOut, ["silent", "silent"]),
        (Stage::Tls, ErrorKind::ConnectionReset, ["closed", "closed"]),
        (Stage::StartTls, ErrorKind::Unsupported, ["no-starttls", "no-starttls"]),
        (Stage::StartTls, ErrorKind::InvalidData, ["other-protocol", "other-protocol"]),
    ];
    let failures = failures.map(|(stage, failure, expected)| (stage, failure, None, expected));
    for (stage, failure, answer, expected) in failures.into_iter().chain(answers) {
        for (proxy, expected) in [None, through].into_iter().zip(expected) {
            (handshake.stage, handshake.failure) = (stage, Some(failure));
            handshake.proxy_answer = answer;
            let cause = network::find(&handshake, proxy, &Said::default());
            assert_eq!(
                (cause.reason, cause.answer),
                (expected, Answer::None),
                "{stage:?} {failure}"
            );
            let is_proxys = cause.sentence.contains("http://proxy.example:3128 (https_proxy)");
            assert_eq!(is_proxys, expected.starts_with("proxy-"), "{cause:?}");
        }
    }
}

#[test]
fn what_is_no_tls_is_told_by_its_first_words() {
    let not_tls = rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType);
    for (heard, reason, step) in [
        (&b"HTTP/1.1 400 Bad Request"[..], "plain-http", "port"),
        (b"220 mail.example ESMTP", "starttls-needed", "--starttls smtp a.example:443"),
        (b"220 (vsFTPd 3.0.3)", "other-protocol", "port"),
        (b"* OK IMAP4rev1", "starttls-needed", "--starttls imap a.example:443"),
        (b"+OK POP3", "starttls-needed", "--starttls pop3 a.example:443"),
        (b"SSH-2.0-OpenSSH_9.2", "other-protocol", "port"),
        (b"\x1b[2Jwhat", "not-tls", "port"),
    ] {
        let mut seen = handshake("a.example");
        seen.heard = heard.to_vec();
        let cause = network::find(&seen, None, &Said { tls: Some(&not_tls), ..Said::default() });
        assert_eq!(cause.reason, reason, "{cause:?}");
        assert!(cause.steps.concat().contains(step), "{cause:?}");
        assert!(!cause.sentence.contains('\u{1b}'), "{cause:?}");
    }
    let mut seen = handshake("a.example");
    seen.server = "a.example:5432".to_owned();
    seen.failure = Some(ErrorKind::UnexpectedEof);
    let cause = network::find(&seen, None, &Said::default());
    assert_eq!(cause.reason, "starttls-needed");
    assert!(cause.steps.concat().contains("--starttls postgres a.example:5432"), "{cause:?}");
}

#[test]
fn what_leaves_tls_13_alone_is_blamed() {
    let alert = rustls::Error::AlertReceived(AlertDescription::ProtocolVersion);
    let file = Some(Path::new("/c.toml"));
    for (setting, step) in [
        (None, "speaks TLS 1.2 and 1.3"),
        (Some(("--tls-min", None)), "TLS 1.3 alone, as --tls-min asks for. Leave that out"),
        (Some(("min_tls_version", file)), "as min_tls_version in /c.toml asks for"),
        (Some(("CACERTS_TLS_MIN_VERSION", None)), "it is built so (CACERTS_TLS_MIN_VERSION)"),
    ] {
        let said = Said { tls: Some(&alert), setting, ..Said::default() };
        let cause = network::find(&handshake("a.example"), None, &said);
        assert_eq!((cause.reason, cause.answer), ("no-common-version", Answer::No));
        assert!(cause.steps.concat().contains(step), "{cause:?}");
    }
}
