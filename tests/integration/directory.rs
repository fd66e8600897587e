//! Directories of certificates as OpenSSL keeps them, made by `openssl rehash`: what is trusted is what
//! OpenSSL trusts, and the rest is accounted for.

use crate::support::directory::Directory;
#[cfg(target_os = "linux")]
use crate::support::directory::watch::Watch;
use crate::support::handshake::{Ca, Client, bundle};
use crate::support::library::fetch_from;
use crate::support::openssl::{OpensslServer, openssl};
use cacerts::{ErrorKind, Settings, TrustStore};
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::{Duration, Instant};

const DAMAGED: &str = "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";

#[cfg(target_os = "linux")]
#[test]
fn no_file_is_opened_but_for_an_issuer() {
    let cas: Vec<_> = (0..300).map(|n| Ca::new(&format!("CA {n}"))).collect();
    let directory = Directory::of(&cas.iter().collect::<Vec<_>>());
    let stranger = Ca::new("stranger");
    assert!(directory.openssl_trusts(&cas[17]) && !directory.openssl_trusts(&stranger));

    let watch = Watch::new(&directory.path);
    for client in [Client::of, Client::with_verifier_of] {
        let client = client(&directory.path).without_resumption();
        // That one of them is usable has to be seen.
        assert!(watch.opened().len() <= 1);
        assert!(client.trusts(&cas[17]) && client.trusts(&cas[170]));
        assert!(client.trusts(&cas[17]) && !client.trusts(&stranger));
        assert_eq!(watch.opened(), ["17.pem", "170.pem"]);
    }
    // The watch sees it where all are read, and then each is read once.
    let store = directory.load();
    assert!(watch.opened().len() <= 1);
    assert_eq!((store.len(), store.skipped()), (300, &[][..]));
    let mut all: Vec<_> = (0..300).map(|n| format!("{n}.pem")).collect();
    all.sort();
    assert_eq!(watch.opened(), all);
}

#[test]
fn a_server_of_openssl_is_trusted_as_the_directory_says() {
    let [a, b, c] = ["A", "B", "C"].map(Ca::new);
    let directory = Directory::of(&[&a, &b]);
    let config = Client::of(&directory.path).config();
    for (ca, trusted) in [(&a, true), (&b, true), (&c, false)] {
        let server = OpensslServer::start(&ca.identity(directory.place.path()));
        match fetch_from(config.clone(), server.address()) {
            Ok(page) => assert!(trusted && page.contains("200 ok"), "{page}"),
            Err(error) => {
                assert!(!trusted && error.to_string().contains("UnknownIssuer"), "{error}")
            }
        }
        assert_eq!(directory.openssl_trusts(ca), trusted);
    }
}

/// Keys change more often than names.
#[test]
fn cas_of_one_name_are_told_apart() {
    let cas = ["Same", "Same", "Same", "Other", "same", " SAME  "].map(Ca::new);
    let directory = Directory::of(&cas.iter().collect::<Vec<_>>());
    let hash = directory.hash(&cas[0]);
    assert!((0..5).all(|n| directory.at(&format!("{hash}.{n}")).exists()), "they share a hash");
    assert!(cas.iter().all(|ca| directory.verdict(ca)));
    assert!(!directory.verdict(&Ca::new("Same")));
    assert_eq!((directory.load().len(), directory.skipped()), (6, vec![]));
}

/// OpenSSL compares names without regard to case and blanks; rustls compares bytes.
#[test]
fn a_name_spelt_otherwise_is_no_match() {
    let ca = Ca::new("The Name");
    let directory = Directory::of(&[&ca]);
    assert!(directory.verdict(&ca));
    for name in ["the name", "The  Name", " The Name "] {
        let spelt = ca.spelt(name);
        assert_eq!(directory.hash(&spelt), directory.hash(&ca), "{name:?}");
        assert!(directory.openssl_trusts(&spelt) && !directory.trusts(&spelt), "{name:?}");
        // It is, where the directory spells it so as well.
        assert!(Directory::of(&[&spelt]).verdict(&spelt), "{name:?}");
    }
}

