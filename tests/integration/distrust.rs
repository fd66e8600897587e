//! What a store rejects is trusted in no role, wherever else it stands.

use crate::support::bundle::{Bundle, Way};
use crate::support::directory::Directory;
use crate::support::handshake::{Client, Server};
use crate::support::library::provider;
use crate::support::openssl::openssl;
use cacerts::{ClientAuth, Distrusted, Settings, TrustStore};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, DnValue, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyPair,
};
use rustls::pki_types::CertificateDer;
use rustls::{CertificateError, Error, HandshakeKind, ServerConfig};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;
use tempfile::TempDir;

/// How long a replacement may go unnoticed, and a little more.
const NOTICED: Duration = Duration::from_millis(1050);
const SERVER: &str = "serverAuth";

/// A CA, by one of its certificates.
struct Ca {
    params: CertificateParams,
    key: KeyPair,
    certificate: Certificate,
}

impl Ca {
    fn root(name: impl Into<DnValue>) -> Self {
        let (params, key) = (params(name), KeyPair::generate().unwrap());
        let certificate = params.self_signed(&key).unwrap();
        Self { params, key, certificate }
    }

    fn issue(&self, params: &CertificateParams, key: &KeyPair) -> Certificate {
        params.signed_by(key, &Issuer::from_params(&self.params, &self.key)).unwrap()
    }

    /// Another one that it vouches for.
    fn intermediate(&self, name: &str) -> Self {
        let (params, key) = (params(name), KeyPair::generate().unwrap());
        let certificate = self.issue(&params, &key);
        Self { params, key, certificate }
    }

    fn pem(&self) -> String {
        pem(&self.certificate)
    }

    fn der(&self) -> &CertificateDer<'static> {
        self.certificate.der()
    }

    fn leaf(&self, usage: ExtendedKeyUsagePurpose) -> (Certificate, KeyPair) {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "the server");
        params.extended_key_usages = vec![usage];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().unwrap();
        (self.issue(&params, &key), key)
    }

    /// A server that sends these behind its own certificate.
    fn server(&self, sent: &[&CertificateDer<'static>]) -> Server {
        let (leaf, key) = self.leaf(ExtendedKeyUsagePurpose::ServerAuth);
        shown(&leaf, &key, sent)
    }
}

fn params(name: impl Into<DnValue>) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn pem(certificate: &Certificate) -> String {
    certificate.pem().replace('\r', "")
}

fn shown(leaf: &Certificate, key: &KeyPair, sent: &[&CertificateDer<'static>]) -> Server {
    let chain = [leaf.der()].into_iter().chain(sent.iter().copied()).cloned().collect();
    let config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(rustls::ALL_VERSIONS)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key.serialize_der().try_into().unwrap());
    Server::with(config.unwrap())
}

/// As OpenSSL writes that a certificate is not to be trusted for something.
fn rejected_for(purpose: &str, certificate: &Certificate) -> String {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("plain.pem");
    fs::write(&file, certificate.pem()).unwrap();
    openssl(&[&"x509", &"-trustout", &"-addreject", &purpose, &"-in", &file])
}

fn rejected(ca: &Ca) -> String {
    rejected_for(SERVER, &ca.certificate)
}

/// As p11-kit writes it.
fn distrusted(ca: &Ca) -> String {
    format!("[p11-kit-object-v1]\nlabel: \"CA\"\nx-distrusted: true\n{}", ca.pem())
}

/// Every way to use a store.
fn clients(settings: &Settings) -> [Client; 3] {
    let [one, other] = Client::both_with(settings);
    [one, other, Client::new(&settings.clone().reload(false))]
}

/// Whether all of them trust a server. If not, it is for what the file of this name rejects.
#[track_caller]
fn trusts(settings: &Settings, server: &Server, file: &Path) -> bool {
    let verdicts = clients(settings).map(|client| verdict(&client, server, file));
    assert!(verdicts.iter().all(|verdict| *verdict == verdicts[0]), "{verdicts:?}");
    verdicts[0]
}

