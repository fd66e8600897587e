//! Servers' own certificates, of the kinds that people name as what to trust.

use super::directory::Directory;
use super::handshake::Server;
use super::library::provider;
use super::pki::{Identity, authority_params};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
};
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use std::fs;
use std::slice::from_ref;
use tempfile::TempDir;

/// Who has issued a certificate, and what it says of itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// As `openssl req -x509` makes it.
    SelfSignedCa,
    SelfSigned,
    SelfSignedWithoutConstraints,
    /// By a CA that nobody knows, as a device's is.
    Issued,
    IssuedWithoutConstraints,
    IssuedForAnyUsage,
}

pub(crate) const KINDS: [Kind; 6] = [
    Kind::SelfSignedCa,
    Kind::SelfSigned,
    Kind::SelfSignedWithoutConstraints,
    Kind::Issued,
    Kind::IssuedWithoutConstraints,
    Kind::IssuedForAnyUsage,
];

/// A certificate for `localhost`, and its key.
pub(crate) struct Own {
    pub(crate) pem: String,
    pub(crate) der: CertificateDer<'static>,
    params: CertificateParams,
    key: KeyPair,
    issuer: Option<Issuer<'static, KeyPair>>,
}

impl Own {
    pub(crate) fn new(kind: Kind) -> Self {
        Self::with(kind, |_| {})
    }

    pub(crate) fn with(kind: Kind, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "localhost");
        params.is_ca = match kind {
            Kind::SelfSignedCa => IsCa::Ca(BasicConstraints::Unconstrained),
            Kind::SelfSigned | Kind::Issued | Kind::IssuedForAnyUsage => IsCa::ExplicitNoCa,
            Kind::SelfSignedWithoutConstraints | Kind::IssuedWithoutConstraints => IsCa::NoCa,
        };
        if let Kind::IssuedForAnyUsage = kind {
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Any];
        }
        change(&mut params);
        let issuer = match kind {
            Kind::SelfSignedCa | Kind::SelfSigned | Kind::SelfSignedWithoutConstraints => None,
            Kind::Issued | Kind::IssuedWithoutConstraints | Kind::IssuedForAnyUsage => {
                Some(Issuer::new(authority_params("Unknown CA"), KeyPair::generate().unwrap()))
            }
        };
        Self::of(params, KeyPair::generate().unwrap(), issuer)
    }

    fn of(
        params: CertificateParams,
        key: KeyPair,
        issuer: Option<Issuer<'static, KeyPair>>,
    ) -> Self {
        let certificate = match &issuer {
            None => params.self_signed(&key),
            Some(issuer) => params.signed_by(&key, issuer),
        };
        let certificate = certificate.unwrap();
        let (pem, der) = (certificate.pem().replace('\r', ""), certificate.der().clone());
        Self { pem, der, params, key, issuer }
    }

    /// Another certificate, for the same names and the same key, of the same issuer.
    pub(crate) fn twin(self) -> (Self, Self) {
        let again = |key: &KeyPair| KeyPair::from_pem(&key.serialize_pem()).unwrap();
        let mut params = self.params.clone();
        params.serial_number = Some(7.into());
        let issuer = self.issuer.as_ref();
        let issuer = issuer.map(|i| Issuer::new(authority_params("Unknown CA"), again(i.key())));
        let twin = Self::of(params, again(&self.key), issuer);
        assert_ne!(twin.der, self.der);
        (self, twin)
    }

    pub(crate) fn identity(&self, directory: &TempDir) -> Identity {
        let at = |name| directory.path().join(name);
        let (certificate, key) = (at("own.pem"), at("own.key"));
        fs::write(&certificate, &self.pem).unwrap();
        fs::write(&key, self.key.serialize_pem()).unwrap();
        Identity { certificate, key }
    }

    /// A server in this process that shows it, and this behind it.
    pub(crate) fn server(&self) -> Server {
        self.server_that_sends(&[])
    }

    pub(crate) fn server_that_sends(&self, others: &[CertificateDer<'static>]) -> Server {
        let chain = [from_ref(&self.der), others].concat();
        let key = self.key.serialize_der().try_into().unwrap();
        let config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(rustls::ALL_VERSIONS)
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key);
        Server::with(config.unwrap())
    }

    /// What its key has signed.
    pub(crate) fn issue(&self) -> Self {
        let issuer =
            Issuer::new(self.params.clone(), KeyPair::from_pem(&self.key.serialize_pem()).unwrap());
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "issued");
        Self::of(params, KeyPair::generate().unwrap(), Some(issuer))
    }
}

/// A directory with this certificate, named by its hash or not.
pub(crate) fn directory(pem: &str, is_hashed: bool) -> Directory {
    let directory = Directory::new();
    directory.write("own.pem", pem);
    if is_hashed {
        directory.rehash();
    }
    directory
}
