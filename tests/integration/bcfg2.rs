//! Bcfg2, as a client and as a server: `key`, `certificate` and `ca` in its configuration.

use crate::support::command::run;
use crate::support::server::{BODY, ClientCertificate};
use crate::support::{Identity, Pki, Server, User, alone, alone_with, fetch, get};
use cacerts::{Client, ClientAuth, ErrorKind, Settings, TlsVersion, TrustStore};
use rustls::ClientConfig;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// A configuration with some of the three settings.
fn toml(ca: Option<&Path>, certificate: Option<&Path>, key: Option<&Path>) -> String {
    let lines = [("ca_certs", ca), ("client_cert", certificate), ("client_key", key)];
    let lines =
        lines.into_iter().filter_map(|(name, path)| Some(format!("{name} = {:?}\n", path?)));
    lines.collect()
}

fn settings(ca: Option<&Path>, certificate: Option<&Path>, key: Option<&Path>) -> Settings {
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
            (Some(key), Some(key), Some("client_cert"), "holds no -----BEGIN CERTIFICATE-----"),
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

/// The settings of Bcfg2's server: its certificate, its key, and the CA of its clients.
fn server_settings(pki: &Pki) -> Settings {
    let Identity { certificate, key } = pki.server();
    settings(Some(&pki.client_ca), Some(&certificate), Some(&key))
}

fn client_settings(pki: &Pki, identity: Option<Identity>) -> Settings {
    let settings = Settings::new().ca_certs(&pki.root);
    match identity {
        None => settings,
        Some(Identity { certificate, key }) => settings.client_cert(certificate).client_key(key),
    }
}

#[test]
fn b7_server_lets_in_clients_with_a_certificate() {
    alone(b7_server_lets_in_clients_with_a_certificate, || {
        let pki = Pki::new();
        for reload in [true, false] {
            for (auth, anonymous_may) in
                [(ClientAuth::Required, false), (ClientAuth::Optional, true)]
            {
                for version in [TlsVersion::Tls12, TlsVersion::Tls13] {
                    let settings = server_settings(&pki).reload(reload).client_auth(auth);
                    let server =
                        Server::of(settings.min_tls_version(version).server_config().unwrap());
                    let kind = |identity| {
                        let settings = client_settings(&pki, identity);
                        get(&settings, &server.url()).map(drop).map_err(|e| e.kind())
                    };
                    let refused = Err(ErrorKind::ClientCertificate);
                    assert_eq!(kind(Some(pki.client())), Ok(()), "{auth:?} {version}");
                    assert_eq!(kind(Some(pki.stranger())), refused, "{auth:?} {version}");
                    // A server's certificate is none to show as a client.
                    assert_eq!(kind(Some(pki.server())), refused, "{auth:?} {version}");
                    let anonymous = if anonymous_may { Ok(()) } else { refused };
                    assert_eq!(kind(None), anonymous, "{auth:?} {version}");

                    let known: Vec<_> =
                        server.requests().iter().map(|r| r.has_certificate).collect();
                    let expected = if anonymous_may { &[true, false][..] } else { &[true] };
                    assert_eq!(known, expected, "{auth:?} {version}");
                }
            }
        }
    });
}

#[test]
fn b7_server_speaks_no_older_version_than_asked_for() {
    alone(b7_server_speaks_no_older_version_than_asked_for, || {
        let pki = Pki::new();
        let server = |version| {
            Server::of(server_settings(&pki).min_tls_version(version).server_config().unwrap())
        };
        let mut old = client_settings(&pki, Some(pki.client())).client_config().unwrap();
        let provider = Arc::clone(old.crypto_provider());
        let resolver = Arc::clone(&old.client_auth_cert_resolver);
        old = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&rustls::version::TLS12])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(
                TrustStore::load(&pki.root).unwrap().verifier(provider),
            )
            .with_client_cert_resolver(resolver);
        assert!(fetch(old.clone(), &server(TlsVersion::Tls12)).is_ok());
        let error = fetch(old, &server(TlsVersion::Tls13)).unwrap_err();
        assert!(error.to_string().contains("ProtocolVersion"), "{error}");
    });
}

