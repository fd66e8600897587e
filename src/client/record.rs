//! What is seen of one connection on its way to a verdict. It may use `limits`, rustls and ureq.
//!
//! Everything here only looks: whatever is asked of it, what stands behind it answers.

use crate::client::handshake::{CertificateRequest, Stage};
use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};
use std::fmt;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    ConnectionDetails, Connector, NextTimeout, TcpConnector, Transport,
};

/// How much is kept of what a server says.
const HEARD: usize = 256;
/// How many names of CAs are kept of those that a server lists.
const AUTHORITIES: usize = 1000;

/// What has been seen so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) stage: Stage,
    pub(super) address: Option<SocketAddr>,
    pub(super) failure: Option<io::ErrorKind>,
    pub(super) heard: Vec<u8>,
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) is_verified: Option<bool>,
    pub(super) request: Option<CertificateRequest>,
}

/// A record that several may write to.
#[derive(Clone, Debug, Default)]
pub(super) struct Record(Arc<Mutex<Seen>>);

impl Record {
    pub(super) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, kind: io::ErrorKind) {
        self.seen().failure = Some(kind);
    }
}

/// What kind of trouble an error is, also one that ureq has wrapped.
pub(super) fn kind_of(error: &io::Error) -> io::ErrorKind {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<ureq::Error>());
    match (inner, error.kind()) {
        (Some(ureq::Error::Timeout(_)), _) | (_, io::ErrorKind::WouldBlock) => {
            io::ErrorKind::TimedOut
        }
        (Some(ureq::Error::Io(inner)), _) => inner.kind(),
        (_, kind) => kind,
    }
}

/// Looks up names, and notes where that fails.
#[derive(Debug)]
pub(super) struct Lookup<R>(pub(super) Record, pub(super) R);

impl<R: Resolver> Resolver for Lookup<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let Self(record, resolver) = self;
        record.seen().stage = Stage::Lookup;
        resolver.resolve(uri, config, timeout).inspect_err(|e| {
            record.failed(match is_silent(e) {
                true => io::ErrorKind::TimedOut,
                false => io::ErrorKind::NotFound,
            });
        })
    }
}

/// Whether nobody has answered, which says nothing about the name. The system's resolver tells that in words
/// alone: glibc's, and musl's.
fn is_silent(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Timeout(_) => true,
        ureq::Error::Io(e) => {
            let text = e.to_string();
            ["Temporary failure in name resolution", "Try again"]
                .iter()
                .any(|end| text.ends_with(end))
        }
        _ => false,
    }
}

/// Connects, and notes to which address, or why not.
#[derive(Debug)]
pub(super) struct Dial(pub(super) Record, pub(super) TcpConnector);

impl<In: Transport> Connector<In> for Dial {
    type Out = <TcpConnector as Connector<In>>::Out;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        let Self(record, connector) = self;
        let is_tunnel = chained.is_some();
        if !is_tunnel {
            record.seen().stage = Stage::Connect;
        }
        let connected = connector.connect(details, chained);
        match &connected {
            _ if is_tunnel => {}
            Ok(Some(socket)) => {
                record.seen().address = peer(socket).or_else(|| only(&details.addrs));
                record.seen().stage = Stage::Proxy;
            }
            Ok(None) => {}
            Err(e) => {
                record.seen().address = details.addrs.last().copied();
                let kind = match e {
                    ureq::Error::Io(e) => kind_of(e),
                    ureq::Error::Timeout(_) => io::ErrorKind::TimedOut,
                    _ => io::ErrorKind::ConnectionRefused,
                };
                record.failed(kind);
            }
        }
        connected
    }
}

/// The address at the other end. ureq has it, and tells it nowhere but where it shows a socket.
fn peer(socket: &impl fmt::Debug) -> Option<SocketAddr> {
    let shown = format!("{socket:?}");
    let (_, address) = shown.split_once("addr: Some(")?;
    address.split(')').next()?.parse().ok()
}

fn only(addresses: &ResolvedSocketAddrs) -> Option<SocketAddr> {
    let mut addresses = addresses.iter();
    addresses.next().copied().filter(|_| addresses.next().is_none())
}

/// A socket, of which the first words are kept, and before TLS those of the last answer.
pub(super) struct Heard<S>(pub(super) S, pub(super) Record);

impl<S: Read> Read for Heard<S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(into)?;
        let heard = &mut self.1.seen().heard;
        let room = HEARD.saturating_sub(heard.len());
        heard.extend_from_slice(&into[..read.min(room)]);
        Ok(read)
    }
}

impl<S: Write> Write for Heard<S> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        let mut seen = self.1.seen();
        // What comes next is the answer to this.
        if seen.stage == Stage::StartTls {
            seen.heard.clear();
        }
        drop(seen);
        self.0.write(from)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The verifier of a configuration, and what it is shown.
#[derive(Debug)]
pub(super) struct Witness(pub(super) Arc<dyn ServerCertVerifier>, pub(super) Record);

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(end_entity).chain(intermediates);
        self.1.seen().chain = chain.map(|der| der.clone().into_owned()).collect();
        let verdict =
            self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        self.1.seen().is_verified = Some(verdict.is_ok());
        verdict
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let verdict = self.0.verify_tls12_signature(message, certificate, signature);
        self.proved(verdict)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let verdict = self.0.verify_tls13_signature(message, certificate, signature);
        self.proved(verdict)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }

    fn requires_raw_public_keys(&self) -> bool {
        self.0.requires_raw_public_keys()
    }

    fn root_hint_subjects(&self) -> Option<&[DistinguishedName]> {
        self.0.root_hint_subjects()
    }
}

impl Witness {
    /// Whoever shows a certificate and has another key is not the server.
    fn proved<T>(&self, verdict: Result<T, Error>) -> Result<T, Error> {
        if verdict.is_err() {
            self.1.seen().is_verified = Some(false);
        }
        verdict
    }
}

/// The client certificate of a configuration, and who asks for it.
#[derive(Debug)]
pub(super) struct Asked(pub(super) Arc<dyn ResolvesClientCert>, pub(super) Record);

impl ResolvesClientCert for Asked {
    fn resolve(
        &self,
        root_hint_subjects: &[&[u8]],
        sigschemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        let shown = self.0.resolve(root_hint_subjects, sigschemes);
        let names = root_hint_subjects.iter().take(AUTHORITIES);
        self.1.seen().request = Some(CertificateRequest {
            authorities: names.map(|name| name.to_vec()).collect(),
            is_shown: shown.is_some(),
        });
        shown
    }

    fn only_raw_public_keys(&self) -> bool {
        self.0.only_raw_public_keys()
    }

    fn has_certs(&self) -> bool {
        self.0.has_certs()
    }
}

#[cfg(test)]
mod tests {
    use super::is_silent;
    use std::io;

    #[test]
    fn silence_of_dns_says_nothing_about_a_name() {
        let said = |text: &str| {
            is_silent(
                &io::Error::other(format!("failed to lookup address information: {text}")).into(),
            )
        };
        assert!(said("Temporary failure in name resolution"));
        assert!(said("Try again"));
        assert!(!said("Name or service not known"));
        assert!(!is_silent(&ureq::Error::HostNotFound));
    }
}
