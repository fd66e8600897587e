//! Somebody who has `cacerts inspect` look at files, with a store of CAs made for it.

use super::User;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, PublicKeyData};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// A CA, in each form in which programs have it in them.
pub(crate) struct Ca {
    pub(crate) der: Vec<u8>,
    pub(crate) pem: String,
    /// As webpki-roots has it: the content of the SubjectPublicKeyInfo, without its header.
    pub(crate) key: Vec<u8>,
}

pub(crate) fn cas(count: usize) -> Vec<Ca> {
    let ca = |number| {
        let mut params = CertificateParams::new([]).unwrap();
        params.distinguished_name.push(DnType::CommonName, format!("Root {number}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let key = key.subject_public_key_info()[2..].to_vec();
        Ca { der: certificate.der().to_vec(), pem: certificate.pem(), key }
    };
    (0..count).map(ca).collect()
}

pub(crate) fn pem(cas: &[Ca]) -> String {
    cas.iter().map(|ca| ca.pem.as_str()).collect()
}

/// Somebody with a store of these CAs.
pub(crate) struct Inspector {
    user: User,
    store: PathBuf,
}

impl Inspector {
    pub(crate) fn new(cas: &[Ca]) -> Self {
        let user = User::new();
        let store = user.home().join("store.pem");
        fs::write(&store, pem(cas)).unwrap();
        Self { user, store }
    }

    fn file(&self, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.user.home().join("file");
        fs::write(&path, content).unwrap();
        path
    }

    /// What is said of a file, without its name, and the exit status.
    pub(crate) fn words(
        &self,
        content: impl AsRef<[u8]>,
        arguments: &[&str],
    ) -> (String, Option<i32>) {
        let path = self.file(content);
        let run = self.user.cacerts(&["inspect"]).arg(&path).option("--ca-certs", &self.store);
        let run = arguments.iter().fold(run, |run, argument| run.arg(argument)).run();
        let said = (run.stdout + &run.stderr).replace(path.to_str().unwrap(), "FILE");
        (said.trim_end().to_owned(), run.code)
    }

    pub(crate) fn json(&self, content: impl AsRef<[u8]>) -> Value {
        let path = self.file(content);
        let run = self.user.cacerts(&["inspect", "--json"]).arg(path);
        let run = run.option("--ca-certs", &self.store).run();
        let mut json: Value =
            serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {run:#?}"));
        json[0].take()
    }
}
