//! Certificates, made anew for each test, as PEM files in a directory that goes away with it.

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, DnValue, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType, date_time_ymd,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tempfile::TempDir;

/// A root with an intermediate that issues for servers, an unrelated CA, and one for clients.
pub(crate) struct Pki {
    /// The CA that servers' certificates lead to.
    pub(crate) root: PathBuf,
    /// Issued by the root; it issues for servers.
    pub(crate) intermediate: PathBuf,
    /// A CA that has issued nothing that any server here shows: "the wrong store".
    pub(crate) other: PathBuf,
    /// The CA that clients' certificates lead to.
    pub(crate) client_ca: PathBuf,
    directory: TempDir,
    server_authority: Authority,
    other_authority: Authority,
    client_authority: Authority,
}

/// A certificate file, with the chain after it, and its key in a file of its own.
pub(crate) struct Identity {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Pki {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = Authority::root("Test Root");
        let intermediate = root.issue_authority("Test Intermediate");
        let other = Authority::root("Other Root");
        let client = Authority::root("Client Root");
        let write = |name, authority: &Authority| {
            write(directory.path(), name, &authority.certificate.pem())
        };
        Self {
            root: write("root.pem", &root),
            intermediate: write("intermediate.pem", &intermediate),
            other: write("other.pem", &other),
            client_ca: write("client-ca.pem", &client),
            directory,
            server_authority: intermediate,
            other_authority: other,
            client_authority: client,
        }
    }

    /// The server that all is right with, under each of the names a server here goes by. It sends
    /// its intermediate, as it should.
    pub(crate) fn server(&self) -> Identity {
        self.server_for("server", &["localhost", "127.0.0.1", "::1"])
    }

    /// The same server, which does not send its intermediate.
    pub(crate) fn server_without_intermediate(&self) -> Identity {
        self.without_intermediate(self.server())
    }

    /// The same, with its own certificate only.
    pub(crate) fn without_intermediate(&self, complete: Identity) -> Identity {
        let pem = fs::read_to_string(&complete.certificate).unwrap();
        let end = pem.find("-----END CERTIFICATE-----\n").unwrap() + 26;
        Identity { certificate: self.file("leaf-only.pem", &pem[..end]), ..complete }
    }

    /// A server with other names; one that is an address is a name of the kind that addresses are.
    pub(crate) fn server_for(&self, file: &str, names: &[&str]) -> Identity {
        self.server_with(file, names, |_| {})
    }

    /// A server that has its certificate from the other root.
    pub(crate) fn server_of_other_root(&self) -> Identity {
        self.issue("other-server", &self.other_authority, server_params(&["localhost"]))
    }

    /// A server whose time is over.
    pub(crate) fn expired_server(&self) -> Identity {
        self.server_with("expired", &["localhost"], |params| {
            params.not_before = date_time_ymd(2014, 1, 1);
            params.not_after = date_time_ymd(2015, 1, 1);
        })
    }

    /// A server that shows a CA's certificate as its own, as a self-made one often is.
    pub(crate) fn server_that_is_a_ca(&self) -> Identity {
        self.server_with("ca", &["localhost"], |params| {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        })
    }

    /// A server that has a common name, and no subject alternative name at all.
    pub(crate) fn server_with_common_name_only(&self, name: &str) -> Identity {
        self.server_with("common-name-only", &[], |params| {
            params.distinguished_name.push(DnType::CommonName, name);
        })
    }

    /// A server whose addresses are written down as if they were DNS names; the last is its common name,
    /// too.
    pub(crate) fn server_with_addresses_as_dns_names(&self, names: &[&str]) -> Identity {
        self.server_with("addresses-as-dns-names", &[], |params| {
            let names = names.iter().map(|&name| name.try_into().unwrap());
            params.subject_alt_names = names.map(SanType::DnsName).collect();
            let last = params.subject_alt_names.last();
            if let Some(SanType::DnsName(name)) = last {
                params.distinguished_name.push(DnType::CommonName, name.as_str());
            }
        })
    }

    /// A server that has these DNS names, whatever is in them.
    pub(crate) fn server_with_any_names(&self, names: &[String]) -> Identity {
        self.server_with("any-names", &[], |params| {
            let names = names.iter().map(|name| name.as_str().try_into().unwrap());
            params.subject_alt_names = names.map(SanType::DnsName).collect();
        })
    }

