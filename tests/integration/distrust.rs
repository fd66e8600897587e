//! What a store rejects is trusted in no role, wherever else it stands.

use crate::support::directory::Directory;
use crate::support::handshake::{Client, Server};
use crate::support::log::{keep_warnings, warnings};
use crate::support::openssl::openssl;
use crate::support::rejection::{
    Ca, SERVER, distrusted, file, params, pem, put, rejected, rejected_for, shown, trusts,
};
use crate::support::{self, Identity, User, alone, alone_with};
use cacerts::{ClientAuth, Settings, TrustStore};
use rcgen::{DnValue, ExtendedKeyUsagePurpose, KeyPair};
use std::env;
use std::os::unix::fs::symlink;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tempfile::TempDir;

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
    // Behind what is no file, too.
    let entries = std::fs::read_dir(&directory.path).unwrap().map(|entry| entry.unwrap().path());
    let damaged = entries.into_iter().find(|path| path.extension().unwrap() == "1").unwrap();
    std::fs::remove_file(&damaged).unwrap();
    std::fs::create_dir(&damaged).unwrap();
    assert!(!trusts(&settings, &server, &directory.path));
    let store = directory.load();
    assert_eq!((store.certificates(), store.distrusted().len()), (&[other.der().clone()][..], 1));
    // By another name of the same file, which is none that is looked for, it is not lost.
    let second = damaged.with_extension("2");
    std::fs::remove_file(&second).unwrap();
    directory.write("both.pem", &(rejected(&ca) + &other.pem()));
    symlink("both.pem", &second).unwrap();
    symlink("both.pem", directory.at("00000000.7")).unwrap();
    assert!(!trusts(&settings, &server, &directory.path));
    assert_eq!(directory.load().certificates(), [other.der().clone()]);
}

