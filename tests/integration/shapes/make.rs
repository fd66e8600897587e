//! Makes a chain by the `openssl` command: an ordinary one, and what a shape changes of it.

use super::table::Shape;
use crate::support::Identity;
use crate::support::command::text;
use crate::support::openssl::openssl;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use tempfile::TempDir;

/// Keys are made once for each place in a chain: their making takes longest.
pub(super) struct Maker {
    directory: TempDir,
    keys: Mutex<HashMap<String, Arc<OnceLock<PathBuf>>>>,
}

/// A store, and what the server sends.
pub(super) struct Made {
    pub(super) store: PathBuf,
    pub(super) identity: Identity,
    /// What the server sends behind its own certificate.
    rest: PathBuf,
}

impl Made {
    /// How OpenSSL serves it; by itself it would not serve what is weak.
    pub(super) fn arguments(&self) -> Vec<&str> {
        let mut arguments = vec!["-cipher", "ALL:@SECLEVEL=0"];
        if self.rest.exists() {
            arguments.extend(["-cert_chain", text(&self.rest)]);
        }
        arguments
    }
}

/// One certificate of a chain.
#[derive(Clone)]
struct Certificate {
    /// Its place, by which it gets a key of its own.
    place: String,
    key: String,
    hash: String,
    subject: String,
    /// `string_mask` of the request's configuration.
    strings: String,
    serial: Option<String>,
    start: String,
    end: String,
    has_extensions: bool,
    extensions: Vec<(String, String)>,
    /// Further arguments for signing.
    signing: Vec<String>,
}

impl Certificate {
    fn ordinary(place: &str) -> Self {
        let common = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut extensions = vec![common("subjectKeyIdentifier", "hash")];
        if place != "root" {
            extensions.push(common("authorityKeyIdentifier", "keyid:always"));
        }
        if place == "leaf" {
            extensions.extend([
                common("basicConstraints", "critical,CA:FALSE"),
                common("keyUsage", "critical,digitalSignature"),
                common("extendedKeyUsage", "serverAuth"),
                common("subjectAltName", "DNS:localhost"),
            ]);
        } else {
            extensions.extend([
                common("basicConstraints", "critical,CA:TRUE"),
                common("keyUsage", "critical,keyCertSign,cRLSign"),
            ]);
        }
        let subject =
            if place == "leaf" { "/O=Shapes/CN=localhost" } else { "/O=Shapes/CN=Shape " };
        let subject =
            if place == "leaf" { subject.to_owned() } else { format!("{subject}{place}") };
        Self {
            place: place.to_owned(),
            key: "EC P-256".to_owned(),
            hash: "sha256".to_owned(),
            subject,
            strings: "utf8only".to_owned(),
            serial: None,
            start: "20200101000000Z".to_owned(),
            end: "20480101000000Z".to_owned(),
            has_extensions: true,
            extensions,
            signing: Vec::new(),
        }
    }

    /// What a shape says of it: `@NAME VALUE` for what is no extension, `NAME=VALUE` for one, `NAME` to
    /// leave one out.
    fn change(&mut self, change: &str) {
        let (name, value) = change.split_once(['=', ' ']).unwrap_or((change, ""));
        let own = || value.to_owned();
        match name {
            "@key" => self.key = own(),
            "@hash" => self.hash = own(),
            "@subject" => self.subject = own(),
            "@strings" => self.strings = own(),
            "@serial" => self.serial = Some(own()),
            "@start" => self.start = own(),
            "@end" => self.end = own(),
            "@v1" => self.has_extensions = false,
            "@place" => self.place = own(),
            "@sign" => self.signing.extend(["-sigopt".to_owned(), own()]),
            _ => {
                self.extensions.retain(|(known, _)| known != name);
                if !value.is_empty() {
                    self.extensions.push((name.to_owned(), own()));
                }
            }
        }
    }

    /// As a file of extensions, with the sections that they may name.
    fn extensions(&self) -> String {
        let lines = self.extensions.iter().map(|(name, value)| format!("{name}={value}\n"));
        let sections = "[matrix]\nO=Shapes\n[printable]\nO=PRINTABLESTRING:Shapes\n";
        format!("[extensions]\n{}{sections}", lines.collect::<String>())
    }
}