    /// A root of this name.
    pub(crate) fn root_named(&self, name: &str) -> PathBuf {
        self.file("named-root.pem", &Authority::root(name).certificate.pem())
    }

    /// The client that servers here know.
    pub(crate) fn client(&self) -> Identity {
        self.issue("client", &self.client_authority, client_params())
    }

    /// The same client with another certificate, which ends in this time, for the same key.
    pub(crate) fn client_again(&self, key: &Path, ends_in: Duration) -> Identity {
        let key = KeyPair::from_pem(&fs::read_to_string(key).unwrap()).unwrap();
        let mut params = client_params();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        params.not_after = date_time_ymd(1970, 1, 1) + now + ends_in;
        self.issue_for(key, "client-again", &self.client_authority, params)
    }

    /// A client that has its certificate from the intermediate.
    pub(crate) fn client_below_intermediate(&self) -> Identity {
        self.issue("client-below", &self.server_authority, client_params())
    }

    /// A client whose time is over.
    pub(crate) fn expired_client(&self) -> Identity {
        let mut params = client_params();
        params.not_before = date_time_ymd(2014, 1, 1);
        params.not_after = date_time_ymd(2015, 1, 1);
        self.issue("expired-client", &self.client_authority, params)
    }

    /// A client whose certificate comes from a CA that no server here knows.
    pub(crate) fn stranger(&self) -> Identity {
        self.issue("stranger", &self.other_authority, client_params())
    }

    /// Writes a file of the test's own.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        write(self.directory.path(), name, text)
    }

    /// One file with what others hold, one after the other.
    pub(crate) fn joined(&self, name: &str, parts: &[&Path]) -> PathBuf {
        let parts = parts.iter().map(|path| fs::read_to_string(path).unwrap());
        self.file(name, &parts.collect::<String>())
    }

    /// Where there is nothing.
    pub(crate) fn missing(&self) -> PathBuf {
        self.directory.path().join("missing.pem")
    }

    /// A file that no certificate can be read from.
    pub(crate) fn garbage(&self) -> PathBuf {
        self.file("garbage.pem", "-----BEGIN CERTIFICATE-----\nno base64 at all!\n")
    }

    /// The directory that all of this is in.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn server_with(
        &self,
        file: &str,
        names: &[&str],
        change: impl FnOnce(&mut CertificateParams),
    ) -> Identity {
        let mut params = server_params(names);
        change(&mut params);
        self.issue(file, &self.server_authority, params)
    }

    fn issue(&self, file: &str, authority: &Authority, params: CertificateParams) -> Identity {
        self.issue_for(KeyPair::generate().unwrap(), file, authority, params)
    }

    fn issue_for(
        &self,
        key: KeyPair,
        file: &str,
        authority: &Authority,
        params: CertificateParams,
    ) -> Identity {
        let certificate = params.signed_by(&key, &authority.issuer).unwrap();
        // A root is not sent: whoever trusts it has it.
        let intermediate = if authority.is_root { None } else { Some(&authority.certificate) };
        let chain = certificate.pem() + &intermediate.map(Certificate::pem).unwrap_or_default();
        Identity {
            certificate: self.file(&format!("{file}.pem"), &chain),
            key: self.file(&format!("{file}.key"), &key.serialize_pem()),
        }
    }
}

/// A CA's certificate and what it takes to issue others.
struct Authority {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
    is_root: bool,
}

impl Authority {
    fn root(name: &str) -> Self {
        let (params, key) = (authority_params(name), KeyPair::generate().unwrap());
        let certificate = params.self_signed(&key).unwrap();
        Self { certificate, issuer: Issuer::new(params, key), is_root: true }
    }

    fn issue_authority(&self, name: &str) -> Self {
        let (params, key) = (authority_params(name), KeyPair::generate().unwrap());
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Self { certificate, issuer: Issuer::new(params, key), is_root: false }
    }
}

pub(super) fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, DnValue::from(name));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn server_params(names: &[&str]) -> CertificateParams {
    let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, "Test Server");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

fn client_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "Test Client");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

fn write(directory: &Path, name: &str, text: &str) -> PathBuf {
    let path = directory.join(name);
    fs::write(&path, text).unwrap();
    path
}