/// How a CA that has the name of another can be in a directory that also has good ones, whether it is
/// trusted, and what is reported: the names here are without the hash.
#[test]
fn a_ca_is_found_where_openssl_finds_it() {
    type Lay = fn(&Directory, &str, &Ca, &Ca);
    let cases: [(&str, Lay, bool, &[&str]); 19] = [
        ("as it should be", |d, h, ca, _| d.write(&format!("{h}.0"), &ca.pem), true, &[]),
        (
            "second of the name",
            |d, h, ca, other| {
                d.write(&format!("{h}.0"), &other.pem);
                d.write(&format!("{h}.1"), &ca.pem);
            },
            true,
            &[],
        ),
        ("no .0", |d, h, ca, _| d.write(&format!("{h}.1"), &ca.pem), false, &[".1"]),
        (
            "no .1",
            |d, h, ca, other| {
                d.write(&format!("{h}.0"), &other.pem);
                d.write(&format!("{h}.2"), &ca.pem);
            },
            false,
            &[".2"],
        ),
        ("another's hash", |d, _, ca, _| d.write("deadbeef.0", &ca.pem), false, &["deadbeef.0"]),
        ("no hash", |d, _, ca, _| d.write("ca.pem", &ca.pem), false, &["ca.pem"]),
        ("leading zero", |d, h, ca, _| d.write(&format!("{h}.00"), &ca.pem), false, &[".00"]),
        ("no number", |d, h, ca, _| d.write(&format!("{h}.pem"), &ca.pem), false, &[".pem"]),
        (
            "capital letters",
            |d, h, ca, _| d.write(&format!("{}.0", h.to_uppercase()), &ca.pem),
            false,
            &["HASH.0"],
        ),
        (
            "DER",
            |d, h, ca, _| {
                let (pem, der) = (d.beside("ca.pem"), d.at(&format!("{h}.0")));
                fs::write(&pem, &ca.pem).unwrap();
                openssl(&[&"x509", &"-in", &pem, &"-outform", &"DER", &"-out", &der]);
            },
            false,
            &[".0"],
        ),
        (
            "behind a link that leads nowhere",
            |d, h, ca, _| {
                symlink("nowhere", d.at(&format!("{h}.0"))).unwrap();
                d.write(&format!("{h}.1"), &ca.pem);
            },
            false,
            &[".0", ".1"],
        ),
        (
            "behind a loop of links",
            |d, h, ca, _| {
                symlink(format!("{h}.0"), d.at(&format!("{h}.0"))).unwrap();
                d.write(&format!("{h}.1"), &ca.pem);
            },
            false,
            &[".0", ".1"],
        ),
        // Where one cannot be read, there is no going on to the next.
        ("behind garbage", |d, h, ca, _| behind(d, h, ca, "garbage"), false, &[".1"]),
        ("behind nothing", |d, h, ca, _| behind(d, h, ca, ""), false, &[".1"]),
        ("behind a damaged block", |d, h, ca, _| behind(d, h, ca, DAMAGED), false, &[".0", ".1"]),
        (
            "behind a directory",
            |d, h, ca, _| {
                fs::create_dir(d.at(&format!("{h}.0"))).unwrap();
                d.write(&format!("{h}.1"), &ca.pem);
            },
            false,
            &[".1"],
        ),
        (
            "behind one of another name",
            |d, h, ca, _| behind(d, h, ca, &Ca::new("Misplaced").pem),
            true,
            &[".0"],
        ),
        (
            "by a link, beside its target",
            |d, h, ca, _| {
                d.write("ca.pem", &ca.pem);
                symlink("ca.pem", d.at(&format!("{h}.0"))).unwrap();
            },
            true,
            &[],
        ),
        (
            "by a link, elsewhere",
            |d, h, ca, _| {
                fs::write(d.beside("ca.pem"), &ca.pem).unwrap();
                symlink("../ca.pem", d.at(&format!("{h}.0"))).unwrap();
            },
            true,
            &[],
        ),
    ];
    let [good, ca, other] = ["Good", "Name that is searched", "Name that is searched"].map(Ca::new);
    let mut wrong = Vec::new();
    for (what, lay, trusted, reported) in cases {
        let directory = Directory::of(&[&good]);
        let mut hash = directory.hash(&ca);
        // Without a letter there are no capital ones: the names above have letters in their hashes.
        assert!(hash.bytes().any(|b| b.is_ascii_lowercase()));
        lay(&directory, &hash, &ca, &other);
        assert!(directory.verdict(&good), "{what}");
        // OpenSSL 3.0.22 goes on behind what it cannot open, where 3.0.19 and 3.5.7 do not: there it may
        // trust more than is trusted here.
        if !what.starts_with("behind") || trusted {
            assert_eq!(directory.openssl_trusts(&ca), trusted, "{what}: OpenSSL");
        }
        if what == "capital letters" {
            hash = hash.to_uppercase();
        }
        let reported: Vec<_> = reported
            .iter()
            .map(|name| {
                if name.starts_with('.') {
                    format!("{hash}{name}")
                } else {
                    name.replace("HASH", &hash)
                }
            })
            .collect();
        let (verdicts, skipped) = (directory.verdicts(&ca), directory.skipped());
        if verdicts != [trusted; 3] || skipped != reported {
            wrong.push(format!(
                "{what}: {trusted}, but {verdicts:?}; {reported:?}, but {skipped:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The second file of a CA's hash is the CA's; the first is something else.
fn behind(directory: &Directory, hash: &str, ca: &Ca, first: &str) {
    directory.write(&format!("{hash}.0"), first);
    directory.write(&format!("{hash}.1"), &ca.pem);
}

/// OpenSSL would wait for somebody to write into it.
#[test]
fn a_fifo_named_by_hash_is_passed_over_at_once() {
    let [good, ca] = ["Good", "CA"].map(Ca::new);
    let directory = Directory::of(&[&good]);
    let name = format!("{}.0", directory.hash(&ca));
    assert!(Command::new("mkfifo").arg(directory.at(&name)).status().unwrap().success());
    let start = Instant::now();
    assert!(directory.trusts(&good) && !directory.trusts(&ca));
    assert_eq!(directory.skipped(), [name]);
    assert!(start.elapsed() < Duration::from_secs(5));
}

/// Names of the kind that OpenSSL had before 1.0, and Android has today: OpenSSL does not find them.
#[test]
fn old_names_are_as_good_as_any() {
    let [a, b] = ["A", "B"].map(Ca::new);
    let (both, old) = (Directory::of(&[&a, &b]), Directory::of(&[&a, &b]));
    openssl(&[&"rehash", &"-compat", &both.path]);
    assert_eq!(fs::read_dir(&both.path).unwrap().count(), 6, "a file and two links each");
    assert!(both.verdict(&a) && both.verdict(&b) && !both.verdict(&Ca::new("C")));
    assert_eq!((both.load().len(), both.skipped()), (2, vec![]));

    openssl(&[&"rehash", &"-old", &old.path]);
    assert_eq!(fs::read_dir(&old.path).unwrap().count(), 4, "a file and a link each");
    assert!(!old.openssl_trusts(&a));
    assert!(old.trusts(&a) && old.trusts(&b) && !old.trusts(&Ca::new("C")));
    assert_eq!((old.load().len(), old.skipped()), (2, vec![]));

    // On Android the files themselves have such names, and no others.
    let android = Directory::new();
    let names = fs::read_dir(&old.path).unwrap().map(|entry| entry.unwrap().path());
    for link in names.filter(|path| path.is_symlink()) {
        fs::copy(&link, android.at(link.file_name().unwrap().to_str().unwrap())).unwrap();
    }
    assert!(android.trusts(&a) && android.trusts(&b) && !android.trusts(&Ca::new("C")));
    assert_eq!((android.load().len(), android.skipped()), (2, vec![]));

    // As soon as one name is its certificate's hash, those count that are.
    android.write(&format!("{}.0", android.hash(&a)), &a.pem);
    assert!(android.verdict(&a) && !android.verdict(&b));
    assert_eq!(android.skipped().len(), 1);
}

/// Somebody may mean one of them.
#[test]
fn a_directory_of_directories_says_so() {
    let directory = Directory::new();
    fs::create_dir(directory.at("below")).unwrap();
    let error = TrustStore::load(&directory.path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StoreInvalid);
    let below = format!("as {}, are not looked into", directory.at("below").display());
    assert!(error.to_string().contains(&below), "{error}");
    directory.write("a.pem", &Ca::new("A").pem);
    directory.load();
}

#[test]
fn a_directory_without_hashes_is_read_whole_and_once() {
    let cas = ["A", "B", "C"].map(Ca::new);
    let directory = Directory::new();
    directory.write("bundle.crt", &(bundle(&[&cas[0], &cas[1]]) + DAMAGED));
    symlink("bundle.crt", directory.at("link.pem")).unwrap();
    directory.write("C", &cas[2].pem);
    directory.write("README", "No certificate.\n");
    assert!(cas.iter().all(|ca| directory.trusts(ca)));
    assert!(!directory.trusts(&Ca::new("stranger")));
    assert_eq!(directory.load().len(), 3);
    assert_eq!(directory.skipped(), ["bundle.crt"]);
}

#[test]
fn a_directory_without_certificates_is_an_error() {
    let directory = Directory::new();
    let kind = || {
        let kind = Settings::new().ca_certs(&directory.path).client_config().map_err(|e| e.kind());
        assert_eq!(
            TrustStore::load(&directory.path).map_err(|e| e.kind()).err(),
            kind.clone().err()
        );
        kind.err()
    };
    assert_eq!(kind(), Some(ErrorKind::StoreInvalid));
    directory.write("README", "No certificate.\n");
    assert_eq!(kind(), Some(ErrorKind::StoreInvalid));
    directory.write("a.pem", &Ca::new("A").pem);
    assert_eq!(kind(), None);
    directory.rehash();
    assert_eq!(kind(), None);
    fs::remove_dir_all(&directory.path).unwrap();
    assert_eq!(kind(), Some(ErrorKind::StoreMissing));
}

/// A name whose file is damaged or rejected does not make the others count.
#[test]
fn a_directory_whose_names_are_of_no_use_is_not_read_whole() {
    let [a, b] = ["A", "B"].map(Ca::new);
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("a.pem");
    fs::write(&file, &a.pem).unwrap();
    let rejected = openssl(&[&"x509", &"-in", &file, &"-addreject", &"serverAuth"]);
    for damaged in ["-----BEGIN CERTIFICATE-----\nMIIB\n", "", &rejected] {
        let directory = Directory::of(&[&a]);
        directory.write("b.pem", &b.pem);
        let store = TrustStore::load(&directory.path).unwrap();
        assert_eq!(store.len(), 1);
        let name = format!("{}.0", directory.hash(&a));
        fs::remove_file(directory.at(&name)).unwrap();
        directory.write(&name, damaged);
        let error = TrustStore::load(&directory.path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StoreInvalid);
    }
}