impl Maker {
    pub(super) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), keys: Mutex::default() }
    }

    pub(super) fn make(&self, shape: &Shape) -> Made {
        let directory = self.directory.path().join(shape.name);
        fs::create_dir(&directory).unwrap();
        let places: Vec<_> = shape.chain.split(' ').collect();
        let mut certificates: Vec<_> =
            places.iter().map(|place| Certificate::ordinary(place)).collect();
        for change in shape.changes {
            let (who, what) = change.split_once(' ').unwrap();
            for (place, certificate) in places.iter().zip(&mut certificates) {
                if who.split(',').any(|who| who == *place || who == "all") {
                    certificate.change(what);
                }
            }
        }
        let mut issuer: Option<(PathBuf, PathBuf)> = None;
        for (place, certificate) in places.iter().zip(&certificates) {
            let made = self.sign(&directory, place, certificate, issuer.as_ref());
            // A second root, or what is issued again, is beside the chain.
            if !place.contains('~') {
                issuer = Some(made);
            }
        }
        let file = |place: &str| directory.join(format!("{place}.pem"));
        let joined = |places: &str| {
            places
                .split(' ')
                .map(|place| fs::read_to_string(file(place)).unwrap())
                .collect::<String>()
        };
        let (store, rest) = (directory.join("store.pem"), directory.join("rest.pem"));
        fs::write(&store, joined(shape.store)).unwrap();
        let (own, others) = shape.sent.split_once(' ').unwrap_or((shape.sent, ""));
        if !others.is_empty() {
            fs::write(&rest, joined(others)).unwrap();
        }
        let leaf = certificates.last().unwrap();
        let identity = Identity { certificate: file(own), key: self.key(&leaf.key, &leaf.place) };
        Made { store, identity, rest }
    }

    /// Makes one certificate, by its issuer or by itself; gives it and its key.
    fn sign(
        &self,
        directory: &Path,
        name: &str,
        certificate: &Certificate,
        issuer: Option<&(PathBuf, PathBuf)>,
    ) -> (PathBuf, PathBuf) {
        let key = self.key(&certificate.key, &certificate.place);
        let file = |ending: &str| directory.join(format!("{name}.{ending}"));
        let (request, out, settings) = (file("csr"), file("pem"), file("cnf"));
        let db = file("db");
        fs::create_dir(&db).unwrap();
        fs::write(db.join("index"), "").unwrap();
        let serial = certificate.serial.as_deref().unwrap_or("1234567890ABCDEF");
        fs::write(db.join("serial"), format!("{serial}\n")).unwrap();
        let text = format!(
            "[req]\ndistinguished_name=none\nprompt=no\nutf8=yes\nstring_mask={}\n[none]\n\
             [ca]\ndefault_ca=any\n[any]\ndatabase={db}/index\nserial={db}/serial\nnew_certs_dir={db}\n\
             policy=policy\nunique_subject=no\n[policy]\nO=optional\nCN=optional\n{}",
            certificate.strings,
            certificate.extensions(),
            db = db.display(),
        );
        fs::write(&settings, text).unwrap();
        openssl(&[
            &"req",
            &"-new",
            &"-config",
            &settings,
            &"-key",
            &key,
            &"-subj",
            &certificate.subject,
            &"-out",
            &request,
        ]);
        let mut arguments: Vec<&dyn AsRef<OsStr>> = vec![
            &"ca",
            &"-batch",
            &"-notext",
            &"-preserveDN",
            &"-config",
            &settings,
            &"-in",
            &request,
            &"-out",
            &out,
            &"-startdate",
            &certificate.start,
            &"-enddate",
            &certificate.end,
        ];
        // Some keys sign with what they are made for and nothing else.
        let signer = issuer.map_or(&key, |(_, key)| key);
        arguments.extend([&"-md" as &dyn AsRef<_>, &certificate.hash]);
        if certificate.has_extensions {
            arguments.extend([&"-extensions" as &dyn AsRef<_>, &"extensions"]);
        }
        arguments.extend(certificate.signing.iter().map(|argument| argument as &dyn AsRef<_>));
        match issuer {
            Some((issuer, _)) => arguments.extend([&"-cert" as &dyn AsRef<_>, issuer]),
            None => arguments.push(&"-selfsign"),
        }
        arguments.extend([&"-keyfile" as &dyn AsRef<_>, signer]);
        openssl(&arguments);
        (out, key)
    }

    fn key(&self, kind: &str, place: &str) -> PathBuf {
        let known =
            Arc::clone(self.keys.lock().unwrap().entry(format!("{kind} {place}")).or_default());
        known.get_or_init(|| self.new_key(kind, place)).clone()
    }

    fn new_key(&self, kind: &str, place: &str) -> PathBuf {
        let file = format!("{kind} {place}.key").replace(' ', "_");
        let path = self.directory.path().join(file);
        let (algorithm, option) = match kind.split_once(' ') {
            Some(("EC", curve)) => ("EC", Some(format!("ec_paramgen_curve:{curve}"))),
            Some(("RSA3", bits)) => {
                openssl(&[
                    &"genpkey",
                    &"-algorithm",
                    &"RSA",
                    &"-pkeyopt",
                    &format!("rsa_keygen_bits:{bits}"),
                    &"-pkeyopt",
                    &"rsa_keygen_pubexp:3",
                    &"-out",
                    &path,
                ]);
                return path;
            }
            Some((algorithm, bits)) => (algorithm, Some(format!("rsa_keygen_bits:{bits}"))),
            None => (kind, None),
        };
        let mut arguments: Vec<&dyn AsRef<OsStr>> =
            vec![&"genpkey", &"-algorithm", &algorithm, &"-out", &path];
        if let Some(option) = &option {
            arguments.extend([&"-pkeyopt" as &dyn AsRef<_>, option]);
        }
        openssl(&arguments);
        path
    }
}
