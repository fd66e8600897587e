//! `cacerts inspect`, file by file: what is found in one, and what comes of it.

use crate::support::command::text;
use crate::support::elf::{Elf, FORMATS};
use crate::support::inspector::{Ca, Inspector, cas, pem};
use crate::support::{Pki, User};
use serde_json::{Value, json};
use std::fs;

const NOTE: &str = "CACERTS_DEFAULT_PATH = \"/srv/tls/store.pem\"\nCACERTS_SEARCH_PATHS = []\n";

#[test]
fn the_note_of_a_binary_is_read() {
    let user = User::new();
    let binary = env!("CARGO_BIN_EXE_cacerts");
    let inspect = user.cacerts(&["inspect", "--json", binary]).run();
    assert_eq!(inspect.code, Some(0), "{inspect:#?}");
    let defaults = user.cacerts(&["defaults", "--json"]).run().stdout;
    let json: Value = serde_json::from_str(&inspect.stdout).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 1);
    assert_eq!(json[0]["path"], binary);
    assert_eq!(json[0]["kind"], "elf");
    assert_eq!(json[0]["cacerts"], serde_json::from_str::<Value>(&defaults).unwrap());
    assert_eq!(json[0]["links"], json!({}));
    assert_eq!(json[0]["drop_ins"], json!([]));
    // What the command looks for is not held against it: it names no path but those it was built with.
    assert_eq!(json[0]["contains"], json!([]));
    assert_eq!(json[0]["error"], Value::Null);
    let run = user.cacerts(&["inspect", binary]).run();
    for found in ["names", "guesses"] {
        assert!(!run.stdout.contains(found), "{run:#?}");
    }
}

#[test]
fn every_word_size_and_byte_order_is_read() {
    let inspector = Inspector::new(&cas(1));
    for format in FORMATS {
        let elf =
            Elf::new(format).note(NOTE).needed(&["libc.so.6", "libssl.so.3", "libcrypto.so.3"]);
        let json = inspector.json(elf.bytes());
        assert_eq!(json["cacerts"]["CACERTS_DEFAULT_PATH"], "/srv/tls/store.pem", "{format:?}");
        assert_eq!(json["links"], json!({ "OpenSSL": ["libssl.so.3", "libcrypto.so.3"] }));
        let (said, code) = inspector.words(elf.bytes(), &[]);
        let links = "links OpenSSL (libssl.so.3, libcrypto.so.3)";
        assert_eq!(said, format!("FILE: trusts /srv/tls/store.pem; {links}"));
        assert_eq!(code, Some(0));
        // Without a note the answer is no.
        let said = inspector.words(Elf::new(format).bytes(), &[]);
        assert_eq!(said, ("FILE: no cacerts note".to_owned(), Some(1)));
    }
}

#[test]
fn tls_libraries_are_known_by_their_files() {
    let inspector = Inspector::new(&cas(1));
    for (needed, links) in [
        (&["libgnutls.so.30"][..], json!({ "GnuTLS": ["libgnutls.so.30"] })),
        (&["libssl3.so", "libnss3.so"], json!({ "NSS": ["libssl3.so", "libnss3.so"] })),
        (
            &["libssl.so.1.1", "libnss3.so"],
            json!({ "NSS": ["libnss3.so"], "OpenSSL": ["libssl.so.1.1"] }),
        ),
        (&["libcurl.so.4"], json!({ "libcurl": ["libcurl.so.4"] })),
        (&["libcurl-gnutls.so.4"], json!({ "libcurl": ["libcurl-gnutls.so.4"] })),
        (&["libnss_files.so.2", "libcurlpp.so.0", "libssl_x.so", "libssl.so\n"], json!({})),
    ] {
        assert_eq!(inspector.json(Elf::new(FORMATS[0]).needed(needed).bytes())["links"], links);
    }
}

