//! Chains of certificates with something wrong in them, for servers of a test's own.

use super::pki::{Identity, Pki};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) type Ca = CertifiedIssuer<'static, KeyPair>;

/// A CA to be.
pub(crate) fn ca_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

/// A CA to be, of the organisation "Corp".
pub(crate) fn corp_params(name: &str) -> CertificateParams {
    let mut params = ca_params(name);
    params.distinguished_name.push(DnType::OrganizationName, "Corp");
    params
}

/// A server to be.
pub(crate) fn server_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.subject_alt_names = vec![SanType::DnsName(name.try_into().unwrap())];
    params
}

pub(crate) fn root(params: CertificateParams) -> Ca {
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

pub(crate) fn below(issuer: &Ca, params: CertificateParams) -> Ca {
    CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), issuer).unwrap()
}

/// The files of a server: its certificate from a CA, and what it sends behind it.
pub(crate) fn identity(
    pki: &Pki,
    issuer: &Ca,
    params: &CertificateParams,
    sent: &[&Ca],
) -> Identity {
    let key = KeyPair::generate().unwrap();
    let own = params.signed_by(&key, issuer).unwrap().pem();
    let chain = std::iter::once(own).chain(sent.iter().map(|ca| ca.pem())).collect::<String>();
    Identity {
        certificate: pki.file("chain.pem", &chain),
        key: pki.file("chain.key", &key.serialize_pem()),
    }
}

/// A store of these.
pub(crate) fn store(pki: &Pki, cas: &[&Ca]) -> PathBuf {
    pki.file("store.pem", &cas.iter().map(|ca| ca.pem()).collect::<String>())
}

/// Makes the last byte of the first certificate of a file, which is the signature's, another one.
pub(crate) fn with_wrong_signature(file: &Path) {
    let pem = fs::read_to_string(file).unwrap();
    let (first, rest) = pem.split_once("-----END CERTIFICATE-----").unwrap();
    let body: String = first.lines().filter(|line| !line.starts_with("-----")).collect();
    let mut der = BASE64_STANDARD.decode(body).unwrap();
    *der.last_mut().unwrap() ^= 1;
    let body = BASE64_STANDARD.encode(der);
    let first = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----");
    fs::write(file, first + rest).unwrap();
}
