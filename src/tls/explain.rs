//! The same words for the errors of other clients. It may use `failure`, `resolve`, `settings` and
//! `error`.

use super::{Trusted, failure};
use crate::error::{Error, ErrorKind};
use crate::resolve::{Asked, Origin};
use crate::settings::Settings;
use rustls::{CertificateError, OtherError};
use std::error::Error as StdError;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// How deep an error is looked into.
const DEPTH: usize = 64;

impl Settings {
    /// Finds in the error of another client (reqwest, hyper, tonic, ...) what went wrong with TLS, and puts
    /// it as a `Client` of these settings would: with the store that a server was not trusted by, the setting
    /// that named it, and the next step. `None` where the error has nothing of rustls or of this crate in
    /// it.
    ///
    /// It has to be the settings that the client's configuration was made of: keep them, or a clone. For an
    /// error of [`client_config`](crate::client_config) itself, [`Settings::new`] is the same.
    ///
    /// ```no_run
    /// # fn request(_: rustls::ClientConfig) -> Result<(), std::io::Error> { Ok(()) }
    /// let settings = cacerts::Settings::new();
    /// if let Err(error) = request(settings.client_config()?) {
    ///     match settings.explain(&error) {
    ///         Some(why) => eprintln!("{why}"),
    ///         None => eprintln!("{error}"),
    ///     }
    /// }
    /// # Ok::<(), cacerts::Error>(())
    /// ```
    ///
    /// It follows `source()`, and looks into an [`io::Error`], whose `source()` leaves out the error that it
    /// was made of. An error that hides its cause altogether has to be taken apart before: ureq's has no
    /// `source()`, and `into_io()`. The store is decided on anew ([`resolve`](Self::resolve)) and not opened.
    ///
    /// What it cannot know, and does not say: which server it was, unless rustls names it. The words are
    /// those for a client; a server's errors are not explained.
    #[must_use]
    pub fn explain(&self, error: &(dyn StdError + 'static)) -> Option<Error> {
        let tls = match Found::within(error)? {
            Found::Ours(ours) => return Some(ours.clone()),
            Found::Tls(tls) => tls,
        };
        let asked = Asked::of(self);
        let mut error = failure::explain_tls(tls, "the server");
        if matches!(tls, rustls::Error::InvalidCertificate(why) if failure::shows_a_ca(why)) {
            error = error.add(
                ", which counts for a client that was given the configuration, and not for one that was \
                 given the certificates alone",
            );
        }
        let trusted = Trusted::decided(asked);
        if let Some(trusted) = &trusted {
            error = failure::untrusted_by(error, trusted, asked);
        }
        error = failure::advise(error, asked, false);
        Some(to_be_checked(error, trusted.as_ref(), "HOST"))
    }
}

/// Adds to a verdict the command that tells more.
pub(crate) fn to_be_checked(error: Error, trusted: Option<&Trusted>, server: &str) -> Error {
    if error.kind() != ErrorKind::ServerNotTrusted {
        return error;
    }
    let options = trusted.map(options).unwrap_or_default();
    let more = match error.tls() {
        Some(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
            ", and whether the CA is elsewhere on this machine"
        }
        _ => "",
    };
    error.add(&format!(". `cacerts check{options} {server}` shows the certificates{more}"))
}

/// What has the cause in it.
enum Found<'a> {
    Ours(&'a Error),
    Tls(&'a rustls::Error),
}

impl<'a> Found<'a> {
    fn within(error: &'a (dyn StdError + 'static)) -> Option<Self> {
        let mut next = Some(error);
        // One that is its own source would go on for ever.
        for _ in 0..DEPTH {
            let error = next?;
            if let Some(ours) = the::<Error>(error) {
                return Some(Self::Ours(ours));
            }
            if let Some(tls) = the::<rustls::Error>(error) {
                return Some(Self::of(tls));
            }
            next = match the::<io::Error>(error) {
                Some(io) => io.get_ref().map(|inner| inner as &(dyn StdError + 'static)),
                None => match error.downcast_ref::<Arc<dyn StdError + Send + Sync>>() {
                    Some(shared) => Some(&**shared),
                    None => error.source(),
                },
            };
        }
        None
    }

    /// A verifier may have put an error of ours, or of rustls, into that of rustls.
    fn of(tls: &'a rustls::Error) -> Self {
        use rustls::Error::{InvalidCertificate, Other};
        match tls {
            InvalidCertificate(CertificateError::Other(OtherError(inner)))
            | Other(OtherError(inner)) => Self::within(&**inner).unwrap_or(Self::Tls(tls)),
            _ => Self::Tls(tls),
        }
    }
}

/// The error as this type, also where it is boxed or shared: such a one's `source()` is that of what is in
/// it.
fn the<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let boxed = || error.downcast_ref::<Box<T>>().map(|boxed| &**boxed);
    let shared = || error.downcast_ref::<Arc<T>>().map(|shared| &**shared);
    error.downcast_ref::<T>().or_else(boxed).or_else(shared)
}

/// The options by which the command trusts the same, as far as it does not by itself.
fn options(trusted: &Trusted) -> String {
    let Trusted::Stores(resolution) = trusted else { return String::new() };
    let is_plain = |path: &Path| {
        let plain = |c: char| c.is_alphanumeric() || "/._-+=:@%,".contains(c);
        path.to_str().is_some_and(|text| text.chars().all(plain))
    };
    let option = |name: &str, path: &Path| match is_plain(path) {
        true => format!(" {name} {}", path.display()),
        false => String::new(),
    };
    let mut options = String::new();
    if let [source] = resolution.sources() {
        if matches!(source.origin(), Origin::Argument | Origin::Config | Origin::Environment) {
            options += &option("--ca-certs", source.path());
        }
    }
    let extra = resolution.extra().iter().map(|source| option("--extra-ca-certs", source.path()));
    options.extend(extra);
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::AlertDescription;
    use rustls::pki_types::{ServerName, UnixTime};
    use std::fmt;
    use std::time::Duration;

    /// As a stack's own error has another one in it.
    #[derive(Debug)]
    struct Stack(Box<dyn StdError + Send + Sync>);

    impl fmt::Display for Stack {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("it failed")
        }
    }

    impl StdError for Stack {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            Some(&*self.0)
        }
    }