#[test]
fn roots_are_found_in_every_form() {
    let cas = cas(12);
    let inspector = Inspector::new(&cas);
    let in_source = pem(&cas).replace('\n', "\\n\" \"");
    let trusted = pem(&cas).replace("CERTIFICATE-", "TRUSTED CERTIFICATE-");
    let separator = b"subject".as_slice();
    let forms = [
        ("keys", cas.iter().map(|ca| &ca.key[..]).collect::<Vec<_>>().join(separator)),
        ("certificates", cas.iter().map(|ca| &ca.der[..]).collect::<Vec<_>>().join(separator)),
        ("pem", pem(&cas).into_bytes()),
        ("pem", pem(&cas).replace('\n', "\r\n").into_bytes()),
        ("pem", in_source.into_bytes()),
        ("pem", trusted.into_bytes()),
    ];
    for format in FORMATS {
        for (form, data) in &forms {
            // Wherever in the file it begins.
            for before in 0..8 {
                let data = [&vec![b'.'; before], &data[..]].concat();
                let json = inspector.json(Elf::new(format).data(data).bytes());
                let roots = &json["embedded_roots"];
                assert_eq!(roots["embedded"], true, "{form} {before} {json}");
                assert_eq!((&roots["found"], &roots["store"]), (&json!(12), &json!(12)));
                for other in ["keys", "certificates", "pem"] {
                    let count = if other == *form { 12 } else { 0 };
                    assert_eq!(roots[other], count, "{form} {other} {json}");
                }
            }
        }
    }
    let (said, _) = inspector.words(Elf::new(FORMATS[0]).data(&forms[0].1).bytes(), &[]);
    let roots = "embeds roots: 12 of the store's 12 CAs (12 as keys)";
    assert_eq!(said, format!("FILE: no cacerts note; {roots}"));
}

/// Who pins a CA has chosen it.
#[test]
fn a_few_cas_are_no_list_of_roots() {
    let cas = cas(12);
    let inspector = Inspector::new(&cas);
    let elf = |cas: &[Ca]| {
        let keys: Vec<_> = cas.iter().flat_map(|ca| ca.key.clone()).collect();
        Elf::new(FORMATS[0]).data(keys).bytes()
    };
    let deny = ["--deny", "embedded-roots"];
    for (count, embedded) in [(0, false), (1, false), (9, false), (10, true), (12, true)] {
        let json = inspector.json(elf(&cas[..count]));
        let roots = &json["embedded_roots"];
        assert_eq!((&roots["embedded"], &roots["found"]), (&json!(embedded), &json!(count)));
        let (said, code) = inspector.words(elf(&cas[..count]), &deny);
        assert_eq!(code, Some(i32::from(embedded)), "{said}");
        let offender = "cacerts: FILE embeds roots, which --deny embedded-roots forbids";
        assert_eq!(said.contains(offender), embedded, "{said}");
    }
    let (said, _) = inspector.words(elf(&cas[..2]), &[]);
    assert_eq!(said, "FILE: no cacerts note; names 2 of the store's 12 CAs (2 as keys)");
    // All of a store is its list, however short.
    let small = Inspector::new(&cas[..2]);
    assert_eq!(small.json(elf(&cas[..2]))["embedded_roots"]["embedded"], true);
    assert_eq!(small.json(elf(&cas[..1]))["embedded_roots"]["embedded"], false);
}

