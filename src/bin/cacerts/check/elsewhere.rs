//! Where else on this machine the wanted CA is, and how a certificate gets into the store. It reads files
//! of certificates, a limited number of limited size; the places are below a root that tests set.

use super::certificate::Certificate;
use cacerts::{SkippedKind, TrustStore, defaults};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::fs;
use std::path::{Path, PathBuf};

/// How many files are looked into, how large they may be, and how deep they may lie.
const FILES: usize = 1000;
const SIZE: u64 = 1 << 20;
const DEPTH: usize = 4;

/// A way of taking certificates into the system's store.
#[derive(Debug, PartialEq)]
pub(super) struct System {
    /// Where they are put.
    pub(super) anchors: &'static str,
    /// The only ending of a name that is looked at, where there is one.
    pub(super) ending: Option<&'static str>,
    /// What takes them in.
    pub(super) command: &'static str,
    /// How the paths of its stores begin.
    stores: &'static [&'static str],
}

/// The more special first: Arch has its store where Debian has it.
const SYSTEMS: [System; 4] = [
    System {
        anchors: "/etc/ca-certificates/trust-source/anchors",
        ending: None,
        command: "update-ca-trust",
        stores: &["/etc/ssl/certs", "/etc/ca-certificates"],
    },
    System {
        anchors: "/etc/pki/ca-trust/source/anchors",
        ending: None,
        command: "update-ca-trust",
        stores: &["/etc/pki/ca-trust", "/etc/pki/tls", "/etc/ssl/certs"],
    },
    System {
        anchors: "/etc/pki/trust/anchors",
        ending: None,
        command: "update-ca-certificates",
        stores: &["/var/lib/ca-certificates", "/etc/ssl"],
    },
    System {
        anchors: "/usr/local/share/ca-certificates",
        ending: Some(".crt"),
        command: "update-ca-certificates",
        stores: &["/etc/ssl"],
    },
];

impl System {
    /// The one whose store this is.
    pub(super) fn of(root: &Path, store: &Path) -> Option<&'static Self> {
        let is_its_store = |system: &&Self| system.stores.iter().any(|at| store.starts_with(at));
        let mut systems = SYSTEMS.iter().filter(is_its_store);
        systems.find(|system| below(root, system.anchors).is_dir())
    }

    /// Where a file of this name would be.
    pub(super) fn place(&self, name: &str) -> String {
        format!("{}/{name}{}", self.anchors, self.ending.unwrap_or(".pem"))
    }
}

/// Where the CA was found.
#[derive(Debug, PartialEq)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) how: How,
}