#[track_caller]
fn verdict(client: &Client, server: &Server, file: &Path) -> bool {
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
fn put(directory: &Directory, number: usize, text: &str) {
    let path = directory.beside("one.pem");
    fs::write(&path, text).unwrap();
    let hash = openssl(&[&"x509", &"-subject_hash", &"-noout", &"-in", &path]);
    fs::rename(path, directory.at(&format!("{}.{number}", hash.trim()))).unwrap();
}

fn file(directory: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = directory.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn an_anchor_that_is_rejected_is_none_wherever_else_it_stands() {
    let (ca, other) = (Ca::root("A CA that is rejected"), Ca::root("Another CA"));
    let (server, twin) = (ca.server(&[]), other.server(&[]));
    let (plain, rejected, far) = (ca.pem(), rejected(&ca), "# a comment\n".repeat(1000));
    let place = TempDir::new().unwrap();
    for (n, text) in [
        rejected.clone() + &plain + &other.pem(),
        plain.clone() + &rejected + &other.pem(),
        other.pem() + &plain + &rejected,
        other.pem() + &plain + &far + &rejected,
        distrusted(&ca) + "[p11-kit-object-v1]\ntrusted: true\n" + &other.pem(),
        other.pem() + &plain + &distrusted(&ca),
    ]
    .iter()
    .enumerate()
    {
        let path = file(&place, &format!("{n}.pem"), text);
        let settings = Settings::new().ca_certs(&path);
        assert!(!trusts(&settings, &server, &path), "{n}");
        assert!(trusts(&settings, &twin, &path), "{n}");
        let store = TrustStore::load(&path).unwrap();
        assert_eq!(store.certificates(), [other.der().clone()], "{n}");
        assert_eq!(store.distrusted().len(), 1, "{n}");
        assert_eq!(store.distrusted()[0].certificate(), ca.der());
    }
    // Two parts, in either order.
    let (one, two) = (
        file(&place, "one.pem", &(plain.clone() + &other.pem())),
        file(&place, "two.pem", &(other.pem() + &rejected)),
    );
    for (first, second) in [(&one, &two), (&two, &one)] {
        let settings = Settings::new().ca_certs(first).extra_ca_certs(second);
        assert!(!trusts(&settings, &server, &two));
        assert!(trusts(&settings, &twin, &two));
        assert_eq!(settings.trust_store().unwrap().len(), 1);
    }
    // Without it the same server is trusted.
    assert!(trusts(&Settings::new().ca_certs(&one), &server, &one));
}

#[test]
fn it_is_none_in_a_directory() {
    let (ca, other) = (Ca::root("A CA that is rejected"), Ca::root("Another CA"));
    let (server, twin) = (ca.server(&[]), other.server(&[]));
    let (plain, rejected) = (ca.pem(), rejected(&ca));
    for order in [[&plain, &rejected], [&rejected, &plain]] {
        for how in ["plain", "old hashes", "hashed"] {
            let directory = Directory::new();
            if how == "hashed" {
                order.iter().enumerate().for_each(|(n, text)| put(&directory, n, text));
                put(&directory, 0, &other.pem());
            } else {
                let names = ["1.pem", "2.pem", "other.pem"];
                for (name, text) in names.iter().zip(order.into_iter().chain([&other.pem()])) {
                    directory.write(name, text);
                }
            }
            if how == "old hashes" {
                openssl(&[&"rehash", &"-old", &directory.path]);
            }
            let settings = Settings::new().ca_certs(&directory.path);
            assert!(!trusts(&settings, &server, &directory.path), "{how}");
            assert!(trusts(&settings, &twin, &directory.path), "{how}");
            let store = directory.load();
            assert_eq!((store.len(), store.distrusted().len()), (1, 1), "{how}");
        }
    }
}

/// Where it is not looked for, that is said; and behind what is damaged it is looked for.
#[test]
fn in_a_directory_with_hashed_names_it_counts_where_openssl_looks() {
    let (ca, other) = (Ca::root("A CA that is rejected"), Ca::root("Another CA"));
    let server = ca.server(&[]);
    let directory = Directory::new();
    put(&directory, 0, &ca.pem());
    put(&directory, 0, &other.pem());
    directory.write("rejected.pem", &rejected(&ca));
    let settings = Settings::new().ca_certs(&directory.path);
    assert!(trusts(&settings, &server, &directory.path));
    let store = directory.load();
    assert_eq!((store.len(), store.distrusted().len()), (2, 0));
    let said = store.skipped().iter().filter(|skipped| skipped.reason.contains("does not count"));
    assert_eq!(said.count(), 1, "{:?}", store.skipped());
    put(&directory, 2, &rejected(&ca));
    assert!(trusts(&settings, &server, &directory.path), "there is no number 1");
    put(&directory, 1, &(ca.pem() + "-----BEGIN CERTIFICATE-----\n"));
    assert!(!trusts(&settings, &server, &directory.path));
    assert_eq!(directory.load().distrusted().len(), 1);
}

#[test]
fn an_intermediate_that_is_rejected_is_of_no_use() {
    let (root, other) = (Ca::root("The root"), Ca::root("Another root"));
    let issuing = root.intermediate("The issuing CA");
    let good = root.intermediate("A good CA");
    // By another root, with another name for its issuer and other dates.
    let cross = other.issue(&issuing.params, &issuing.key);
    let below = issuing.intermediate("A CA below it");
    let place = TempDir::new().unwrap();
    let roots = root.pem() + &other.pem();
    let without = file(&place, "without.pem", &roots);
    for (n, mark) in
        [rejected(&issuing), rejected_for(SERVER, &cross), distrusted(&issuing)].iter().enumerate()
    {
        let with = file(&place, &format!("{n}.pem"), &(roots.clone() + mark));
        let directory = Directory::new();
        for text in [&root.pem(), &other.pem(), mark] {
            put(&directory, 0, text);
        }
        for store in [&with, &directory.path] {
            let settings = Settings::new().ca_certs(store);
            for (what, server) in [
                ("sent", issuing.server(&[issuing.der()])),
                ("cross-signed", issuing.server(&[cross.der()])),
                ("both", issuing.server(&[cross.der(), issuing.der()])),
                ("above another", below.server(&[below.der(), issuing.der()])),
            ] {
                assert!(!trusts(&settings, &server, store), "{n}, {what}");
                let without_mark = Settings::new().ca_certs(&without);
                assert!(trusts(&without_mark, &server, &without), "{n}, {what}");
            }
            // Others are not concerned, also if it is sent beside them.
            assert!(trusts(&settings, &good.server(&[good.der()]), store), "{n}");
            assert!(trusts(&settings, &good.server(&[issuing.der(), good.der()]), store), "{n}");
        }
    }
}

/// A CA that has its name written in another way is the same.
#[test]
fn another_encoding_of_its_name_is_no_way_around() {
    let root = Ca::root("The root");
    let issuing = root.intermediate("The issuing CA");
    let name = DnValue::PrintableString("The issuing CA".try_into().unwrap());
    let (params, key) = (params(name), KeyPair::from_pem(&issuing.key.serialize_pem()).unwrap());
    let certificate = root.issue(&params, &key);
    let twin = Ca { params, key, certificate };
    assert_ne!(twin.der(), issuing.der());
    let place = TempDir::new().unwrap();
    let store = file(&place, "ca.pem", &(root.pem() + &rejected(&issuing)));
    let server = twin.server(&[twin.der()]);
    assert!(!trusts(&Settings::new().ca_certs(&store), &server, &store));
    let store = file(&place, "root.pem", &root.pem());
    assert!(trusts(&Settings::new().ca_certs(&store), &server, &store));
}

#[test]
fn a_server_whose_own_certificate_is_rejected_is_refused() {
    let ca = Ca::root("The CA");
    let [(bad, bad_key), (good, good_key)] =
        [(); 2].map(|()| ca.leaf(ExtendedKeyUsagePurpose::ServerAuth));
    let mark = rejected_for(SERVER, &bad);
    let place = TempDir::new().unwrap();
    let bundle = file(&place, "ca.pem", &(ca.pem() + &mark));
    let directory = Directory::new();
    put(&directory, 0, &ca.pem());
    put(&directory, 0, &mark);
    for store in [&bundle, &directory.path] {
        let settings = Settings::new().ca_certs(store);
        assert!(!trusts(&settings, &shown(&bad, &bad_key, &[]), store));
        assert!(trusts(&settings, &shown(&good, &good_key, &[]), store));
    }
}

/// What is rejected for servers may be a client, and the other way round.
#[test]
fn clients_are_rejected_for_their_own_purpose() {
    let (root, usage) = (Ca::root("The root"), ExtendedKeyUsagePurpose::ClientAuth);
    let issuing = root.intermediate("The issuing CA");
    let place = TempDir::new().unwrap();
    let (leaf, leaf_key) = root.leaf(ExtendedKeyUsagePurpose::ServerAuth);
    let identity = [
        file(&place, "server.pem", &pem(&leaf)),
        file(&place, "server.key", &leaf_key.serialize_pem()),
    ];
    let trusted = file(&place, "root.pem", &root.pem());
    let (client, client_key) = issuing.leaf(usage.clone());
    let (other, other_key) = root.leaf(usage);
    let [by_issuing, by_root] =
        [(client, client_key, issuing.pem()), (other, other_key, String::new())].map(
            |(certificate, key, sent)| {
                let name = if sent.is_empty() { "root" } else { "issuing" };
                Settings::new()
                    .ca_certs(&trusted)
                    .client_cert(file(
                        &place,
                        &format!("{name}-client.pem"),
                        &(pem(&certificate) + &sent),
                    ))
                    .client_key(file(&place, &format!("{name}-client.key"), &key.serialize_pem()))
            },
        );
    for (purpose, is_trusted) in
        [("serverAuth", true), ("clientAuth", false), ("anyExtendedKeyUsage", false)]
    {
        let store = root.pem() + &rejected_for(purpose, &issuing.certificate);
        let store = file(&place, "clients.pem", &store);
        for reload in [true, false] {
            let server = Settings::new()
                .ca_certs(&store)
                .client_cert(&identity[0])
                .client_key(&identity[1])
                .client_auth(ClientAuth::Required)
                .reload(reload)
                .server_config()
                .unwrap();
            let server = Server::with(server);
            assert_eq!(accepts(&by_issuing, &server), is_trusted, "{purpose}, {reload}");
            assert!(accepts(&by_root, &server), "{purpose}, {reload}");
        }
    }
}

/// Whether a server takes a client.
fn accepts(client: &Settings, server: &Server) -> bool {
    let client = Client::new(client);
    let attempt = catch_unwind(AssertUnwindSafe(|| client.attempt(server).map(drop)));
    matches!(attempt, Ok(Ok(())))
}

/// It takes effect at once, also where it is all that is left; so it does for sessions.
#[test]
fn a_running_program_learns_of_it() {
    let (ca, other) = (Ca::root("A CA that is rejected"), Ca::root("Another CA"));
    let issuing = ca.intermediate("Its issuing CA");
    let (server, twin) = (issuing.server(&[issuing.der()]), other.server(&[]));
    let both = ca.pem() + &other.pem();
    let mut cases = Vec::new();
    for (what, before, after) in [
        ("beside others", &both, both.clone() + &rejected(&ca)),
        ("instead of it", &both, other.pem() + &rejected(&ca)),
        ("alone", &ca.pem(), rejected(&ca)),
        ("alone, by p11-kit", &ca.pem(), distrusted(&ca)),
        ("the intermediate", &both, both.clone() + &distrusted(&issuing)),
    ] {
        let bundle = Bundle::new(Way::Rename, before);
        let client = Client::of(&bundle.path);
        assert_eq!(client.visit(&server), Some(HandshakeKind::Full), "{what}");
        assert_eq!(client.visit(&server), Some(HandshakeKind::Resumed), "{what}");
        cases.push((what, bundle, client, after));
    }
    let directories = [[&ca], [&issuing]].map(|[what]| {
        let directory = Directory::new();
        put(&directory, 0, &ca.pem());
        put(&directory, 0, &other.pem());
        let client = Client::of(&directory.path);
        assert_eq!(client.visit(&server), Some(HandshakeKind::Full));
        assert_eq!(client.visit(&server), Some(HandshakeKind::Resumed));
        (what, directory, client)
    });
    sleep(NOTICED);
    for (what, bundle, client, after) in &cases {
        assert_eq!(client.visit(&server), Some(HandshakeKind::Resumed), "{what}");
        bundle.replace(after);
    }
    for (what, directory, client) in &directories {
        assert_eq!(client.visit(&server), Some(HandshakeKind::Resumed));
        put(directory, usize::from(what.der() == ca.der()), &rejected(what));
    }
    sleep(NOTICED);
    for (what, bundle, client, _) in &cases {
        assert!(!verdict(client, &server, &bundle.path), "{what}");
        if !what.starts_with("alone") {
            assert!(client.visit(&twin).is_some(), "{what}");
        }
        bundle.replace(&both);
    }
    for (_, directory, client) in &directories {
        assert!(!verdict(client, &server, &directory.path));
        assert!(client.visit(&twin).is_some());
    }
    sleep(NOTICED);
    for (what, _, client, _) in &cases {
        assert_eq!(client.visit(&server), Some(HandshakeKind::Full), "{what}: no session is left");
    }
}
