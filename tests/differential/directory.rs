//! Bundles in a directory, one certificate a file, with the names that `openssl rehash` gives them.
//! It may use all but `wrong`, `file` and `later`.

use crate::case::roots;
use crate::random::Random;
use crate::tally::Tally;
use crate::{Case, compare, each, finish, text};
use cacerts::TrustStore;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::{fs, io};

const PAIRS: usize = 1_000;

#[test]
fn a_hashed_directory_is_what_rustls_makes_of_its_certificates() {
    let version = Command::new("openssl").arg("version").output();
    assert!(version.is_ok_and(|output| output.status.success()), "openssl has to be installed");
    let tallies = each(PAIRS, 0, judge);
    finish(&tallies);
    for tally in tallies {
        tally.assert_seen(&["Ok", "UnknownIssuer", "BadSignature"], 10);
    }
}

fn judge(case: &Case, random: &mut Random, tallies: &mut [Tally]) {
    let directory = tempfile::tempdir().unwrap();
    for (number, entry) in case.entries.iter().enumerate() {
        let text = text::bundle(std::slice::from_ref(entry), random);
        fs::write(directory.path().join(format!("{number}.pem")), text).unwrap();
    }
    let output = Command::new("openssl").arg("rehash").arg(directory.path()).output().unwrap();
    assert!(output.status.success(), "{}: {output:?}", case.place);
    let hashed = hashed(directory.path()).unwrap();
    if random.percent(30) {
        for (name, number) in &hashed {
            let target = directory.path().join(format!("{number}.pem"));
            fs::rename(target, directory.path().join(file_name(name))).unwrap();
        }
    }
    let entries: Vec<_> = hashed.values().map(|&number| case.entries[number].clone()).collect();
    if roots(&entries).is_empty() {
        // No store, then, which is nothing that rustls has a verdict on.
        return;
    }
    let store = TrustStore::load(directory.path())
        .unwrap_or_else(|e| panic!("{}: {e}, and rustls takes some of it", case.place));
    let bundle: String = hashed
        .keys()
        .zip(&entries)
        .map(|(name, entry)| format!("{}\n{}", file_name(name), text::certificate(&entry.der)))
        .collect();
    compare(case, &entries, &store, bundle.as_bytes(), tallies);
}

/// What `openssl rehash` has named, in the order in which OpenSSL looks at what has the same hash:
/// a hash and a number, and which entry it is.
fn hashed(directory: &Path) -> io::Result<BTreeMap<(String, usize), usize>> {
    let mut hashed = BTreeMap::new();
    for link in fs::read_dir(directory)? {
        let link = link?;
        if !link.file_type()?.is_symlink() {
            continue;
        }
        let name = link.file_name().into_string().unwrap();
        let (hash, number) = name.split_once('.').unwrap();
        let target = fs::read_link(link.path())?;
        let entry = target.file_stem().unwrap().to_str().unwrap();
        hashed.insert((hash.to_owned(), number.parse().unwrap()), entry.parse().unwrap());
    }
    Ok(hashed)
}

fn file_name((hash, number): &(String, usize)) -> String {
    format!("{hash}.{number}")
}
