//! The OpenStack clients: `--os-cacert`, `OS_CACERT` and `--insecure`, and what they say.

use crate::support::command::{Run, run};
use crate::support::real::REQUIRED;
use crate::support::server::{BODY, ClientCertificate};
use crate::support::{Identity, Pki, Server, User, alone, get};
use cacerts::{ErrorKind, Settings};
use std::path::Path;

#[test]
fn o1_os_cacert_beats_the_variable_and_both_beat_ssl_cert_file() {
    let (pki, user) = (Pki::new(), User::new());
    let server = Server::https(&pki.server());
    let (right, wrong) = (Some(pki.root.as_path()), Some(pki.other.as_path()));
    for (argument, os_cacert, ssl_cert_file, trusted) in [
        (right, None, None, true),
        (wrong, None, None, false),
        (None, right, None, true),
        (None, wrong, None, false),
        (right, wrong, None, true),
        (wrong, right, None, false),
        (right, None, wrong, true),
        (wrong, None, right, false),
        (None, right, wrong, true),
        (None, wrong, right, false),
        (right, wrong, wrong, true),
        (wrong, right, right, false),
    ] {
        let mut get = user.get(&server.url());
        if let Some(path) = argument {
            get = get.option("--os-cacert", path);
        }
        for (name, path) in [("OS_CACERT", os_cacert), ("SSL_CERT_FILE", ssl_cert_file)] {
            if let Some(path) = path {
                get = get.env(name, path);
            }
        }
        let run = get.run();
        if trusted { run.fetched() } else { run.not_trusted() }
    }
}

#[test]
fn o1_unusable_os_cacert_is_an_error() {
    let (pki, user) = (Pki::new(), User::new());
    let server = Server::https(&pki.server());
    let missing = pki.missing();
    let get = |path: &Path| {
        let get = user.get(&server.url()).env("SSL_CERT_FILE", &pki.root);
        get.env("OS_CACERT", path).run()
    };
    get(&missing).misconfigured(&["OS_CACERT", missing.to_str().unwrap(), "does not exist"]);
    assert_eq!(server.connections(), 0);
    get(&pki.root).fetched();
}

#[test]
fn o2_o3_insecure_beats_cacert_and_warns() {
    let (pki, user) = (Pki::new(), User::new());
    let server = Server::https(&pki.server());
    let get = || user.get(&server.url());
    // In any order, and wherever the store is named.
    for (insecure, unused) in [
        (get().arg("--insecure").option("--os-cacert", &pki.other), "--ca-certs"),
        (get().option("--os-cacert", &pki.other).arg("--insecure"), "--ca-certs"),
        (get().env("OS_CACERT", &pki.other).arg("--insecure"), "OS_CACERT"),
        (get().env("SSL_CERT_FILE", pki.missing()).arg("--insecure"), "SSL_CERT_FILE"),
    ] {
        let run = insecure.run();
        run.fetched_unverified();
        assert_eq!(run.stderr.matches(&format!("so {unused} is not used")).count(), 1, "{run:#?}");
    }
    get().option("--os-cacert", &pki.other).run().not_trusted();
}

#[test]
fn o4_no_variable_that_is_not_declared_turns_verification_off() {
    let (pki, user) = (Pki::new(), User::new());
    let server = Server::https(&pki.server());
    let get = || user.get(&server.url()).option("--os-cacert", &pki.other);
    for (name, value) in [
        ("CACERTS_INSECURE", "1"),
        ("CACERTS_VERIFY", "false"),
        ("CINDERCLIENT_INSECURE", "1"),
        ("CURL_INSECURE", "1"),
        ("GIT_SSL_NO_VERIFY", "1"),
        ("NODE_TLS_REJECT_UNAUTHORIZED", "0"),
        ("NOVACLIENT_INSECURE", "true"),
        ("OS_INSECURE", "1"),
        ("OS_VERIFY", "false"),
        ("PYTHONHTTPSVERIFY", "0"),
        ("SWIFTCLIENT_INSECURE", "yes"),
    ] {
        let run = get().env(name, value).run();
        run.not_trusted();
        assert!(!run.stderr.contains("verification is off"), "{name}: {run:#?}");
    }
    get().arg("--insecure").run().fetched_unverified();
}

/// `insecure = "False"` has turned verification off before (CVE-2014-7144): what is no truth value
/// is an error, whatever it may mean.
#[test]
fn o4_verify_is_true_or_false_and_nothing_else() {
    let pki = Pki::new();
    let server = Server::https(&pki.server());
    let with = |value: &str| {
        let user = User::with_config(&format!("ca_certs = {:?}\nverify = {value}\n", pki.other));
        let line = format!("{}:2:", user.config_file().display());
        (user.get(&server.url()).run(), line)
    };
    for value in ["\"False\"", "\"false\"", "\"true\"", "\"\"", "0", "1", "[]"] {
        let (run, line) = with(value);
        run.misconfigured(&[&line, "boolean"]);
    }
    assert_eq!(server.connections(), 0);
    with("true").0.not_trusted();
    with("false").0.fetched_unverified();

    let user = User::new();
    for value in ["False", "0", "off", ""] {
        let run = user.cacerts(&["config", "set", "verify", value]).run();
        run.misconfigured(&["neither true nor false"]);
    }
}

