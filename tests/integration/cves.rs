//! What has gone wrong in the systems that this project takes over from, and in their peers, and does not
//! go wrong here. Shown elsewhere, by the tests of the rows:
//!
//! - CVE-2010-4340 (Libcloud verified nothing): `r3_without_a_ca_cert_a_private_ca_is_not_trusted`
//! - CVE-2012-3446 (Libcloud, `evil-example.com` for `example.com`):
//!   `o10_name_that_looks_alike_is_another`
//! - CVE-2013-4111 (glanceclient, any name behind the right CA):
//!   `l9_l10_name_that_is_not_the_servers_is_told_and_no_client_certificate_helps`
//! - CVE-2014-7144, CVE-2015-1852 (`insecure = "False"`): `o4_verify_is_true_or_false_and_nothing_else`
//! - CVE-2024-2466, CVE-2025-4947 (curl, servers by their address):
//!   `o11_address_has_to_be_in_the_certificate_as_one`
//! - CVE-2025-14819 (curl, a store that is kept after it was changed): the tests of reloading

use crate::support::library::{fetch_as, visit};
use crate::support::server::ClientCertificate;
use crate::support::{Identity, Pki, Server, Setup, User, Versions, alone};
use cacerts::{Client, ErrorKind, Settings};
use rustls::ClientConfig;
use rustls::HandshakeKind::{Full, FullWithHelloRetryRequest, Resumed};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// What a client comes to: the page, or the kind of error.
fn get(client: &Client, url: &str) -> Result<String, ErrorKind> {
    let mut page = String::new();
    let mut response = client.get(url).map_err(|e| e.kind())?;
    if response.status() != 200 {
        return Err(ErrorKind::Http);
    }
    response.read_to_string(&mut page).unwrap();
    Ok(page)
}

/// swiftclient and the services had one class for each scheme, and forgot one (CVE-2013-6396).
#[test]
fn cve_2013_2255_cve_2013_6396_each_way_to_https_is_verified() {
    let (pki, user) = (Pki::new(), User::new());
    let identity = pki.server();
    Setup::new(&identity).with_each(|server| {
        let port = server.port();
        // Whoever is redirected verifies both.
        let redirecting = Server::redirecting(&server.url(), Some(&identity));
        let elsewhere = pki.server_for("elsewhere", &["elsewhere.test"]);
        let astray = Server::redirecting(&server.url(), Some(&elsewhere));
        let get = |url: &str, store: &Path| user.get(url).option("--ca-certs", store).run();
        for url in [
            server.url(),
            format!("HTTPS://LOCALHOST:{port}/page"),
            format!("https://user:password@localhost:{port}/page"),
            format!("https://127.0.0.1:{port}/page"),
            redirecting.url(),
        ] {
            get(&url, &pki.other).not_trusted();
            get(&url, &pki.root).fetched();
        }
        get(&astray.url(), &pki.root).not_trusted();
        let check = |store: &Path| {
            let check = user.cacerts(&["check", &format!("localhost:{port}")]);
            check.option("--ca-certs", store).run().code
        };
        assert_eq!((check(&pki.other), check(&pki.root)), (Some(1), Some(0)));
        let fetch = |store: &Path| {
            let config = Settings::new().ca_certs(store).client_config().unwrap();
            fetch_as(config, server.address(), "localhost")
        };
        assert!(fetch(&pki.other).is_err());
        assert!(fetch(&pki.root).is_ok());
    });
}

/// requests kept a connection that it had made with `verify=False`, curl one that had been made with
/// another CA, or with the system's.
#[test]
fn cve_2024_35195_cve_2021_22924_cve_2026_11564_no_client_uses_anothers_connection() {
    alone(cve_2024_35195_cve_2021_22924_cve_2026_11564_no_client_uses_anothers_connection, || {
        let pki = Pki::new();
        let [insecure, trusting, doubting] = settings_of_three(&pki).map(Client::new);
        Setup::new(&pki.server()).with_each(|server| {
            for _ in 0..2 {
                for client in [&insecure, &trusting] {
                    get(client, &server.url()).unwrap();
                    let untrusted = get(&doubting, &server.url()).unwrap_err();
                    assert_eq!(untrusted, ErrorKind::ServerNotTrusted);
                }
            }
            // There is something to be used: each of the two has a connection of its own.
            if server.name() == "nginx" {
                let number = |client: &Client| {
                    let seen = get(client, &server.url_of("/seen")).unwrap();
                    seen.split(' ').next().unwrap().to_owned()
                };
                let numbers = || [&insecure, &trusting].map(number);
                let first = numbers();
                assert_eq!(first, numbers());
                assert_ne!(first[0], first[1]);
            }
        });
    });
}

