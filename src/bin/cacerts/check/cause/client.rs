//! A server that does not want this client.

use super::super::brief::{brief, cut};
use super::super::certificate::authority;
use super::{Answer, Cause, Facts};
use cacerts::Stage;
use rustls::AlertDescription;
use std::io::ErrorKind;

/// How many of the CAs that a server lists are shown.
const LISTED: usize = 5;
/// How much of each.
const WIDTH: usize = 72;

pub(super) fn find(facts: &Facts<'_>, tls: Option<&rustls::Error>) -> Option<Cause> {
    let handshake = facts.handshake;
    let request = handshake.certificate_request.as_ref();
    let alert = match tls {
        Some(rustls::Error::AlertReceived(alert)) => Some(*alert),
        _ => None,
    };
    let is_closed = matches!(
        handshake.failure,
        Some(ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe)
    );
    let is_shown = request.is_some_and(|request| request.is_shown);
    let said = match alert {
        Some(alert) => format!(" (its alert: {alert:?})"),
        None => String::new(),
    };
    let refused =
        |reason, sentence: &str| Cause::new(Answer::No, reason, format!("{sentence}{said}"));
    let cause = match alert {
        Some(AlertDescription::CertificateRequired) => required(&said),
        Some(_) if request.is_some() && !is_shown => required(&said),
        // In TLS 1.2 some hang up without a word.
        None if request.is_some() && !is_shown && is_closed && handshake.stage == Stage::Tls => {
            required("")
        }
        Some(AlertDescription::CertificateExpired) => refused(
            "client-certificate-expired",
            "refuses the client certificate, because it has expired",
        )
        .step("Have it renewed, and name the new one with --cert and --key."),
        Some(AlertDescription::UnknownCA) => refused(
            "client-certificate-unknown-ca",
            "refuses the client certificate: it does not know its CA",
        )
        .step(
            "Name one of a CA that it takes with --cert and --key; and where an intermediate CA has issued \
             it, that one's certificate has to stand behind it in the same file.",
        ),
        Some(
            AlertDescription::AccessDenied
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnsupportedCertificate,
        ) => refused("client-certificate-refused", "refuses the client certificate")
            .step("Whoever runs it can see why in its log."),
        Some(AlertDescription::HandshakeFailure | AlertDescription::DecryptError) if is_shown => {
            refused("client-certificate-refused", "refuses the client certificate")
                .step("Whoever runs it can see why in its log.")
        }
        _ => return None,
    };
    let names: Vec<_> = request
        .into_iter()
        .flat_map(|request| &request.authorities)
        .filter_map(|name| authority(name))
        .map(|name| format!("    {}", cut(&brief(&name.full()), WIDTH)))
        .collect();
    let more = names.len().saturating_sub(LISTED);
    let mut listed = names.into_iter().take(LISTED).collect::<Vec<_>>();
    if more > 0 {
        listed.push(format!("    and {more} more"));
    }
    if listed.is_empty() {
        return Some(cause);
    }
    Some(cause.step(format!("It takes certificates of these CAs:\n{}", listed.join("\n"))))
}

fn required(said: &str) -> Cause {
    Cause::new(
        Answer::No,
        "client-certificate-required",
        format!("demands a client certificate, and was shown none{said}"),
    )
    .step("Name yours with --cert FILE and --key FILE.")
}
