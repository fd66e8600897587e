//! kamaki, the client of a cloud: a default that its packager sets and its developer asks for, the
//! user's configuration over that, and an argument over both.

use crate::support::server::ClientCertificate;
use crate::support::{Identity, Pki, Server, Setup, User, Versions, alone, fetch, get};
use cacerts::{Client, ErrorKind, Settings};
use std::fs;
use std::path::Path;

/// What the packager decided. That this compiles is half of the row: a developer can rely on it in
/// a constant of their own.
const DEFAULT: Option<&str> = cacerts::defaults::CACERTS_DEFAULT_PATH;

#[test]
fn k4_developer_asserts_on_the_constant() {
    let user = User::new();
    let run = user.cacerts(&["defaults", "--json"]).run();
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["CACERTS_DEFAULT_PATH"].as_str(), DEFAULT, "library and command agree");

    // What kamaki's developers write is `assert defaults.CACERTS_DEFAULT_PATH`: it holds where a
    // packager has set it, and then it is what is trusted, whether it exists on this machine or not.
    if let Some(path) = DEFAULT {
        assert!(Path::new(path).is_absolute());
        let config = user.home().join("empty.toml");
        fs::write(&config, "").unwrap();
        let run = user.cacerts(&["path"]).option("--config", &config).run();
        assert_eq!(run.stdout, format!("{path}\n"), "{run:#?}");
    }
}

#[test]
fn k6_ignore_ssl_opens_no_ca_file_and_warns() {
    let (pki, user) = (Pki::new(), User::new());
    let server = Server::https(&pki.server());
    for unusable in [pki.missing(), pki.garbage()] {
        let get = || user.get(&server.url()).option("--ca-certs", &unusable);
        for switch in ["-k", "--insecure"] {
            get().arg(switch).run().fetched_unverified();
        }
        get().run().misconfigured(&["--ca-certs", unusable.to_str().unwrap()]);
    }

    let get = |store| user.get(&server.url()).option("--ca-certs", store);
    get(&pki.other).arg("-k").run().fetched_unverified();
    get(&pki.other).run().not_trusted();
    get(&pki.root).run().fetched();
}

/// What is left of verification when it is off: who shows a certificate has to have its key.
#[test]
fn k6_ignore_ssl_still_checks_handshake_signatures() {
    let (pki, user) = (Pki::new(), User::new());
    let (server, thief) = (pki.server(), pki.stranger());
    let stolen = Identity { certificate: server.certificate.clone(), key: thief.key };
    let get = |identity| user.get(&Server::https(identity).url()).arg("--insecure").run();
    get(&stolen).refused("BadSignature");
    get(&server).fetched_unverified();
}

#[test]
fn k8_setting_of_a_client_beats_the_configured_one() {
    alone(k8_setting_of_a_client_beats_the_configured_one, || {
        let pki = Pki::new();
        let server = Server::https(&pki.server());
        let configured =
            |path: &Path| -> Settings { toml::from_str(&format!("ca_certs = {path:?}")).unwrap() };
        let unverified: Settings = toml::from_str("verify = false").unwrap();
        let untrusted = Err(ErrorKind::ServerNotTrusted);
        for (settings, expected) in [
            (configured(&pki.root), Ok(())),
            (configured(&pki.other), untrusted),
            (configured(&pki.other).ca_certs(&pki.root), Ok(())),
            (configured(&pki.root).ca_certs(&pki.other), untrusted),
            (configured(&pki.other).verify(false), Ok(())),
            (unverified.clone().ca_certs(&pki.other), Ok(())),
            (unverified.ca_certs(&pki.other).verify(true), untrusted),
        ] {
            let result = get(&settings, &server.url()).map(drop).map_err(|e| e.kind());
            assert_eq!(result, expected, "{settings:?}");
        }
    });
}

#[test]
fn k9_kinds_of_errors_are_told_apart_when_something_is_fetched() {
    alone(k9_kinds_of_errors_are_told_apart_when_something_is_fetched, || {
        let pki = Pki::new();
        let server = Server::https(&pki.server());
        for (store, expected, reached) in [
            (pki.missing(), Err(ErrorKind::StoreMissing), false),
            (pki.garbage(), Err(ErrorKind::StoreInvalid), false),
            (pki.file("empty.pem", ""), Err(ErrorKind::StoreInvalid), false),
            (pki.other.clone(), Err(ErrorKind::ServerNotTrusted), true),
            (pki.root.clone(), Ok(200), true),
        ] {
            let before = server.connections();
            // To make a client is no reason for an error yet.
            let client = Client::new(Settings::new().ca_certs(&store));
            let result = client.get(&server.url());
            let result = result.map(|response| response.status()).map_err(|e| e.kind());
            assert_eq!(result, expected, "{}", store.display());
            if !reached {
                assert_eq!(server.connections(), before, "{}", store.display());
            }
        }

        let expired = Server::https(&pki.expired_server());
        let error = get(&Settings::new().ca_certs(&pki.root), &expired.url()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ServerNotTrusted);
        assert!(error.to_string().contains("expired"), "{error}");
    });
}

