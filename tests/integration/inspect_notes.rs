//! `cacerts inspect` and the notes of a file: those of the library and of drop-ins, what they are held to,
//! and which are not believed.

use crate::support::elf::{Elf, FORMATS};
use crate::support::inspector::{Inspector, cas};
use serde_json::{Value, json};

const NOTE: &str = "CACERTS_DEFAULT_PATH = \"/srv/tls/store.pem\"\nCACERTS_SEARCH_PATHS = []\n";

/// A program may be linked of parts that have cacerts each.
#[test]
fn notes_that_differ_are_an_error() {
    let inspector = Inspector::new(&cas(1));
    for format in FORMATS {
        let elf = Elf::new(format).note(NOTE);
        let twice = |other: &Elf| {
            let note = [&elf.note[..], &other.note[..]].concat();
            inspector.words(Elf { note, ..elf.clone() }.bytes(), &[])
        };
        let different = NOTE.replace("store.pem", "other.pem");
        let (said, code) = twice(&Elf::new(format).note(&different));
        assert_eq!((said.as_str(), code), ("cacerts: FILE has cacerts notes that differ", Some(1)));
        assert_eq!(twice(&elf), ("FILE: trusts /srv/tls/store.pem".to_owned(), Some(0)));
    }
}

/// Anybody can put a note into a binary.
#[test]
fn no_note_is_believed_that_cannot_have_been_baked() {
    let inspector = Inspector::new(&cas(1));
    for (value, said) in [
        ("5", "CACERTS_DEFAULT_PATH is not a path or none"),
        ("[]", "CACERTS_DEFAULT_PATH is not a path or none"),
        ("\"\\n\"", "CACERTS_DEFAULT_PATH is not a path or none"),
        ("\"", "has a cacerts note that cannot be read"),
    ] {
        for format in FORMATS {
            let elf = Elf::new(format).note(&format!("CACERTS_DEFAULT_PATH = {value}\n"));
            let (found, code) = inspector.words(elf.bytes(), &[]);
            assert_eq!((found.lines().count(), code), (1, Some(1)), "{found}");
            assert!(found.starts_with("cacerts: FILE ") && found.contains(said), "{found}");
        }
    }
}

/// The name's and the description's lengths, as 32-bit numbers: together and rounded up, they overflow.
#[test]
fn no_length_in_a_note_leads_out_of_it() {
    let inspector = Inspector::new(&cas(1));
    for format in FORMATS {
        for (name, description) in [
            (u32::MAX, 0),
            (8, u32::MAX),
            (u32::MAX, u32::MAX),
            (u32::MAX - 11, 12),
            (8, 0x7fff_fffd),
        ] {
            let elf = Elf::new(format).hostile_note(name, description);
            let (found, code) = inspector.words(elf.bytes(), &[]);
            assert_eq!((found.lines().count(), code), (1, Some(1)), "{found}");
            assert!(
                found.starts_with("cacerts: FILE is a truncated or damaged ELF file ("),
                "{found}"
            );
        }
        let elf = Elf::new(format).hostile_note(8, 32);
        assert_eq!(inspector.words(elf.bytes(), &[]).1, Some(0));
    }
}

/// What a drop-in over the library says of itself, and what one says that is not.
fn over(name: &str) -> String {
    format!("CACERTS_DROP_IN = \"{name}\"\n")
}

fn tells(name: &str, path: &str) -> String {
    format!("CACERTS_DROP_IN = \"{name}\"\nCACERTS_DEFAULT_PATH = \"{path}\"\n")
}

const STORE: &str = "/srv/tls/store.pem";
/// As OpenSSL has it in the part that adds its default paths.
const OPENSSL: &[u8] = b"\0Load certs from files in a directory\0";

