//! Servers whose certificates are not right.

use super::page::Page;
use crate::support::chains::{below, ca_params, identity, root, server_params, store};
use crate::support::{Identity, Server};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, NameConstraints, date_time_ymd,
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
    let typed = format!("check -k --ca-certs root.pem localhost:{port}");
    page.case("Verification is off", 1, &typed);
    let cut = page.pki.server_without_intermediate();
    let alone = Server::https(&cut);
    check(page, "It sends its own certificate alone", 1, "root.pem", &alone);
    let corp = |name: &str| {
        let mut params = ca_params(name);
        params.distinguished_name.push(DnType::OrganizationName, "Corp");
        params
    };
    let authority = root(corp("Corp Root"));
    let middle = below(&authority, corp("Corp Issuing"));
    let files = identity(&page.pki, &middle, &server_params("localhost"), &[]);
    let server = Server::https(&files);
    store(&page.pki, &[&authority]);
    check(page, "It sends no intermediate, whose CA is known", 1, "store.pem", &server);

    let (old, new) = (root(ca_params("Corp")), root(ca_params("Corp")));
    let files = identity(&page.pki, &old, &server_params("localhost"), &[]);
    let server = Server::https(&files);
    store(&page.pki, &[&new]);
    check(page, "Its CA has another key than the store's", 1, "store.pem", &server);
    store(&page.pki, &[&old]);
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
