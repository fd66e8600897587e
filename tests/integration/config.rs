//! The configuration as the command reads, checks and edits it.

use crate::support::command::{Run, text};
use crate::support::{Pki, User};
use cacerts::defaults;
use std::fs;
use std::path::Path;

#[test]
fn config_changes_one_key_and_keeps_the_rest() {
    let user = User::with_config("# mine\nverify = true # always\n");
    let config = |arguments: &[&str]| user.cacerts(&[&["config"], arguments].concat()).run();
    assert_eq!(config(&["set", "ca_certs", "~/ca.pem"]).code, Some(0));
    assert_eq!(config(&["get", "ca_certs"]).stdout, "~/ca.pem\n");
    let file = || fs::read_to_string(user.config_file()).unwrap();
    assert_eq!(file(), "# mine\nverify = true # always\nca_certs = \"~/ca.pem\"\n");
    assert_eq!(config(&["set", "verify", "true"]).code, Some(0));
    assert_eq!(file(), "# mine\nverify = true # always\nca_certs = \"~/ca.pem\"\n");
    let path = user.cacerts(&["path"]).run();
    assert_eq!(path.stdout, format!("{}\n", user.home().join("ca.pem").display()));

    // What would be refused when it is read is not written.
    let before = file();
    for (key, value, said) in [
        ("ca_cert", "/x", "is not a key"),
        ("ca_certs", "x.pem", "is neither an absolute path nor one that begins with ~/"),
        ("verify", "False", "is neither true nor false"),
        ("verify", "0", "is neither true nor false"),
        ("min_tls_version", "1.1", "is not a TLS version that can be asked for"),
    ] {
        config(&["set", key, value]).misconfigured(&[said]);
        assert_eq!(file(), before);
    }
    assert_eq!(config(&["unset", "ca_certs"]).code, Some(0));
    config(&["unset", "ca_certs"]).refused("ca_certs is not set");
    assert_eq!(file(), "# mine\nverify = true # always\n");
}

/// What is set for later use is looked at now.
#[test]
fn config_set_tells_of_what_cannot_be_used() {
    let (pki, user) = (Pki::new(), User::new());
    let (server, client) = (pki.server(), pki.client());
    let set = |key: &str, value: &Path| user.cacerts(&["config", "set", key]).arg(value).run();
    let get = |key: &str| user.cacerts(&["config", "get", key]).run().stdout;
    for key in ["ca_certs", "extra_ca_certs"] {
        let run = set(key, &pki.root);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        let run = set(key, &pki.garbage());
        run.misconfigured(&[&format!("{key} is not set: "), text(&pki.garbage())]);
        assert_eq!(get(key), format!("{}\n", pki.root.display()));
        // It may come later.
        let run = set(key, &pki.missing());
        let said = format!("cacerts: warning: {key} is set, but {}", pki.missing().display());
        assert!(run.code == Some(0) && run.stderr.starts_with(&said), "{run:?}");
        assert_eq!(get(key), format!("{}\n", pki.missing().display()));
    }
    let is_warned = |run: Run, said: &str| {
        assert!(run.code == Some(0) && run.stderr.contains(said), "{run:?}");
        assert_eq!(run.stderr.matches("warning").count(), 1, "{run:?}");
    };
    is_warned(
        set("client_cert", &client.certificate),
        "holds no private key in PEM (is client_key",
    );
    is_warned(set("client_key", &server.key), "does not belong to the certificate");
    is_warned(set("client_key", &pki.missing()), "does not exist");
    let run = set("client_key", &client.key);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    user.cacerts(&["config", "unset", "client_cert"]).run();
    is_warned(set("client_key", &client.key), "client_key is set, but client_cert is not");
}

