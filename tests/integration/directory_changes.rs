//! Directories of certificates that change while a program runs, and what servers can do to a program
//! that looks into one for their issuers.

use crate::support::bundle::{Bundle, Way};
use crate::support::directory::Directory;
use crate::support::handshake::{Ca, Client};
use crate::support::library::provider;
use cacerts::{Settings, TrustStore};
use rustls::Error;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use std::fs;
use std::os::unix::fs::symlink;
use std::thread::sleep;
use std::time::Duration;

/// How long a replacement may go unnoticed, and a little more.
const NOTICED: Duration = Duration::from_millis(1050);

/// What can become of a directory in which A is and B, of the same name, is not; and which of the two
/// is trusted then.
#[test]
fn a_directory_that_changes_is_noticed() {
    type Change = fn(&Directory, &Ca);
    let changes: [(&str, Change, bool, [bool; 2]); 11] = [
        ("nothing", |_, _| (), true, [true, false]),
        ("added", |d, b| d.write("b.pem", &b.pem), true, [true, true]),
        ("removed", |d, _| fs::remove_file(d.at("1.pem")).unwrap(), true, [false, false]),
        ("written over", |d, b| d.write("1.pem", &b.pem), true, [false, true]),
        ("added", |d, b| d.write("b.pem", &b.pem), false, [true, true]),
        ("removed", |d, _| fs::remove_file(d.at("1.pem")).unwrap(), false, [false, false]),
        ("written over", |d, b| d.write("1.pem", &b.pem), false, [false, true]),
        ("another in its place", |d, b| replace(d, &[b]), true, [false, true]),
        ("another in its place", |d, b| replace(d, &[b]), false, [false, true]),
        // Nothing that could be trusted instead.
        ("emptied", |d, _| replace(d, &[]), true, [true, false]),
        ("away", |d, _| fs::rename(&d.path, d.beside("gone")).unwrap(), false, [true, false]),
    ];
    let [good, a, b, unused] = ["Good", "Name", "Name", "Unused"].map(Ca::new);
    let mut cases = Vec::new();
    for (what, change, hashed, expected) in changes {
        let directory = Directory::new();
        for (n, ca) in [&good, &a, &unused].into_iter().enumerate() {
            directory.write(&format!("{n}.pem"), &ca.pem);
        }
        if hashed {
            directory.rehash();
        }
        let clients = Client::both(&directory.path);
        let fixed = Client::new(&Settings::new().ca_certs(&directory.path).reload(false));
        for client in clients.iter().chain([&fixed]) {
            assert!(client.trusts(&good) && client.trusts(&a) && !client.trusts(&b), "{what}");
        }
        cases.push((
            format!("{what}, hashed: {hashed}"),
            change,
            directory,
            clients,
            fixed,
            expected,
        ));
    }
    sleep(NOTICED);
    for (what, change, directory, clients, ..) in &cases {
        assert!(clients.iter().all(|client| client.trusts(&a) && !client.trusts(&b)), "{what}");
        let hashed = what.ends_with("true");
        change(directory, &b);
        if hashed {
            directory.rehash();
        }
    }
    sleep(NOTICED);
    for (what, _, _, clients, fixed, expected) in &cases {
        for client in clients {
            assert_eq!([client.trusts(&a), client.trusts(&b)], *expected, "{what}");
        }
        assert!(fixed.trusts(&a) && fixed.trusts(&unused) && !fixed.trusts(&b), "{what}");
    }
}

/// Puts another directory with these CAs in the place of one.
fn replace(directory: &Directory, cas: &[&Ca]) {
    let new = directory.beside("new");
    fs::create_dir(&new).unwrap();
    for (n, ca) in cas.iter().enumerate() {
        fs::write(new.join(format!("{n}.pem")), &ca.pem).unwrap();
    }
    fs::rename(&directory.path, directory.beside("old")).unwrap();
    fs::rename(new, &directory.path).unwrap();
}

/// A file is mended in place, which does not show in the directory.
#[test]
fn a_directory_that_is_of_no_use_and_is_mended_is_used() {
    let [a, b] = ["A", "B"].map(Ca::new);
    let mut cases = Vec::new();
    for (before, after) in [(false, false), (true, false), (true, true), (false, true)] {
        for mended in [true, false] {
            let directory = Directory::new();
            directory.write("a.pem", &a.pem);
            if before {
                directory.rehash();
            }
            let clients = Client::both(&directory.path);
            assert!(clients.iter().all(|client| client.trusts(&a) && !client.trusts(&b)));
            fs::remove_dir_all(&directory.path).unwrap();
            fs::create_dir(&directory.path).unwrap();
            let file = if after { format!("{}.0", directory.hash(&b)) } else { "b.pem".to_owned() };
            directory.write(&file, "garbage");
            let case = format!("hashed: {before}, then {after}, mended: {mended}");
            cases.push((case, mended, file, directory, clients));
        }
    }
    for _ in 0..2 {
        sleep(NOTICED);
        for (case, .., clients) in &cases {
            let as_before = |client: &Client| client.trusts(&a) && !client.trusts(&b);
            assert!(clients.iter().all(as_before), "{case}");
        }
    }
    for (_, _, file, directory, _) in cases.iter().filter(|(_, mended, ..)| *mended) {
        directory.write(file, &b.pem);
    }
    sleep(NOTICED);
    for (case, mended, _, _, clients) in &cases {
        for client in clients {
            assert_eq!([client.trusts(&a), client.trusts(&b)], [!mended, *mended], "{case}");
        }
    }
}