#[test]
fn a_list_of_directories_is_one_store() {
    alone_with(a_list_of_directories_is_one_store, &[("SSL_CERT_DIR", "one:two")], || {
        let place = TempDir::new().unwrap();
        env::set_current_dir(place.path()).unwrap();
        let (ca, other) = (Ca::root("A CA that is rejected"), Ca::root("Another CA"));
        let [first, second] = [(); 2].map(|()| Directory::new());
        put(&first, 0, &ca.pem());
        put(&first, 0, &other.pem());
        put(&second, 0, &other.pem());
        symlink(&first.path, "one").unwrap();
        symlink(&second.path, "two").unwrap();
        let (settings, server) = (Settings::new(), ca.server(&[]));
        let two = std::path::absolute("two").unwrap();
        assert!(trusts(&settings, &server, &two));
        put(&second, 0, &rejected(&ca));
        assert!(!trusts(&settings, &server, &two));
        assert!(trusts(&settings, &other.server(&[]), &two));
    });
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

/// A program that takes a list of CAs cannot reject it, and that is not kept from it.
#[test]
fn who_takes_a_list_of_cas_hears_of_what_it_cannot_reject() {
    alone(who_takes_a_list_of_cas_hears_of_what_it_cannot_reject, || {
        keep_warnings();
        let root = Ca::root("The root");
        let issuing = root.intermediate("The issuing CA");
        let place = TempDir::new().unwrap();
        for (name, more, count) in
            [("with.pem", rejected(&issuing), 1), ("a.pem", String::new(), 0)]
        {
            let store = file(&place, name, &(root.pem() + &more));
            let list = TrustStore::load(&store).unwrap().only_cas().unwrap();
            assert_eq!(list.certificates(), [root.der().clone()]);
            let warnings = warnings(&store);
            let words = "cannot reject it where a server sends it";
            let told = warnings.iter().filter(|warning| warning.contains(words)).count();
            assert_eq!(told, count, "{warnings:?}");
        }
    });
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

/// The message names what is rejected and where, and what to do; the commands tell of it before.
#[test]
fn the_commands_tell_of_it() {
    let (user, place) = (User::new(), TempDir::new().unwrap());
    let (ca, other) = (Ca::root("A CA that is rejected"), Ca::root("Another CA"));
    let (leaf, key) = ca.leaf(ExtendedKeyUsagePurpose::ServerAuth);
    let server = support::Server::https(&Identity {
        certificate: file(&place, "leaf.pem", &pem(&leaf)),
        key: file(&place, "leaf.key", &key.serialize_pem()),
    });
    let plain = ca.pem() + &other.pem();
    let line = plain.lines().count() + 1;
    let store = file(&place, "ca.pem", &(plain.clone() + &rejected(&ca)));
    let said = format!(
        "\"A CA that is rejected\" is rejected by the trust store, in {}:{line}",
        store.display()
    );
    let address = server.address().to_string().replace("127.0.0.1", "localhost");
    for command in [&["check", &address][..], &["get", &server.url()]] {
        let run = user.cacerts(command).option("--ca-certs", &store).run();
        assert_eq!(run.code, Some(1), "{run:#?}");
        let words =
            (run.stdout.clone() + &run.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        for expected in [&said, "a certificate that does not come from there", "take it out of"] {
            assert!(words.contains(expected), "{expected}: {run:#?}");
        }
        let without = file(&place, "plain.pem", &plain);
        assert_eq!(user.cacerts(command).option("--ca-certs", without).run().code, Some(0));
    }
    let run = user.cacerts(&["list"]).option("--ca-certs", &store).run();
    let rows: Vec<_> = run.stdout.lines().collect();
    let [trusted, distrusted] = *rows else { panic!("{run:#?}") };
    assert!(trusted.starts_with("Another CA") && !trusted.ends_with("distrusted"), "{run:#?}");
    assert!(distrusted.starts_with("A CA that is rejected"), "{run:#?}");
    assert!(distrusted.ends_with("  distrusted"), "{run:#?}");
    let run = user.cacerts(&["list", "--pem"]).option("--ca-certs", &store).run();
    assert_eq!(run.stdout.matches("BEGIN CERTIFICATE").count(), 1, "{run:#?}");
    assert!(run.stderr.contains("left out, because it is distrusted"), "{run:#?}");
    let run = user.cacerts(&["explain"]).option("--ca-certs", &store).run();
    assert!(run.stdout.contains(&format!("distrusted: {said}")), "{run:#?}");
    let run = user.cacerts(&["explain", "--json"]).option("--ca-certs", &store).run();
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["source"]["distrusted"][0]["line"], line);
    assert_eq!(json["source"]["certificates"], 1);

    // Where all is rejected, there is no store to begin with.
    for (text, why) in [
        (rejected(&ca), "is rejected for TLS servers by its trust settings"),
        (rejected(&ca) + &ca.pem(), "holds no certificate that it does not reject itself"),
    ] {
        let nothing = file(&place, "nothing.pem", &text);
        user.cacerts(&["list"]).option("--ca-certs", &nothing).run().misconfigured(&[why]);
    }
}

/// However often it is there.
#[test]
fn what_is_distrusted_is_counted_once_in_words_and_in_fields() {
    let (ca, other, user) = (Ca::root("Rejected"), Ca::root("Another"), User::new());
    let place = tempfile::tempdir().unwrap();
    for (text, lost) in [
        (ca.pem() + &other.pem() + &rejected(&ca), 0),
        (ca.pem() + &rejected(&ca) + &other.pem() + &rejected(&ca), 0),
        (rejected(&ca) + &other.pem() + "-----BEGIN CERTIFICATE-----\nA\n", 1),
    ] {
        let store = file(&place, "ca.pem", &text);
        let run = user.cacerts(&["explain"]).option("--ca-certs", &store).run();
        for said in [
            &format!("    a file with 2 certificates, {lost} skipped\n"),
            "    of these, 1 distrusted: see ",
        ] {
            assert!(run.stdout.contains(said), "{said}: {run:#?}");
        }
        assert_eq!(run.stdout.matches("    skipped ").count(), lost, "{run:#?}");
        let run = user.cacerts(&["explain", "--json"]).option("--ca-certs", &store).run();
        let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let source = &json["source"];
        let counts = ["total", "certificates", "not_ca", "skipped"].map(|field| &source[field]);
        assert_eq!(counts, [2, 1, 0, lost], "{json:#}");
        assert_eq!(source["skipped_entries"].as_array().unwrap().len(), lost, "{json:#}");
        let marks = serde_json::json!([{ "mark": "distrusted", "count": 1 }]);
        assert_eq!(source["marks"], marks, "{json:#}");
        let run = user.cacerts(&["list"]).option("--ca-certs", &store).run();
        assert_eq!(run.stdout.lines().count(), 2, "{run:#?}");
    }
}
