//! OpenSSL's `TRUSTED CERTIFICATE`, as its own command makes it and judges it.

use crate::support::command::run;
use crate::support::{Pki, Server, User};
use cacerts::TrustStore;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The root, with trust settings.
fn trusted(pki: &Pki, settings: &str) -> PathBuf {
    let path = pki.file("trusted.pem", "");
    let mut command = openssl("x509 -trustout");
    command.args(settings.split_whitespace()).arg("-in").arg(&pki.root).arg("-out").arg(&path);
    let run = run(&mut command);
    assert_eq!(run.code, Some(0), "{run:#?}");
    path
}

/// Whether OpenSSL lets a server show a certificate, by this store.
fn is_verified(store: &Path, server: &Path) -> bool {
    let mut command = openssl("verify -purpose sslserver -no-CApath -no-CAstore");
    command.arg("-CAfile").arg(store).arg("-untrusted").arg(server).arg(server);
    let run = run(&mut command);
    assert!(matches!(run.code, Some(0 | 2)), "{run:#?}");
    run.code == Some(0)
}

/// The `openssl` command, which must not go by the settings of this machine.
fn openssl(arguments: &str) -> Command {
    let mut command = Command::new("openssl");
    command.args(arguments.split(' ')).env_remove("OPENSSL_CONF");
    command
}

#[test]
fn trust_settings_count_as_they_do_for_openssl() {
    let pki = Pki::new();
    let server = pki.server();
    for (settings, expected) in [
        ("", None),
        ("-setalias Test", None),
        ("-addtrust serverAuth", None),
        ("-addtrust serverAuth -setalias Test", None),
        ("-addtrust anyExtendedKeyUsage", None),
        ("-addtrust emailProtection -addtrust serverAuth", None),
        ("-addreject emailProtection", None),
        ("-addtrust serverAuth -addreject emailProtection", None),
        ("-addreject serverAuth", Some("is rejected for TLS servers by its trust settings")),
        ("-addreject anyExtendedKeyUsage", Some("is rejected for TLS servers")),
        ("-addtrust serverAuth -addreject serverAuth", Some("is rejected for TLS servers")),
        ("-addtrust emailProtection", Some("is trusted for something else than TLS servers")),
    ] {
        let store = trusted(&pki, settings);
        assert_eq!(is_verified(&store, &server.certificate), expected.is_none(), "{settings}");
        match (TrustStore::load(&store), expected) {
            (Ok(store), None) => {
                assert_eq!((store.len(), store.skipped()), (1, &[][..]), "{settings}");
            }
            (Err(error), Some(reason)) => {
                assert!(error.to_string().contains(reason), "{settings}: {error}");
            }
            (result, _) => panic!("{settings}: {result:?}"),
        }
    }
}

#[test]
fn servers_are_reached_by_a_store_with_trust_settings() {
    let (pki, user) = (Pki::new(), User::new());
    let server = Server::https(&pki.server());
    let get = |store: &Path| user.get(&server.url()).option("--ca-certs", store).run();
    get(&trusted(&pki, "-addtrust serverAuth")).fetched();
    let rejected = trusted(&pki, "-addreject serverAuth");
    get(&pki.joined("other-first.pem", &[&pki.other, &rejected])).not_trusted();
    get(&rejected).misconfigured(&["is rejected for TLS servers by its trust settings"]);
}
