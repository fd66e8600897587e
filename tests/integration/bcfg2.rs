//! Bcfg2, as a client: `key`, `certificate` and `ca` in its configuration.

use crate::support::server::ClientCertificate;
use crate::support::{Identity, Pki, Server, User, alone, get};
use cacerts::{ErrorKind, Settings};
use std::path::Path;

/// A configuration with some of the three settings.
fn toml(ca: Option<&Path>, certificate: Option<&Path>, key: Option<&Path>) -> String {
    let lines = [("ca_certs", ca), ("client_cert", certificate), ("client_key", key)];
    let lines =
        lines.into_iter().filter_map(|(name, path)| Some(format!("{name} = {:?}\n", path?)));
    lines.collect()
}

pub(crate) fn settings(
    ca: Option<&Path>,
    certificate: Option<&Path>,
    key: Option<&Path>,
) -> Settings {
    toml::from_str(&toml(ca, certificate, key)).unwrap()
}

fn server_for_known_clients(pki: &Pki) -> Server {
    Server::https_for(&pki.client_ca, ClientCertificate::Required, &pki.server())
}

#[test]
fn b1_key_certificate_and_ca_are_configured() {
    alone(b1_key_certificate_and_ca_are_configured, || {
        let pki = Pki::new();
        let server = server_for_known_clients(&pki);
        let Identity { certificate, key } = pki.client();
        let settings = |ca| settings(Some(ca), Some(&certificate), Some(&key));
        assert!(get(&settings(&pki.root), &server.url()).is_ok());
        let error = get(&settings(&pki.other), &server.url()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ServerNotTrusted, "{error}");
    });
}

#[test]
fn b2_missing_ca_is_an_error_before_any_connection() {
    alone(b2_missing_ca_is_an_error_before_any_connection, || {
        let pki = Pki::new();
        let server = server_for_known_clients(&pki);
        let Identity { certificate, key } = pki.client();
        let (missing, root) = (pki.missing(), &pki.root);
        let settings = |ca| settings(Some(ca), Some(&certificate), Some(&key));

        let error = get(&settings(&missing), &server.url()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StoreMissing, "{error}");
        assert_eq!(error.setting(), Some("ca_certs"));
        assert_eq!(error.path(), Some(missing.as_path()));
        assert_eq!(server.connections(), 0);
        assert!(get(&settings(root), &server.url()).is_ok());
    });
}

/// Where Bcfg2 is not followed: without a CA it trusted any server. The system's store decides, for
/// which `SSL_CERT_FILE` stands in.
#[test]
fn b3_no_ca_does_not_turn_verification_off() {
    let pki = Pki::new();
    let server = server_for_known_clients(&pki);
    let Identity { certificate, key } = pki.client();
    let user = User::with_config(&toml(None, Some(&certificate), Some(&key)));
    let get = |system| user.get(&server.url()).env("SSL_CERT_FILE", system).run();
    get(&pki.other).not_trusted();
    get(&pki.root).fetched();
}

/// Where Bcfg2 is not followed: it dropped what was there of the pair and went on without.
#[test]
fn b4_half_a_pair_or_a_wrong_one_is_an_error() {
    alone(b4_half_a_pair_or_a_wrong_one_is_an_error, || {
        let pki = Pki::new();
        // It would let the client in without a certificate, so dropping it would go unnoticed.
        let asked = ClientCertificate::Optional;
        let server = Server::https_for(&pki.client_ca, asked, &pki.server());
        let (client, stranger) = (pki.client(), pki.stranger());
        let (certificate, key) = (client.certificate.as_path(), client.key.as_path());
        let missing = pki.missing();
        for (certificate, key, setting, said) in [
            (Some(certificate), None, Some("client_cert"), "is client_key missing?"),
            (None, Some(key), Some("client_key"), "is set without client_cert"),
            (
                Some(certificate),
                Some(&*stranger.key),
                Some("client_key"),
                "does not belong to the certificate",
            ),
            (Some(certificate), Some(&missing), Some("client_key"), "does not exist"),
            (Some(&missing), Some(key), Some("client_cert"), "does not exist"),
            (Some(key), Some(key), Some("client_cert"), "holds no certificate in PEM"),
        ] {
            let settings = settings(Some(&pki.root), certificate, key);
            let error = get(&settings, &server.url()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ClientCertificate, "{error}");
            assert_eq!(error.setting(), setting, "{error}");
            assert!(error.to_string().contains(said), "{error}");
        }
        assert_eq!(server.connections(), 0);
        let settings = settings(Some(&pki.root), Some(certificate), Some(key));
        assert!(get(&settings, &server.url()).is_ok());
    });
}

/// It is the user's own mistake, not an answer of the server's.
#[test]
fn b6_key_that_does_not_fit_is_wrong_configuration() {
    let pki = Pki::new();
    let server = server_for_known_clients(&pki);
    let (client, stranger) = (pki.client(), pki.stranger());
    let get = |key| {
        let user = User::with_config(&toml(Some(&pki.root), Some(&client.certificate), Some(key)));
        user.get(&server.url()).run()
    };
    get(&stranger.key).misconfigured(&["client_key", "does not belong to the certificate"]);
    assert_eq!(server.connections(), 0);
    get(&client.key).fetched();
}

/// Where Bcfg2 is not followed: it went by a list of common names, and by nothing else. A server is who
/// its certificate's alternative names say, and there is no setting that says otherwise.
#[test]
fn b5_common_names_are_no_identity() {
    let pki = Pki::new();
    let named = pki.server_for("named", &["bcfg2.example"]);
    let (other, right) = (Server::https(&named), Server::https(&pki.server()));
    let with = |lines: &str, server: &Server| {
        let user = User::with_config(&format!("ca_certs = {:?}\n{lines}", pki.root));
        user.get(&server.url()).run()
    };
    with("", &other).not_trusted();
    with("", &Server::https(&pki.server_with_common_name_only("localhost"))).not_trusted();
    with("", &right).fetched();
    for name in ["serverCommonNames", "server_common_names"] {
        let line = format!("{name} = \"localhost:bcfg2.example\"\n");
        let said = "known by the alternative names of its certificate, never by its common name";
        with(&line, &right).misconfigured(&[":2:", name, said]);
    }
}

/// Bcfg2's `cert+password`: the certificate lets the client connect, the password is HTTP's.
#[test]
fn b8_certificate_and_password_go_together() {
    let pki = Pki::new();
    let server = server_for_known_clients(&pki);
    let client = pki.client();
    let user =
        User::with_config(&toml(Some(&pki.root), Some(&client.certificate), Some(&client.key)));
    user.get(&server.url().replace("://", "://user:password@")).run().fetched();
    let requests = server.requests();
    // user:password, in base64
    let sent =
        requests[0].head.to_lowercase().contains("authorization: basic dxnlcjpwyxnzd29yza==");
    assert!(sent && requests[0].has_certificate, "{requests:?}");
    User::with_config(&toml(Some(&pki.root), None, None))
        .get(&server.url().replace("://", "://user:password@"))
        .run()
        .refused("refuses this client");
}