#[test]
fn roots_of_another_store_are_found_as_pem() {
    let (own, others) = (cas(1), cas(10));
    let inspector = Inspector::new(&own);
    let json = inspector.json(pem(&others));
    let roots = &json["embedded_roots"];
    assert_eq!((&roots["embedded"], &roots["found"]), (&json!(true), &json!(0)));
    assert_eq!((&roots["other_roots"], &roots["pem_certificates"]), (&json!(10), &json!(10)));
    let (said, _) = inspector.words(pem(&others[..1]), &[]);
    assert_eq!(
        said,
        "FILE: a certificate file, which `cacerts list PATH` shows; names 1 other root as PEM"
    );
    // The same one often, or one that is no root, is no list.
    assert_eq!(inspector.json(others[0].pem.repeat(20))["embedded_roots"]["embedded"], false);
    let pki = Pki::new();
    let intermediate = fs::read_to_string(&pki.intermediate).unwrap();
    let (said, _) = inspector.words(intermediate, &[]);
    assert_eq!(
        said,
        "FILE: a certificate file, which `cacerts list PATH` shows; holds 1 PEM certificate"
    );
    // Nor is what a program has to recognise one, or what only looks like it.
    for not in ["-----BEGIN CERTIFICATE-----\0", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END"] {
        assert_eq!(inspector.words(not.repeat(20), &[]).0.matches("PEM").count(), 0);
    }
}

#[test]
fn bundle_paths_are_named_as_far_as_they_go() {
    let inspector = Inspector::new(&cas(1));
    let all = "/etc/ssl/certs/etc/pki/tls/cert.pem/usr/local/etc/ssl/cert.pem";
    for (data, paths) in [
        ("/etc/ssl/certs/ca-certificates.crt", &["/etc/ssl/certs/ca-certificates.crt"][..]),
        // Strings of a Rust program stand side by side.
        (all, &["/etc/pki/tls/cert.pem", "/etc/ssl/certs", "/usr/local/etc/ssl/cert.pem"]),
        ("/usr/lib/ssl/cert.pem\0", &["/usr/lib/ssl/cert.pem"]),
        ("/etc/ssl/cert.pe", &[]),
        ("", &[]),
    ] {
        let elf = Elf::new(FORMATS[0]).data(data).bytes();
        assert_eq!(inspector.json(elf)["bundle_paths"], json!(paths));
    }
    let many = "/etc/ssl/certs\0/etc/pki/tls/certs\0/usr/lib/ssl/certs\0/etc/ssl/cert.pem\0";
    let (said, _) = inspector.words(many, &[]);
    let names = "/etc/pki/tls/certs, /etc/ssl/cert.pem, /etc/ssl/certs and 1 more bundle path";
    assert_eq!(said, format!("FILE: neither a program nor text; names {names}"));
}

#[test]
fn a_file_that_is_no_elf_says_what_it_is() {
    let inspector = Inspector::new(&cas(1));
    for (content, word, words) in [
        (&b"#!/bin/sh\n"[..], "script", "a script"),
        (b"text\n", "text", "text"),
        (b"\xcf\xfa\xed\xfe\x07", "mach-o", "a Mach-O file (Apple)"),
        (b"!<arch>\n", "archive", "an ar archive"),
        (
            b"!<thin>\na.o/            0           0     0     644     9000      `\n",
            "archive",
            "an ar archive",
        ),
        (b"", "empty", "empty"),
        (b"\xff\xfe\0", "other", "neither a program nor text"),
        (b"LZIP\x01", "compressed", "compressed (lzip); unpack it and inspect that"),
        (b"ADBd\0", "apk", "an Alpine package of version 3; unpack it and inspect that"),
        (b"Salted__", "encrypted", "encrypted (OpenSSL); decrypt it and inspect that"),
    ] {
        assert_eq!(inspector.json(content)["kind"], word);
        assert_eq!(inspector.words(content, &[]), (format!("FILE: {words}"), Some(1)));
    }
}

