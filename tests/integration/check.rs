//! `cacerts check` of servers whose certificates are not right, each beside one that is.

use crate::support::chains::{below, ca_params, corp_params, identity, root, server_params, store};
use crate::support::check::{check, check_with};
use crate::support::command::run;
use crate::support::minica::Minica;
use crate::support::openssl::{self, OpensslServer};
use crate::support::{Identity, Pki, Server, User};
use rcgen::{
    BasicConstraints, CustomExtension, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    NameConstraints, date_time_ymd,
};
use std::fs;
use std::time::{Duration, SystemTime};

#[test]
fn a_server_that_is_trusted_is_shown_with_its_root() {
    let pki = Pki::new();
    let server = Server::https(&pki.server());
    let seen = check(&pki.root, &server.url());
    seen.trusts();
    let json = &seen.json;
    assert_eq!(json["address"], server.address().to_string());
    assert_eq!(json["chain"][0]["subject"], "CN=Test Server");
    assert_eq!(json["chain"][0]["names"], serde_json::json!(["localhost", "127.0.0.1", "::1"]));
    assert_eq!(json["chain"][1]["issuer"], "CN=Test Root");
    assert_eq!(json["chain"][1]["key"], "ECDSA P-256");
    assert_eq!(json["root"]["subject"], "CN=Test Root");
    assert_eq!(json["store"][0]["setting"], "--ca-certs");
    assert_eq!(json["tls_version"], "1.3");
    let suite = json["cipher_suite"].as_str().unwrap();
    assert!(suite.starts_with("TLS_"), "{suite}");
    assert!(json["group"].is_string());
    for words in
        ["sent 0 Test Server", "sent 1 Test Intermediate", "root Test Root", "TLS 1.3 TLS_"]
    {
        assert!(seen.words().contains(words), "{}", seen.text);
    }
    // What is sent is trusted itself.
    let seen = check(&pki.intermediate, &server.url());
    seen.trusts();
    assert_eq!(seen.json["root"]["subject"], "CN=Test Intermediate");
}

#[test]
fn who_else_refuses_a_server_is_told_to_who_asks() {
    let pki = Pki::new();
    let server = Server::https(&pki.server());
    let seen = check_with(&pki.root, &["-v", &server.url()], &[]);
    seen.trusts();
    let refusal =
        "Python 3.13 and later refuse this server: \"Test Server\" has no authorityKeyIdentifier.";
    assert!(seen.words().contains(refusal), "{}", seen.text);
    assert_eq!(seen.json["refused_by_others"][0], refusal);
    assert!(!check(&pki.root, &server.url()).text.contains("Python"));
}

#[test]
fn what_was_sent_can_be_had_whether_it_is_trusted_or_not() {
    let (pki, user) = (Pki::new(), User::new());
    let identity = pki.server();
    let server = Server::https(&identity);
    let sent = fs::read_to_string(&identity.certificate).unwrap().replace('\r', "");
    for (store, code) in [(&pki.root, 0), (&pki.other, 1)] {
        let run =
            user.cacerts(&["check", "--pem", &server.url()]).option("--ca-certs", store).run();
        assert_eq!((run.code, &run.stdout), (Some(code), &sent), "{run:#?}");
        assert_eq!(run.stderr.contains("is not trusted"), code == 1, "{run:#?}");
    }
}

#[test]
fn a_certificate_that_runs_out_is_a_no_for_who_asks() {
    let pki = Pki::new();
    let authority = root(ca_params("Root"));
    let mut params = server_params("localhost");
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    params.not_after = date_time_ymd(1970, 1, 1) + now + Duration::from_secs(10 * 86_400 + 60);
    let server = Server::https(&identity(&pki, &authority, &params, &[]));
    let store = store(&pki, &[&authority]);
    let within = |days| check_with(&store, &["--expires-within", days, &server.url()], &[]);
    within("10").trusts();
    let seen = within("11");
    seen.says(1, "expires-soon", &["is trusted, but \"localhost\" runs out", "in 10 days"]);
    seen.blames(0);
    assert!(check(&store, &server.url()).text.contains("(10 days)"));
}

#[test]
fn a_ca_that_is_missing_and_an_intermediate_that_is_not_sent() {
    let pki = Pki::new();
    let server = Server::https(&pki.server());
    check(&pki.root, &server.url()).trusts();
    let seen = check(&pki.other, &server.url());
    seen.says(
        1,
        "unknown-issuer",
        &[
            "its CA is not in the store",
            "wanted Test Root",
            "1 certificate)",
            "--extra-ca-certs FILE",
            "from that CA's owner, never from this connection",
        ],
    );
    seen.blames(1);
    assert_eq!(seen.json["wanted"], "CN=Test Root");

    let alone = Server::https(&pki.server_without_intermediate());
    let seen = check(&pki.root, &alone.url());
    seen.says(
        1,
        "unknown-issuer",
        &[
            "sends no certificate but its own",
            "If \"Test Intermediate\" is an intermediate CA: tell whoever",
        ],
    );
    seen.blames(0);

    let authority = root(corp_params("Corp Root"));
    let middle = below(&authority, corp_params("Corp Issuing"));
    let server = Server::https(&identity(&pki, &middle, &server_params("localhost"), &[]));
    let seen = check(&store(&pki, &[&authority]), &server.url());
    seen.says(
        1,
        "missing-intermediate",
        &[
            "the store has \"Corp Root\"",
            "Tell whoever runs the server to send the certificate of \"Corp Issuing\"",
        ],
    );
    let whole = Server::https(&identity(&pki, &middle, &server_params("localhost"), &[&middle]));
    check(&store(&pki, &[&authority]), &whole.url()).trusts();
}

