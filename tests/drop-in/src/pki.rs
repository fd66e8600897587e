//! Certificates, made anew in each run, and the places where a program can find them.

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use std::fs;
use std::path::Path;
use std::process::Command;

/// A CA that has issued a certificate for a server, and another one.
pub struct Pki {
    pub ca: Certificate,
    pub other: Certificate,
    pub server: Certificate,
    pub key: KeyPair,
}

impl Pki {
    pub fn made() -> Self {
        let (ca, issuer) = authority("Test Root");
        let (other, _) = authority("Other Root");
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let server = params.signed_by(&key, &issuer).unwrap();
        Self { ca, other, server, key }
    }
}

fn authority(name: &str) -> (Certificate, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    (certificate, Issuer::new(params, key))
}

/// Writes a bundle of one.
pub fn file(path: &str, certificate: &Certificate) {
    fs::create_dir_all(Path::new(path).parent().unwrap()).unwrap();
    fs::write(path, certificate.pem()).unwrap();
}

/// Writes a directory of one, under the name by which OpenSSL looks for it.
pub fn directory(path: &str, certificate: &Certificate) {
    let written = format!("{path}/root.pem");
    file(&written, certificate);
    let mut openssl = Command::new("openssl");
    let hash = openssl.args(["x509", "-noout", "-subject_hash", "-in", &written]).output().unwrap();
    let hash = String::from_utf8(hash.stdout).unwrap();
    fs::rename(&written, format!("{path}/{}.0", hash.trim())).unwrap();
}

/// Writes a bundle of one `TRUSTED CERTIFICATE`, with what OpenSSL is told to say of it.
pub fn marked(path: &str, certificate: &Certificate, mark: &[&str]) {
    file(path, certificate);
    let mut openssl = Command::new("openssl");
    let made = openssl.args(["x509", "-trustout", "-in", path, "-out", path]).args(mark).status();
    assert!(made.unwrap().success(), "openssl has not marked the certificate");
}
