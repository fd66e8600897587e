//! The Python client of CrateDB: four connections, with and without verification, with and without
//! a CA certificate that does; and clients with certificates.

use crate::support::minica::Minica;
use crate::support::server::ClientCertificate;
use crate::support::{Identity, Pki, Server, Setup, User, Versions, alone, get};
use cacerts::{Client, ErrorKind, Settings};
use std::path::Path;

#[test]
fn r2_verification_is_on_unless_it_is_turned_off() {
    assert!(Settings::new().verifies().unwrap());
    assert!(Settings::new().verify(true).verifies().unwrap());
    assert!(!Settings::new().verify(false).verifies().unwrap());
}

/// The first connection: nothing is said of a CA, and the store of the system, for which
/// `SSL_CERT_FILE` stands in, does not have the private one.
#[test]
fn r3_without_a_ca_cert_a_private_ca_is_not_trusted() {
    let (pki, user) = (Pki::new(), User::new());
    let server = Server::https(&pki.server());
    let get = |system| user.get(&server.url()).env("SSL_CERT_FILE", system).run();
    get(&pki.other).refused("certificate verify failed");
    get(&pki.root).fetched();
}

/// The second and the third. CrateDB's invalid CA certificate is a sound one of another CA.
#[test]
fn r4_valid_ca_cert_works_and_an_invalid_one_does_not() {
    alone(r4_valid_ca_cert_works_and_an_invalid_one_does_not, || {
        let pki = Pki::new();
        let server = Server::https(&pki.server());
        let with = |ca_cert: &Path| get(&Settings::new().ca_certs(ca_cert), &server.url());

        assert!(with(&pki.root).is_ok());
        let error = with(&pki.other).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ServerNotTrusted);
        assert!(error.to_string().contains("certificate verify failed"), "{error}");
        let invalid = rustls::CertificateError::UnknownIssuer;
        assert_eq!(error.tls(), Some(&rustls::Error::InvalidCertificate(invalid)));
    });
}

/// The fourth.
#[test]
fn r5_without_verification_any_ca_cert_will_do() {
    alone(r5_without_verification_any_ca_cert_will_do, || {
        let pki = Pki::new();
        let server = Server::https(&pki.server());
        let invalid = Settings::new().ca_certs(&pki.other);
        for settings in [Settings::new(), invalid.clone()] {
            assert!(get(&settings.verify(false), &server.url()).is_ok());
        }
        assert!(get(&invalid, &server.url()).is_err());
        assert!(get(&invalid.verify(true), &server.url()).is_err());
    });
}

#[test]
fn r6_certificate_and_key_may_be_in_one_file() {
    let (pki, user) = (Pki::new(), User::new());
    let (client, required) = (pki.client(), ClientCertificate::Required);
    let server = Server::https_for(&pki.client_ca, required, &pki.server());
    let get = || user.get(&server.url()).option("--ca-certs", &pki.root);

    for (name, parts) in [
        ("key-first.pem", [client.key.as_path(), &client.certificate]),
        ("certificate-first.pem", [&client.certificate, &client.key]),
    ] {
        let file = pki.joined(name, &parts);
        get().option("--cert", &file).run().fetched();
        get().option("--cert", &file).option("--key", &file).run().fetched();
    }
    get().option("--cert", &client.certificate).option("--key", &client.key).run().fetched();
    get().run().refused("refuses this client");
}

/// In TLS 1.3 the client has finished its handshake before the server looks at its certificate: the
/// refusal is seen by a client that asks for something.
#[test]
fn r7_client_certificate_of_another_ca_is_refused() {
    alone(r7_client_certificate_of_another_ca_is_refused, || {
        let pki = Pki::new();
        let asked = ClientCertificate::Optional;
        let server = Server::https_for(&pki.client_ca, asked, &pki.server());
        let settings = Settings::new().ca_certs(&pki.root);
        let with = |Identity { certificate, key }: Identity| {
            get(&settings.clone().client_cert(certificate).client_key(key), &server.url())
        };

        let error = with(pki.stranger()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ClientCertificate, "{error}");
        assert!(with(pki.client()).is_ok());
        assert!(get(&settings, &server.url()).is_ok(), "the certificate is optional");
    });
}

