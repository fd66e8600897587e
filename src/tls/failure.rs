//! What rustls says of a connection that failed, in our own words and kinds. It may use `resolve`,
//! `settings`, `shown` and `error`.

use super::Trusted;
use crate::error::{Error, ErrorKind};
use crate::resolve::Asked;
use crate::settings::{Setting, TlsVersion};
use crate::shown;
use rustls::{AlertDescription, CertificateError};

/// Adds to a verdict by what store it was reached, and how to come to another: `extra` is what the
/// user knows `extra_ca_certs` by.
pub(crate) fn untrusted_by(error: Error, trusted: &Trusted, extra: &str) -> Error {
    use rustls::Error::InvalidCertificate;
    match (error.kind(), error.tls()) {
        (
            ErrorKind::ServerNotTrusted,
            Some(InvalidCertificate(CertificateError::UnknownIssuer)),
        ) => error.add(&format!(
            ". Trusted is {trusted}; if the server's CA is there, the server has to send the certificate \
             between them; if it is to be trusted, too, install it into that store (the system's: \
             update-ca-certificates or update-ca-trust) or name it with {extra}"
        )),
        (ErrorKind::ServerNotTrusted, _) => error.add(&format!(". Trusted is {trusted}")),
        _ => error,
    }
}

/// Adds to a refusal of this client what it can do about it.
pub(crate) fn advise(error: Error, asked: Asked<'_>, is_redirected: bool) -> Error {
    use rustls::Error::{AlertReceived, PeerIncompatible};
    match (error.kind(), error.tls()) {
        (ErrorKind::ClientCertificate, Some(_)) if is_redirected => error.add(
            ". A client certificate is shown to the server that was asked for, and to none that it \
             redirects to: ask for that address itself",
        ),
        (ErrorKind::ClientCertificate, Some(_)) => match asked.identity().and_then(|i| i.cert) {
            Some(shown) => error.add(&format!(
                ", which the one in {} is not, or the intermediate certificate between them is not in \
                 that file",
                shown::path(&shown)
            )),
            None => error.add(&format!(
                "; name one with {} and {}",
                asked.name(Setting::ClientCert),
                asked.name(Setting::ClientKey)
            )),
        },
        (_, Some(AlertReceived(AlertDescription::ProtocolVersion) | PeerIncompatible(_))) => {
            let spoken = match asked.tls_minimum() {
                Ok(TlsVersion::Tls13) => "TLS 1.3 only",
                _ => "TLS 1.2 and 1.3",
            };
            error.add(&format!("; this client speaks {spoken}"))
        }
        _ => error,
    }
}

/// Tells a server that is not trusted from one that does not trust this client, and both from one
/// that does not speak TLS.
pub(crate) fn explain_tls(error: &rustls::Error, server: &str) -> Error {
    let (kind, message) = match error {
        rustls::Error::InvalidCertificate(why) => (
            ErrorKind::ServerNotTrusted,
            format!("{server} is not trusted: certificate verify failed: {}", untrusted(why)),
        ),
        rustls::Error::NoCertificatesPresented => (
            ErrorKind::ServerNotTrusted,
            format!("{server} is not trusted: it shows no certificate"),
        ),
        rustls::Error::AlertReceived(
            AlertDescription::AccessDenied
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRequired
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::UnsupportedCertificate,
        ) => (
            ErrorKind::ClientCertificate,
            format!(
                "{server} refuses this client ({error}): it asks for a client certificate of a CA \
                 that it trusts"
            ),
        ),
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure) => (
            ErrorKind::Connection,
            format!(
                "{server} ends the handshake ({error}): it and this client have no cipher in common, \
                 or it requires a client certificate"
            ),
        ),
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion)
        | rustls::Error::PeerIncompatible(_) => (
            ErrorKind::Connection,
            format!("{server} and this client have no TLS version or cipher in common ({error})"),
        ),
        rustls::Error::InvalidMessage(_) => {
            (ErrorKind::Connection, format!("{server} does not speak TLS on this port ({error})"))
        }
        _ => (ErrorKind::Connection, format!("the TLS connection to {server} failed: {error}")),
    };
    Error::new(kind, message).with_tls(error.clone())
}

/// Why a certificate was refused, and what to do.
fn untrusted(why: &CertificateError) -> String {
    match why {
        CertificateError::UnknownIssuer => {
            "no CA in the trust store has issued its certificate, nor an intermediate certificate that \
             it sends"
                .to_owned()
        }
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => {
            format!("{why} (is this machine's clock right?)")
        }
        CertificateError::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "it shows a CA's certificate (CA:TRUE) as its own; issue one for the server itself"
                .to_owned()
        }
        _ => why.to_string(),
    }
}