#[test]
fn k10_plain_http_never_opens_the_ca_file() {
    let (pki, user) = (Pki::new(), User::new());
    let (http, https) = (Server::http(), Server::https(&pki.server()));
    for unusable in [pki.missing(), pki.garbage()] {
        let get = |server: &Server| user.get(&server.url()).option("--ca-certs", &unusable);
        get(&http).run().fetched();
        get(&https).run().misconfigured(&["--ca-certs", unusable.to_str().unwrap()]);
    }
    assert_eq!(https.connections(), 0);
}

#[test]
fn k11_client_certificate_reaches_the_server() {
    let (pki, user) = (Pki::new(), User::new());
    let (identity, client, stranger) = (pki.server(), pki.client(), pki.stranger());
    for versions in [Versions::Only12, Versions::Only13] {
        let setup = Setup::new(&identity).versions(versions);
        setup.clients(&pki.client_ca, ClientCertificate::Required).with_each(|server| {
            let get = |url: &str| user.get(url).option("--ca-certs", &pki.root);
            let with = |url: &str, Identity { certificate, key }: &Identity| {
                get(url).option("--cert", certificate).option("--key", key).run()
            };
            with(&server.url(), &client).fetched();
            for run in [get(&server.url()).run(), with(&server.url(), &stranger)] {
                assert_eq!((run.code, &*run.stdout), (Some(1), ""), "{run:#?}");
                // nginx says it in HTTP.
                let is_nginx = server.name() == "nginx";
                run.refused(if is_nginx { "answers 400" } else { "client certificate" });
            }
            // It says whom it has seen, too.
            if server.name() == "nginx" {
                let run = with(&server.url_of("/seen"), &client);
                assert!(run.stdout.ends_with(" CN=Test Client"), "{run:#?}");
            }
        });
    }
}

/// Where kamaki is not followed: it accepted a certificate of the right CA for any host.
#[test]
fn k12_host_name_is_checked() {
    let (pki, user) = (Pki::new(), User::new());
    let wrong = Server::https(&pki.server_for("wrong", &["elsewhere.example"]));
    let right = Server::https(&pki.server());
    let get = |server: &Server| user.get(&server.url()).option("--ca-certs", &pki.root);
    get(&wrong).run().not_trusted();
    get(&wrong).run().refused("not valid for name \"localhost\"");
    get(&right).run().fetched();
}

#[test]
fn k13_argument_beats_the_configuration() {
    let pki = Pki::new();
    let server = Server::https(&pki.server());
    let configured = |path: &Path| User::with_config(&format!("ca_certs = {path:?}"));
    let get = |user: &User| user.get(&server.url());

    let user = configured(&pki.root);
    get(&user).run().fetched();
    get(&user).option("--ca-certs", &pki.other).run().not_trusted();
    let user = configured(&pki.other);
    get(&user).run().not_trusted();
    get(&user).option("--ca-certs", &pki.root).run().fetched();

    // kamaki's `ignore_ssl = on`.
    let user = User::with_config(&format!("ca_certs = {:?}\nverify = false", pki.other));
    get(&user).run().fetched_unverified();
    let user = User::with_config(&format!("ca_certs = {:?}\nverify = true", pki.other));
    get(&user).run().not_trusted();
    get(&user).arg("-k").run().fetched_unverified();
}

#[test]
fn k14_config_falls_back_to_the_built_in_default() {
    let user = User::new();
    // `--config` keeps the configuration of the machine out of it.
    let file = user.home().join("own.toml");
    for text in ["", "verify = true\n", "ca_certs = \"\"\n"] {
        fs::write(&file, text).unwrap();
        let run = user.cacerts(&["config", "get", "ca_certs"]).option("--config", &file).run();
        match DEFAULT {
            Some(path) => {
                assert_eq!((run.code, run.stdout), (Some(0), format!("{path}\n")), "{text:?}");
            }
            None => run.refused("ca_certs not found"),
        }
    }
    fs::write(&file, "ca_certs = \"/etc/other.pem\"\n").unwrap();
    let run = user.cacerts(&["config", "get", "ca_certs"]).option("--config", &file).run();
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), "/etc/other.pem\n"));
}

#[test]
fn k15_config_set_get_and_unset() {
    let (pki, user) = (Pki::new(), User::new());
    let server = Server::https(&pki.server());
    let root = pki.root.to_str().unwrap();
    let config = |arguments: &[&str]| {
        let config = user.cacerts(&["config"]);
        let run = arguments.iter().fold(config, |config, argument| config.arg(argument)).run();
        (run.code, run.stdout)
    };
    let done = (Some(0), String::new());

    let before = config(&["get", "ca_certs"]);
    assert_eq!(config(&["set", "ca_certs", root]), done);
    assert_eq!(config(&["get", "ca_certs"]), (Some(0), format!("{root}\n")));
    user.get(&server.url()).run().fetched();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(user.config_file()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "nobody else's business");
    }

    assert_eq!(config(&["unset", "ca_certs"]), done);
    assert_eq!(config(&["get", "ca_certs"]), before);
    assert_eq!(config(&["unset", "ca_certs"]).0, Some(1), "there is nothing left to remove");
    assert_eq!(config(&["set", "ca_cert", root]).0, Some(2), "a misspelt key");
    assert_eq!(config(&["set", "ca_certs", "relative.pem"]).0, Some(2), "relative to what?");
}

