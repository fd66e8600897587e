//! The command: what it prints for programs to read, and how it ends.

use crate::support::command::{run, text};
use crate::support::{Pki, Server, User};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

fn parsed(stdout: &str) -> Value {
    serde_json::from_str(stdout).unwrap_or_else(|e| panic!("{e}: {stdout}"))
}

#[test]
fn path_prints_the_path_and_nothing_else() {
    let (pki, user) = (Pki::new(), User::new());
    let run = user.cacerts(&["path", "--ca-certs", text(&pki.root)]).run();
    assert_eq!((run.code, run.stdout), (Some(0), format!("{}\n", pki.root.display())));
    assert_eq!(run.stderr, "");
    // Both of the variables together are the store.
    let run = user
        .cacerts(&["path"])
        .env("SSL_CERT_FILE", &pki.root)
        .env("SSL_CERT_DIR", pki.directory())
        .run();
    let both = format!("{}\n{}\n", pki.root.display(), pki.directory().display());
    assert_eq!((run.code, run.stdout), (Some(0), both));
}

#[test]
fn path_of_a_store_that_cannot_be_used_ends_in_an_error() {
    let (pki, user) = (Pki::new(), User::new());
    let (missing, garbage) = (pki.missing(), pki.garbage());
    for (variable, value, words) in [
        ("SSL_CERT_FILE", &*garbage, "holds no usable certificate ("),
        ("SSL_CERT_FILE", &*missing, "does not exist; correct the variable or unset it"),
        ("SSL_CERT_FILE", pki.directory(), "is a directory; it takes a file"),
        ("SSL_CERT_DIR", &*pki.root, "is a file; it takes directories"),
        ("OS_CACERT", &*missing, "does not exist; correct the variable or unset it"),
    ] {
        let run = user.cacerts(&["path"]).env(variable, value).run();
        assert_eq!(run.code, Some(2), "{run:#?}");
        assert_eq!(run.stdout, format!("{}\n", value.display()));
        let named = format!("{variable} names {}, which {words}", value.display());
        assert!(run.stderr.contains(&named), "{run:#?}");
    }
}

#[test]
fn explain_tells_the_store_and_every_candidate() {
    let pki = Pki::new();
    let user = User::with_config(&format!("ca_certs = {:?}", pki.other));
    let bundle = fs::read_to_string(&pki.root).unwrap() + "-----BEGIN CERTIFICATE-----\n!\n";
    let bundle = pki.file("bundle.pem", &bundle);
    let explain = || user.cacerts(&["explain", "--json"]).env("SSL_CERT_DIR", "");
    let run = explain().env("SSL_CERT_FILE", &bundle).run();
    assert_eq!(run.code, Some(0), "{run:#?}");
    let json = parsed(&run.stdout);
    let source = &json["source"];
    assert_eq!(source["path"], text(&bundle));
    assert_eq!(source["kind"], "file");
    assert_eq!(source["origin"], "environment");
    assert_eq!(source["setting"], "SSL_CERT_FILE");
    assert_eq!(source["certificates"], 1);
    assert_eq!(source["skipped"], 1);
    assert_eq!(source["skipped_entries"][0]["reason"], "has no END before the end of the file");
    let candidates: Vec<_> = json["candidates"]
        .as_array()
        .unwrap()
        .iter()
        .take(5)
        .map(|c| (c["setting"].as_str().unwrap(), c["outcome"].as_str().unwrap()))
        .collect();
    assert_eq!(
        candidates,
        [
            ("--ca-certs", "not set"),
            ("OS_CACERT", "not set"),
            ("SSL_CERT_FILE", "chosen"),
            ("SSL_CERT_DIR", "empty, counts as not set"),
            ("ca_certs", "outranked"),
        ]
    );

    let json = parsed(&explain().run().stdout);
    assert_eq!(json["source"]["origin"], "config");
    assert_eq!(json["source"]["setting"], "ca_certs");
    assert_eq!(json["source"]["config"], text(&user.config_file()));

    let json = parsed(&explain().option("--ca-certs", pki.directory()).run().stdout);
    assert_eq!(json["source"]["origin"], "argument");
    assert_eq!(json["source"]["kind"], "directory");

    // What cannot be used is explained as well, and the run is a failure all the same.
    let run = explain().env("SSL_CERT_FILE", pki.missing()).run();
    let json = parsed(&run.stdout);
    assert_eq!(run.code, Some(2));
    assert_eq!(json["source"]["path"], text(&pki.missing()));
    assert_eq!(json["source"]["certificates"], Value::Null);
    assert!(json["error"].as_str().unwrap().starts_with("SSL_CERT_FILE names"), "{json}");
}