#[derive(Debug, PartialEq)]
pub(super) enum How {
    /// It would be taken in, had its name this ending.
    Ending(&'static System, &'static str),
    /// It waits to be taken in.
    Waiting(&'static System),
    /// It is in a store that is not the one in use.
    Store,
    /// It is in a directory in use, whose files are named by hashes, and under another name. `is_ready` says
    /// whether `openssl rehash` takes the file as it is. It keeps links that lead nowhere, and what is named
    /// after them is not found.
    Unhashed { directory: PathBuf, is_ready: bool, has_dead_links: bool },
}

/// A certificate that has issued this one, in a place that the stores in use take nothing of.
pub(super) fn find(root: &Path, issued: &Certificate, used: &[PathBuf]) -> Option<Found> {
    let subject = &issued.parsed.as_ref()?.issuer.der;
    // Here the least is lacking.
    let has_it = |ca: &Certificate| is_issuer(ca, issued);
    if let Some(found) = used.iter().find_map(|used| unhashed(used, &has_it)) {
        return Some(found);
    }
    let known = defaults::CACERTS_DEFAULT_PATH.iter().chain(defaults::CACERTS_SEARCH_PATHS);
    // And here it was meant to be taken in, whichever other store has it already.
    let own = used
        .iter()
        .filter(|used| known.clone().any(|path| Path::new(path) == *used))
        .find_map(|used| System::of(root, used));
    if let Some(found) = waiting(root, own, issued, used) {
        return Some(found);
    }
    let is_used = |path: &Path| used.iter().any(|used| is_same(used, path));
    let in_store = known
        .map(|path| below(root, path))
        .filter(|path| path.exists() && !is_used(path))
        .find_map(|path| {
            let found = TrustStore::load(&path).ok()?.named(subject).ok()?;
            let has_it = found.iter().map(Certificate::of).any(|ca| is_issuer(&ca, issued));
            has_it.then_some(Found { path, how: How::Store })
        });
    // Windows has no such places, and any user may make them.
    let systems = if cfg!(windows) { &[][..] } else { &SYSTEMS };
    in_store.or_else(|| waiting(root, systems, issued, used))
}

/// A server's own certificate, in a file that a directory in use passes over.
pub(super) fn own(own: &Certificate, used: &[PathBuf]) -> Option<Found> {
    used.iter().find_map(|used| unhashed(used, &|other| other.der == own.der))
}

/// A file that a directory in use holds and passes over, with a certificate that is meant.
fn unhashed(directory: &Path, is_meant: &dyn Fn(&Certificate) -> bool) -> Option<Found> {
    if !directory.is_dir() {
        return None;
    }
    let store = TrustStore::load(directory).ok()?;
    let skipped = store.skipped().iter().filter(|skipped| skipped.kind == SkippedKind::Misplaced);
    let mut paths: Vec<_> = skipped.map(|skipped| &skipped.path).collect();
    paths.dedup();
    paths.into_iter().find_map(|path| {
        let all = certificates(path);
        // Links of such a name it makes anew.
        let is_ready = path.is_symlink() && is_hash(path)
            || all.len() == 1
                && path.extension().is_some_and(|ending| {
                    ["pem", "crt", "cer"].iter().any(|known| ending.eq_ignore_ascii_case(known))
                });
        all.iter().any(is_meant).then(|| {
            let (directory, has_dead_links) = (directory.to_owned(), has_dead_links(directory));
            let how = How::Unhashed { directory, is_ready, has_dead_links };
            Found { path: path.clone(), how }
        })
    })
}

/// Whether a file has a name as `openssl rehash` gives it, right or wrong.
fn is_hash(path: &Path) -> bool {
    let hash = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn has_dead_links(directory: &Path) -> bool {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| path.is_symlink() && !path.exists())
}

/// A file that was put where certificates wait for being taken into the store of one of these systems.
fn waiting(
    root: &Path,
    systems: impl IntoIterator<Item = &'static System>,
    issued: &Certificate,
    used: &[PathBuf],
) -> Option<Found> {
    let mut left = FILES;
    for system in systems {
        let mut files = Vec::new();
        collect(&below(root, system.anchors), DEPTH, &mut left, &mut files);
        for path in files {
            let has_it = certificates(&path).iter().any(|ca| is_issuer(ca, issued));
            if !has_it || used.contains(&path) {
                continue;
            }
            let name = path.to_string_lossy();
            let how = match system.ending.filter(|ending| !name.ends_with(ending)) {
                Some(ending) => How::Ending(system, ending),
                None => How::Waiting(system),
            };
            return Some(Found { path, how });
        }
    }
    None
}

fn is_issuer(ca: &Certificate, issued: &Certificate) -> bool {
    ca.may_have_issued(issued) && ca.has_signed(issued) != Some(false)
}

fn below(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/'))
}

fn is_same(a: &Path, b: &Path) -> bool {
    a == b || a.canonicalize().ok().is_some_and(|a| b.canonicalize().is_ok_and(|b| a == b))
}

/// Regular files in a directory and below, in the order of their names.
fn collect(directory: &Path, depth: usize, left: &mut usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    let mut paths: Vec<_> = entries.take(*left).flatten().map(|entry| entry.path()).collect();
    *left = left.saturating_sub(paths.len());
    paths.sort();
    for path in paths {
        match fs::metadata(&path) {
            Ok(data) if data.is_file() && data.len() <= SIZE => files.push(path),
            Ok(data) if data.is_dir() && depth > 0 => collect(&path, depth - 1, left, files),
            _ => {}
        }
    }
}

/// The certificates of a file, PEM or DER.
fn certificates(path: &Path) -> Vec<Certificate> {
    let Ok(bytes) = fs::read(path) else { return Vec::new() };
    if bytes.starts_with(&[0x30]) {
        return vec![Certificate::of(&CertificateDer::from(bytes))];
    }
    let all = CertificateDer::pem_slice_iter(&bytes).flatten();
    all.take(FILES).map(|der| Certificate::of(&der)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::cause::tests::{ca, issue};
    use super::super::certificate::Certificate;
    use super::{Found, How, SYSTEMS, System, find};
    use std::fs;
    use std::path::Path;

    #[test]
    fn a_ca_that_was_not_taken_in_is_found() {
        let (wanted, other) = (ca("Wanted"), ca("Other"));
        let issued = Certificate::of(&issue(&wanted, "a.example"));
        for (name, expected) in [
            ("usr/local/share/ca-certificates/corp.pem", Some(("ending", 3))),
            ("usr/local/share/ca-certificates/deep/er/corp.pem", Some(("ending", 3))),
            ("usr/local/share/ca-certificates/corp.crt", Some(("waiting", 3))),
            ("etc/pki/ca-trust/source/anchors/corp.der", Some(("waiting", 1))),
            ("etc/pki/trust/anchors/corp", Some(("waiting", 2))),
            ("etc/ca-certificates/trust-source/anchors/corp.pem", Some(("waiting", 0))),
            ("etc/ssl/cert.pem", Some(("store", 0))),
            ("home/corp.pem", None),
        ] {
            let root = tempfile::tempdir().unwrap();
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path.with_extension("other.crt"), other.pem()).unwrap();
            assert_eq!(find(root.path(), &issued, &[]), None, "{name}");
            match name.ends_with(".der") {
                true => fs::write(&path, wanted.der()).unwrap(),
                false => fs::write(&path, wanted.pem()).unwrap(),
            }
            let found = find(root.path(), &issued, &[]);
            let expected = expected.map(|(how, system)| Found {
                path: path.clone(),
                how: match how {
                    "ending" => How::Ending(&SYSTEMS[system], ".crt"),
                    "waiting" => How::Waiting(&SYSTEMS[system]),
                    _ => How::Store,
                },
            });
            assert_eq!(found, expected, "{name}");
            assert_eq!(find(root.path(), &issued, &[path]), None, "{name} is in use");
        }
    }

    /// As Debian has it where a file there was replaced: the link to it is in the directory of the store.
    #[test]
    fn what_waits_for_the_store_in_use_comes_before_another_store() {
        let wanted = ca("Wanted");
        let issued = Certificate::of(&issue(&wanted, "a.example"));
        let root = tempfile::tempdir().unwrap();
        for name in ["usr/local/share/ca-certificates/corp.crt", "etc/ssl/cert.pem"] {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, wanted.pem()).unwrap();
        }
        let how = |used: &str| find(root.path(), &issued, &[used.into()]).unwrap().how;
        assert_eq!(how("/etc/ssl/certs/ca-certificates.crt"), How::Waiting(&SYSTEMS[3]));
        assert_eq!(how("/srv/other.pem"), How::Store);
    }

    #[test]
    fn each_system_takes_certificates_in_its_own_way() {
        let root = tempfile::tempdir().unwrap();
        for (anchors, store, expected) in [
            ("usr/local/share/ca-certificates", "/etc/ssl/certs/ca-certificates.crt", 3),
            ("etc/pki/trust/anchors", "/var/lib/ca-certificates/ca-bundle.pem", 2),
            ("etc/pki/ca-trust/source/anchors", "/etc/pki/tls/certs/ca-bundle.crt", 1),
            ("etc/ca-certificates/trust-source/anchors", "/etc/ssl/certs/ca-certificates.crt", 0),
        ] {
            fs::create_dir_all(root.path().join(anchors)).unwrap();
            let system = System::of(root.path(), Path::new(store));
            assert_eq!(system, Some(&SYSTEMS[expected]), "{store}");
        }
        assert_eq!(System::of(root.path(), Path::new("/home/me/ca.pem")), None);
        assert_eq!(SYSTEMS[3].place("corp"), "/usr/local/share/ca-certificates/corp.crt");
    }
}