#[test]
fn k16_message_names_the_path_the_setting_and_the_next_step() {
    let pki = Pki::new();
    let server = Server::https(&pki.server());
    let missing = pki.missing();
    let path = missing.to_str().unwrap();

    let user = User::new();
    let get = || user.get(&server.url());
    let by_argument = get().option("--ca-certs", path).run();
    by_argument.misconfigured(&[path, "does not exist", "--ca-certs", "name another"]);
    let by_variable = get().env("OS_CACERT", path).run();
    by_variable.misconfigured(&[path, "does not exist", "OS_CACERT", "unset it"]);

    let user = User::with_config(&format!("ca_certs = {path:?}"));
    let file = user.config_file();
    let by_config = user.get(&server.url()).run();
    let said = [path, "does not exist", "ca_certs in", file.to_str().unwrap(), "correct it there"];
    by_config.misconfigured(&said);

    // A server that is not trusted: which store it was held against, and who chose that.
    let user = User::new();
    let (get, other) = (|| user.get(&server.url()), pki.other.to_str().unwrap());
    for (get, setting) in [
        (get().option("--ca-certs", other), "--ca-certs"),
        (get().env("SSL_CERT_FILE", other), "SSL_CERT_FILE"),
    ] {
        let run = get.run();
        run.not_trusted();
        run.refused(&format!("Trusted is {other} ({setting})"));
        run.refused("or name it with --extra-ca-certs");
    }
}

/// kamaki's `patch_with_certs`: a program says once what all of its clients trust, those of libraries
/// included that know nothing of it.
#[test]
fn k5_settings_of_the_process_are_those_of_every_client() {
    alone(k5_settings_of_the_process_are_those_of_every_client, || {
        let pki = Pki::new();
        let server = Server::https(&pki.server());
        // To look is not to make a client.
        assert!(Settings::new().verifies().unwrap() && !Settings::new().candidates().is_empty());
        Settings::new().ca_certs(&pki.root).install_default().unwrap();
        assert!(get(&Settings::new(), &server.url()).is_ok());
        assert!(fetch(cacerts::client_config().unwrap(), &server).is_ok());
        let own = get(&Settings::new().ca_certs(&pki.other), &server.url());
        assert_eq!(own.map_err(|e| e.kind()), Err(ErrorKind::ServerNotTrusted), "its own count");

        let error = Settings::new().verify(false).install_default().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLate);
        assert!(error.to_string().contains("others were installed before"), "{error}");
        assert!(Settings::new().verifies().unwrap());
    });
}

#[test]
fn k5_after_the_first_client_it_is_too_late() {
    alone(k5_after_the_first_client_it_is_too_late, || {
        let pki = Pki::new();
        let server = Server::https(&pki.server());
        let _ = Settings::new().ca_certs(&pki.other).client_config().unwrap();
        let error = Settings::new().ca_certs(&pki.root).install_default().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLate);
        assert!(error.to_string().contains("gone by the defaults already"), "{error}");
        assert!(get(&Settings::new(), &server.url()).is_err());
        assert!(get(&Settings::new().ca_certs(&pki.root), &server.url()).is_ok());
    });
}

/// Where kamaki is not followed: a path that was not ASCII was an error, and none became 'None'.
#[test]
#[cfg(target_os = "linux")]
fn k5_path_of_the_process_may_be_any() {
    use std::os::unix::ffi::OsStrExt;
    alone(k5_path_of_the_process_may_be_any, || {
        let pki = Pki::new();
        let server = Server::https(&pki.server());
        let path = pki.directory().join(std::ffi::OsStr::from_bytes(b"k\xf6rper \xff.pem"));
        fs::copy(&pki.root, &path).unwrap();
        Settings::new().ca_certs(&path).install_default().unwrap();
        assert!(get(&Settings::new(), &server.url()).is_ok());
    });
}

/// What nobody has set is filled in from what is built in; an empty path is nobody's path.
#[test]
fn k7_default_is_filled_in_for_a_client() {
    alone(k7_default_is_filled_in_for_a_client, || {
        let resolved = |settings: Settings| settings.resolve();
        if let Some(path) = DEFAULT {
            let resolution = resolved(Settings::new()).unwrap();
            assert_eq!(resolution.sources()[0].path(), Path::new(path));
        }
        let error = resolved(Settings::new().ca_certs("")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSetting);
        assert!(error.to_string().contains("ca_certs is empty"), "{error}");
        let configured: Settings = toml::from_str("ca_certs = \"\"").unwrap();
        let paths = |settings: Settings| {
            let resolution = resolved(settings).map_err(|e| e.to_string());
            resolution.map(|resolution| resolution.sources().to_vec())
        };
        assert_eq!(paths(configured), paths(Settings::new()));
    });
}