/// Which does not show in the directory either.
#[test]
fn a_link_whose_target_appears_later_is_noticed() {
    let [good, one, two] = ["Good", "Same", "Same"].map(Ca::new);
    let mut cases = Vec::new();
    for appears in [true, false] {
        // As the only one of its name, behind another, and among files without hashes.
        for (what, others, link) in [
            ("alone", &[&good][..], "HASH.0"),
            ("second", &[&good, &one], "HASH.1"),
            ("plain", &[&good, &one], "link.pem"),
        ] {
            let directory = Directory::new();
            for (n, ca) in others.iter().enumerate() {
                directory.write(&format!("{n}.pem"), &ca.pem);
            }
            if what != "plain" {
                directory.rehash();
            }
            let link = link.replace("HASH", &directory.hash(&two));
            symlink("../two.pem", directory.at(&link)).unwrap();
            let clients = Client::both(&directory.path);
            let has_one = others.len() > 1;
            cases.push((
                format!("{what}, appears: {appears}"),
                appears,
                has_one,
                directory,
                clients,
            ));
        }
    }
    let expect = |later: bool| {
        for (case, appears, has_one, _, clients) in &cases {
            for client in clients {
                let trusted = [&good, &one, &two].map(|ca| client.trusts(ca));
                assert_eq!(trusted, [true, *has_one, later && *appears], "{case}, later: {later}");
            }
        }
    };
    expect(false);
    sleep(NOTICED);
    expect(false);
    for (_, _, _, directory, _) in cases.iter().filter(|(_, appears, ..)| *appears) {
        fs::write(directory.beside("two.pem"), &two.pem).unwrap();
    }
    sleep(NOTICED);
    expect(true);
}

/// What is said of a CA's server that presents these as well.
fn verdict(
    verifier: &dyn ServerCertVerifier,
    ca: &Ca,
    presented: &[CertificateDer<'_>],
) -> Result<(), Error> {
    let name = ServerName::try_from("localhost").unwrap();
    verifier.verify_server_cert(ca.leaf(), presented, &name, &[], UnixTime::now()).map(|_| ())
}

#[test]
fn junk_among_what_is_presented_changes_no_verdict() {
    let [good, a, stranger] = ["Good", "A", "Stranger"].map(Ca::new);
    let cut = a.leaf()[..100].to_vec();
    let junk =
        [vec![], vec![0], cut, vec![0x30; 400], vec![0x30; 0x1_0000]].map(CertificateDer::from);
    let mut cases = Vec::new();
    for stays in [true, false] {
        let directory = Directory::of(&[&good]);
        fs::write(directory.beside("a.pem"), &a.pem).unwrap();
        let link = format!("{}.0", directory.hash(&a));
        symlink("../a.pem", directory.at(&link)).unwrap();
        let verifier = TrustStore::load(&directory.path).unwrap().verifier(provider());
        for der in &junk {
            let presented = std::slice::from_ref(der);
            assert!(verdict(&*verifier, &stranger, presented).is_err());
        }
        if !stays {
            // The link stays as it is, and with it the directory.
            fs::remove_file(directory.beside("a.pem")).unwrap();
        }
        cases.push((stays, directory, verifier));
    }
    for time in ["at once", "when it has looked"] {
        for (stays, _, verifier) in &cases {
            let is_trusted = |presented: &[_]| {
                [&good, &a, &stranger].map(|ca| verdict(&**verifier, ca, presented).is_ok())
            };
            let expected = [true, *stays, false];
            assert_eq!(is_trusted(&[]), expected, "{time}");
            for der in &junk {
                for presented in [&[der.clone()][..], &[der.clone(), a.leaf().clone()]] {
                    let trusted = is_trusted(presented);
                    assert_eq!(trusted, expected, "{time}, stays: {stays}, {} bytes", der.len());
                }
            }
        }
        sleep(NOTICED);
    }
}

/// Servers name whom they like, and OpenSSL's hash is the same however a name is spelt. What a
/// verifier keeps shows in its `Debug`, whence no time has to be measured.
#[test]
fn nothing_is_kept_of_issuers_that_are_not_there() {
    const NAME: &str = "the name of an authority";
    let [ca, other] = [NAME, "other"].map(Ca::new);
    let spellings: Vec<_> = (1..=1000).map(|n| spelt(ca.leaf(), NAME, n)).collect();
    let directory = Directory::of(&[&ca, &other]);
    let bundle = Bundle::new(Way::Rename, &(ca.pem.clone() + &other.pem));
    let verifiers = [&directory.path, &bundle.path]
        .map(|path| TrustStore::load(path).unwrap().verifier(provider()));
    // From the second look on, the text of a bundle is in memory.
    sleep(NOTICED);
    let stranger = Ca::new("stranger");
    for verifier in verifiers {
        let ask = |spellings: &[_]| assert!(verdict(&*verifier, &stranger, spellings).is_err());
        let kept = || format!("{verifier:?}");
        // The files that there are count once they were looked into, whatever for.
        ask(&spellings[..1]);
        let before = kept();
        ask(&spellings);
        assert_eq!(kept(), before);
        assert_eq!(verdict(&*verifier, &other, &[]), Ok(()));
        // What is used is kept: it would show.
        assert_ne!(kept(), before);
        let before = kept();
        ask(&spellings);
        assert_eq!(kept(), before);
    }
}

/// A certificate whose issuer's name has some letters in upper case: which, follows from a number.
fn spelt(certificate: &CertificateDer<'_>, name: &str, number: usize) -> CertificateDer<'static> {
    let mut der = certificate.to_vec();
    let at = der.windows(name.len()).position(|window| window == name.as_bytes()).unwrap();
    let letters = der[at..][..name.len()].iter_mut().filter(|byte| byte.is_ascii_lowercase());
    for (bit, letter) in letters.enumerate() {
        if number >> bit & 1 == 1 {
            letter.make_ascii_uppercase();
        }
    }
    der.into()
}