/// As .NET has people write it, whose directory there may be none of yet.
#[test]
fn of_a_list_of_directories_not_each_has_to_be_of_use() {
    let (pki, user) = (Pki::new(), User::new());
    let server = Server::https(&pki.server());
    let [good, empty, other] = ["good", "empty", "other"].map(|name| pki.directory().join(name));
    for (directory, root) in [(&good, Some(&pki.root)), (&empty, None), (&other, Some(&pki.other))]
    {
        fs::create_dir(directory).unwrap();
        root.map(|root| fs::copy(root, directory.join("ca.pem")).unwrap());
    }
    let missing = pki.missing();
    let list = |directories: &[&Path]| std::env::join_paths(directories).unwrap();
    let get = |directories: &[&Path]| {
        user.cacerts(&["get", &server.url()]).env("SSL_CERT_DIR", list(directories)).run()
    };
    for useless in [&missing, &empty] {
        for directories in [[&*good, useless], [useless, &good]] {
            let run = get(&directories);
            assert_eq!(run.code, Some(0), "{run:#?}");
            assert!(run.stderr.contains(&format!("{}: ", useless.display())), "{run:#?}");
            assert!(run.stderr.contains("SSL_CERT_DIR names it"), "{run:#?}");
        }
        let run = get(&[useless, &other]);
        assert_eq!(run.code, Some(1));
        assert!(run.stderr.contains(&format!("Trusted is {} ", other.display())), "{run:#?}");
        for directories in [&[&**useless][..], &[useless, useless]] {
            let run = get(directories);
            assert_eq!(run.code, Some(2), "{run:#?}");
            let named = format!("SSL_CERT_DIR names {}, which ", useless.display());
            assert!(run.stderr.contains(&named), "{run:#?}");
        }
        let run = user.cacerts(&["explain"]).env("SSL_CERT_DIR", list(&[&good, useless])).run();
        assert_eq!(run.code, Some(0), "{run:#?}");
        assert!(run.stdout.contains(&format!("passed over: {}\n", useless.display())), "{run:#?}");
        let path = user.cacerts(&["path"]).env("SSL_CERT_DIR", list(&[useless, &good])).run();
        assert_eq!((path.code, path.stdout), (Some(0), format!("{}\n", good.display())));
        let said = format!("cacerts: warning: skipped: {}: ", useless.display());
        assert!(path.stderr.starts_with(&said), "{}", path.stderr);
        // It is no list with the file.
        let run = user
            .cacerts(&["path"])
            .env("SSL_CERT_FILE", &pki.root)
            .env("SSL_CERT_DIR", useless)
            .run();
        assert_eq!(run.code, Some(2), "{run:#?}");
    }
    assert_eq!(get(&[&good, &other]).code, Some(0));
    let run = get(&[&good, &pki.root]);
    assert_eq!(run.code, Some(2), "{run:#?}");
}

#[test]
fn explain_opens_no_store_where_verification_is_off() {
    let (pki, user) = (Pki::new(), User::new());
    let run = user.cacerts(&["explain", "-k", "--json", "--ca-certs", text(&pki.missing())]).run();
    assert_eq!(run.code, Some(0), "{run:#?}");
    let json = parsed(&run.stdout);
    assert_eq!((&json["verify"], &json["source"]), (&json!(false), &Value::Null));
}

