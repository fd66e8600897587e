//! `cacerts inspect` and programs that guess: what counts as such, and by which crate they do.

use crate::support::User;
use crate::support::command::text;
use crate::support::elf::{Elf, FORMATS};
use crate::support::inspector::{Inspector, cas};
use serde_json::json;
use std::fs;

const NOTE: &str = "CACERTS_DEFAULT_PATH = \"none\"\nCACERTS_SEARCH_PATHS = [\"/a\"]\n";
const TWO: &str = "/etc/pki/tls/certs/ca-bundle.crt\0/etc/ssl/ca-bundle.pem\0";
const THREE: &str = "/etc/pki/tls/certs/ca-bundle.crt\0/etc/ssl/ca-bundle.pem\0/etc/ssl/certs/ca-certificates.crt\0";
/// The list of openssl-probe 0.1.
const PARTS: &str = "\0/usr/share/ssl/usr/local/ssl/usr/local/openssl/usr/local/share/usr/lib/ssl\
    /etc/openssl/etc/pki/tls\0certs.pemcerts/ca-certificates.crtcerts/ca-root-nss.crtcerts/ca-bundle.crt";

#[test]
fn a_list_of_paths_and_no_note_is_a_guess() {
    let inspector = Inspector::new(&cas(1));
    let elf = || Elf::new(FORMATS[0]);
    for (content, guesses) in [
        (elf().data(THREE).bytes(), true),
        (elf().data(PARTS).bytes(), true),
        (format!("#!/usr/bin/python3\n{}", THREE.replace('\0', "\n")).into_bytes(), true),
        // Of a library that has been told its own there are as many.
        (elf().data(TWO).bytes(), false),
        (elf().bytes(), false),
        // That is a decision, too.
        (elf().data(THREE).note(NOTE).bytes(), false),
        // A manual guesses nothing.
        (THREE.replace('\0', "\n").into_bytes(), false),
    ] {
        let (said, code) = inspector.words(&content, &["--deny", "guessing"]);
        assert_eq!(code, Some(i32::from(guesses)), "{said}");
        let no = "cacerts: FILE guesses where the store is, which --deny guessing forbids";
        assert_eq!(said.ends_with(no), guesses, "{said}");
        assert_eq!(inspector.json(&content)["guessing"], guesses);
        // It is another question.
        assert_eq!(inspector.words(&content, &["--deny", "embedded-roots"]).1, Some(0));
    }
}

/// Who asks for nothing else needs no store.
#[test]
fn a_guess_is_told_without_a_store() {
    let user = User::new();
    let [file, missing] = ["elf", "missing"].map(|name| user.home().join(name));
    fs::write(&file, Elf::new(FORMATS[0]).data(THREE).bytes()).unwrap();
    let inspect = |deny: &[&str]| {
        let inspect = user.cacerts(&[&["inspect"], deny].concat()).arg(text(&file));
        inspect.option("--ca-certs", &missing).run()
    };
    let run = inspect(&["--deny", "guessing"]);
    assert!(run.stderr.contains(" guesses where the store is"), "{run:#?}");
    assert_eq!(run.code, Some(1));
    let both = ["--deny", "guessing", "--deny", "embedded-roots"];
    inspect(&both).misconfigured(&["--ca-certs names", "does not exist"]);
}

#[test]
fn the_crate_is_told() {
    let inspector = Inspector::new(&cas(1));
    let file =
        "/home/me/.cargo/registry/src/index.crates.io-0/rustls-native-certs-0.8.1/src/unix.rs";
    let other = "/usr/share/cargo/registry/openssl-probe-0.1.6/src/lib.rs";
    let data = format!("{file}\0{other}\0{file}\0/rustls-native-certs-sys/src");
    let elf = Elf::new(FORMATS[0]).data(data).bytes();
    let words = "built with openssl-probe 0.1.6, rustls-native-certs 0.8.1";
    assert_eq!(inspector.words(&elf, &[]).0, format!("FILE: no cacerts note; {words}"));
    let crates = json!([
        { "name": "openssl-probe", "version": "0.1.6" },
        { "name": "rustls-native-certs", "version": "0.8.1" },
    ]);
    assert_eq!(inspector.json(&elf)["crates"], crates);
}