/// Nothing of it may do anything on a terminal, or in a shell.
#[test]
fn what_a_server_sends_is_harmless() {
    let pki = Pki::new();
    let authority = root(ca_params("\u{1b}]0;x\u{7}`reboot`; rm \u{202e}-rf $(x)\n"));
    let mut params = server_params("localhost");
    params.distinguished_name.push(DnType::CommonName, "x".repeat(3000));
    let server = Server::https(&identity(&pki, &authority, &params, &[]));
    let seen = check(&pki.root, &server.url());
    seen.says(1, "unknown-issuer", &["\\u{1b}]0;x\\u{7}`reboot`; rm \\u{202e}-rf $(x)\\"]);
    assert!(seen.text.len() < 4000, "{}", seen.text);
    for line in seen.text.lines().filter(|line| line.starts_with("      ")) {
        assert!(!line.contains("reboot`"), "{line}");
    }
    let server = Server::https(&identity(&pki, &authority, &server_params("localhost"), &[]));
    check(&store(&pki, &[&authority]), &server.url()).trusts();
    // Nor is it endless.
    let authority = root(ca_params(&"y".repeat(500)));
    let many = vec![&authority; 30];
    let server = Server::https(&identity(&pki, &authority, &params, &many));
    let seen = check(&pki.root, &server.url());
    seen.says(1, "unknown-issuer", &["yyy...", "and 11 more"]);
    assert!(seen.text.len() < 6000, "{}", seen.text);
}

#[test]
fn each_wrong_certificate_has_its_cause() {
    let pki = Pki::new();
    let authority = root(ca_params("Root"));
    let store = store(&pki, &[&authority]);
    type Change<'a> = &'a dyn Fn(&mut rcgen::CertificateParams);
    let critical = |params: &mut rcgen::CertificateParams| {
        let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4], vec![5, 0]);
        extension.set_criticality(true);
        params.custom_extensions.push(extension);
    };
    let changes: [(&str, Change<'_>, &[&str]); 7] = [
        (
            "expired",
            &|p| p.not_after = date_time_ymd(2015, 1, 1),
            &["has expired on 2015-01-01", "sent 0 localhost expired 2015-01-01"],
        ),
        (
            "not-yet-valid",
            &|p| p.not_before = date_time_ymd(3000, 1, 1),
            &["is valid from 3000-01-01 on", "clock right"],
        ),
        (
            "ca-as-server",
            &|p| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
            &["CA:TRUE", "curl and Python accept it"],
        ),
        (
            "wrong-purpose",
            &|p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth],
            &["for TLS clients", "serverAuth"],
        ),
        ("critical-extension", &critical, &["1.2.3.4", "not marked as critical"]),
        (
            "wrong-name",
            &|p| p.subject_alt_names = server_params("a.example").subject_alt_names,
            &["is for a.example, not for localhost"],
        ),
        (
            "common-name-only",
            &|p| p.subject_alt_names.clear(),
            &["a common name (\"localhost\")", "subjectAltName"],
        ),
    ];
    for (reason, change, words) in changes {
        let mut params = server_params("localhost");
        change(&mut params);
        let server = Server::https(&identity(&pki, &authority, &params, &[]));
        let seen = check(&store, &server.url());
        seen.says(1, reason, words);
        seen.blames(0);
    }
    let good = Server::https(&identity(&pki, &authority, &server_params("localhost"), &[]));
    check(&store, &good.url()).trusts();
    let by_address = check(&store, &good.url_as("127.0.0.1"));
    by_address.says(
        1,
        "wrong-address",
        &["asked for by its address, 127.0.0.1", "for names only: localhost"],
    );
    let port = good.address().port();
    let named = ["--server-name", "localhost", &format!("127.0.0.1:{port}")];
    check_with(&store, &named, &[]).trusts();
    let connected = ["--connect", &format!("127.0.0.1:{port}"), "localhost"];
    let seen = check_with(&store, &connected, &[]);
    seen.trusts();
    assert_eq!(
        (&seen.json["server"], &seen.json["address"]),
        (&"localhost:443".into(), &good.address().to_string().into())
    );
}