#[test]
fn list_tells_each_certificate() {
    let (pki, user) = (Pki::new(), User::new());
    let bundle = pki.joined("both.pem", &[&pki.root, &pki.intermediate, &pki.root]);
    let list = user.cacerts(&["list", "--ca-certs", text(&bundle)]);
    let run = list.run();
    let lines = run.stdout;
    assert_eq!(lines.lines().count(), 2, "{lines}");
    assert_eq!(run.stderr, "cacerts: certificates that are there once more: 1\n");
    let run = user.cacerts(&["explain", "--ca-certs", text(&bundle)]).run();
    let counts = "a file with 2 certificates, 1 there once more, 0 skipped\n";
    assert!(run.stdout.contains(counts), "{run:#?}");
    let run = user.cacerts(&["list", "--json", "--ca-certs", text(&bundle)]).run();
    let list = parsed(&run.stdout);
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), 2);
    for (certificate, name) in list.iter().zip(["Test Root", "Test Intermediate"]) {
        assert_eq!(certificate["subject"], format!("CN={name}"));
        let sha256 = certificate["sha256"].as_str().unwrap();
        assert!(sha256.len() == 64 && lines.contains(sha256), "{sha256}");
        let not_after = certificate["not_after"].as_str().unwrap();
        assert!(not_after.ends_with('Z') && lines.contains(&not_after[..10]), "{not_after}");
    }
}