/// Where keystoneauth is not followed: it dropped the key without a word.
#[test]
fn o5_key_alone_is_an_error() {
    let (pki, user) = (Pki::new(), User::new());
    let (server, client) = (Server::https(&pki.server()), pki.client());
    let get = || user.get(&server.url()).option("--os-cacert", &pki.root);
    let key_alone = get().option("--key", &client.key).run();
    key_alone.misconfigured(&["--key is set without --cert"]);
    // No configured certificate is looked for that would make a pair.
    let user = User::with_config(&format!("client_cert = {:?}", client.certificate));
    let get = || user.get(&server.url()).option("--os-cacert", &pki.root);
    let key_alone = get().option("--key", &client.key).run();
    key_alone.misconfigured(&["--key is set without --cert"]);
    assert_eq!(server.connections(), 0);
    get().option("--cert", &client.certificate).option("--key", &client.key).run().fetched();
}

#[test]
fn o6_home_directory_in_configured_paths() {
    let pki = Pki::new();
    let server = Server::https(&pki.server());
    let user = User::with_config("ca_certs = \"~/cloud.pem\"");
    let file = user.home().join("cloud.pem");
    user.get(&server.url()).run().misconfigured(&[file.to_str().unwrap(), "does not exist"]);
    std::fs::copy(&pki.root, &file).unwrap();
    user.get(&server.url()).run().fetched();
}

#[test]
fn o7_cacert_may_be_a_directory() {
    let (pki, user) = (Pki::new(), User::new());
    let server = Server::https(&pki.server());
    let directory = user.home().join("cas");
    std::fs::create_dir(&directory).unwrap();
    let get = || user.get(&server.url()).option("--os-cacert", &directory).run();
    std::fs::copy(&pki.other, directory.join("other.pem")).unwrap();
    get().not_trusted();
    std::fs::copy(&pki.root, directory.join("root.pem")).unwrap();
    get().fetched();
}

#[test]
fn o8_empty_os_cacert_counts_as_not_set() {
    let (pki, user) = (Pki::new(), User::new());
    let server = Server::https(&pki.server());
    let get =
        |system| user.get(&server.url()).env("OS_CACERT", "").env("SSL_CERT_FILE", system).run();
    get(&pki.root).fetched();
    get(&pki.other).not_trusted();
}

/// The clients' `--debug` printed a curl command with what decides on trust: with it somebody else can
/// try the same. It holds no password, and is run here.
#[test]
fn o14_curl_command_that_does_the_same() {
    let (pki, user) = (Pki::new(), User::new());
    let (client, asked) = (pki.client(), ClientCertificate::Required);
    let server = Server::https_for(&pki.client_ca, asked, &pki.server());
    let url = server.url().replace("://", "://user:password@");
    let verbose = |store: &Path| {
        let get = user.get(&url).arg("--verbose").option("--os-cacert", store);
        get.option("--cert", &client.certificate).option("--key", &client.key).run()
    };
    let command = |run: &Run| -> String {
        let line = run.stderr.lines().find_map(|line| line.strip_prefix("cacerts: curl "));
        format!("curl {}", line.unwrap_or_else(|| panic!("{run:#?}")))
    };
    let trusted = verbose(&pki.root);
    assert_eq!((trusted.code, trusted.stdout.as_str()), (Some(0), BODY), "{trusted:#?}");
    let shown = |path: &Path| path.to_str().unwrap().to_owned();
    assert_eq!(
        command(&trusted),
        format!(
            "curl -q --globoff --cacert {} --capath /dev/null --tlsv1.2 --cert {} --key {} {}",
            shown(&pki.root),
            shown(&client.certificate),
            shown(&client.key),
            server.url()
        )
    );
    let untrusted = verbose(&pki.other);
    assert!(!untrusted.stderr.contains("password"), "{untrusted:#?}");
    if run(std::process::Command::new("sh").args(["-c", "command -v curl"])).code != Some(0) {
        assert!(std::env::var_os(REQUIRED).is_none(), "curl is not installed");
        eprintln!("curl is not installed: its command is not run");
        return;
    }
    let curl = |command: &str| {
        let mut sh = std::process::Command::new("sh");
        run(sh.args(["-c", command]).env_remove("CURL_CA_BUNDLE").env_remove("SSL_CERT_FILE"))
    };
    let same = curl(&command(&trusted));
    assert_eq!((same.code, same.stdout.as_str()), (Some(0), BODY), "{same:#?}");
    // curl's own word for a server that it does not trust.
    assert_eq!(curl(&command(&untrusted)).code, Some(60));
    let unverified = user.get(&url).arg("--verbose").arg("-k").run();
    assert!(command(&unverified).starts_with("curl -q --globoff --insecure --tlsv1.2 https://"));
}

/// Six clients had as many types of errors: there is one kind for a server that is not trusted, whatever
/// is wrong with it, and it is no other.
#[test]
fn o15_one_kind_of_error_for_servers_that_are_not_trusted() {
    alone(o15_one_kind_of_error_for_servers_that_are_not_trusted, || {
        let pki = Pki::new();
        let kind = |identity: &Identity| {
            let server = Server::https(identity);
            get(&Settings::new().ca_certs(&pki.root), &server.url()).map(drop).map_err(|error| {
                assert!(error.tls().is_some(), "{error}");
                error.kind()
            })
        };
        for identity in [
            pki.server_of_other_root(),
            pki.server_for("elsewhere", &["elsewhere.example"]),
            pki.expired_server(),
            pki.server_that_is_a_ca(),
            pki.server_with_common_name_only("localhost"),
            pki.server_without_intermediate(),
        ] {
            assert_eq!(
                kind(&identity),
                Err(ErrorKind::ServerNotTrusted),
                "{:?}",
                identity.certificate
            );
        }
        assert_eq!(kind(&pki.server()), Ok(()));
        let nobody = Server::https(&pki.server()).url();
        let error = get(&Settings::new().ca_certs(&pki.root), &nobody).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    });
}