/// A session is a connection that goes on: whoever resumes one verifies nothing.
#[test]
fn cve_2024_35195_cve_2021_22924_cve_2026_11564_no_client_resumes_anothers_session() {
    let pki = Pki::new();
    let identity = pki.server();
    for versions in [Versions::Only12, Versions::Only13] {
        Setup::new(&identity).versions(versions).with_each(|server| {
            let configs = settings_of_three(&pki).map(|s| Arc::new(s.client_config().unwrap()));
            let visit = |config: &Arc<ClientConfig>| {
                // Another round for a key exchange that both sides like is as full a handshake.
                let kind = visit(config, server.address()).ok();
                kind.map(|kind| if kind == FullWithHelloRetryRequest { Full } else { kind })
            };
            let visits = || configs.each_ref().map(visit);
            assert_eq!(visits(), [Some(Full), Some(Full), None], "{versions:?}");
            assert_eq!(visits(), [Some(Resumed), Some(Resumed), None], "{versions:?}");
            // Nor does one with the same settings.
            let again = settings_of_three(&pki).map(|s| Arc::new(s.client_config().unwrap()));
            assert_eq!(again.each_ref().map(visit), [Some(Full), Some(Full), None]);
        });
    }
}

/// Of one that verifies nothing, one that trusts the servers, and one that does not.
fn settings_of_three(pki: &Pki) -> [Settings; 3] {
    let trusting = |ca: &Path| Settings::new().ca_certs(ca);
    [trusting(&pki.other).verify(false), trusting(&pki.root), trusting(&pki.other)]
}

/// curl took `ca.pem` for `CA.pem`.
#[test]
fn cve_2021_22924_paths_that_differ_in_case_are_two_stores() {
    alone(cve_2021_22924_paths_that_differ_in_case_are_two_stores, || {
        let pki = Pki::new();
        let (right, wrong) = (pki.directory().join("ca.pem"), pki.directory().join("CA.pem"));
        fs::copy(&pki.root, &right).unwrap();
        fs::copy(&pki.other, &wrong).unwrap();
        let [right, wrong] = [right, wrong].map(|ca| Client::new(Settings::new().ca_certs(ca)));
        Setup::new(&pki.server()).with_each(|server| {
            for _ in 0..2 {
                get(&right, &server.url()).unwrap();
                assert_eq!(get(&wrong, &server.url()), Err(ErrorKind::ServerNotTrusted));
            }
        });
    });
}

/// curl used a connection again for somebody with another client certificate, or with none.
#[test]
fn cve_2026_8932_no_client_goes_by_anothers_certificate() {
    alone(cve_2026_8932_no_client_goes_by_anothers_certificate, || {
        let pki = Pki::new();
        let (identity, known, stranger) = (pki.server(), pki.client(), pki.stranger());
        let settings = Settings::new().ca_certs(&pki.root);
        let with = |Identity { certificate, key }: &Identity| {
            Client::new(settings.clone().client_cert(certificate).client_key(key))
        };
        let (known, stranger) = (with(&known), with(&stranger));
        let anonymous = Client::new(settings.clone());
        let setup = Setup::new(&identity);
        setup.clients(&pki.client_ca, ClientCertificate::Required).with_each(|server| {
            for _ in 0..2 {
                get(&known, &server.url()).unwrap();
                for client in [&stranger, &anonymous] {
                    assert!(get(client, &server.url()).is_err(), "{}", server.name());
                }
            }
        });
        setup.clients(&pki.client_ca, ClientCertificate::Optional).with_each(|server| {
            for client in [&known, &anonymous, &known] {
                let page = get(client, &server.url()).unwrap();
                assert!(page.contains("You have reached"), "{page}");
                if server.name() == "nginx" {
                    let seen = get(client, &server.url_of("/seen")).unwrap();
                    let is_known = std::ptr::eq(client, &known);
                    assert_eq!(seen.contains("CN=Test Client"), is_known, "{seen}");
                }
            }
        });
    });
}

/// curl took a file in the working directory for the name of a certificate elsewhere. Here there are no
/// names: it is always a path, and where it leads is said in full.
#[test]
fn cve_2021_22926_name_without_a_directory_is_a_file_in_the_working_directory() {
    let (pki, user) = (Pki::new(), User::new());
    let (here, elsewhere) = (user.home().join("here"), user.home().join("elsewhere"));
    for (directory, ca) in [(&here, &pki.root), (&elsewhere, &pki.other)] {
        fs::create_dir(directory).unwrap();
        fs::copy(ca, directory.join("ca")).unwrap();
    }
    // In full, as the system says it.
    let here = here.canonicalize().unwrap();
    Setup::new(&pki.server()).with_each(|server| {
        let get = |name: &str, within: &Path| {
            user.get(&server.url()).option("--ca-certs", name).within(within).run()
        };
        get("ca", &here).fetched();
        get("ca", &elsewhere).not_trusted();
        let full = here.join("mozilla");
        get("mozilla", &here).misconfigured(&[full.to_str().unwrap(), "does not exist"]);
    });
    let path = |within: &Path| user.cacerts(&["path", "--ca-certs", "ca"]).within(within).run();
    assert_eq!(path(&here).stdout, format!("{}\n", here.join("ca").display()));
    // From a configuration nobody could say relative to what.
    let user = User::with_config("ca_certs = 'ca'");
    let run = user.cacerts(&["path"]).within(&here).run();
    run.misconfigured(&["relative path ca"]);
}
