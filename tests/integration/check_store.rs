//! The store in what `cacerts check` says, and how it finds a certificate in it.

use crate::support::chains::{ca_params, identity, root, server_params};
use crate::support::check::{check, check_with};
use crate::support::command::text;
use crate::support::openssl::openssl;
use crate::support::own::{Kind, Own};
use crate::support::{Pki, Server};
use cacerts::{Client, ErrorKind, Settings, TrustStore};
use rcgen::{GeneralSubtree, NameConstraints};
use std::fs;
use tempfile::TempDir;

#[test]
fn of_several_stores_the_one_is_named_that_has_the_root() {
    let pki = Pki::new();
    let server = Server::https(&pki.server());
    let extra = ["--extra-ca-certs", text(&pki.root), &server.url()];
    let seen = check_with(&pki.other, &extra, &[]);
    seen.trusts();
    let store = seen.json["store"].as_array().unwrap();
    assert_eq!((store.len(), &store[0]["setting"]), (1, &"--extra-ca-certs".into()), "{store:?}");
    let extra = ["--extra-ca-certs", text(&pki.client_ca), &server.url()];
    let seen = check_with(&pki.other, &extra, &[]);
    seen.says(
        1,
        "unknown-issuer",
        &["other.pem (--ca-certs, 1 certificate)", "client-ca.pem (--extra-ca-certs, 1"],
    );
}

/// What the root is found by, without reading all of a store.
#[test]
fn certificates_are_found_by_their_subject() {
    let pki = Pki::new();
    let all = pki.joined("all.pem", &[&pki.other, &pki.root, &pki.intermediate]);
    let directory = pki.directory().join("hashed");
    fs::create_dir(&directory).unwrap();
    for path in [&pki.root, &pki.other] {
        let hash = openssl(&[&"x509", &"-hash", &"-noout", &"-in", path]);
        fs::copy(path, directory.join(format!("{}.0", hash.trim()))).unwrap();
    }
    let wanted = TrustStore::load(&pki.root).unwrap();
    let subject = wanted.root_cert_store().roots[0].subject.to_vec();
    for store in [&all, &directory] {
        let store = TrustStore::load(store).unwrap();
        assert_eq!(store.named(&subject).unwrap(), wanted.certificates(), "{store:?}");
        assert_eq!(store.named(b"nobody").unwrap(), []);
    }
}

/// What vouched for a server is known without looking for it again.
#[test]
fn what_a_verdict_has_gone_by_is_known() {
    let pki = Pki::new();
    let server = Server::https(&pki.server());
    let all = pki.joined("all.pem", &[&pki.other, &pki.root]);
    // What is not written as usual is read in another way.
    let odd = pki.file("odd.pem", &fs::read_to_string(&all).unwrap().replace('\n', "\r\n"));
    let roots = [&pki.root, &pki.other].map(|path| TrustStore::load(path).unwrap());
    let [root, other] = roots.each_ref().map(|store| store.certificates());
    let [root_name, other_name] =
        roots.each_ref().map(|store| store.root_cert_store().roots[0].subject.to_vec());
    for bundle in [all, odd] {
        let client = Client::new(Settings::new().ca_certs(bundle));
        let seen = client.check(&format!("localhost:{}", server.address().port()));
        seen.verdict.unwrap();
        let store = seen.store.unwrap();
        assert_eq!((&*store.gone_by(&root_name), &*store.gone_by(&other_name)), (root, &[][..]));
        assert_eq!(store.named(&other_name).unwrap(), other);
    }
}

/// A CA of the store that may not vouch for a server does not, where the server's own certificate is there, too.
#[test]
fn who_is_pinned_is_told_to_be_whichever_ca_has_the_name() {
    let pki = Pki::new();
    let mut params = ca_params("Elsewhere");
    let permitted_subtrees = vec![GeneralSubtree::DnsName("elsewhere.example".to_owned())];
    params.name_constraints =
        Some(NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() });
    let ca = root(params);
    let identity = identity(&pki, &ca, &server_params("localhost"), &[]);
    let server = Server::https(&identity);
    let both = fs::read_to_string(&identity.certificate).unwrap() + &ca.pem();
    let seen = check(&pki.file("both.pem", &both), &server.url());
    seen.trusts();
    assert_eq!(seen.json["pinned"], true, "{seen:?}");
    // Without it there is nobody.
    let seen = check(&pki.file("ca.pem", &ca.pem()), &server.url());
    seen.says(1, "name-constraints", &["elsewhere.example"]);
}

