//! What rustls says of a connection that failed, in our own words and kinds. It may use `resolve`,
//! `settings`, `read`, `store`, `verify`, `process`, `shown` and `error`.

use super::Trusted;
use crate::error::{Error, ErrorKind};
use crate::process::is_privileged;
use crate::read::validity::in_words;
use crate::resolve::{Asked, Source, absolute, is_of_the_system};
use crate::settings::{Named, Place, Setting, TlsVersion};
use crate::shown;
use crate::store::{Distrusted, directory};
use crate::verify::algorithms;
use rustls::{AlertDescription, CertificateError, InvalidMessage, OtherError};

/// How many names of a certificate are told.
const NAMES: usize = 5;

/// Adds to a verdict by what store it was reached, and how to come to another.
pub(crate) fn untrusted_by(error: Error, trusted: &Trusted, asked: Asked<'_>) -> Error {
    use rustls::Error::InvalidCertificate;
    if error.kind() != ErrorKind::ServerNotTrusted {
        return error;
    }
    let error = match trusted.sources() {
        [source, ..] => error.with_setting(source.setting()).with_path(source.path()),
        [] => error,
    };
    let advice = match error.tls() {
        Some(InvalidCertificate(CertificateError::UnknownIssuer)) => install(trusted, asked),
        Some(InvalidCertificate(why)) if shows_a_ca(why) => {
            let extra = asked.name_for_users(Setting::ExtraCaCerts);
            extra
                .map(|extra| format!("; that certificate is named with {extra}"))
                .unwrap_or_default()
        }
        _ => String::new(),
    };
    error.add(&format!(". Trusted is {trusted}{advice}"))
}

/// What to do where the CA of a server is not in these stores.
fn install(trusted: &Trusted, asked: Asked<'_>) -> String {
    let sources = trusted.sources();
    // cargo, for one, names it by a link.
    let leads_there =
        |source: &Source| source.path().canonicalize().is_ok_and(|path| is_of_the_system(&path));
    let is_system = sources.iter().all(|source| source.is_of_the_system() || leads_there(source));
    let add = match sources {
        [] => return String::new(),
        // Windows has no such commands: there it is a file like any other.
        _ if is_system && !cfg!(windows) => {
            "install it into that store (update-ca-certificates or update-ca-trust)".to_owned()
        }
        // In one with hashed names nobody looks for a file of another name.
        [source] if directory::has_hashes(source.path()) => {
            format!("put it into {} and run `openssl rehash` there", shown::path(source.path()))
        }
        [source] if source.path().is_dir() => format!("put it into {}", shown::path(source.path())),
        [source] => format!("add it to {}", shown::path(source.path())),
        [source, ..] => format!("add it to one of these, such as {}", shown::path(source.path())),
    };
    // Without a name for it only the program can add to the store.
    let other = match asked.name_for_users(Setting::ExtraCaCerts) {
        Some(extra) => format!(" or name it with {extra}"),
        None if is_system && !is_privileged() => {
            format!(" or name a store that has it with {}", sources[0].alternatives)
        }
        // A privileged process heeds no variable.
        None => String::new(),
    };
    let mut extra = trusted.extra().iter().map(Source::path);
    let rehash = match extra.find(|path| directory::has_hashes(path)) {
        Some(path) => format!(" (in {} it counts after `openssl rehash`)", shown::path(path)),
        None => String::new(),
    };
    format!(
        "; if the server's CA is there, the server has to send the certificate between them; if it is to be \
         trusted, too, {add}{other}{rehash}"
    )
}

