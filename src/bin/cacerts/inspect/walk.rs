//! Which files are to be looked at: those that were named, and all below the directories that were
//! named. It may use `file`, and opens nothing but directories.

use super::file::not_regular;
use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Something that was found.
pub(crate) struct Entry {
    pub(crate) path: PathBuf,
    /// Whether it was named itself, and not come upon.
    pub(crate) named: bool,
    pub(crate) what: What,
}

pub(crate) enum What {
    File,
    /// Something that is never opened, as the end of a sentence.
    Special(String),
    /// Something that could not be looked at, as the end of a sentence.
    Error(String),
}

pub(crate) struct Walk {
    /// Directory by directory, each sorted.
    pub(crate) entries: Vec<Entry>,
    /// Whether a directory was named.
    pub(crate) walked: bool,
    seen: HashSet<(u64, u64)>,
}

impl Walk {
    pub(crate) fn of(named: &[PathBuf]) -> Self {
        let mut walk = Self { entries: Vec::new(), walked: false, seen: HashSet::new() };
        for path in named {
            // A link that was named is followed.
            match fs::metadata(path) {
                Ok(metadata) if metadata.is_dir() => {
                    walk.walked = true;
                    walk.below(path);
                }
                Ok(metadata) => {
                    walk.is_new(&metadata);
                    walk.entry(path.clone(), true, not_regular(&metadata));
                }
                Err(e) => walk.error(path, true, &e),
            }
        }
        walk
    }

    /// Links are not followed, and a file that has several names is taken once.
    fn below(&mut self, directory: &Path) {
        let mut left = match list(directory) {
            Ok(paths) => paths,
            Err(e) => return self.error(directory, true, &e),
        };
        while let Some(path) = left.pop() {
            let metadata = match fs::symlink_metadata(&path) {
                Ok(metadata) if metadata.is_symlink() || !self.is_new(&metadata) => continue,
                Ok(metadata) => metadata,
                Err(e) => {
                    self.error(&path, false, &e);
                    continue;
                }
            };
            if metadata.is_dir() {
                match list(&path) {
                    Ok(paths) => left.extend(paths),
                    Err(e) => self.error(&path, false, &e),
                }
            } else if !metadata.is_file() || metadata.len() > 0 {
                // An empty file says nothing; those of /proc, which may be endless, claim to be empty.
                self.entry(path, false, not_regular(&metadata));
            }
        }
    }

    fn entry(&mut self, path: PathBuf, named: bool, special: Option<&str>) {
        let what = match special {
            None => What::File,
            Some(special) => What::Special(format!("is {special}, which is not opened")),
        };
        self.entries.push(Entry { path, named, what });
    }

    fn error(&mut self, path: &Path, named: bool, e: &io::Error) {
        let what = What::Error(match e.kind() {
            io::ErrorKind::NotFound if path.is_symlink() => {
                "is a link that leads nowhere".to_owned()
            }
            io::ErrorKind::NotFound => "does not exist".to_owned(),
            _ => format!("cannot be read ({e})"),
        });
        self.entries.push(Entry { path: path.to_owned(), named, what });
    }

    fn is_new(&mut self, metadata: &fs::Metadata) -> bool {
        identity(metadata).is_none_or(|file| self.seen.insert(file))
    }
}

/// What a file is known by, whatever its name: the number of its file system and its own.
#[cfg(unix)]
fn identity(metadata: &fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &fs::Metadata) -> Option<(u64, u64)> {
    None
}

/// What is in a directory, the first name last.
fn list(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory)?.map(|entry| Ok(entry?.path()));
    let mut paths: Vec<_> = entries.collect::<io::Result<_>>()?;
    paths.sort_unstable_by(|a, b| b.cmp(a));
    Ok(paths)
}