/// What Bcfg2's server said at its start, and where it is not followed: without a CA it let in anybody.
#[test]
fn b7_server_does_not_start_with_settings_that_let_in_anybody() {
    let variables = ["SSL_CERT_FILE", "SSL_CERT_DIR"].map(|name| (name, "."));
    alone_with(b7_server_does_not_start_with_settings_that_let_in_anybody, &variables, || {
        let pki = Pki::new();
        let (identity, client) = (pki.server(), pki.client());
        let (missing, garbage) = (pki.missing(), pki.garbage());
        let (cert, key, ca) = (&*identity.certificate, &*identity.key, &*pki.client_ca);
        use ErrorKind::{ClientCertificate, InvalidSetting, NoStore, StoreInvalid, StoreMissing};
        for (with, kind, said) in [
            (
                settings(None, Some(cert), Some(key)),
                NoStore,
                "no CA is named whose clients may connect",
            ),
            (settings(Some(&missing), Some(cert), Some(key)), StoreMissing, "does not exist"),
            (settings(Some(&garbage), Some(cert), Some(key)), StoreInvalid, "no usable"),
            (settings(Some(ca), None, None), ClientCertificate, "client_cert is not set"),
            (settings(Some(ca), None, Some(key)), ClientCertificate, "set without client_cert"),
            (settings(Some(ca), Some(cert), None), ClientCertificate, "is client_key missing?"),
            (settings(Some(ca), Some(cert), Some(&missing)), ClientCertificate, "does not exist"),
            (settings(Some(ca), Some(&missing), Some(key)), ClientCertificate, "does not exist"),
            (settings(Some(ca), Some(cert), Some(&client.key)), ClientCertificate, "belong"),
            (server_settings(&pki).verify(false), InvalidSetting, "verify turns verification off"),
        ] {
            for reload in [true, false] {
                let result = with.clone().reload(reload).server_config();
                let error = result.map(drop).unwrap_err();
                assert_eq!(error.kind(), kind, "{error}");
                assert!(error.to_string().contains(said), "{error}");
            }
        }
        // Nor does it go by the settings of the process, which are about servers.
        Settings::new().ca_certs(&pki.root).verify(false).install_default().unwrap();
        let error = settings(None, Some(cert), Some(key)).server_config().unwrap_err();
        assert_eq!(error.kind(), NoStore);
        assert!(server_settings(&pki).server_config().is_ok());
    });
}

/// A running server learns of a new CA, and forgets an old one with the sessions that it let begin.
#[test]
fn b7_server_follows_its_store() {
    alone(b7_server_follows_its_store, || {
        let pki = Pki::new();
        let store = pki.joined("clients.pem", &[&pki.client_ca]);
        let Identity { certificate, key } = pki.server();
        let settings = settings(Some(&store), Some(&certificate), Some(&key));
        let server = Server::of(settings.clone().server_config().unwrap());
        let fixed = Server::of(settings.reload(false).server_config().unwrap());
        let client = |identity| Client::new(client_settings(&pki, Some(identity)));
        let (known, stranger) = (client(pki.client()), client(pki.stranger()));
        let may = |client: &Client, server: &Server| client.get(&server.url()).is_ok();

        assert!(may(&known, &server) && !may(&stranger, &server));
        std::fs::copy(&pki.other, &store).unwrap();
        let noticed = || may(&stranger, &server);
        assert!(wait_for(noticed), "a new CA is not noticed");
        assert!(!may(&known, &server), "a session has outlived its CA");
        assert!(may(&known, &fixed) && !may(&stranger, &fixed));
    });
}

fn wait_for(condition: impl Fn() -> bool) -> bool {
    let end = Instant::now() + Duration::from_secs(10);
    while Instant::now() < end {
        if condition() {
            return true;
        }
        thread::sleep(Duration::from_millis(50));
    }
    false
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

/// With clients that are not made of rustls, in both versions.
#[test]
#[cfg(unix)]
fn b7_server_is_understood_by_openssl() {
    alone(b7_server_is_understood_by_openssl, || {
        let pki = Pki::new();
        let server = Server::of(server_settings(&pki).server_config().unwrap());
        let visit = |version: &str, Identity { certificate, key }: &Identity| {
            let mut shell = Command::new("sh");
            shell.env("ADDRESS", server.address().to_string()).env("VERSION", version);
            shell.env("ROOT", &pki.root).env("CERT", certificate).env("KEY", key);
            let run = run(shell.args([
                "-c",
                "PATH=${PATH:-/usr/bin:/bin}
                printf 'GET / HTTP/1.1\\r\\n\\r\\n' | openssl s_client -quiet \\
                    -connect \"$ADDRESS\" -servername localhost \"-$VERSION\" -CAfile \"$ROOT\" \\
                    -verify_return_error -cert \"$CERT\" -key \"$KEY\"",
            ]));
            (run.stdout.ends_with(BODY), run.stderr)
        };
        for version in ["tls1_2", "tls1_3"] {
            let (known, stderr) = visit(version, &pki.client());
            assert!(known, "{version}: {stderr}");
            let (stranger, stderr) = visit(version, &pki.stranger());
            assert!(!stranger && stderr.contains("alert unknown ca"), "{version}: {stderr}");
        }
    });
}