/// Adds to a refusal of this client what it can do about it.
pub(crate) fn advise(error: Error, asked: Asked<'_>, is_redirected: bool) -> Error {
    use rustls::Error::{AlertReceived, PeerIncompatible};
    match (error.kind(), error.tls()) {
        (ErrorKind::ClientCertificate, Some(_)) if is_redirected => error.add(
            ". A client certificate is shown to the server that was asked for, and to none that it \
             redirects to: ask for that address itself",
        ),
        (ErrorKind::ClientCertificate, Some(said)) => {
            let own = asked.identity().and_then(|identity| {
                let path = asked.written_path(&identity.cert?, identity.cert_name).ok()?;
                Some(shown::path(&absolute(&path).ok()?))
            });
            match (own, said) {
                (Some(own), AlertReceived(AlertDescription::CertificateExpired)) => error.add(&format!(
                    ": renew the one in {own}; if it is not over, the clock here or there is wrong"
                )),
                (Some(own), AlertReceived(AlertDescription::CertificateRevoked)) => {
                    error.add(&format!(": get another one than that in {own} from its CA"))
                }
                (Some(own), _) => error.add(&format!(
                    ", which the one in {own} is not, or the intermediate certificate between them is \
                     not in that file"
                )),
                (None, _) => error.add(&format!(
                    "; name one with {} and {}",
                    asked.name(Setting::ClientCert),
                    asked.name(Setting::ClientKey)
                )),
            }
        }
        (_, Some(AlertReceived(AlertDescription::ProtocolVersion) | PeerIncompatible(_))) => {
            match asked.tls_minimum_named() {
                Ok((TlsVersion::Tls13, named)) => narrowed(error, named),
                _ => error.add("; this client speaks TLS 1.2 and 1.3"),
            }
        }
        _ => error,
    }
}

/// A setting leaves TLS 1.3 alone.
fn narrowed(error: Error, named: Named<'_>) -> Error {
    let error = error
        .add(&format!("; this client speaks TLS 1.3 only, as {named} asks for"))
        .with_setting(named.name);
    match named.place {
        Place::Config(Some(file)) => error.with_path(file),
        Place::Config(None) | Place::Elsewhere => error,
    }
}

/// Tells a server that is not trusted from one that does not trust this client, and both from one
/// that does not speak TLS.
pub(crate) fn explain_tls(error: &rustls::Error, server: &str) -> Error {
    // What a verifier of ours could not do has nothing to do with the server.
    if let rustls::Error::Other(OtherError(inner)) = error {
        if let Some(ours) = inner.downcast_ref::<Error>() {
            return ours.clone();
        }
    }
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
            AlertDescription::CertificateExpired | AlertDescription::CertificateRevoked,
        ) => (
            ErrorKind::ClientCertificate,
            format!("{server} refuses the certificate of this client ({error})"),
        ),
        rustls::Error::AlertReceived(
            AlertDescription::AccessDenied
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateRequired
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
                "{server} ends the handshake ({error}): it and this client have no cipher or no kind of \
                 key in common{}, or it requires a client certificate",
                algorithms::UNVERIFIED_KEYS
            ),
        ),
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion)
        | rustls::Error::PeerIncompatible(_) => (
            ErrorKind::Connection,
            format!("{server} and this client have no TLS version or cipher in common ({error})"),
        ),
        rustls::Error::InvalidMessage(InvalidMessage::HandshakePayloadTooLarge) => (
            ErrorKind::Connection,
            format!(
                "{server} sends more than 64 KiB of certificates, which is more than this client takes; \
                 whoever runs it has to send its own and the intermediate ones, and no more"
            ),
        ),
        rustls::Error::InvalidMessage(_) => {
            (ErrorKind::Connection, format!("{server} does not speak TLS on this port ({error})"))
        }
        _ => (ErrorKind::Connection, format!("the TLS connection to {server} failed: {error}")),
    };
    Error::new(kind, message).with_tls(error.clone())
}

/// What a failure means on a connection of TLS 1.2 whose handshake is over, if that is anything else.
#[cfg(feature = "client")]
pub(crate) fn explain_second(error: &rustls::Error, server: &str) -> Option<Error> {
    use rustls::Error::{AlertReceived, PeerMisbehaved};
    let is_second = matches!(
        error,
        AlertReceived(AlertDescription::HandshakeFailure | AlertDescription::NoRenegotiation)
            | PeerMisbehaved(rustls::PeerMisbehaved::TooManyRenegotiationRequests)
    );
    is_second.then(|| {
        let message = format!(
            "{server} wants a second handshake on an open connection (renegotiation; {error}), which rustls does \
             not make; servers want one to ask for a client certificate for some of their pages: it has to ask \
             at once, or to speak TLS 1.3"
        );
        Error::new(ErrorKind::Connection, message).with_tls(error.clone())
    })
}