#[test]
fn check_gives_a_verdict() {
    let (pki, user) = (Pki::new(), User::new());
    let server = Server::https(&pki.server());
    let name = server.url();
    let check = |store: &Path| user.cacerts(&["check", "--json", &name, "--ca-certs", text(store)]);
    let run = check(&pki.root).run();
    assert_eq!(run.code, Some(0), "{run:#?}");
    let json = parsed(&run.stdout);
    assert_eq!((&json["verified"], &json["reason"]), (&json!(true), &Value::Null));
    assert_eq!(json["tls_version"], "1.3");

    let run = check(&pki.other).run();
    assert_eq!(run.code, Some(1), "{run:#?}");
    let json = parsed(&run.stdout);
    assert_eq!(json["verified"], false);
    assert!(name.contains(json["server"].as_str().unwrap()), "{json}");
    assert_eq!(json["reason"], "unknown-issuer");

    // Whoever the server is, it has not been verified.
    let run = check(&pki.root).arg("-k").run();
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert_eq!(parsed(&run.stdout)["verified"], false);

    for no_server in ["http://localhost/", "ftp://localhost", "", "[::1", "localhost:https"] {
        let run = user.cacerts(&["check", no_server]).run();
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{no_server}: {run:#?}");
    }
}

#[test]
fn an_answer_that_is_no_success_is_a_no() {
    let (pki, user) = (Pki::new(), User::new());
    let server = Server::https_without_page(&pki.server());
    let get = |url: &str| user.get(url).option("--ca-certs", &pki.root).run();
    get(&server.url()).refused("answers 404 Not Found");
}

/// A password in an address stays between its user and the server.
#[test]
fn no_password_is_shown() {
    let (pki, user) = (Pki::new(), User::new());
    let identity = pki.server();
    let (good, bad) = (Server::https(&identity), Server::https_without_page(&identity));
    let elsewhere = Server::redirecting("http://user:secret@localhost/", Some(&identity));
    let plain = Server::redirecting("https://user:secret@localhost/", None);
    let with_user = |server: &Server| server.url().replace("//", "//user:secret@");
    for (command, address, store) in [
        ("get", with_user(&bad), &pki.root),
        ("get", with_user(&good), &pki.other),
        ("get", elsewhere.url(), &pki.root),
        ("get", plain.url(), &pki.root),
        ("get", "ftp://user:secret@localhost/".to_owned(), &pki.root),
        ("check", with_user(&good), &pki.other),
        ("check", "user:secret@localhost:x".to_owned(), &pki.root),
    ] {
        for json in [&["--json"][..], &[]] {
            let json = if command == "check" { json } else { &[] };
            let run = user.cacerts(&[&[command, &address], json].concat());
            let run = run.option("--ca-certs", store).run();
            assert_ne!(run.code, Some(0), "{run:#?}");
            assert!(!(run.stdout + &run.stderr).contains("secret"), "{command} {address}");
        }
    }
}

#[test]
fn the_oldest_tls_version_is_kept_to() {
    let (pki, user) = (Pki::new(), User::new());
    let server = Server::https_of_tls12(&pki.server());
    let get = |version: &str| {
        user.get(&server.url()).option("--ca-certs", &pki.root).option("--tls-min", version).run()
    };
    if cacerts::defaults::CACERTS_TLS_MIN_VERSION == "1.2" {
        get("1.2").fetched();
    }
    get("1.3").refused("no TLS version or cipher in common");
}

#[test]
fn a_ca_certificate_in_place_of_a_servers_is_refused_with_advice() {
    let (pki, user) = (Pki::new(), User::new());
    let server = Server::https(&pki.server_that_is_a_ca());
    let run = user.get(&server.url()).option("--ca-certs", &pki.root).run();
    run.refused("it shows a CA's certificate (CA:TRUE) as its own");
    let server = Server::https(&pki.server());
    user.get(&server.url()).option("--ca-certs", &pki.root).run().fetched();
}

/// A server that sends a byte now and then must not keep anybody for ever.
#[test]
fn a_server_that_drips_is_given_up_on() {
    use std::io::Write;
    use std::net::TcpListener;
    use std::time::{Duration, Instant};
    crate::support::alone(a_server_that_drips_is_given_up_on, || {
        let pki = Pki::new();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            // The beginning of a handshake message of 16 KiB.
            for byte in [0x16, 3, 3, 0x40, 0].into_iter().chain([2; 1000]) {
                if socket.write_all(&[byte]).is_err() {
                    return;
                }
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        let settings = cacerts::Settings::new().ca_certs(&pki.root);
        let client = cacerts::Client::with_time_limit(settings, Duration::from_secs(1));
        let start = Instant::now();
        let error = client.check(&address).verdict.unwrap_err();
        assert_eq!(error.kind(), cacerts::ErrorKind::Connection, "{error}");
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    });
}

#[test]
fn get_takes_addresses_of_http_only() {
    let user = User::new();
    let others = ["localhost", "localhost:443/x", "ftp://localhost/", "file:///etc/passwd", ""];
    for address in others.into_iter().chain(["https://:443/", "http://user@:80/"]) {
        user.get(address).run().misconfigured(&["has to begin with https:// or http://"]);
    }
}

/// Root may read everything, so as root the command is run as somebody who may not.
#[cfg(target_os = "linux")]
#[test]
fn a_store_that_may_not_be_read_is_an_error() {
    use std::os::unix::fs::PermissionsExt;
    let (pki, user) = (Pki::new(), User::new());
    let secret = pki.joined("secret.pem", &[&pki.root]);
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(&secret, 0o000);
    let id = run(Command::new("id").arg("-u"));
    let run = if id.stdout.trim() == "0" {
        // A copy, because the directory of the build may be closed to others.
        let binary = user.home().join("cacerts");
        fs::copy(env!("CARGO_BIN_EXE_cacerts"), &binary).unwrap();
        mode(&user.home(), 0o755);
        mode(pki.directory(), 0o755);
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(binary);
        run(command.env_remove("XDG_CONFIG_HOME").env("HOME", "/").args([
            "path",
            "--ca-certs",
            text(&secret),
        ]))
    } else {
        user.cacerts(&["path", "--ca-certs", text(&secret)]).run()
    };
    assert_eq!(run.code, Some(2), "{run:#?}");
    assert!(run.stderr.contains("may not be read by this user (permission denied)"), "{run:#?}");
}

/// On any terminal, and whatever is said of colours.
#[test]
fn help_fits_80_columns_and_has_no_colour() {
    let user = User::new();
    let commands = ["", "path", "defaults", "explain", "list", "diff", "get", "check", "inspect"];
    let config = ["config", "config get", "config set", "config unset"];
    for command in commands.iter().chain(&config) {
        for flag in ["-h", "--help"] {
            for (variable, value) in [("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")] {
                let words: Vec<_> = command.split(' ').filter(|w| !w.is_empty()).collect();
                let run = user.cacerts(&[&words[..], &[flag]].concat()).env(variable, value).run();
                assert_eq!((run.code, &*run.stderr), (Some(0), ""), "{run:#?}");
                assert!(!run.stdout.contains('\x1b'), "{run:#?}");
                for line in run.stdout.lines() {
                    assert!(line.chars().count() <= 80 && line == line.trim_end(), "{line:?}");
                }
            }
        }
    }
    let help = user.cacerts(&["list", "--help"]).run().stdout;
    assert!(help.contains("\nExamples:\n  cacerts list isrg\n      What of the store"), "{help}");
    // What is wrong with the arguments goes the other way.
    let run = user.cacerts(&["list", "--none-such"]).run();
    run.misconfigured(&["unexpected argument '--none-such'"]);
    assert_eq!(
        user.cacerts(&["--version"]).run().stdout,
        format!("cacerts {}\n", env!("CARGO_PKG_VERSION"))
    );
}