#[test]
fn a_configuration_that_cannot_be_read_is_an_error() {
    for (config, said) in [
        ("verify = true\nca_cert = '/x'", ":2: unknown key \"ca_cert\": that is ca_certs here"),
        ("\n\nca_certs = x", ":3: ca_certs: "),
        ("verify = 'false'", ":1: verify: invalid type: string"),
        ("verify = 0", ":1: verify: invalid type: integer"),
        ("'verify' = 0", ":1: verify: invalid type: integer"),
        ("# x\n\"ver\\u0069fy\" = 0", ":2: verify: invalid type: integer"),
        ("verify.x = 0", ":1: verify: invalid type: map"),
        ("# x\n[verify]\nx = 0", ":2: verify: invalid type: map"),
        ("[[ca_certs]]", ":1: ca_certs: invalid type: sequence"),
        ("extra_ca_certs = [\n'/x',\n0]", ":1: extra_ca_certs: a path or a list of paths"),
        (
            "[global]\nca_certs = '/x'",
            ":1: unknown key \"global\": remove it; there are ca_certs, ",
        ),
    ] {
        let user = User::with_config(config);
        let file = user.config_file();
        user.cacerts(&["path"]).run().misconfigured(&[&format!("{}{said}", file.display())]);
    }
    let (pki, user) = (Pki::new(), User::new());
    let missing = pki.missing();
    let path = user.cacerts(&["path"]).option("--config", &missing).run();
    path.misconfigured(&["--config names", text(&missing), "does not exist"]);
}

/// None of these may be waited for, or replaced.
#[cfg(unix)]
#[test]
fn a_configuration_that_is_no_file_is_an_error() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let user = User::new();
    let path = |name: &str| user.home().join(name);
    mknodat(CWD, path("fifo"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    std::os::unix::fs::symlink("nowhere", path("link")).unwrap();
    for file in [path("fifo"), "/dev/zero".into(), "/dev/null".into(), user.home()] {
        for command in [&["path"][..], &["config", "set", "verify", "true"]] {
            let run = user.cacerts(command).option("--config", &file).run();
            run.misconfigured(&[text(&file), "is not a regular file"]);
        }
    }
    let set = user.cacerts(&["config", "set", "verify", "true"]);
    set.option("--config", path("link")).run().misconfigured(&["is a link that leads nowhere"]);
    assert!(path("link").is_symlink());
}

#[test]
fn config_get_prints_what_adds_up() {
    let user = User::with_config("extra_ca_certs = ['/a.pem', '', '/b.pem']\nclient_cert = ''");
    let get = |key: &str| user.cacerts(&["config", "get", key]).run();
    assert_eq!(get("extra_ca_certs").stdout, "/a.pem\n/b.pem\n");
    get("client_cert").refused("client_cert not found");
}

#[test]
fn config_beats_what_is_built_in_and_the_named_file_beats_the_users() {
    let pki = Pki::new();
    let user = User::with_config(&format!("ca_certs = {:?}", pki.root));
    let path = || user.cacerts(&["path"]);
    assert_eq!(path().run().stdout, format!("{}\n", pki.root.display()));
    let named = pki.file("named.toml", &format!("ca_certs = {:?}", pki.other));
    let run = path().option("--config", &named).run();
    assert_eq!(run.stdout, format!("{}\n", pki.other.display()));
}

#[test]
fn config_get_without_a_key_prints_what_there_is() {
    let user = User::with_config(
        "# Ours.\nca_certs = \"/a b/ca.pem\" # here\nextra_ca_certs = [\n  \"/x.pem\",\n  '/y.pem',\n]\n\
         client_cert = \"\"\nverify = false\n",
    );
    let run = user.cacerts(&["config", "get"]).run();
    let (found, built_in) = run.stdout.split_once("min_tls_version = ").unwrap();
    assert_eq!(
        found,
        "ca_certs = \"/a b/ca.pem\"\nextra_ca_certs = [\"/x.pem\", '/y.pem']\nverify = false\n"
    );
    assert_eq!(built_in, format!("{:?}\n", defaults::CACERTS_TLS_MIN_VERSION));
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    // It could stand in a file.
    let again = User::with_config(&run.stdout).cacerts(&["config", "get"]).run();
    assert_eq!(again.stdout, run.stdout);
    let run = User::with_config("ca_cert = 1\n").cacerts(&["config", "get"]).run();
    run.misconfigured(&["unknown key \"ca_cert\""]);
}
