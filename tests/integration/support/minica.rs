//! A CA like those that minica makes, made by the `openssl` command: a root, and right under it
//! certificates with RSA keys that say CA:FALSE and name a host.

use super::command::run;
use super::openssl::command;
use super::pki::Identity;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What minica puts into its certificates.
const EXTENSIONS: &str = "\
[req]
distinguished_name = name
prompt = no
[name]
CN = localhost
[root]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, digitalSignature, keyCertSign
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth, clientAuth
authorityKeyIdentifier = keyid
subjectAltName = DNS:localhost
";

pub(crate) struct Minica {
    directory: TempDir,
}

impl Minica {
    pub(crate) fn new() -> Self {
        Self::with_root("RSA -pkeyopt rsa_keygen_bits:2048", "-sha256")
    }

    /// Of the same name, with another kind of key, or one that signs in another way.
    pub(crate) fn with_root(key: &str, signing: &str) -> Self {
        let minica = Self { directory: tempfile::tempdir().unwrap() };
        fs::write(minica.at("cnf"), EXTENSIONS).unwrap();
        minica.key("root.key", key);
        let subject = "-subj /CN=minica-root-ca-1a2b3c";
        let root = "-config cnf -extensions root -key root.key -days 30 -out root.pem";
        let signing = in_addition(signing);
        minica.openssl(&format!("req -x509 -new {root} {subject}{signing}"));
        minica
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.at("root.pem")
    }

    pub(crate) fn root_text(&self) -> String {
        fs::read_to_string(self.root()).unwrap()
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A certificate and its key, as `NAME.pem` and `NAME.key`, which is PKCS#8. minica makes RSA keys
    /// itself, or EC ones with `-ca-alg ecdsa`.
    pub(crate) fn issue(&self, name: &str, key: &str) -> Identity {
        self.issue_signed(name, key, "-sha256")
    }

    /// The same, signed in another way.
    pub(crate) fn issue_signed(&self, name: &str, key: &str, signing: &str) -> Identity {
        self.key(&format!("{name}.key"), key);
        self.openssl(&format!("req -new -config cnf -key {name}.key -out {name}.csr"));
        let issuer = "-CA root.pem -CAkey root.key -extfile cnf -extensions leaf";
        let serial = name.bytes().fold(1, |n: u64, byte| n * 31 + u64::from(byte)) % 1_000_000;
        self.openssl(&format!(
            "x509 -req -in {name}.csr {issuer} -set_serial {serial} -days 30 -out {name}.pem{}",
            in_addition(signing)
        ));
        Identity {
            certificate: self.at(&format!("{name}.pem")),
            key: self.at(&format!("{name}.key")),
        }
    }

    /// Runs the `openssl` command in the directory of the CA; it has to succeed.
    pub(crate) fn openssl(&self, arguments: &str) {
        let mut command = command();
        let run = run(command.args(arguments.split(' ')).current_dir(self.directory.path()));
        assert_eq!(run.code, Some(0), "{arguments}: {run:#?}");
    }

    fn key(&self, file: &str, algorithm: &str) {
        self.openssl(&format!("genpkey -algorithm {algorithm} -out {file}"));
    }
}

fn in_addition(arguments: &str) -> String {
    if arguments.is_empty() { String::new() } else { format!(" {arguments}") }
}

/// What comes between the hyphens of a file's last `-----BEGIN ...-----`.
pub(crate) fn last_label(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let (_, last) = text.rsplit_once("-----BEGIN ").unwrap();
    last.split_once("-----").unwrap().0.to_owned()
}