#[test]
fn a_program_says_which_drop_ins_it_has() {
    let inspector = Inspector::new(&cas(1));
    let needed = ["libssl.so.3", "libcrypto.so.3"];
    for format in FORMATS {
        let none = Elf::new(format);
        let probe = none.clone().drop_in(&tells("openssl-probe 0.2.1", STORE));
        let both = probe.clone().drop_in(&tells("openssl-probe 0.1.6", STORE));
        let library = none.clone().note(NOTE).drop_in(&over("rustls-native-certs 0.8.5"));
        let mixed = probe.clone().note(NOTE).drop_in(&over("rustls-platform-verifier 0.7.0"));
        let searches = NOTE.replace(STORE, "none").replace("[]", "[\"/a\"]");
        let searches = none.clone().note(&searches).drop_in(&over("webpki-roots 1.0.9+x"));
        for (elf, words) in [
            (probe.clone(), "is told /srv/tls/store.pem (drop-in: openssl-probe 0.2.1)"),
            (
                probe.clone().needed(&needed),
                "is told /srv/tls/store.pem (drop-in: openssl-probe 0.2.1), to which OpenSSL adds its own \
                 default paths; links OpenSSL (libssl.so.3, libcrypto.so.3)",
            ),
            (
                probe.clone().data(OPENSSL),
                "is told /srv/tls/store.pem (drop-in: openssl-probe 0.2.1), to which OpenSSL adds its own \
                 default paths; contains OpenSSL",
            ),
            (
                probe.clone().needed(&["libcurl.so.4"]),
                "is told /srv/tls/store.pem (drop-in: openssl-probe 0.2.1); \
                 links libcurl (libcurl.so.4), which no drop-in reaches",
            ),
            (
                both,
                "is told /srv/tls/store.pem (drop-ins: openssl-probe 0.1.6, openssl-probe 0.2.1)",
            ),
            (library.clone(), "trusts /srv/tls/store.pem (drop-in: rustls-native-certs 0.8.5)"),
            // Its own source file names the original, and another one is that.
            (
                library.clone().data(
                    "/registry/rustls-native-certs-0.8.5/src/lib.rs/registry/webpki-roots-0.8.5/src/lib.rs",
                ),
                "trusts /srv/tls/store.pem (drop-in: rustls-native-certs 0.8.5); \
                 built with webpki-roots 0.8.5",
            ),
            (
                library.clone().data("/registry/rustls-native-certs-0.8.4/src/lib.rs"),
                "trusts /srv/tls/store.pem (drop-in: rustls-native-certs 0.8.5); \
                 built with rustls-native-certs 0.8.4",
            ),
            // The drop-in asks the library, and nobody asks OpenSSL.
            (
                library.needed(&["libssl.so.3"]),
                "trusts /srv/tls/store.pem (drop-in: rustls-native-certs 0.8.5); \
                 links OpenSSL (libssl.so.3)",
            ),
            (
                mixed.needed(&["libssl.so.3"]),
                "trusts /srv/tls/store.pem (drop-ins: openssl-probe 0.2.1, rustls-platform-verifier \
                 0.7.0), to which OpenSSL adds its own default paths; links OpenSSL (libssl.so.3)",
            ),
            (searches, "nothing built in, searches for a store (drop-in: webpki-roots 1.0.9+x)"),
        ] {
            let said = inspector.words(elf.bytes(), &[]);
            assert_eq!(said, (format!("FILE: {words}"), Some(0)), "{format:?}");
        }
        // One that two parts have brought is one, wherever the notes stand.
        let again = probe.clone().note(NOTE).drop_in(&tells("openssl-probe 0.2.1", STORE));
        let json = inspector.json(again.bytes());
        assert_eq!(
            json["drop_ins"],
            json!([{ "name": "openssl-probe", "version": "0.2.1", "tells": STORE }])
        );
        assert_eq!(json["cacerts"]["CACERTS_DEFAULT_PATH"], STORE);
        let json = inspector.json(probe.drop_in(&over("webpki-roots 1.0.9")).data(OPENSSL).bytes());
        assert_eq!(json["cacerts"], Value::Null);
        assert_eq!(
            json["drop_ins"][1],
            json!({ "name": "webpki-roots", "version": "1.0.9", "tells": null })
        );
        assert_eq!(json["contains"], json!(["OpenSSL"]));
    }
}

#[test]
fn drop_ins_are_held_to_the_expected_path() {
    let cas = cas(12);
    let inspector = Inspector::new(&cas);
    let roots: Vec<_> = cas.iter().flat_map(|ca| ca.key.clone()).collect();
    let probe = Elf::new(FORMATS[0]).drop_in(&tells("openssl-probe 0.2.1", STORE));
    let mixed = probe.clone().note(NOTE).drop_in(&over("rustls-native-certs 0.8.5"));
    let other = "is told /srv/tls/store.pem, where --expect wants /srv/other";
    let embeds = "embeds roots, which --deny embedded-roots forbids";
    for (elf, path, no) in [
        (probe.clone(), STORE, None),
        (probe.clone(), "/srv/other", Some(other)),
        (probe.clone(), "none", Some("is told /srv/tls/store.pem, where --expect wants none")),
        (mixed.clone(), STORE, None),
        (mixed, "/srv/other", Some("trusts /srv/tls/store.pem, where --expect wants /srv/other")),
        // What was built in elsewhere is nothing that the program's packager decides.
        (probe.clone().needed(&["libcurl.so.4", "libssl.so.3"]), STORE, None),
        (
            Elf::new(FORMATS[0]).needed(&["libcurl.so.4"]),
            STORE,
            Some("has no cacerts note, where --expect wants /srv/tls/store.pem"),
        ),
        (probe.data(roots), STORE, Some(embeds)),
    ] {
        let check = ["--expect", path, "--deny", "embedded-roots"];
        let (said, code) = inspector.words(elf.bytes(), &check);
        assert_eq!(code, Some(i32::from(no.is_some())), "{said}");
        let no = no.map(|no| format!("cacerts: FILE {no}"));
        assert_eq!(said.lines().nth(1), no.as_deref(), "{said}");
    }
}

