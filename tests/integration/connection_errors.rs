//! What is said where a connection fails, by the client and of the errors of others: the cause, the store
//! and the setting, the next step.

use crate::support::openssl::openssl;
use crate::support::pki::Identity;
use crate::support::server::{ClientCertificate, tls_of};
use crate::support::{Pki, Server, User, alone, fetch};
use cacerts::{Client, ErrorKind, Settings};
use std::fs;
use std::thread::sleep;
use std::time::Duration;

/// Longer than it takes to notice a change.
const NOTICED: Duration = Duration::from_millis(1100);

#[test]
fn a_removed_store_is_an_error_about_the_store() {
    alone(a_removed_store_is_an_error_about_the_store, || {
        let pki = Pki::new();
        let store = pki.joined("store.pem", &[&pki.root]);
        let server = Server::https(&pki.server());
        let settings = Settings::new().ca_certs(&store).keep_removed(Duration::ZERO);
        let client = Client::new(settings.clone());
        let config = settings.client_config().unwrap();
        client.get(&server.url()).unwrap();
        fetch(config.clone(), &server).unwrap();
        sleep(NOTICED);
        client.check(&format!("localhost:{}", server.address().port())).verdict.unwrap();
        fetch(config.clone(), &server).unwrap();
        fs::remove_file(&store).unwrap();
        sleep(NOTICED);
        let checked = client.check(&format!("localhost:{}", server.address().port()));
        let explained = settings.explain(&fetch(config, &server).unwrap_err());
        for error in [checked.verdict.unwrap_err(), explained.unwrap()] {
            assert_eq!(error.kind(), ErrorKind::StoreMissing, "{error}");
            assert_eq!(
                (error.setting(), error.path()),
                (Some("ca_certs"), Some(&*store)),
                "{error}"
            );
            let said = format!(
                "nobody is trusted any more: ca_certs names {}, which does not exist; name another",
                store.display()
            );
            assert!(error.to_string().starts_with(&said), "{error}");
        }
    });
}

/// The same server as the client of this library sees it, and as another client does.
#[test]
fn an_error_of_another_client_is_put_in_the_same_words() {
    alone(an_error_of_another_client_is_put_in_the_same_words, || {
        let pki = Pki::new();
        let settings = Settings::new().ca_certs(&pki.root);
        let check = |server: Identity| {
            let server = Server::https(&server);
            let ours = Client::new(settings.clone()).get(&server.url()).unwrap_err();
            let theirs = fetch(settings.client_config().unwrap(), &server).unwrap_err();
            let theirs = settings.explain(&theirs).expect("it is about TLS");
            assert!(theirs.kind() == ours.kind() && theirs.tls().is_some(), "{theirs}");
            let said = ours.to_string();
            let (_, said) = said.split_once(" is not trusted").unwrap();
            let root = pki.root.display();
            let name = format!("localhost:{}", server.address().port());
            // Which server it was is not known to what explains.
            let hint = format!(". `cacerts check --ca-certs {root} {name}` shows the cert");
            assert!(said.contains(&hint), "{said}");
            let said = said.replace(&name, "HOST");
            // Which client it was is not known to what explains.
            let alone = ", which counts for a client that was given the configuration, and not for one that \
                         was given the certificates alone";
            assert_eq!(theirs.to_string().contains(alone), said.contains("(CA:TRUE)"), "{theirs}");
            // A time is told to the second.
            if said.contains("clock") {
                assert!(said.contains("a certificate in its chain has expired, at 2"), "{said}");
            } else {
                let theirs = theirs.to_string().replace(alone, "");
                assert_eq!(theirs, format!("the server is not trusted{said}"));
            }
            assert!(said.contains(&format!("Trusted is {root} (ca_certs)")), "{said}");
        };
        check(pki.server_of_other_root());
        check(pki.server_without_intermediate());
        check(pki.server_for("elsewhere", &["a.example"]));
        check(pki.expired_server());
        check(pki.server_that_is_a_ca());
        let server = Server::https(&pki.server());
        assert!(fetch(settings.client_config().unwrap(), &server).is_ok());
        assert!(settings.explain(&std::io::Error::other("no TLS in it")).is_none());
    });
}

#[test]
fn a_client_is_told_what_is_wrong_with_its_certificate() {
    let (pki, user) = (Pki::new(), User::new());
    let (good, expired, stranger) = (pki.client(), pki.expired_client(), pki.stranger());
    for versions in [&[&rustls::version::TLS12][..], &[&rustls::version::TLS13]] {
        let clients = Some((&*pki.client_ca, ClientCertificate::Required));
        let server = Server::of(tls_of(versions, &pki.server(), clients));
        let get = |shown: Option<&Identity>| {
            let get = user.get(&server.url()).option("--ca-certs", &pki.root);
            match shown {
                Some(shown) => get.option("--cert", &shown.certificate).option("--key", &shown.key),
                None => get,
            }
            .run()
        };
        get(Some(&good)).fetched();
        let renew = format!("renew the one in {};", expired.certificate.display());
        let run = get(Some(&expired));
        run.refused(&renew);
        run.refused(
            "refuses the certificate of this client (received fatal alert: CertificateExpired)",
        );
        assert!(!run.stderr.contains("of a CA that it trusts"), "{run:#?}");
        let run = get(Some(&stranger));
        run.refused(&format!("which the one in {} is not", stranger.certificate.display()));
        get(None).refused("name one with --cert and --key");
    }
}

/// Where somebody has named a store, it is not the system's tools that add to it.
#[test]
fn the_step_fits_the_store() {
    let (pki, user) = (Pki::new(), User::new());
    let server = Server::https(&pki.server_of_other_root());
    let (root, named) = (pki.root.display(), pki.root.to_str().unwrap());
    let run = user.get(&server.url()).env("SSL_CERT_FILE", named).run();
    run.refused(&format!("add it to {root} or name it with --extra-ca-certs"));
    assert!(!run.stderr.contains("update-ca"), "{run:#?}");
    let directory = pki.directory().join("store");
    fs::create_dir(&directory).unwrap();
    fs::copy(&pki.root, directory.join("root.pem")).unwrap();
    let run = || user.get(&server.url()).env("SSL_CERT_DIR", &directory).run();
    // That would take away what stands in a bundle there.
    run().refused(&format!("put it into {} or name it with", directory.display()));
    openssl(&[&"rehash", &directory]);
    run().refused(&format!("put it into {} and run `openssl rehash` there", directory.display()));
}
