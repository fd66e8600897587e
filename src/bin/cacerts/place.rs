//! Where a store is, as the file system has it: links, owner, time, and who may change it. It opens nothing
//! but the file, to hash it, and may use `names` and `shown`.

use crate::names;
use crate::shown::shown;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use x509_cert::der::DateTime;

/// The largest file that is hashed, which is also the largest that is loaded: 256 MiB.
const MAX_SIZE: u64 = 256 << 20;
/// As many links as Linux follows.
const MOST_LINKS: usize = 40;
/// So many warnings are told of one store in words; `--json` has all of them.
const WARNINGS: usize = 3;

/// A store's place. What is not there, or cannot be found out, is `None`.
pub(crate) struct Place {
    /// Where its path leads, link by link. The last one need not be there.
    links: Vec<PathBuf>,
    access: Option<Access>,
    /// In UTC.
    modified: Option<String>,
    /// Of a file.
    sha256: Option<String>,
    /// Whom a warning is due to. Not checked: access control lists, other owners than root and the user, and
    /// file systems that know no modes.
    warnings: Vec<String>,
}

/// Who may do what.
#[cfg_attr(not(unix), allow(dead_code, reason = "elsewhere there are no modes"))]
struct Access {
    user: String,
    group: String,
    mode: u32,
}

impl Place {
    pub(crate) fn of(path: &Path) -> Self {
        let links = links(path);
        let Ok(metadata) = fs::metadata(path) else {
            return Self {
                links,
                access: None,
                modified: None,
                sha256: None,
                warnings: Vec::new(),
            };
        };
        let modified =
            metadata.modified().ok().and_then(|time| DateTime::from_system_time(time).ok());
        // A FIFO would wait, and a device need not end.
        let is_readable = metadata.is_file() && metadata.len() <= MAX_SIZE;
        let bytes = if is_readable { fs::read(path).ok() } else { None };
        Self {
            access: access::of(&metadata),
            modified: modified.map(|time| time.to_string()),
            sha256: bytes.map(|bytes| names::hex(&Sha256::digest(bytes))),
            warnings: access::warnings(path, &links, &metadata),
            links,
        }
    }

    /// A line for each thing that there is to say.
    pub(crate) fn in_words(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.links.is_empty() {
            let links: Vec<_> = self.links.iter().map(|path| text(path)).collect();
            let links = links.iter().map(|path| shown(path)).collect::<Vec<_>>();
            let end = if self.leads_nowhere() { ", where there is nothing" } else { "" };
            lines.push(format!("a link to {}{end}", links.join(", and that to ")));
        }
        let access = self.access.as_ref().map(Access::in_words);
        let modified = self.modified.as_ref().map(|time| format!("written {time}"));
        let both: Vec<_> = access.into_iter().chain(modified).collect();
        if !both.is_empty() {
            lines.push(both.join(", "));
        }
        lines.extend(self.sha256.as_ref().map(|sha256| format!("SHA-256 {sha256}")));
        let more = self.warnings.len().saturating_sub(WARNINGS);
        lines.extend(
            self.warnings.iter().take(WARNINGS).map(|why| format!("warning: {}", shown(why))),
        );
        if more > 0 {
            lines.push(format!("warning: others may write to {more} more"));
        }
        lines
    }

    pub(crate) fn add_to(&self, json: &mut Value) {
        json["links"] = self.links.iter().map(|path| text(path)).collect();
        json["owner"] = json!(self.access.as_ref().map(|access| &access.user));
        json["group"] = json!(self.access.as_ref().map(|access| &access.group));
        json["mode"] = json!(self.access.as_ref().map(|access| format!("{:04o}", access.mode)));
        json["modified"] = json!(self.modified);
        json["sha256"] = json!(self.sha256);
        json["warnings"] = json!(self.warnings);
    }

    fn leads_nowhere(&self) -> bool {
        self.modified.is_none() && self.access.is_none()
    }
}

impl Access {
    fn in_words(&self) -> String {
        format!("{}:{}, mode {:04o}", self.user, self.group, self.mode)
    }
}

