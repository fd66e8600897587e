//! The Python client of CrateDB: four connections, with and without verification, with and without
//! a CA certificate that does; and clients with certificates.

use crate::support::server::ClientCertificate;
use crate::support::{Identity, Pki, Server, User, alone, get};
use cacerts::{ErrorKind, Settings};
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
