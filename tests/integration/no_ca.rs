//! What says CA:FALSE is no CA: it vouches for itself where it is named, and issues nothing.

use crate::support::bundle::{Bundle, Way};
use crate::support::handshake::{Ca, Client};
use crate::support::own::{Kind, Own, directory};
use crate::support::{Pki, Server, User, fetch};
use cacerts::{ErrorKind, Settings, TrustStore};
use rcgen::{BasicConstraints, IsCa};
use std::path::Path;
use std::slice::from_ref;
use tempfile::TempDir;

/// However it stands there, beside whatever else; without the two words it is a CA.
#[test]
fn what_says_ca_false_issues_nothing() {
    let other = Ca::new("other");
    for (is_ca, verifies) in [
        (IsCa::ExplicitNoCa, false),
        (IsCa::Ca(BasicConstraints::Unconstrained), true),
        (IsCa::NoCa, true),
    ] {
        let name = "A name that is as long as those that are usual, and a little longer";
        let authority = Own::with(Kind::SelfSigned, |params| {
            params.is_ca = is_ca;
            params.distinguished_name.push(rcgen::DnType::OrganizationName, name);
        });
        let issued = authority.issue();
        let file = |text: &str| Bundle::new(Way::Rename, text);
        let odd = authority.pem.replace('\n', "\r\n");
        let files = [
            authority.pem.clone(),
            format!("{}{}", other.pem, authority.pem),
            format!("{}{}", authority.pem, other.pem),
            format!("{}{}{}", other.pem, authority.pem, authority.pem),
            format!("{}{odd}", other.pem),
        ]
        .map(|text| file(&text));
        let [plain, alone, hashed] =
            [false, true, true].map(|is_hashed| directory(&authority.pem, is_hashed));
        hashed.write("other.pem", &other.pem);
        hashed.rehash();
        let directories = [&plain, &alone, &hashed].map(|directory| &directory.path);
        let paths = files.iter().map(|file| &file.path).chain(directories);
        for path in paths {
            for settings in
                [Settings::new().ca_certs(path), Settings::new().ca_certs(path).reload(false)]
            {
                for client in Client::both_with(&settings) {
                    for chain in [&[][..], from_ref(&authority.der)] {
                        let server = issued.server_that_sends(chain);
                        for _ in 0..2 {
                            let refusal = client.attempt(&server).err();
                            let path = path.display();
                            assert_eq!(
                                refusal.is_none(),
                                verifies,
                                "{is_ca:?} {path}: {refusal:?}"
                            );
                        }
                    }
                    assert!(client.attempt(&authority.server()).is_ok(), "it vouches for itself");
                }
            }
            let store = TrustStore::load(path).unwrap();
            assert_eq!(store.certificates().contains(&authority.der), verifies);
            assert_eq!(store.not_ca().contains(&authority.der), !verifies);
            assert_eq!(store.root_cert_store().len(), store.len());
            assert_eq!(store.skipped(), []);
        }
    }
}

/// Whoever has made a CA without the two words learns why it is none.
#[test]
fn why_an_issuer_is_none_is_told_once() {
    let (user, place) = (User::new(), TempDir::new().unwrap());
    for (is_ca, is_trusted) in
        [(IsCa::ExplicitNoCa, false), (IsCa::Ca(BasicConstraints::Unconstrained), true)]
    {
        let authority = Own::with(Kind::SelfSigned, |params| params.is_ca = is_ca);
        let server = Server::https(&authority.issue().identity(&place));
        let file = Bundle::new(Way::Rename, &authority.pem);
        let run = user.get(&server.url()).option("--ca-certs", &file.path).run();
        if is_trusted {
            run.fetched();
        } else {
            run.not_trusted();
            let said = run.stderr.matches("says that it is no CA (CA:FALSE)").count();
            assert_eq!(said, 1, "{run:#?}");
        }
    }
}

/// Nor may its clients connect to a server.
#[test]
fn what_says_ca_false_admits_no_client() {
    let place = TempDir::new().unwrap();
    let pki = Pki::new();
    let identity = pki.server();
    let admits = |store: &Path| {
        Settings::new().client_cert(&identity.certificate).client_key(&identity.key).ca_certs(store)
    };
    let authority = Own::new(Kind::SelfSigned);
    let own = authority.identity(&place);
    let error = admits(&own.certificate).server_config().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StoreInvalid);
    assert!(error.to_string().contains("holds no CA"), "{error}");

    let both = pki.joined("both.pem", &[&pki.client_ca, &own.certificate]);
    let issued = authority.issue().identity(&place);
    for reload in [true, false] {
        let server = Server::of(admits(&both).reload(reload).server_config().unwrap());
        for (client, is_admitted) in [(&pki.client(), true), (&issued, false)] {
            let settings = Settings::new().ca_certs(&pki.root).client_cert(&client.certificate);
            let config = settings.client_key(&client.key).client_config().unwrap();
            assert_eq!(fetch(config, &server).is_ok(), is_admitted, "reload: {reload}");
        }
    }
}

#[test]
fn list_and_explain_tell_what_is_no_ca() {
    let (pki, user) = (Pki::new(), User::new());
    let own = Own::new(Kind::SelfSigned);
    let file = pki.file("own.pem", &own.pem);
    let both = pki.joined("both.pem", &[&pki.root, &file]);
    let run = |arguments: &[&str], store: &Path| {
        let run = user.cacerts(arguments).option("--ca-certs", store).run();
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:#?}");
        run.stdout
    };
    let list = run(&["list"], &both);
    let [root, server] = list.lines().collect::<Vec<_>>()[..] else { panic!("{list}") };
    assert!(server.ends_with("no CA") && !root.contains("no CA"), "{list}");
    let list: serde_json::Value = serde_json::from_str(&run(&["list", "--json"], &both)).unwrap();
    assert_eq!((&list[0]["ca"], &list[1]["ca"]), (&true.into(), &false.into()), "{list}");
    for (store, words, certificates) in [
        (&both, "2 certificates, 0 skipped\n    of these, 1 no CA", 1),
        (&file, "1 certificate, 0 skipped\n    of these, 1 no CA", 0),
    ] {
        let text = run(&["explain"], store);
        assert!(text.contains(words), "{text}");
        let json: serde_json::Value =
            serde_json::from_str(&run(&["explain", "--json"], store)).unwrap();
        assert_eq!(json["source"]["certificates"], certificates, "{json}");
        assert_eq!(json["source"]["not_ca"], 1, "{json}");
    }
    assert!(!run(&["explain"], &pki.root).contains("no CA"));
}