/// Where a path leads. Directories on the way that are links show in the last one.
fn links(path: &Path) -> Vec<PathBuf> {
    let mut links: Vec<PathBuf> = Vec::new();
    while links.len() < MOST_LINKS {
        let last = links.last().map_or(path, PathBuf::as_path);
        let Ok(target) = fs::read_link(last) else { break };
        let target = last.parent().unwrap_or_else(|| Path::new("")).join(target);
        links.push(target);
    }
    if let Ok(end) = fs::canonicalize(path) {
        if links.last().map_or(path, PathBuf::as_path) != end {
            // Without the `..` that a relative link has, where that is all.
            match links.last_mut().filter(|last| last.canonicalize().is_ok_and(|path| path == end))
            {
                Some(last) => *last = end,
                None => links.push(end),
            }
        }
    }
    links
}

pub(crate) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(unix)]
mod access {
    use super::Access;
    use std::collections::BTreeSet;
    use std::fs::{self, Metadata};
    use std::os::unix::fs::MetadataExt;
    use std::path::{Path, PathBuf};

    const OTHERS_WRITE: u32 = 0o002;
    const GROUP_WRITES: u32 = 0o020;
    /// In such a directory, whoever may write replaces nothing that is not theirs.
    const STICKY: u32 = 0o1000;

    pub(super) fn of(metadata: &Metadata) -> Option<Access> {
        let name = |file, id| name(file, id).unwrap_or_else(|| id.to_string());
        let (user, group) =
            (name("/etc/passwd", metadata.uid()), name("/etc/group", metadata.gid()));
        Some(Access { user, group, mode: metadata.mode() & 0o7777 })
    }

    /// The name of a user or a group; directories of them elsewhere are not asked.
    fn name(file: &str, id: u32) -> Option<String> {
        let text = fs::read_to_string(file).ok()?;
        let line = text.lines().find(|line| line.split(':').nth(2) == Some(&*id.to_string()))?;
        line.split(':').next().map(str::to_owned)
    }

    /// What others than the owner and root may write to, of all that decides about what is read: the store,
    /// the files of a directory, and the directories on the way, by each link.
    pub(super) fn warnings(path: &Path, links: &[PathBuf], store: &Metadata) -> Vec<String> {
        let mut warnings = Vec::new();
        let mut warn = |path: &Path, metadata: &Metadata| {
            if others_write(metadata) {
                let access = of(metadata).map(|access| access.in_words()).unwrap_or_default();
                warnings
                    .push(format!("others may write to {} ({access})", crate::shown::path(path)));
            }
        };
        let end = links.last().map_or(path, PathBuf::as_path);
        warn(end, store);
        if store.is_dir() {
            let files = fs::read_dir(end).into_iter().flatten().flatten().map(|entry| entry.path());
            // In order, so that what is said does not change.
            for file in files.collect::<BTreeSet<_>>() {
                if let Ok(metadata) = fs::metadata(&file) {
                    warn(&file, &metadata);
                }
            }
        }
        let ways = links.iter().map(PathBuf::as_path).chain([path]);
        for directory in ways.flat_map(|path| path.ancestors().skip(1)).collect::<BTreeSet<_>>() {
            if let Ok(metadata) = fs::metadata(directory) {
                if metadata.mode() & STICKY == 0 {
                    warn(directory, &metadata);
                }
            }
        }
        warnings
    }

    fn others_write(metadata: &Metadata) -> bool {
        let (mode, group) = (metadata.mode(), metadata.gid());
        let by_group = || {
            // Many a user has a group of the same name, with nobody else in it.
            let user = name("/etc/passwd", metadata.uid());
            group != 0 && (user.is_none() || user != name("/etc/group", group))
        };
        mode & OTHERS_WRITE != 0 || mode & GROUP_WRITES != 0 && by_group()
    }
}

#[cfg(not(unix))]
mod access {
    use super::Access;
    use std::fs::Metadata;
    use std::path::{Path, PathBuf};

    pub(super) fn of(_: &Metadata) -> Option<Access> {
        None
    }

    pub(super) fn warnings(_: &Path, _: &[PathBuf], _: &Metadata) -> Vec<String> {
        Vec::new()
    }
}