    fn unknown() -> rustls::Error {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)
    }

    #[test]
    fn the_cause_is_found_however_it_is_wrapped() {
        let settings = Settings::new().ca_certs("/etc/app/ca.pem").names(crate::Names::new());
        let io = || io::Error::other(unknown());
        let shared: Arc<dyn StdError + Send + Sync> = Arc::new(unknown());
        let verifier = CertificateError::Other(OtherError(Arc::new(unknown())));
        let wrapped: [(&str, Box<dyn StdError + Send + Sync>); 11] = [
            ("itself", Box::new(unknown())),
            ("in an I/O error", Box::new(io())),
            ("in two", Box::new(io::Error::other(io()))),
            ("in a stack's", Box::new(Stack(Box::new(unknown())))),
            ("deeper", Box::new(Stack(Box::new(io::Error::other(Stack(Box::new(io()))))))),
            ("boxed", Box::new(Stack(Box::new(Box::new(unknown()))))),
            ("boxed I/O", Box::new(Stack(Box::new(Box::new(io()))))),
            ("shared", Box::new(Stack(Box::new(Arc::new(unknown()))))),
            ("shared I/O", Box::new(Stack(Box::new(Arc::new(io()))))),
            ("shared as any error", Box::new(Stack(Box::new(shared)))),
            ("in a verifier's", Box::new(rustls::Error::InvalidCertificate(verifier))),
        ];
        for (what, error) in wrapped {
            let why = settings.explain(&*error).expect(what);
            assert_eq!(why.kind(), ErrorKind::ServerNotTrusted, "{what}");
            assert_eq!(why.tls(), Some(&unknown()), "{what}");
            assert_eq!(why.setting(), Some("--ca-certs"), "{what}");
            assert_eq!(why.path(), Some(Path::new("/etc/app/ca.pem")), "{what}");
            assert_eq!(
                why.to_string(),
                "the server is not trusted: certificate verify failed: no CA in the trust store has issued \
                 its certificate, nor an intermediate certificate that it sends. Trusted is \
                 /etc/app/ca.pem (--ca-certs); if the server's CA is there, the server has to send the \
                 certificate between them; if it is to be trusted, too, add it to /etc/app/ca.pem or name \
                 it with --extra-ca-certs. `cacerts check --ca-certs /etc/app/ca.pem HOST` shows the \
                 certificates, and whether the CA is elsewhere on this machine",
                "{what}"
            );
        }
        for other in [io::Error::from(io::ErrorKind::NotFound), io::Error::other("unknown issuer")]
        {
            assert!(settings.explain(&other).is_none(), "{other}");
        }
    }

    #[test]
    fn what_is_ours_is_given_back() {
        let settings = Settings::new().ca_certs("");
        let ours = settings.client_config().unwrap_err();
        let said = ours.to_string();
        let other = rustls::Error::Other(OtherError(Arc::new(ours.clone())));
        for error in [io::Error::other(ours), io::Error::other(other)] {
            assert_eq!(settings.explain(&error).unwrap().to_string(), said);
        }
    }

    /// One that is its own source.
    #[test]
    fn an_error_without_end_is_none() {
        #[derive(Debug)]
        struct Endless;
        impl fmt::Display for Endless {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                Ok(())
            }
        }
        impl StdError for Endless {
            fn source(&self) -> Option<&(dyn StdError + 'static)> {
                Some(self)
            }
        }
        assert!(Settings::new().explain(&Endless).is_none());
    }

    #[test]
    fn other_causes_have_other_steps() {
        let settings = Settings::new().ca_certs("/my ca.pem").client_cert("/me.pem");
        let names = |count| (0..count).map(|n| format!("DnsName(\"{n}.example\")")).collect();
        let not_for = |count| {
            let expected = ServerName::try_from("a.example").unwrap();
            let presented = names(count);
            rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext {
                expected,
                presented,
            })
        };
        let (alert, invalid) = (rustls::Error::AlertReceived, rustls::Error::InvalidCertificate);
        let at = |second| UnixTime::since_unix_epoch(Duration::from_secs(second));
        for (error, kind, said) in [
            (
                not_for(2),
                ErrorKind::ServerNotTrusted,
                "valid for name \"a.example\", only for 0.example, 1.example. Trusted is /my ca.pem \
                 (ca_certs). `cacerts check HOST` shows",
            ),
            (
                not_for(3000),
                ErrorKind::ServerNotTrusted,
                "3.example, 4.example and 2995 more. Trusted",
            ),
            (not_for(0), ErrorKind::ServerNotTrusted, "nor for any other"),
            (
                invalid(CertificateError::ExpiredContext { time: at(86400), not_after: at(86399) }),
                ErrorKind::ServerNotTrusted,
                "a certificate in its chain has expired, at 1970-01-01T23:59:59Z; it is \
                 1970-01-02T00:00:00Z by this machine's clock",
            ),
            (
                invalid(CertificateError::NotValidYetContext {
                    time: at(86399),
                    not_before: at(86400),
                }),
                ErrorKind::ServerNotTrusted,
                "a certificate in its chain is not valid before 1970-01-02T00:00:00Z; it is \
                 1970-01-01T23:59:59Z by this machine's clock",
            ),
            (
                alert(AlertDescription::CertificateExpired),
                ErrorKind::ClientCertificate,
                "refuses the certificate of this client (received fatal alert: CertificateExpired): \
                 renew the one in /me.pem",
            ),
            (
                alert(AlertDescription::UnknownCA),
                ErrorKind::ClientCertificate,
                "of a CA that it trusts, which the one in /me.pem is not",
            ),
            (
                alert(AlertDescription::ProtocolVersion),
                ErrorKind::Connection,
                "the server and this client have no TLS version or cipher in common",
            ),
        ] {
            let why = settings.explain(&error).unwrap();
            assert_eq!(why.kind(), kind, "{why}");
            assert!(why.to_string().contains(said), "{why}");
        }
    }

    #[test]
    fn a_store_of_the_system_is_not_edited_by_hand() {
        let Some(known) = crate::defaults::CACERTS_SEARCH_PATHS.first() else { return };
        let settings = Settings::new().ca_certs(known);
        let why = settings.explain(&unknown()).unwrap().to_string();
        assert!(why.contains("install it into that store (update-ca-cert"), "{why}");
        assert!(!why.contains("add it to"), "{why}");
    }
}
