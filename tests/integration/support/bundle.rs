//! A bundle, and all the ways in which something else comes to be in its place.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// How a file comes to hold something else.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    Rename,
    RenameWithOldTime,
    InPlace,
    InPlaceWithOldTime,
    RemoveAndWrite,
    Link,
    /// As a ConfigMap or a Secret is updated: the link stays, and a link that it leads through moves.
    Kubernetes,
}

pub(crate) const WAYS: [Way; 7] = [
    Way::Rename,
    Way::RenameWithOldTime,
    Way::InPlace,
    Way::InPlaceWithOldTime,
    Way::RemoveAndWrite,
    Way::Link,
    Way::Kubernetes,
];

/// A bundle, alone in its directory.
pub(crate) struct Bundle {
    pub(crate) way: Way,
    directory: TempDir,
    pub(crate) path: PathBuf,
}

impl Bundle {
    pub(crate) fn new(way: Way, text: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ca.pem");
        let bundle = Self { way, directory, path };
        match way {
            Way::Link => {
                fs::write(bundle.at("1.pem"), text).unwrap();
                symlink("1.pem", &bundle.path).unwrap();
            }
            Way::Kubernetes => {
                fs::create_dir(bundle.at("..1")).unwrap();
                fs::write(bundle.at("..1/ca.pem"), text).unwrap();
                symlink("..1", bundle.at("..data")).unwrap();
                symlink("..data/ca.pem", &bundle.path).unwrap();
            }
            _ => fs::write(&bundle.path, text).unwrap(),
        }
        bundle
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn replace(&self, text: &str) {
        let (path, new) = (&self.path, self.at("new"));
        let old_time = || fs::metadata(path).unwrap().modified().unwrap();
        match self.way {
            Way::Rename => {
                fs::write(&new, text).unwrap();
                fs::rename(new, path).unwrap();
            }
            Way::RenameWithOldTime => {
                fs::write(&new, text).unwrap();
                OpenOptions::new()
                    .write(true)
                    .open(&new)
                    .unwrap()
                    .set_modified(old_time())
                    .unwrap();
                fs::rename(new, path).unwrap();
            }
            Way::InPlace => fs::write(path, text).unwrap(),
            Way::InPlaceWithOldTime => {
                let time = old_time();
                let file = overwrite(path, text);
                file.set_modified(time).unwrap();
            }
            Way::RemoveAndWrite => {
                fs::remove_file(path).unwrap();
                fs::write(path, text).unwrap();
            }
            Way::Link => {
                fs::write(self.at("2.pem"), text).unwrap();
                symlink("2.pem", &new).unwrap();
                fs::rename(new, path).unwrap();
            }
            Way::Kubernetes => {
                fs::create_dir(self.at("..2")).unwrap();
                fs::write(self.at("..2/ca.pem"), text).unwrap();
                symlink("..2", &new).unwrap();
                fs::rename(new, self.at("..data")).unwrap();
                fs::remove_dir_all(self.at("..1")).unwrap();
            }
        }
    }
}

/// Writes over what is there, which is as long, in one go.
pub(crate) fn overwrite(path: &Path, text: &str) -> File {
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    assert_eq!(file.metadata().unwrap().len(), text.len() as u64);
    assert_eq!(file.write(text.as_bytes()).unwrap(), text.len());
    file
}

/// What is done to a bundle, and how.
type Spoil = (&'static str, fn(&Path));

/// All that can be in the place of a bundle and is none.
pub(crate) const UNUSABLE: [Spoil; 12] = [
    ("empty", |path| swap(path, |new| fs::write(new, "").unwrap())),
    ("emptied in place", |path| fs::write(path, "").unwrap()),
    ("garbage", |path| swap(path, |new| fs::write(new, "no certificate").unwrap())),
    ("garbage in place", |path| {
        let length = fs::metadata(path).unwrap().len() as usize;
        overwrite(path, &"?".repeat(length));
    }),
    ("cut in place", |path| {
        OpenOptions::new().write(true).open(path).unwrap().set_len(99).unwrap()
    }),
    ("removed", |path| fs::remove_file(path).unwrap()),
    ("a link that leads nowhere", |path| swap(path, |new| symlink("nowhere", new).unwrap())),
    ("a device", |path| swap(path, |new| symlink("/dev/zero", new).unwrap())),
    ("a FIFO", |path| {
        swap(path, |new| assert!(Command::new("mkfifo").arg(new).status().unwrap().success()));
    }),
    ("a directory", |path| {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
    }),
    ("closed to the program", |path| {
        swap(path, |new| {
            fs::copy(path, new).unwrap();
            fs::set_permissions(new, fs::Permissions::from_mode(0o000)).unwrap();
        });
    }),
    ("too large", |path| swap(path, |new| File::create(new).unwrap().set_len(300 << 20).unwrap())),
];

/// Puts something in a file's place.
fn swap(path: &Path, make: impl Fn(&Path)) {
    let new = path.with_extension("new");
    make(&new);
    fs::rename(new, path).unwrap();
}