#[test]
fn a_program_is_held_to_the_expected_path() {
    let inspector = Inspector::new(&cas(1));
    let with = Elf::new(FORMATS[0]).note(NOTE).bytes();
    let none = Elf::new(FORMATS[0]).note("CACERTS_DEFAULT_PATH = \"none\"\n").bytes();
    let without = Elf::new(FORMATS[0]).bytes();
    for (elf, path, no) in [
        (&with, "/srv/tls/store.pem", None),
        (&with, "/srv/tls", Some("trusts /srv/tls/store.pem, where --expect wants /srv/tls")),
        (&with, "none", Some("trusts /srv/tls/store.pem, where --expect wants none")),
        (&none, "none", None),
        (&none, "/srv/tls", Some("has nothing built in, where --expect wants /srv/tls")),
        (&without, "/srv/tls", Some("has no cacerts note, where --expect wants /srv/tls")),
    ] {
        let (said, code) = inspector.words(elf, &["--expect", path]);
        assert_eq!(code, Some(i32::from(no.is_some())), "{said}");
        assert_eq!(said.contains("cacerts: FILE"), no.is_some(), "{said}");
        assert!(said.contains(no.unwrap_or_default()), "{said}");
    }
    let (said, code) = inspector.words(&with, &["--expect", "store.pem"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("--expect takes an absolute path, or none"), "{said}");
    // Somebody who asks for something else does not ask for a note.
    assert_eq!(inspector.words(&without, &["--deny", "embedded-roots"]).1, Some(0));
}

/// A check that cannot be made has not been passed: what is in it is not known.
#[test]
fn what_is_compressed_does_not_pass() {
    let inspector = Inspector::new(&cas(1));
    for content in [&b"LZIP\x01"[..], b"ADBd\0", b"7z\xbc\xaf\x27\x1c\0"] {
        for check in [["--deny", "embedded-roots"], ["--expect", "/srv/tls/store.pem"]] {
            let (said, code) = inspector.words(content, &check);
            assert!(said.contains("\ncacerts: FILE cannot be checked: it is "), "{said}");
            assert!(said.ends_with("and inspect that"), "{said}");
            assert_eq!(code, Some(1));
        }
    }
    // What has nothing compressed in it passes.
    assert_eq!(inspector.words(b"!<arch>\n", &["--deny", "embedded-roots"]).1, Some(0));
}

/// A check that cannot be made has not been passed.
#[test]
fn without_a_store_there_is_a_warning_or_an_error() {
    let (cas, user) = (cas(12), User::new());
    let (elf, bundle) = (user.home().join("elf"), user.home().join("bundle.pem"));
    fs::write(&elf, Elf::new(FORMATS[0]).note(NOTE).bytes()).unwrap();
    fs::write(&bundle, pem(&cas)).unwrap();
    let missing = user.home().join("missing.pem");
    let files = [text(&elf), text(&elf), text(&bundle)];
    let inspect = |arguments: &[&str]| {
        let inspect = user.cacerts(&[&["inspect"], arguments, &files].concat());
        inspect.option("--ca-certs", &missing).run()
    };
    let run = inspect(&[]);
    assert_eq!(run.stderr.matches("warning: roots are looked for as PEM only").count(), 1);
    assert_eq!(run.stdout.matches("trusts /srv/tls/store.pem").count(), 2, "{run:#?}");
    assert!(run.stdout.contains("embeds roots: 12 other roots as PEM"), "{run:#?}");
    let json: Value = serde_json::from_str(&inspect(&["--json"]).stdout).unwrap();
    assert_eq!(json[0]["embedded_roots"]["embedded"], Value::Null);
    assert_eq!(json[0]["embedded_roots"]["store"], Value::Null);
    inspect(&["--deny", "embedded-roots"]).misconfigured(&["--ca-certs names", "does not exist"]);
    let run = user.cacerts(&["inspect", "-k", "--deny", "embedded-roots", text(&elf)]).run();
    run.misconfigured(&["verification is off, so there is no store to look for"]);
}

/// As they stand in a program that the compiler has made: side by side, and apart from each other.
const PARTS: [&str; 2] = [
    "\0/usr/share/ssl/usr/local/ssl/usr/local/openssl/usr/local/share/usr/lib/ssl/etc/openssl/etc/pki/tls\0",
    "SSL_CERT_DIRcerts.pemcerts/ca-certificates.crtcerts/ca-root-nss.crtcerts/ca-bundle.crttls-ca-bundle.pem",
];

#[test]
fn a_list_that_stands_in_parts_is_found() {
    let inspector = Inspector::new(&cas(1));
    let [directories, names] = PARTS;
    let elf = |data: &str| Elf::new(FORMATS[0]).data(data).bytes();
    let list = elf(&PARTS.concat());
    let (said, code) = inspector.words(&list, &[]);
    let guesses =
        "guesses by the list of openssl-probe 0.1: /etc/openssl/certs/ca-certificates.crt, ";
    assert!(said.starts_with(&format!("FILE: no cacerts note; {guesses}")), "{said}");
    assert!(said.ends_with(" more bundle paths"), "{said}");
    assert_eq!(code, Some(1));
    // Others have a few directories or a file name, for reasons of their own.
    let paths = names.replace("certs/", "/srv/certs/");
    for part in [
        directories,
        names,
        &[directories, &paths].concat(),
        &[directories, &names.replace("certs/ca-root-nss.crt", "")].concat(),
        &[&directories.replace("/usr/local/openssl", ""), names].concat(),
    ] {
        assert_eq!(inspector.words(elf(part), &[]).0, "FILE: no cacerts note", "{part}");
        let json = inspector.json(elf(part));
        assert_eq!((&json["bundle_paths"], &json["guesses"]), (&json!([]), &Value::Null), "{part}");
    }
    for format in FORMATS {
        // In any order, and wherever in the file they begin.
        for before in 0..8 {
            let data = [&".".repeat(before), names, directories].concat();
            let json = inspector.json(Elf::new(format).data(data).bytes());
            assert_eq!(json["guesses"], "openssl-probe 0.1", "{json}");
            let paths = json["bundle_paths"].as_array().unwrap();
            for path in ["/etc/pki/tls/cert.pem", "/etc/ssl/certs", "/usr/lib/ssl/certs"] {
                assert!(paths.contains(&json!(path)), "{path}: {json}");
            }
        }
    }
    // A drop-in may be there for another series than the one whose list is left.
    let note = Elf::new(FORMATS[0]).note(NOTE).data(PARTS.concat());
    let (said, _) = inspector.words(note.bytes(), &[]);
    assert!(said.starts_with("FILE: trusts /srv/tls/store.pem; guesses by "), "{said}");
}

#[test]
fn libraries_that_are_a_part_of_a_program_are_found() {
    let inspector = Inspector::new(&cas(1));
    let openssl = "Load certs from files in a directory\0";
    for (data, contains) in [
        (openssl, json!(["OpenSSL"])),
        (&format!("/usr/lib/ssl/private\0{openssl}"), json!(["OpenSSL"])),
        ("Load certs from files in a directory, says a manual", json!([])),
        ("OpenSSL 3.5.4 30 Sep 2025\0", json!([])),
    ] {
        let elf = Elf::new(FORMATS[0]).data(data).bytes();
        assert_eq!(inspector.json(&elf)["contains"], contains, "{data}");
        let said = inspector.words(elf, &[]).0;
        assert_eq!(said.ends_with("; contains OpenSSL"), contains != json!([]), "{said}");
    }
}

/// Where there is a note, it is not to be taken for what libcurl trusts.
#[test]
fn no_drop_in_reaches_libcurl() {
    let inspector = Inspector::new(&cas(1));
    let elf = Elf::new(FORMATS[0]).needed(&["libcurl.so.4", "libssl.so.3"]);
    let links = "links OpenSSL (libssl.so.3), libcurl (libcurl.so.4)";
    for (elf, words) in [
        (elf.clone(), format!("no cacerts note; {links}")),
        (elf.note(NOTE), format!("trusts /srv/tls/store.pem; {links}, which no drop-in reaches")),
    ] {
        assert_eq!(inspector.words(elf.bytes(), &[]).0, format!("FILE: {words}"));
    }
}