#[test]
fn each_wrong_intermediate_has_its_cause() {
    let pki = Pki::new();
    let authority = root(ca_params("Root"));
    let store = store(&pki, &[&authority]);
    let mut limited = ca_params("Limited");
    limited.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("corp.example".into())],
        excluded_subtrees: Vec::new(),
    });
    let mut old = ca_params("Old");
    old.not_after = date_time_ymd(2020, 6, 1);
    let mut mail = ca_params("Mail");
    mail.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
    for (params, reason, words) in [
        (limited, "name-constraints", &["\"Limited\" may issue only for corp.example"][..]),
        (
            old,
            "expired",
            &["the certificate of \"Old\", which it sends, has expired on 2020-06-01"],
        ),
        (mail, "wrong-purpose", &["the certificate of \"Mail\", which it sends, is for mail"]),
    ] {
        let middle = below(&authority, params);
        let server =
            Server::https(&identity(&pki, &middle, &server_params("localhost"), &[&middle]));
        let seen = check(&store, &server.url());
        seen.says(1, reason, words);
        seen.blames(1);
    }
    let mut short = ca_params("Short");
    short.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let short = below(&authority, short);
    let lower = below(&short, ca_params("Lower"));
    let params = server_params("localhost");
    let server = Server::https(&identity(&pki, &lower, &params, &[&lower, &short]));
    let seen = check(&store, &server.url());
    seen.says(1, "path-too-long", &["\"Short\" may have no CA below it (pathlen), and has 1"]);
    seen.blames(2);
    let server = Server::https(&identity(&pki, &short, &params, &[&short]));
    check(&store, &server.url()).trusts();
}

#[test]
fn a_ca_with_a_new_key_and_a_server_that_signs_for_itself() {
    let pki = Pki::new();
    let (old, new) = (root(ca_params("Corp")), root(ca_params("Corp")));
    let server = Server::https(&identity(&pki, &old, &server_params("localhost"), &[]));
    let seen = check(&store(&pki, &[&new]), &server.url());
    seen.says(
        1,
        "ca-key-changed",
        &["same name, whose key has not signed", "never from this connection"],
    );
    check(&store(&pki, &[&old, &new]), &server.url()).trusts();

    // Somebody who shows the certificate of the server, and has a key of his own.
    let right = identity(&pki, &old, &server_params("localhost"), &[]);
    let certificate = pki.file("shown.pem", &fs::read_to_string(&right.certificate).unwrap());
    let other = identity(&pki, &old, &server_params("localhost"), &[]);
    let impostor = Server::https(&Identity { certificate, key: other.key });
    let seen = check(&store(&pki, &[&old]), &impostor.url());
    seen.says(1, "wrong-key", &["has not the key of the certificate that it shows"]);
    assert!(seen.json["root"].is_null());

    let own = root(server_params("localhost"));
    let files = Identity {
        certificate: pki.file("own.pem", &own.pem()),
        key: pki.file("own.key", &own.key().serialize_pem()),
    };
    let server = Server::https(&files);
    let seen = check(&pki.other, &server.url());
    seen.says(1, "self-signed", &["signed by itself", "--ca-certs FILE"]);
}

/// What rcgen does not make.
#[test]
fn old_and_weak_certificates_of_openssl_have_their_causes() {
    let minica = Minica::new();
    let good = minica.issue("good", "EC -pkeyopt ec_paramgen_curve:P-256");
    check(
        &minica.root(),
        &OpensslServer::start(&good).address().to_string().replace("127.0.0.1", "localhost"),
    )
    .trusts();
    let issue = |how: &str| {
        minica.openssl("req -new -key good.key -subj /CN=localhost -out odd.csr");
        fs::write(minica.at("ext"), "subjectAltName=DNS:localhost\n").unwrap();
        minica.openssl(&format!("x509 -req -in odd.csr -days 30 -out odd.pem {how}"));
        Identity { certificate: minica.at("odd.pem"), key: minica.at("good.key") }
    };
    let seen = |files: &Identity, store: &str| {
        let server = Server::https(files);
        check(&minica.at(store), &server.url())
    };
    let ca = "-CA root.pem -CAkey root.key -set_serial 77";
    let sha1 = issue(&format!("{ca} -extfile ext -sha1"));
    seen(&sha1, "root.pem").says(1, "weak-algorithm", &["SHA-1", "no longer safe", "SHA-256"]);
    let v1 = issue(ca);
    let shown =
        run(openssl::command().args(["x509", "-noout", "-text", "-in"]).arg(&v1.certificate));
    // Later ones of OpenSSL make version 3 of it.
    if shown.stdout.contains("Version: 1") {
        seen(&v1, "root.pem").says(1, "version-1", &["is of version 1, and not 3"]);
    }
    minica.openssl(
        "req -x509 -newkey rsa:1024 -nodes -keyout weak.key -subj /CN=Weak -days 30 -out weak.pem",
    );
    let weak = issue("-CA weak.pem -CAkey weak.key -set_serial 78 -extfile ext");
    seen(&weak, "weak.pem").says(
        1,
        "weak-key",
        &["\"Weak\", the CA in the store, has a key of RSA 1024"],
    );
}