/// Why a certificate was refused, and what to do.
pub(super) fn untrusted(why: &CertificateError) -> String {
    match why {
        CertificateError::UnknownIssuer => {
            "no CA in the trust store has issued its certificate, nor an intermediate certificate that \
             it sends"
                .to_owned()
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { signature_algorithm_id, .. } => {
            algorithms::unsupported(signature_algorithm_id, None)
        }
        CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext {
            signature_algorithm_id,
            public_key_algorithm_id,
        } => algorithms::unsupported(signature_algorithm_id, Some(public_key_algorithm_id)),
        CertificateError::BadSignature => {
            "a signature is not right (BadSignature): of its chain, or the one by which it shows that it \
             has the key. It was changed, or made by another key; or the key is RSA with fewer than \
             2048 or more than 8192 bits, by which nothing is verified"
                .to_owned()
        }
        CertificateError::ExpiredContext { time, not_after } => format!(
            "a certificate in its chain has expired, at {}; it is {} by this machine's clock (is that \
             right?)",
            in_words(*not_after),
            in_words(*time)
        ),
        CertificateError::NotValidYetContext { time, not_before } => format!(
            "a certificate in its chain is not valid before {}; it is {} by this machine's clock (is that \
             right?)",
            in_words(*not_before),
            in_words(*time)
        ),
        CertificateError::Expired | CertificateError::NotValidYet => {
            format!("{why} (is this machine's clock right?)")
        }
        CertificateError::NotValidForNameContext { expected, presented } => {
            format!(
                "its certificate is not valid for name {:?}, {}",
                expected.to_str(),
                only_for(presented)
            )
        }
        CertificateError::Other(other) if other.0.is::<Distrusted>() => format!(
            "{}; the server needs a certificate that does not come from there, or, if that is wrong, \
             whoever keeps the store has to take it out of that file",
            other.0
        ),
        _ if shows_a_ca(why) => {
            "it shows a CA's certificate (CA:TRUE) as its own; issue one for the server itself, or name that \
             certificate as what to trust"
                .to_owned()
        }
        CertificateError::BadEncoding => {
            "a certificate that it sends is not well-formed; it has to be issued anew (BadEncoding)"
                .to_owned()
        }
        CertificateError::Other(other) => {
            let name = format!("{:?}", other.0);
            webpki(&name).map_or_else(|| why.to_string(), |words| format!("{words} ({name})"))
        }
        _ => why.to_string(),
    }
}

/// What webpki means by an error that rustls has no name for, of which only the name can be had.
fn webpki(name: &str) -> Option<&'static str> {
    Some(match name {
        "EndEntityUsedAsCa" => {
            "a certificate in its chain has issued another one, and says that it is no CA (CA:FALSE)"
        }
        "MaximumPathDepthExceeded" => {
            "more than six intermediate certificates stand between it and the root, the most that are \
             followed; it needs a shorter chain"
        }
        "MaximumPathBuildCallsExceeded" | "MaximumSignatureChecksExceeded" => {
            "too many certificates have the name of an issuer in its chain"
        }
        "NameConstraintViolation" => {
            "a CA in its chain may not issue for one of its names, or has a constraint of a kind that \
             cannot be checked (nameConstraints)"
        }
        "PathLenConstraintViolated" => {
            "a CA in its chain allows fewer CAs below it (pathlen); the chain has to be issued anew"
        }
        "UnsupportedCertVersion" => {
            "a certificate in its chain is not of version 3; it has to be issued anew, with extensions"
        }
        "UnsupportedCriticalExtension" => {
            "a certificate in its chain has a critical extension that is not known here; it has to be \
             issued anew without it, or with one that is not critical"
        }
        "EmptyEkuExtension"
        | "ExtensionValueInvalid"
        | "InvalidNetworkMaskConstraint"
        | "InvalidSerialNumber"
        | "MalformedDnsIdentifier"
        | "MalformedExtensions"
        | "MalformedNameConstraint"
        | "SignatureAlgorithmMismatch" => {
            "a certificate in its chain is not as RFC 5280 wants it; it has to be issued anew"
        }
        _ => return None,
    })
}

/// Whether a server has shown a CA's certificate as its own: webpki's error, which rustls has no name for.
pub(crate) fn shows_a_ca(why: &CertificateError) -> bool {
    matches!(why, CertificateError::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity"))
}

/// The names that a certificate has, as rustls gives them: `DnsName("a.example")`.
fn only_for(names: &[String]) -> String {
    let plain = |name: &String| {
        let inside = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
        inside.unwrap_or(name).trim_matches('"').to_owned()
    };
    let told = names.iter().take(NAMES).map(plain).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMES) {
        _ if names.is_empty() => {
            "nor for any other (it has no subjectAltName of a server)".to_owned()
        }
        0 => format!("only for {told}"),
        more => format!("only for {told} and {more} more"),
    }
}
