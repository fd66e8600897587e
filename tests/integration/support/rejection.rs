//! CAs that vouch for each other, the ways in which a store rejects one, and who is trusted then.

use super::directory::Directory;
use super::handshake::{Client, Server};
use super::library::provider;
use super::openssl::openssl;
use cacerts::{Distrusted, Settings};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, DnValue, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyPair,
};
use rustls::pki_types::CertificateDer;
use rustls::{CertificateError, Error, ServerConfig};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(crate) const SERVER: &str = "serverAuth";

/// A CA, by one of its certificates.
pub(crate) struct Ca {
    pub(crate) params: CertificateParams,
    pub(crate) key: KeyPair,
    pub(crate) certificate: Certificate,
}

impl Ca {
    pub(crate) fn root(name: impl Into<DnValue>) -> Self {
        let (params, key) = (params(name), KeyPair::generate().unwrap());
        let certificate = params.self_signed(&key).unwrap();
        Self { params, key, certificate }
    }

    pub(crate) fn issue(&self, params: &CertificateParams, key: &KeyPair) -> Certificate {
        params.signed_by(key, &Issuer::from_params(&self.params, &self.key)).unwrap()
    }

    /// Another one that it vouches for.
    pub(crate) fn intermediate(&self, name: &str) -> Self {
        let (params, key) = (params(name), KeyPair::generate().unwrap());
        let certificate = self.issue(&params, &key);
        Self { params, key, certificate }
    }

    pub(crate) fn pem(&self) -> String {
        pem(&self.certificate)
    }

    pub(crate) fn der(&self) -> &CertificateDer<'static> {
        self.certificate.der()
    }

    pub(crate) fn leaf(&self, usage: ExtendedKeyUsagePurpose) -> (Certificate, KeyPair) {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "the server");
        params.extended_key_usages = vec![usage];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().unwrap();
        (self.issue(&params, &key), key)
    }

    /// A server that sends these behind its own certificate.
    pub(crate) fn server(&self, sent: &[&CertificateDer<'static>]) -> Server {
        let (leaf, key) = self.leaf(ExtendedKeyUsagePurpose::ServerAuth);
        shown(&leaf, &key, sent)
    }
}

pub(crate) fn params(name: impl Into<DnValue>) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

pub(crate) fn pem(certificate: &Certificate) -> String {
    certificate.pem().replace('\r', "")
}

pub(crate) fn shown(
    leaf: &Certificate,
    key: &KeyPair,
    sent: &[&CertificateDer<'static>],
) -> Server {
    let chain = [leaf.der()].into_iter().chain(sent.iter().copied()).cloned().collect();
    let config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(rustls::ALL_VERSIONS)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key.serialize_der().try_into().unwrap());
    Server::with(config.unwrap())
}

/// As OpenSSL writes that a certificate is not to be trusted for something.
pub(crate) fn rejected_for(purpose: &str, certificate: &Certificate) -> String {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("plain.pem");
    fs::write(&file, certificate.pem()).unwrap();
    openssl(&[&"x509", &"-trustout", &"-addreject", &purpose, &"-in", &file])
}

pub(crate) fn rejected(ca: &Ca) -> String {
    rejected_for(SERVER, &ca.certificate)
}

/// As p11-kit writes it.
pub(crate) fn distrusted(ca: &Ca) -> String {
    format!("[p11-kit-object-v1]\nlabel: \"CA\"\nx-distrusted: true\n{}", ca.pem())
}

/// Every way to use a store.
pub(crate) fn clients(settings: &Settings) -> [Client; 3] {
    let [one, other] = Client::both_with(settings);
    [one, other, Client::new(&settings.clone().reload(false))]
}

/// Whether all of them trust a server. If not, it is for what the file of this name rejects.
#[track_caller]
pub(crate) fn trusts(settings: &Settings, server: &Server, file: &Path) -> bool {
    let verdicts = clients(settings).map(|client| verdict(&client, server, file));
    assert!(verdicts.iter().all(|verdict| *verdict == verdicts[0]), "{verdicts:?}");
    verdicts[0]
}

#[track_caller]
pub(crate) fn verdict(client: &Client, server: &Server, file: &Path) -> bool {
    // A second time, when more is known.
    let [first, second] = [(); 2].map(|()| client.attempt(server).err());
    assert_eq!(first.is_some(), second.is_some(), "{first:?}, then {second:?}");
    for error in first.iter().chain(&second) {
        let Error::InvalidCertificate(CertificateError::Other(other)) = error else {
            panic!("{error}")
        };
        let mark: &Distrusted = other.0.downcast_ref().unwrap();
        assert!(mark.path().starts_with(file), "{mark}");
        assert!(error.to_string().contains("is rejected by the trust store, in "), "{error}");
    }
    first.is_none()
}

/// Puts a certificate into a directory under the name by which OpenSSL looks for it.
pub(crate) fn put(directory: &Directory, number: usize, text: &str) {
    let path = directory.beside("one.pem");
    fs::write(&path, text).unwrap();
    let hash = openssl(&[&"x509", &"-subject_hash", &"-noout", &"-in", &path]);
    fs::rename(path, directory.at(&format!("{}.{number}", hash.trim()))).unwrap();
}

pub(crate) fn file(directory: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = directory.path().join(name);
    fs::write(&path, text).unwrap();
    path
}
