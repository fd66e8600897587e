//! Bcfg2, as a server: its certificate, and the CA of those who may connect.

use super::bcfg2::settings;
use crate::support::command::run;
use crate::support::server::BODY;
use crate::support::{Identity, Pki, Server, alone, alone_with, fetch, get};
use cacerts::{Client, ClientAuth, ErrorKind, Settings, TlsVersion, TrustStore};
use rustls::ClientConfig;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

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

/// Who may connect is who the CAs say, with the intermediates that a client sends, and as long as its
/// certificate is valid; in a file or in a directory.
#[test]
fn b7_server_verifies_whole_chains() {
    alone(b7_server_verifies_whole_chains, || {
        let pki = Pki::new();
        let Identity { certificate, key } = pki.server();
        let directory = pki.directory().join("clients");
        std::fs::create_dir(&directory).unwrap();
        std::fs::copy(&pki.root, directory.join("root.pem")).unwrap();
        std::fs::copy(&pki.client_ca, directory.join("client-ca.pem")).unwrap();
        let file = pki.joined("clients.pem", &[&pki.root, &pki.client_ca]);
        for store in [&file, &directory] {
            for reload in [true, false] {
                let settings = settings(Some(store), Some(&certificate), Some(&key)).reload(reload);
                let server = Server::of(settings.server_config().unwrap());
                let may =
                    |identity| get(&client_settings(&pki, Some(identity)), &server.url()).is_ok();
                assert!(may(pki.client()));
                assert!(may(pki.client_below_intermediate()));
                assert!(!may(pki.without_intermediate(pki.client_below_intermediate())));
                assert!(!may(pki.expired_client()));
                assert!(!may(pki.stranger()));
            }
        }
    });
}

/// OpenSSL's trust settings say for what a CA is trusted, and to connect is something else than to be
/// connected to.
#[test]
fn b7_server_goes_by_trust_settings_for_clients() {
    alone(b7_server_goes_by_trust_settings_for_clients, || {
        let pki = Pki::new();
        let Identity { certificate, key } = pki.server();
        let trusted = |settings: &str| {
            let path = pki.file("trusted.pem", "");
            let mut command = Command::new("openssl");
            command.env("PATH", "/usr/bin:/bin").args(["x509", "-trustout"]);
            command.args(settings.split(' ')).arg("-in").arg(&pki.client_ca).arg("-out").arg(&path);
            let run = run(&mut command);
            assert_eq!(run.code, Some(0), "{run:#?}");
            path
        };
        for (trust, may) in [
            ("-addtrust clientAuth", true),
            ("-addreject serverAuth", true),
            ("-addtrust serverAuth", false),
            ("-addreject clientAuth", false),
            ("-addtrust serverAuth -addreject clientAuth", false),
        ] {
            let store = trusted(trust);
            for reload in [true, false] {
                let settings =
                    settings(Some(&store), Some(&certificate), Some(&key)).reload(reload);
                match (settings.server_config(), may) {
                    (Ok(config), true) => {
                        let server = Server::of(config);
                        let client = client_settings(&pki, Some(pki.client()));
                        assert!(get(&client, &server.url()).is_ok(), "{trust}");
                    }
                    (Err(error), false) => {
                        assert_eq!(error.kind(), ErrorKind::StoreInvalid, "{trust}");
                        assert!(error.to_string().contains("TLS clients"), "{error}");
                    }
                    (result, _) => panic!("{trust}: {result:?}"),
                }
            }
        }
    });
}
