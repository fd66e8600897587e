//! What is advised for a file that is of no use does what it says when it is typed, and what is typed
//! as for curl gets advice.

use crate::support::command::run;
use crate::support::openssl::openssl;
use crate::support::{Pki, User};
use cacerts::TrustStore;
use std::env;
use std::fs;
use std::io::Write;
use std::process::Command;

#[test]
fn hints_work_when_they_are_typed() {
    let pki = Pki::new();
    let root = &pki.root;
    let at = |name: &str| pki.directory().join(name);
    let der = at("root.der");
    openssl(&[&"x509", &"-in", root, &"-outform", &"DER", &"-out", &der]);
    let pkcs7 = at("root.p7b");
    let form = [&"-outform" as &dyn AsRef<_>, &"DER", &"-out", &pkcs7];
    openssl(&[&[&"crl2pkcs7" as &dyn AsRef<_>, &"-nocrl", &"-certfile", root], &form[..]].concat());
    let pkcs12 = at("root.p12");
    let no_password = [&"-passout" as &dyn AsRef<_>, &"pass:", &"-out", &pkcs12];
    let export = [&"pkcs12" as &dyn AsRef<_>, &"-export", &"-nokeys", &"-in", root];
    openssl(&[&export[..], &no_password].concat());
    let (gzip, utf16) = (at("root.pem.gz"), at("root.txt"));
    sh(&format!("gzip -c < {} > {}", root.display(), gzip.display()));
    sh(&format!("iconv -f UTF-8 -t UTF-16 {} > {}", root.display(), utf16.display()));
    let mut files = vec![der, pkcs7, pkcs12, gzip, utf16];
    let store = at("root.jks");
    if Command::new("keytool").arg("-help").output().is_ok() {
        sh(&format!(
            "keytool -importcert -noprompt -storetype JKS -storepass changeit -file {} -keystore {}",
            root.display(),
            store.display(),
        ));
        files.push(store);
    } else {
        // Not captured, as what the macros print is.
        writeln!(std::io::stderr(), "LEFT OUT - a Java key store, because there is no keytool")
            .ok();
    }
    for file in &files {
        let error = TrustStore::load(file).unwrap_err().to_string();
        let hint = error.split('`').nth(1).unwrap_or_else(|| panic!("no command: {error}"));
        let result = at("result.pem");
        // The password is empty.
        let typed = format!("echo | {}", hint.replace("FILE", file.to_str().unwrap()));
        fs::write(&result, sh(&typed)).unwrap();
        let loaded = TrustStore::load(&result).unwrap_or_else(|e| panic!("{hint}: {e}"));
        assert_eq!(loaded.certificates(), TrustStore::load(root).unwrap().certificates(), "{hint}");
    }
}

/// What people type who are used to curl.
#[test]
fn habits_from_curl_are_answered_in_a_line() {
    let user = User::new();
    let url = "https://u:secret@localhost:1/";
    for (arguments, hint) in [
        (&["get", "-s", "-O", url][..], "-s is curl's: leave it out"),
        (&["get", "-fsSL", url], "-f is curl's: leave it out"),
        (&["-L", url], "follows redirects"),
        (&["get", "--location", url], "follows redirects"),
        (&["get", "-O", url], "`get -o FILE URL`"),
        (&["get", "-I", url], "headers are not shown"),
        (&["get", "-x", "p:1", url], "set https_proxy to http://HOST:PORT"),
        (&["get", "--proxy=p:1", url], "set https_proxy to http://HOST:PORT"),
        (&["check", "-x", "p:1", "localhost"], "set https_proxy to http://HOST:PORT"),
        (&["get", "--noproxy", "*", url], "set no_proxy"),
        (&["get", "--capath", "/c", url], "--ca-certs takes a directory"),
        (&["get", "-E", "c.pem", url], "--cert FILE and --key FILE"),
        (&["get", "--tlsv1.3", url], "--tls-min 1.3"),
        (&["get", "--resolve", "a:1:b", url], "--connect HOST:PORT"),
        (&["get", "-H", "A: b", url], "sends neither data nor headers"),
        (&["--cacert", "ca.pem", url], "`cacerts get URL`"),
        (&[url], "`cacerts check URL`"),
    ] {
        let run = user.cacerts(arguments).run();
        run.misconfigured(&[hint]);
        assert_eq!(run.stderr.lines().count(), 1, "{run:#?}");
        assert!(!run.stderr.contains("secret"), "{run:#?}");
    }
    // What no request is given is no habit from curl.
    for arguments in [&["list", "-f"][..], &["get", "--no-such", url], &["no-such"]] {
        let run = user.cacerts(arguments).run();
        run.misconfigured(&["Usage: cacerts"]);
        assert!(!run.stderr.contains("curl"), "{run:#?}");
    }
    // What is named the same works.
    let run = user.cacerts(&["get", "--cacert", "/nowhere/ca.pem", "https://localhost:1/"]).run();
    run.misconfigured(&["--ca-certs names /nowhere/ca.pem"]);
}

/// What it prints. Without a terminal, on which a password could be asked for.
fn sh(line: &str) -> String {
    let mut shell = Command::new("setsid");
    let path = env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    let run = run(shell.args(["sh", "-c", line]).env_clear().env("PATH", path));
    assert_eq!(run.code, Some(0), "{line}: {run:#?}");
    run.stdout
}