/// Whichever of them is right, the program does not trust one store.
#[test]
fn drop_ins_that_disagree_are_an_error() {
    let inspector = Inspector::new(&cas(1));
    let other = tells("openssl-probe 0.1.6", "/srv/other");
    for format in FORMATS {
        let probe = Elf::new(format).drop_in(&tells("openssl-probe 0.2.1", STORE));
        for (elf, why) in [
            (
                probe.clone().drop_in(&other),
                "has cacerts notes that differ: /srv/other (openssl-probe 0.1.6) and \
                 /srv/tls/store.pem (openssl-probe 0.2.1)",
            ),
            (
                Elf::new(format).note(NOTE).drop_in(&other),
                "has cacerts notes that differ: /srv/tls/store.pem (the library) and /srv/other \
                 (openssl-probe 0.1.6)",
            ),
            (
                probe.note("CACERTS_DEFAULT_PATH = \"none\"\n"),
                "has cacerts notes that differ: nothing built in (the library) and \
                 /srv/tls/store.pem (openssl-probe 0.2.1)",
            ),
            (
                Elf::new(format).drop_in(&over("webpki-roots 1.0.9")),
                "has the note of the drop-in webpki-roots 1.0.9 without that of the library, which is \
                 under it",
            ),
        ] {
            for check in [&[][..], &["--expect", STORE]] {
                let said = inspector.words(elf.bytes(), check);
                assert_eq!(said, (format!("cacerts: FILE {why}"), Some(1)), "{format:?}");
            }
        }
    }
}

/// Anybody can put such a note into a binary, too, and many of them.
#[test]
fn no_drop_in_is_believed_that_cannot_be_one() {
    let inspector = Inspector::new(&cas(1));
    let name = "CACERTS_DROP_IN is not the name and the version of a crate";
    let path = "CACERTS_DEFAULT_PATH is not a path";
    for (text, why) in [
        ("CACERTS_DROP_IN = \"openssl-probe\"", name),
        ("CACERTS_DROP_IN = \"openssl-probe  0.2.1\"", name),
        ("CACERTS_DROP_IN = \"a 1 2\"", name),
        ("CACERTS_DROP_IN = \"a \\u001b[31m\"", name),
        ("CACERTS_DROP_IN = \" 1\"", name),
        ("CACERTS_DROP_IN = 1", name),
        ("CACERTS_DEFAULT_PATH = \"/a\"", name),
        ("", name),
        ("CACERTS_DROP_IN = \"a 1\"\nCACERTS_DEFAULT_PATH = \"none\"", path),
        ("CACERTS_DROP_IN = \"a 1\"\nCACERTS_DEFAULT_PATH = \"/a\\nb\"", path),
        ("CACERTS_DROP_IN = \"a 1\"\nCACERTS_DEFAULT_PATH = 1", path),
        ("CACERTS_DROP_IN = ", "that cannot be read"),
    ] {
        for format in FORMATS {
            let (said, code) = inspector.words(Elf::new(format).drop_in(text).bytes(), &[]);
            assert_eq!((said.lines().count(), code), (1, Some(1)), "{said}");
            assert!(
                said.starts_with("cacerts: FILE has a cacerts note") && said.contains(why),
                "{said}"
            );
        }
    }
    let many = |count| {
        (0..count).fold(Elf::new(FORMATS[0]), |elf, number| {
            elf.drop_in(&tells(&format!("a {number}"), STORE))
        })
    };
    assert_eq!(inspector.words(many(63).bytes(), &[]).1, Some(0));
    let why = "cacerts: FILE has 64 notes of drop-ins or more, as no program has";
    assert_eq!(inspector.words(many(64).bytes(), &[]), (why.to_owned(), Some(1)));
}
