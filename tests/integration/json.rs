//! What `--json` prints: cacerts(1) names every key of it.

use crate::support::elf::{Elf, FORMATS};
use crate::support::server::ClientCertificate;
use crate::support::{Pki, Server, User};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

const PAGE: &str = include_str!("../../packaging/man/cacerts.1");

/// Every key, in whatever depth, but those that stand for something else than themselves.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| keys(value, found)),
        Value::Object(map) => {
            for (key, value) in map {
                if !key.starts_with("CACERTS_") {
                    found.insert(key.clone());
                }
                keys(value, found);
            }
        }
        _ => {}
    }
}

/// What the page says of this command's JSON.
fn entry(command: &str) -> &str {
    let (_, rest) = PAGE.split_once(&format!("\\fB{command} \\-\\-json\\fR\n")).unwrap();
    rest.split("\n.").next().unwrap()
}

#[test]
fn the_manual_names_every_key() {
    let (user, pki) = (User::new(), Pki::new());
    let bundle = user.home().join("bundle.pem");
    let skipped = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    fs::write(&bundle, fs::read_to_string(&pki.root).unwrap() + skipped).unwrap();
    let other = pki.other.to_str().unwrap();
    let elf = user.home().join("elf");
    let drop_in = "CACERTS_DROP_IN = \"openssl-probe 0.2.1\"\nCACERTS_DEFAULT_PATH = \"/a\"";
    fs::write(&elf, Elf::new(FORMATS[0]).drop_in(drop_in).bytes()).unwrap();
    let server = Server::https_for(&pki.client_ca, ClientCertificate::Optional, &pki.server());
    let url = server.url();
    for (command, argument, expected) in [
        ("explain", None, "skipped_entries"),
        ("list", None, "not_after"),
        ("diff", Some(other), "renewed"),
        ("check", Some("localhost:1"), "kind"),
        ("check", Some(&url), "not_before"),
        ("inspect", bundle.to_str(), "other_roots"),
        ("inspect", elf.to_str(), "tells"),
    ] {
        let run = user.cacerts(&[command, "--json"]).option("--ca-certs", &bundle);
        let run = argument.into_iter().fold(run, |run, argument| run.arg(argument)).run();
        let json: Value =
            serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {run:#?}"));
        if argument == Some("localhost:1") {
            assert_eq!(json["kind"], "Connection");
        }
        let mut found = BTreeSet::new();
        keys(&json, &mut found);
        assert!(found.contains(expected), "{command}: {found:?}");
        // What is the same as in another one is told there.
        let same = if command == "diff" { entry("list") } else { "" };
        let entry = [entry(command), same].join(" ");
        let words: BTreeSet<_> = entry.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        for key in found {
            assert!(words.contains(key.as_str()), "{command}: cacerts(1) does not tell of {key}");
        }
    }
}
