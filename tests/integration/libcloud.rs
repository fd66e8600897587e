//! Apache Libcloud: a list of places to look for a store, and `SSL_CERT_FILE` instead of it.

use crate::support::command::run;
use crate::support::openssl::command;
use crate::support::real::Real;
use crate::support::server::ClientCertificate;
use crate::support::{Pki, Server, Setup, User, Versions, alone, fetch};
use cacerts::defaults::{CACERTS_DEFAULT_PATH, CACERTS_SEARCH_PATHS};
use cacerts::{Origin, Outcome, Settings};
use log::{Log, Metadata, Record};
use std::path::Path;
use std::sync::Mutex;

#[test]
fn l2_first_that_exists_of_the_search_list_wins() {
    alone(l2_first_that_exists_of_the_search_list_wins, || {
        let candidates = Settings::new().candidates();
        let searched = candidates.iter().filter(|c| c.origin == Origin::Search);
        let searched: Vec<_> = searched.map(|c| (c.paths[0].as_path(), c.outcome)).collect();

        // Which files this machine has cannot be changed, so the rule is applied to those it has.
        let mut found = false;
        let expected = CACERTS_SEARCH_PATHS.iter().map(|path| {
            let path = Path::new(path);
            let outcome = match CACERTS_DEFAULT_PATH {
                Some(_) => Outcome::NotSearched,
                None if found => Outcome::Outranked,
                None if path.exists() => Outcome::Chosen,
                None => Outcome::NotFound,
            };
            found |= outcome == Outcome::Chosen;
            (path, outcome)
        });
        assert_eq!(searched, expected.collect::<Vec<_>>());
    });
}

#[test]
fn l4_unusable_ssl_cert_file_is_an_error_and_opens_nothing_wider() {
    let pki = Pki::new();
    let server = Server::https(&pki.server());
    // The configured store would do: if anything falls through, the server is reached.
    let user = User::with_config(&format!("ca_certs = {:?}", pki.root));
    user.get(&server.url()).run().fetched();
    let before = server.connections();
    for (path, why) in [
        (pki.missing(), "does not exist"),
        (pki.directory().to_owned(), "is a directory"),
        (pki.garbage(), "holds no usable certificate"),
        (pki.file("empty.pem", ""), "is empty"),
    ] {
        let run = user.get(&server.url()).env("SSL_CERT_FILE", &path).run();
        run.misconfigured(&["SSL_CERT_FILE", path.to_str().unwrap(), why]);
    }
    assert_eq!(server.connections(), before);
}

#[test]
fn l4_ssl_cert_file_replaces_what_is_below() {
    let pki = Pki::new();
    let server = Server::https(&pki.server());
    let configured = |path: &Path| User::with_config(&format!("ca_certs = {path:?}"));
    let get = |user: &User, file: &Path| user.get(&server.url()).env("SSL_CERT_FILE", file).run();
    get(&User::new(), &pki.root).fetched();
    get(&configured(&pki.other), &pki.root).fetched();
    // It does not add: the store that would do is not asked any more.
    get(&configured(&pki.root), &pki.other).not_trusted();
}

/// Where Libcloud is not followed: the empty string was a missing file.
#[test]
fn l4_empty_ssl_cert_file_counts_as_not_set() {
    let pki = Pki::new();
    let server = Server::https(&pki.server());
    let user = User::with_config(&format!("ca_certs = {:?}", pki.root));
    user.get(&server.url()).env("SSL_CERT_FILE", "").run().fetched();
    let run = user.cacerts(&["explain"]).env("SSL_CERT_FILE", "").run();
    assert!(run.stdout.contains("SSL_CERT_FILE: empty, counts as not set"), "{run:#?}");
}

/// At the level of arguments, which no environment reaches.
#[test]
fn l7_verification_off_makes_the_store_a_matter_of_indifference() {
    let pki = Pki::new();
    let server = Server::https(&pki.server());
    let config =
        |path: &Path, verify| Settings::new().ca_certs(path).verify(verify).client_config();
    for store in [pki.missing(), pki.garbage(), pki.other.clone()] {
        let answer = fetch(config(&store, false).unwrap(), &server).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }
    assert!(config(&pki.missing(), true).is_err());
    assert!(config(&pki.garbage(), true).is_err());
    let error = fetch(config(&pki.other, true).unwrap(), &server).unwrap_err();
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    assert!(fetch(config(&pki.root, true).unwrap(), &server).is_ok());
}

#[test]
fn l7_warning_goes_out_for_every_configuration() {
    /// What the library has logged.
    static LOGGED: Mutex<Vec<String>> = Mutex::new(Vec::new());
    struct Logger;
    impl Log for Logger {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn log(&self, record: &Record<'_>) {
            LOGGED.lock().unwrap().push(format!("{}: {}", record.level(), record.args()));
        }
        fn flush(&self) {}
    }

    alone(l7_warning_goes_out_for_every_configuration, || {
        log::set_logger(&Logger).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
        let pki = Pki::new();
        Settings::new().ca_certs(&pki.root).client_config().unwrap();
        assert_eq!(*LOGGED.lock().unwrap(), [""; 0]);
        for times in 1..=2 {
            Settings::new().verify(false).client_config().unwrap();
            let logged = LOGGED.lock().unwrap();
            let warned = logged.iter().filter(|l| l.starts_with("WARN: verification is off"));
            assert_eq!((logged.len(), warned.count()), (times, times), "{logged:?}");
        }
    });
}

