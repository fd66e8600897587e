//! Servers whose certificates are not right.

use super::page::Page;
use crate::support::chains::{
    below, ca_params, corp_params, identity, root, server_params, store, with_wrong_signature,
};
use crate::support::minica::Minica;
use crate::support::openssl::openssl;
use crate::support::{Identity, Server};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, ExtendedKeyUsagePurpose, GeneralSubtree,
    IsCa, NameConstraints, date_time_ymd,
};
use std::fs;
use std::time::{Duration, SystemTime};

/// Of a server.
type Change = fn(&mut CertificateParams);

pub(super) fn say(page: &mut Page) {
    page.head("## Servers with a certificate that is not right");
    unknown(page);
    own(page);
    intermediate(page);
    weak(page);
    rejected(page);
    page.head("### `get`, of the same");
    let cut = page.pki.server_without_intermediate();
    let (good, alone) = (Server::https(&page.pki.server()), Server::https(&cut));
    let expired = Server::https(&page.pki.expired_server());
    let other = Server::https(&page.pki.server_for("other-name", &["a.example"]));
    for (cause, store, url) in [
        ("Its CA is not in the store", "other.pem", good.url()),
        ("It sends no intermediate", "root.pem", alone.url()),
        ("It has expired", "root.pem", expired.url()),
        ("It is for another name", "root.pem", other.url()),
    ] {
        page.case(cause, 1, &format!("get --ca-certs {store} {url}"));
    }
    let typed = format!("get {}", good.url());
    let other = page.pki.other.to_str().unwrap().to_owned();
    let set = [("SSL_CERT_FILE", &*other)];
    page.case_with("A variable has named the store", 1, &typed, &set);
    page.configure(&format!("ca_certs = {other:?}\n"));
    page.case("The configuration has named the store", 1, &typed);
    page.configure("");
    let typed = format!("get -k --ca-certs other.pem {}", good.url());
    page.case("Verification is off", 0, &typed);
}

fn check(page: &mut Page, cause: &str, code: i32, store: &str, server: &Server) {
    let port = server.address().port();
    page.case(cause, code, &format!("check --ca-certs {store} localhost:{port}"));
}

fn unknown(page: &mut Page) {
    page.head("### `check`: the CA");
    let good = Server::https(&page.pki.server());
    check(page, "All is well", 0, "root.pem", &good);
    check(page, "Its CA is not in the store", 1, "other.pem", &good);
    let port = good.address().port();
    let typed =
        format!("check --ca-certs other.pem --extra-ca-certs client-ca.pem localhost:{port}");
    page.case("Nor is it in what was added", 1, &typed);
    let hashed = page.pki.directory().join("hashed.d");
    fs::create_dir(&hashed).unwrap();
    fs::copy(&page.pki.other, hashed.join("other.pem")).unwrap();
    openssl(&[&"rehash", &hashed]);
    fs::copy(&page.pki.root, hashed.join("root.pem")).unwrap();
    let added = "--ca-certs client-ca.pem --extra-ca-certs hashed.d";
    let cause = "It is in a directory whose other files are named by their hashes";
    page.case(cause, 1, &format!("check {added} localhost:{port}"));
    let typed = format!("get {added} https://localhost:{port}/");
    page.case("The same, for `get`", 1, &typed);
    let typed = format!("check -k --ca-certs root.pem localhost:{port}");
    page.case("Verification is off", 1, &typed);
    let cut = page.pki.server_without_intermediate();
    let alone = Server::https(&cut);
    check(page, "It sends its own certificate alone", 1, "root.pem", &alone);
    let authority = root(corp_params("Corp Root"));
    let middle = below(&authority, corp_params("Corp Issuing"));
    let files = identity(&page.pki, &middle, &server_params("localhost"), &[]);
    let server = Server::https(&files);
    store(&page.pki, &[&authority]);
    check(page, "It sends no intermediate, whose CA is known", 1, "store.pem", &server);

    let (old, new) = (root(ca_params("Corp")), root(ca_params("Corp")));
    let files = identity(&page.pki, &old, &server_params("localhost"), &[]);
    let server = Server::https(&files);
    store(&page.pki, &[&new]);
    check(page, "A CA of its name has not signed it", 1, "store.pem", &server);
    let mut params = server_params("localhost");
    params.use_authority_key_identifier_extension = true;
    let named = identity(&page.pki, &old, &params, &[]);
    let server = Server::https(&named);
    check(page, "Its CA has another key than the store's", 1, "store.pem", &server);
    store(&page.pki, &[&old]);
    with_wrong_signature(&named.certificate);
    let server = Server::https(&named);
    check(page, "It was changed", 1, "store.pem", &server);
    let files = identity(&page.pki, &old, &server_params("localhost"), &[]);
    let certificate = page.pki.file("shown.pem", &fs::read_to_string(&files.certificate).unwrap());
    let other = identity(&page.pki, &old, &server_params("localhost"), &[]);
    let impostor = Server::https(&Identity { certificate, key: other.key });
    check(page, "It has not the key of its certificate", 1, "store.pem", &impostor);
    let own = root(server_params("localhost"));
    let files = Identity {
        certificate: page.pki.file("own.pem", &own.pem()),
        key: page.pki.file("own.key", &own.key().serialize_pem()),
    };
    check(page, "It signs for itself", 1, "other.pem", &Server::https(&files));
}

