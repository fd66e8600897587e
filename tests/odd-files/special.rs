//! What stands at a path and is no ordinary file of PEM. Files that no process can wait for are met
//! with a short limit.

use crate::cases::{Authority, pem};
use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat, open};
use rustix::thread::CapabilitySet;
use std::fs::{self, File, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// Long enough for anything that ends; only a broken peer ever comes near it.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

pub(crate) struct Special {
    pub(crate) name: &'static str,
    pub(crate) holds: usize,
    /// How long to wait for an answer.
    pub(crate) limit: Duration,
    path: PathBuf,
    kind: Kind,
}

enum Kind {
    Plain,
    Fifo,
    Unreadable,
}

/// Makes them in a directory.
pub(crate) fn cases(directory: &Path, authorities: &[Authority; 3]) -> Vec<Special> {
    let all = authorities.each_ref().map(|authority| pem(&authority.certificate));
    let path = |name: &str| directory.join(name);
    fs::create_dir(path("directory")).unwrap();
    for (i, text) in all.iter().enumerate() {
        fs::write(path(&format!("directory/{i}.pem")), text).unwrap();
    }
    mknodat(CWD, path("fifo"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    symlink("nowhere", path("link")).unwrap();
    fs::write(path("unreadable"), all.concat()).unwrap();
    fs::set_permissions(path("unreadable"), Permissions::from_mode(0o000)).unwrap();
    fs::write(path("huge"), all.concat()).unwrap();
    // One byte more than is read; it takes no room, as there are only zeros behind the certificates.
    File::options().write(true).open(path("huge")).unwrap().set_len((256 << 20) + 1).unwrap();
    let special = |name, holds, file: &str, kind| {
        let limit = if matches!(kind, Kind::Fifo) { Duration::from_secs(2) } else { LIMIT };
        Special { name, holds, limit, path: path(file), kind }
    };
    vec![
        special("a directory, with a file for each", 3, "directory", Kind::Plain),
        special("a FIFO that nobody writes to", 0, "fifo", Kind::Fifo),
        special("a link that leads nowhere", 0, "link", Kind::Plain),
        special("a file that may not be read", 3, "unreadable", Kind::Unreadable),
        special("more than 256 MiB, mostly NUL bytes", 3, "huge", Kind::Plain),
    ]
}

impl Special {
    /// Asks somebody about it, and cleans up after who hangs.
    pub(crate) fn meet<T: Send>(&self, ask: impl FnOnce(&Path) -> T + Send) -> T {
        match self.kind {
            Kind::Plain => ask(&self.path),
            Kind::Fifo => {
                let answer = ask(&self.path);
                // A thread that waits for a writer gets one, and reads nothing.
                open(&self.path, OFlags::WRONLY | OFlags::NONBLOCK, Mode::empty()).ok();
                answer
            }
            Kind::Unreadable => {
                let unprivileged = || {
                    give_up_reading_everything();
                    let error = File::open(&self.path).unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
                    ask(&self.path)
                };
                thread::scope(|scope| scope.spawn(unprivileged).join().unwrap())
            }
        }
    }
}

/// Makes root an ordinary user where files are concerned: this thread, and what it starts.
fn give_up_reading_everything() {
    let mut sets = rustix::thread::capabilities(None).unwrap();
    for capability in [CapabilitySet::DAC_OVERRIDE, CapabilitySet::DAC_READ_SEARCH] {
        if sets.effective.contains(capability) {
            // What this thread starts would get it back.
            rustix::thread::remove_capability_from_bounding_set(capability).unwrap();
        }
        sets.effective.remove(capability);
        sets.permitted.remove(capability);
        sets.inheritable.remove(capability);
    }
    rustix::thread::set_capabilities(None, sets).unwrap();
}