/// The same of real servers, in both versions: whatever a server does, it is no answer, and the client is
/// let in where it shows the right certificate, or none.
#[test]
fn r7_late_refusal_is_seen_by_whoever_asks_for_something() {
    alone(r7_late_refusal_is_seen_by_whoever_asks_for_something, || {
        let pki = Pki::new();
        let (identity, client, stranger) = (pki.server(), pki.client(), pki.stranger());
        let settings = Settings::new().ca_certs(&pki.root);
        let with = |Identity { certificate, key }: &Identity| {
            Client::new(settings.clone().client_cert(certificate).client_key(key))
        };
        for versions in [Versions::Only12, Versions::Only13] {
            let setup = Setup::new(&identity).versions(versions);
            setup.clients(&pki.client_ca, ClientCertificate::Optional).with_each(|server| {
                let refused = with(&stranger).get(&server.url());
                match refused.map(|response| response.status()).map_err(|e| e.kind()) {
                    // It goes on with TLS, and refuses in HTTP.
                    Ok(400) if server.name() == "nginx" => {}
                    Err(ErrorKind::ClientCertificate) => {}
                    other => panic!("{versions:?}: {other:?}"),
                }
                for client in [with(&client), Client::new(settings.clone())] {
                    assert_eq!(client.get(&server.url()).unwrap().status(), 200);
                }
                if versions == Versions::Only13 {
                    let check = with(&stranger).check(&format!("localhost:{}", server.port()));
                    // The handshake is over by then, and it is seen all the same.
                    let refused = check.verdict.map_err(|e| e.kind());
                    match server.name() {
                        "nginx" => assert_eq!(refused, Ok(())),
                        name => assert_eq!(refused, Err(ErrorKind::ClientCertificate), "{name}"),
                    }
                }
            });
        }
    });
}

#[test]
fn r8_tls_settings_do_not_concern_plain_http() {
    let (pki, user) = (Pki::new(), User::new());
    let (http, https) = (Server::http(), Server::https(&pki.server()));
    let get = |server: &Server| {
        let get = user.get(&server.url()).option("--ca-certs", pki.missing());
        get.option("--cert", pki.missing()).option("--key", pki.missing()).run()
    };
    get(&http).fetched();
    get(&https).misconfigured(&["does not exist"]);
}

#[test]
fn r8_redirects_are_followed_within_https_only() {
    let (pki, user) = (Pki::new(), User::new());
    let identity = pki.server();
    let (http, https) = (Server::http(), Server::https(&identity));
    let get = |server: &Server| user.get(&server.url()).option("--ca-certs", &pki.root).run();

    get(&Server::redirecting(&https.url(), Some(&identity))).fetched();
    for (from, to) in [(Some(&identity), &http), (None, &http), (None, &https)] {
        let before = to.connections();
        let run = get(&Server::redirecting(&to.url(), from));
        run.refused("redirects are followed within https only");
        run.refused(&to.url());
        assert_eq!(to.connections(), before, "{run:#?}");
    }
}

/// Where CrateDB's client is not followed: it looked for the file even for `http://` and without
/// verification. It is opened where a server is verified, and nowhere else.
#[test]
fn r1_missing_ca_cert_is_an_error_where_a_server_is_verified() {
    let (pki, user) = (Pki::new(), User::new());
    let (http, https) = (Server::http(), Server::https(&pki.server()));
    let missing = pki.missing();
    let get = |server: &Server| user.get(&server.url()).option("--ca-certs", &missing);
    get(&https).run().misconfigured(&["--ca-certs", missing.to_str().unwrap(), "does not exist"]);
    assert_eq!(https.connections(), 0);
    get(&https).arg("-k").run().fetched_unverified();
    get(&http).run().fetched();
}