/// What rustls does not speak is refused, not silently replaced by something else.
#[test]
fn l8_old_tls_versions_are_refused_by_name() {
    let (pki, user) = (Pki::new(), User::new());
    let server = Server::https(&pki.server());
    let get = |version| {
        let get = user.get(&server.url()).option("--ca-certs", &pki.root);
        get.option("--tls-min", version).run()
    };
    for version in ["1.0", "1.1", "SSLv23", ""] {
        get(version).misconfigured(&["--tls-min", "1.2 and 1.3"]);
    }
    assert_eq!(server.connections(), 0);
    get("1.3").fetched();
}

/// And a server that speaks nothing else is told from one that is not trusted.
#[test]
fn l8_server_with_old_tls_only_is_refused_for_that() {
    let (pki, user) = (Pki::new(), User::new());
    let identity = pki.server();
    let get = |server: &Real| user.get(&server.url()).option("--ca-certs", &pki.root);
    Setup::new(&identity).versions(Versions::Only11).with_each(|server| {
        for get in [get(server), get(server).arg("--insecure")] {
            get.run().refused("no TLS version or cipher in common");
        }
        // It does speak it: OpenSSL's client, told to be as old, is content.
        let address = server.address().to_string();
        let old = "s_client -tls1_1 -cipher DEFAULT@SECLEVEL=0 -verify_return_error -brief -CAfile";
        let run = run(command().args(old.split(' ')).arg(&pki.root).args(["-connect", &address]));
        assert!(run.code == Some(0) && run.stderr.contains("TLSv1.1"), "{run:#?}");
    });
    Setup::new(&identity)
        .versions(Versions::Only12)
        .with_each(|server| get(server).run().fetched());
}

/// Libcloud said `Failed to verify hostname`. That the name was not looked at in the end, behind a sound
/// chain, is CVE-2013-4111.
#[test]
fn l9_l10_name_that_is_not_the_servers_is_told_and_no_client_certificate_helps() {
    let (pki, user) = (Pki::new(), User::new());
    let (identity, client) = (pki.server_for("name", &["localhost"]), pki.client());
    let setup = Setup::new(&identity).clients(&pki.client_ca, ClientCertificate::Required);
    setup.with_each(|server| {
        let get = |url: String| {
            let get = user.get(&url).option("--ca-certs", &pki.root);
            get.option("--cert", &client.certificate).option("--key", &client.key).run()
        };
        let run = get(server.url_as("127.0.0.1"));
        run.not_trusted();
        for said in ["not valid for name", "127.0.0.1", "localhost"] {
            run.refused(said);
        }
        get(server.url()).fetched();
    });
}

/// Where Libcloud is not followed: a path that was appended to its list was used only where all others
/// were missing, and its users took it for one more CA. These are two settings here.
#[test]
fn l6_adding_a_ca_and_trusting_only_it_are_different_things() {
    let (pki, user) = (Pki::new(), User::new());
    // The CAs that this machine trusts, if it has any, and that of a public site.
    let system = CACERTS_SEARCH_PATHS.iter().map(Path::new).find(|path| path.is_file());
    let world: Vec<_> = system.into_iter().chain([pki.root.as_path()]).collect();
    let world = pki.joined("world.pem", &world);
    let public = Server::https(&pki.server());
    let private = Server::https(&pki.server_of_other_root());
    let get = |server: &Server, options: &[(&str, &Path)]| {
        let get = user.get(&server.url()).env("SSL_CERT_FILE", &world);
        options.iter().fold(get, |get, (name, path)| get.option(name, path)).run()
    };
    get(&public, &[]).fetched();
    get(&private, &[]).not_trusted();
    let only = [("--ca-certs", pki.other.as_path())];
    get(&public, &only).not_trusted();
    get(&private, &only).fetched();
    let also = [("--extra-ca-certs", pki.other.as_path())];
    get(&public, &also).fetched();
    get(&private, &also).fetched();
}

/// Where Libcloud is not followed: since its version 2 a setting had no effect, and port 443 meant https
/// whatever was asked for.
#[test]
fn l11_nothing_that_is_set_is_without_effect() {
    let (pki, user) = (Pki::new(), User::new());
    let old = Server::https_of_tls12(&pki.server());
    let get = || user.get(&old.url()).option("--ca-certs", &pki.root);
    get().run().fetched();
    get().option("--tls-min", "1.2").run().fetched();
    get().option("--tls-min", "1.3").run().refused("no TLS version or cipher in common");

    // The scheme decides, whatever is listening.
    let https = Server::https(&pki.server());
    let plain = user.get(&https.url().replace("https:", "http:")).run();
    plain.refused("which of http and https it is");
    user.get(&https.url()).option("--ca-certs", &pki.root).run().fetched();
}
