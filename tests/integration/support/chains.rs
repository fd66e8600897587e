//! Chains of certificates with something wrong in them, for servers of a test's own.

use super::pki::{Identity, Pki};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};
use std::path::PathBuf;

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