/// A redirect within a server keeps what the client is known by there; one to another server takes
/// none of it along, and neither do those that follow.
#[test]
fn r8_redirect_to_another_server_carries_no_credentials() {
    alone(r8_redirect_to_another_server_carries_no_credentials, || {
        let pki = Pki::new();
        let Identity { certificate, key } = pki.client();
        let settings = Settings::new().ca_certs(&pki.root);
        let settings = settings.client_cert(certificate).client_key(key);
        let redirecting = |to: &str| Server::redirecting_clients(to, &pki.client_ca, &pki.server());
        let asked = |server: &Server| {
            let requests = server.requests();
            let knows = |head: &str| head.to_lowercase().contains("\nauthorization: basic ");
            let knows = |r: &crate::support::server::Request| (knows(&r.head), r.has_certificate);
            requests.iter().map(knows).collect::<Vec<_>>()
        };
        let with_password = |server: &Server| server.url().replace("://", "://user:password@");

        let same = redirecting("/page");
        get(&settings, &with_password(&same)).unwrap();
        assert_eq!(asked(&same), [(true, true), (true, true)]);

        let asks = ClientCertificate::Optional;
        let last = Server::https_for(&pki.client_ca, asks, &pki.server());
        let first = redirecting(&last.url());
        get(&settings, &with_password(&first)).unwrap();
        assert_eq!((asked(&first), asked(&last)), (vec![(true, true)], vec![(false, false)]));

        // Asked for by itself it gets the certificate, whoever has named it before and after.
        let client = Client::new(settings.clone());
        for url in [last.url(), first.url(), last.url()] {
            assert_eq!(client.get(&url).unwrap().status(), 200);
        }
        let certificates: Vec<_> =
            asked(&last).iter().map(|(_, certificate)| *certificate).collect();
        assert_eq!(certificates, [false, true, false, true]);

        // Nor by a detour: the one that is named sends the client back to the first.
        let there = redirecting("/");
        let back = redirecting(&format!("{}page", there.url()));
        there.redirect_to(&back.url());
        get(&settings, &with_password(&there)).unwrap();
        assert_eq!(asked(&there), [(true, true), (false, false)]);
        assert_eq!(asked(&back), [(false, false)]);

        // A server that insists on a certificate is told apart from one that refuses it.
        let required = ClientCertificate::Required;
        let insists = Server::https_for(&pki.client_ca, required, &pki.server());
        let error = get(&settings, &redirecting(&insists.url()).url()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ClientCertificate, "{error}");
        assert!(error.to_string().contains("to none that it redirects to"), "{error}");
        assert!(get(&settings, &insists.url()).is_ok());
    });
}

/// A user and password in the address of a redirect are the other server's words, not the user's.
#[test]
fn r8_redirect_brings_no_credentials_along() {
    let (pki, user) = (Pki::new(), User::new());
    let identity = pki.server();
    let server = Server::https(&identity);
    let to = server.url().replace("://", "://user:password@");
    let redirecting = Server::redirecting(&to, Some(&identity));
    user.get(&redirecting.url()).option("--ca-certs", &pki.root).run().fetched();
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert!(!requests[0].head.to_lowercase().contains("authorization"), "{requests:?}");
}

/// What is older than the baked minimum is refused by name, and never silently something else.
#[test]
fn r9_minimum_tls_version_is_not_relaxed() {
    let (pki, user) = (Pki::new(), User::new());
    let server = Server::https(&pki.server());
    let with = |line: &str| {
        let user = User::with_config(&format!("ca_certs = {:?}\n{line}\n", pki.root));
        user.get(&server.url()).run()
    };
    for version in ["1.0", "1.1", "minimum_supported"] {
        let refused = with(&format!("min_tls_version = {version:?}"));
        refused
            .misconfigured(&["min_tls_version", "rustls speaks neither TLS 1.0 and 1.1 nor SSL"]);
    }
    with("ssl_relax_minimum_version = true").misconfigured(&[
        ":2: ",
        "ssl_relax_minimum_version",
        "rustls speaks neither TLS 1.0",
    ]);
    assert_eq!(server.connections(), 0);
    with("min_tls_version = \"1.3\"").fetched();
    let older = Server::https_of_tls12(&pki.server());
    let get = || user.get(&older.url()).option("--ca-certs", &pki.root);
    get().run().fetched();
    get().option("--tls-min", "1.3").run().refused("no TLS version or cipher in common");
}

/// CrateDB tests with certificates of minica's.
#[test]
fn r10_certificates_of_minica() {
    let (minica, other, user) = (Minica::new(), Minica::new(), User::new());
    let identity = minica.issue("localhost", "RSA -pkeyopt rsa_keygen_bits:2048");
    Setup::new(&identity).with_each(|server| {
        let get = |url: String, root| user.get(&url).option("--ca-certs", root).run();
        get(server.url(), minica.root()).fetched();
        // Another root of the same name.
        get(server.url(), other.root()).not_trusted();
        get(server.url_as("127.0.0.1"), minica.root()).not_trusted();
    });
}