#[test]
fn what_was_overwritten_is_an_error_and_no_empty_answer() {
    let pki = Pki::new();
    let all = pki.joined("all.pem", &[&pki.other, &pki.root]);
    let subject = TrustStore::load(&pki.root).unwrap().root_cert_store().roots[0].subject.to_vec();
    let store = TrustStore::load(&all).unwrap();
    let (untouched, text) = (TrustStore::load(&all).unwrap(), fs::read(&all).unwrap());
    assert_eq!(untouched.named(&subject).unwrap().len(), 1);
    // In place: what is opened is this file.
    fs::write(&all, [&text[..], b"# and more\n"].concat()).unwrap();
    let error = store.named(&subject).unwrap_err();
    assert_eq!((error.kind(), error.path()), (ErrorKind::StoreInvalid, Some(&*all)), "{error}");
    assert!(error.to_string().contains("overwritten"), "{error}");
}

/// A file was added to a directory, and nobody told OpenSSL.
#[test]
fn a_ca_whose_file_is_not_named_by_its_hash_is_found() {
    let pki = Pki::new();
    let server = Server::https(&pki.server());
    let directory = pki.directory().join("hashed");
    fs::create_dir(&directory).unwrap();
    fs::copy(&pki.other, directory.join("other.pem")).unwrap();
    openssl(&[&"rehash", &directory]);
    check(&directory, &server.url()).says(1, "unknown-issuer", &[]);
    let rehash = format!("openssl rehash {}", directory.display());
    // With another in it, and under a name that is passed over, too.
    let both = pki.joined("both.pem", &[&pki.client_ca, &pki.root]);
    for (file, name) in [(&both, "both.pem"), (&pki.root, "corp.txt")] {
        let file_there = directory.join(name);
        fs::copy(file, &file_there).unwrap();
        let seen = check(&directory, &server.url());
        seen.says(
            1,
            "ca-file-ignored",
            &[name, "it is not named by its hash", "a file of its own"],
        );
        assert!(seen.json["steps"][0].as_str().unwrap().contains(&rehash), "{seen:#?}");
        fs::remove_file(file_there).unwrap();
    }
    fs::copy(&pki.root, directory.join("corp.pem")).unwrap();
    let seen = check(&directory, &server.url());
    seen.says(1, "ca-file-ignored", &["/corp.pem, which does not count", &rehash]);
    assert!(!seen.text.contains("of its own"), "{}", seen.text);
    openssl(&[&"rehash", &directory]);
    check(&directory, &server.url()).trusts();
}

#[cfg(unix)]
#[test]
fn a_store_that_is_a_link_to_nothing_is_no_missing_package() {
    let pki = Pki::new();
    let link = pki.directory().join("link.pem");
    std::os::unix::fs::symlink("/nowhere/ca.pem", &link).unwrap();
    let seen = check(&link, "localhost:1");
    assert_eq!((seen.code, &seen.json["reason"]), (Some(2), &"store-link".into()), "{seen:#?}");
    assert!(seen.words().contains("is a link to /nowhere/ca.pem"), "{}", seen.text);
    let seen = check(&pki.missing(), "localhost:1");
    assert_eq!((seen.code, &seen.json["reason"]), (Some(2), &"store-missing".into()), "{seen:#?}");
    assert!(seen.json["verified"].is_null());
}

/// The same of a server that signs for itself, as `openssl req -x509` makes its certificate, or another.
#[test]
fn a_servers_own_certificate_that_is_not_named_by_its_hash_is_found() {
    for kind in [Kind::SelfSignedCa, Kind::SelfSigned] {
        let (pki, own) = (Pki::new(), Own::new(kind));
        let files = TempDir::new().unwrap();
        let server = Server::https(&own.identity(&files));
        let directory = pki.directory().join("hashed");
        fs::create_dir(&directory).unwrap();
        fs::copy(&pki.other, directory.join("other.pem")).unwrap();
        openssl(&[&"rehash", &directory]);
        let seen = check(&directory, &server.url());
        assert!(seen.code == Some(1) && !seen.text.contains("rehash"), "{}", seen.text);
        fs::write(directory.join("own.pem"), &own.pem).unwrap();
        let seen = check(&directory, &server.url());
        let rehash = format!("openssl rehash {}", directory.display());
        let said = seen.json["steps"][0].as_str().unwrap();
        assert!(
            said.contains("/own.pem, which does not count") && said.ends_with(&rehash),
            "{said}"
        );
        // As advised.
        openssl(&[&"rehash", &directory]);
        check(&directory, &server.url()).trusts();
    }
}
