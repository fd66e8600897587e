//! Certificates, made anew for each test, as files in a directory that goes away with it.

use super::run::run;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A CA, a server that it has issued a certificate for, and another CA.
pub(crate) struct Pki {
    directory: TempDir,
    /// Holds the server's CA, in a form that cacerts reads and the libraries' own loaders do not: who
    /// trusts it cannot have found it in `SSL_CERT_FILE` by themselves.
    pub(crate) bundle: PathBuf,
    /// Holds the other CA.
    pub(crate) other: PathBuf,
    /// A directory with the other CA, and with the server's under a name that is not its hash: cacerts
    /// does not trust that, as OpenSSL would not, and the libraries' own loaders do.
    pub(crate) decoy: PathBuf,
    /// The server's certificate and key, for localhost, as PEM and as DER.
    pub(crate) certificate: Certificate,
    pub(crate) key: KeyPair,
}

impl Pki {
    pub(crate) fn new() -> Self {
        let (ca, issuer) = authority("Test Root");
        let (other, _) = authority("Other Root");
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let unusual = ca.pem().replace(" CERTIFICATE-----", " X509 CERTIFICATE-----");
        let bundle = write(directory.path(), "ca.pem", &unusual);
        let other_file = write(directory.path(), "other.pem", &other.pem());
        let decoy = directory.path().join("certs");
        fs::create_dir(&decoy).unwrap();
        write(&decoy, &format!("{}.0", subject_hash(&other_file)), &other.pem());
        write(&decoy, "00000000.0", &ca.pem());
        Self { directory, bundle, other: other_file, decoy, certificate, key }
    }

    /// Where there is nothing.
    pub(crate) fn missing(&self) -> PathBuf {
        self.directory.path().join("missing.pem")
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

/// The name that OpenSSL looks for, without its number.
fn subject_hash(file: &Path) -> String {
    let mut command = Command::new("openssl");
    let hashed = run(command.args(["x509", "-noout", "-subject_hash", "-in"]).arg(file));
    assert!(hashed.success, "{hashed:#?}");
    hashed.stdout.trim().to_owned()
}

fn write(directory: &Path, name: &str, text: &str) -> PathBuf {
    let path = directory.join(name);
    fs::write(&path, text).unwrap();
    path
}