fn own(page: &mut Page) {
    page.head("### `check`: the server's own certificate");
    let authority = root(ca_params("Root"));
    store(&page.pki, &[&authority]);
    let critical: Change = |params| {
        let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
        extension.set_criticality(true);
        params.custom_extensions.push(extension);
    };
    let changes: [(&str, Change); 7] = [
        ("It has expired", |p| p.not_after = date_time_ymd(2015, 1, 1)),
        ("It is not valid yet", |p| p.not_before = date_time_ymd(3000, 1, 1)),
        ("It is a CA's", |p| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)),
        ("It is not for servers", |p| {
            p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        }),
        ("It has an extension that nobody knows", critical),
        ("It is for another name", |p| {
            p.subject_alt_names = server_params("a.example").subject_alt_names;
        }),
        ("It has a common name alone", |p| p.subject_alt_names.clear()),
    ];
    for (cause, change) in changes {
        let mut params = server_params("localhost");
        change(&mut params);
        let server = Server::https(&identity(&page.pki, &authority, &params, &[]));
        check(page, cause, 1, "store.pem", &server);
    }
    let good = identity(&page.pki, &authority, &server_params("localhost"), &[]);
    let port = Server::https(&good);
    let typed = format!("check --ca-certs store.pem 127.0.0.1:{}", port.address().port());
    page.case("It is asked for by its address", 1, &typed);
    let mut params = server_params("localhost");
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    params.not_after = date_time_ymd(1970, 1, 1) + now + Duration::from_secs(10 * 86_400 + 3600);
    let soon = Server::https(&identity(&page.pki, &authority, &params, &[]));
    let port = soon.address().port();
    let typed = format!("check --ca-certs store.pem --expires-within 11 localhost:{port}");
    page.case("It expires soon, which was asked for", 1, &typed);
}

fn intermediate(page: &mut Page) {
    page.head("### `check`: an intermediate certificate");
    let authority = root(ca_params("Root"));
    store(&page.pki, &[&authority]);
    let changes: [(&str, &str, Change); 3] = [
        ("It may issue for other names", "Limited", |p| {
            p.name_constraints = Some(NameConstraints {
                permitted_subtrees: vec![GeneralSubtree::DnsName("corp.example".into())],
                excluded_subtrees: Vec::new(),
            });
        }),
        ("It has expired", "Old", |p| p.not_after = date_time_ymd(2020, 6, 1)),
        ("It is for mail", "Mail", |p| {
            p.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
        }),
    ];
    for (cause, name, change) in changes {
        let mut params = ca_params(name);
        change(&mut params);
        let middle = below(&authority, params);
        let server =
            Server::https(&identity(&page.pki, &middle, &server_params("localhost"), &[&middle]));
        check(page, cause, 1, "store.pem", &server);
    }
    let mut short = ca_params("Short");
    short.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let short = below(&authority, short);
    let lower = below(&short, ca_params("Lower"));
    let params = server_params("localhost");
    let server = Server::https(&identity(&page.pki, &lower, &params, &[&lower, &short]));
    check(page, "It may have no CA below it", 1, "store.pem", &server);
}

/// What rcgen does not make.
fn weak(page: &mut Page) {
    page.head("### `check`: algorithms");
    let minica = Minica::new();
    minica.issue("good", "EC -pkeyopt ec_paramgen_curve:P-256");
    minica.openssl("req -new -key good.key -subj /CN=localhost -out odd.csr");
    fs::write(minica.at("ext"), "subjectAltName=DNS:localhost\n").unwrap();
    minica.openssl(
        "req -x509 -newkey rsa:1024 -nodes -keyout weak.key -subj /CN=Weak -days 30 -out weak.pem",
    );
    for (cause, ca, how) in
        [("It is signed with SHA-1", "root", "-sha1"), ("Its CA has a weak key", "weak", "")]
    {
        let ca_files = format!("-CA {ca}.pem -CAkey {ca}.key -set_serial 77 -extfile ext");
        let to = "x509 -req -in odd.csr -days 3650 -out odd.pem";
        minica.openssl(format!("{to} {ca_files} {how}").trim_end());
        let store = fs::read_to_string(minica.at(&format!("{ca}.pem"))).unwrap();
        page.pki.file("store.pem", &store);
        let files = Identity { certificate: minica.at("odd.pem"), key: minica.at("good.key") };
        check(page, cause, 1, "store.pem", &Server::https(&files));
    }
}

/// What the store trusts, and rejects.
fn rejected(page: &mut Page) {
    page.head("### What the store rejects");
    let reject = [&"x509" as &dyn AsRef<_>, &"-trustout", &"-addreject", &"serverAuth"];
    let rejected = openssl(&[&reject[..], &[&"-in", &page.pki.root]].concat());
    let [root, other] =
        [&page.pki.root, &page.pki.other].map(|path| fs::read_to_string(path).unwrap());
    page.pki.file("rejects.pem", &format!("{other}{root}{rejected}"));
    page.pki.file("all-rejected.pem", &format!("{rejected}{root}"));
    let server = Server::https(&page.pki.server());
    check(page, "Its CA", 1, "rejects.pem", &server);
    let url = server.url();
    page.case("The same, for `get`", 1, &format!("get --ca-certs rejects.pem {url}"));
    page.case("The same, explained", 0, "explain --ca-certs rejects.pem");
    page.case("All of it", 2, "path --ca-certs all-rejected.pem");
}
