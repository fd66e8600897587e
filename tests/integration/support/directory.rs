//! A directory of certificates as `openssl rehash` makes it, and what both sides think of it.

use super::handshake::{Ca, Client};
use super::openssl::{openssl, verifies};
use cacerts::{Settings, TrustStore};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A directory, and beside it a place for what is in the making.
pub(crate) struct Directory {
    pub(crate) place: TempDir,
    pub(crate) path: PathBuf,
}

impl Directory {
    pub(crate) fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("certs");
        fs::create_dir(&path).unwrap();
        Self { place, path }
    }

    /// With these CAs, named by their hashes.
    pub(crate) fn of(cas: &[&Ca]) -> Self {
        let directory = Self::new();
        for (n, ca) in cas.iter().enumerate() {
            directory.write(&format!("{n}.pem"), &ca.pem);
        }
        directory.rehash();
        directory
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.at(name), text).unwrap();
    }

    pub(crate) fn rehash(&self) {
        openssl(&[&"rehash", &self.path]);
    }

    /// The name that OpenSSL looks for, without its number.
    pub(crate) fn hash(&self, ca: &Ca) -> String {
        let file = self.beside("hashed.pem");
        fs::write(&file, &ca.pem).unwrap();
        openssl(&[&"x509", &"-noout", &"-subject_hash", &"-in", &file]).trim().to_owned()
    }

    pub(crate) fn load(&self) -> TrustStore {
        TrustStore::load(&self.path).unwrap()
    }

    /// The names of what is reported.
    pub(crate) fn skipped(&self) -> Vec<String> {
        let store = self.load();
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        let mut names: Vec<_> = store.skipped().iter().map(|skipped| name(&skipped.path)).collect();
        names.sort();
        names
    }

    /// Whether the server of a CA is trusted by a configuration, by a verifier, and by a configuration
    /// that has read everything at once.
    pub(crate) fn verdicts(&self, ca: &Ca) -> [bool; 3] {
        let whole = Client::new(&Settings::new().ca_certs(&self.path).reload(false));
        let [one, other] = Client::both(&self.path);
        [one, other, whole].map(|client| client.trusts(ca))
    }

    /// Whether it is trusted, however the directory is used.
    #[track_caller]
    pub(crate) fn trusts(&self, ca: &Ca) -> bool {
        let verdicts = self.verdicts(ca);
        assert_eq!(verdicts, [verdicts[0]; 3]);
        verdicts[0]
    }

    pub(crate) fn openssl_trusts(&self, ca: &Ca) -> bool {
        let place = tempfile::tempdir().unwrap();
        verifies(&self.path, &ca.identity(place.path()).certificate)
    }

    /// What the library and OpenSSL agree on.
    #[track_caller]
    pub(crate) fn verdict(&self, ca: &Ca) -> bool {
        let verdict = self.trusts(ca);
        assert_eq!(self.openssl_trusts(ca), verdict, "OpenSSL sees it otherwise");
        verdict
    }
}

#[cfg(target_os = "linux")]
pub(crate) mod watch {
    use rustix::fs::inotify::{CreateFlags, ReadFlags, Reader, WatchFlags, add_watch, init};
    use rustix::io::Errno;
    use std::mem::MaybeUninit;
    use std::os::fd::OwnedFd;
    use std::path::Path;

    /// Sees which files of a directory are opened, by whomever and by whatever name.
    pub(crate) struct Watch(OwnedFd);

    impl Watch {
        pub(crate) fn new(directory: &Path) -> Self {
            let watch = init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).unwrap();
            add_watch(&watch, directory, WatchFlags::OPEN).unwrap();
            Self(watch)
        }

        /// Sees whether a file is read.
        pub(crate) fn of_reads(file: &Path) -> Self {
            let watch = init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).unwrap();
            add_watch(&watch, file, WatchFlags::ACCESS).unwrap();
            Self(watch)
        }

        /// Whether it was since it was asked last. Several times count as one.
        pub(crate) fn was_read(&self) -> bool {
            let mut buffer = [MaybeUninit::uninit(); 4096];
            let mut events = Reader::new(&self.0, &mut buffer);
            let mut was_read = false;
            loop {
                match events.next() {
                    Ok(_) => was_read = true,
                    Err(Errno::AGAIN) => return was_read,
                    Err(e) => panic!("{e}"),
                }
            }
        }

        /// Since it was asked last, in order.
        pub(crate) fn opened(&self) -> Vec<String> {
            let mut buffer = [MaybeUninit::uninit(); 4096];
            let (mut events, mut names) = (Reader::new(&self.0, &mut buffer), Vec::new());
            loop {
                match events.next() {
                    Ok(event) if event.events().contains(ReadFlags::ISDIR) => {}
                    Ok(event) => {
                        assert!(!event.events().contains(ReadFlags::QUEUE_OVERFLOW));
                        names.push(event.file_name().unwrap().to_str().unwrap().to_owned());
                    }
                    Err(Errno::AGAIN) => break,
                    Err(e) => panic!("{e}"),
                }
            }
            names.sort();
            names
        }
    }
}
