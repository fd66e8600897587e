//! `Cargo.lock` as it was: kept beside the drop-ins while cargo works with another, and put back
//! byte for byte, by this run or, if that is killed, by the next; unless somebody else has changed it
//! meanwhile. It may use `workspace`, `lock`, `drop_in` and `failure`.

use crate::drop_in;
use crate::failure::{Failure, message};
use crate::lock::{Lock, Package};
use crate::shown;
use crate::workspace::{self, Place, Workspace};
use std::cell::RefCell;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The lock file that cargo works with, until it is dropped.
pub(crate) struct Kept {
    /// Where cargo reads and writes it.
    pub(crate) file: PathBuf,
    /// As the program's author or user has it.
    pub(crate) before: Option<Vec<u8>>,
    time: Option<SystemTime>,
    /// As the resolving has left it; what is another afterwards is somebody else's.
    left: RefCell<Option<Vec<u8>>>,
    /// What has to be put back, where cargo cannot have it elsewhere.
    record: Option<Record>,
}

impl Kept {
    /// Puts back what a killed run has left, and keeps what is there. `elsewhere`: cargo can have
    /// the file in another place.
    pub(crate) fn take(
        workspace: &Workspace,
        place: &Place,
        elsewhere: bool,
    ) -> Result<Self, Failure> {
        let record = Record { place: place.directory.clone() };
        record.put_back_if_left()?;
        let file = workspace.lock_file.clone();
        let before = read(&file)?;
        let time = modified(&file);
        let lock = before.as_ref().map(|bytes| parse(&file, bytes)).transpose()?;
        let mut packages = lock.iter().flat_map(Lock::packages);
        if let Some(package) = packages.find(|package| drop_in::may_be_in_place(package)) {
            message(format_args!(
                "warning: {} has {package} without a source; if a run in another target directory was \
                 killed, put the file back",
                shown::path(&file)
            ));
        }
        let left = RefCell::new(before.clone());
        if elsewhere {
            let copy = place.directory.join("Cargo.lock");
            match &before {
                Some(bytes) => workspace::write(&copy, bytes)?,
                None => remove(&copy)?,
            }
            return Ok(Self { file: copy, before, time, left, record: None });
        }
        record.write(&file, before.as_deref())?;
        Ok(Self { file, before, time, left, record: Some(record) })
    }

    /// Starts without one, as `cargo install` does without `--locked`.
    pub(crate) fn forget(&self) -> Result<(), Failure> {
        // A link stays, and what it leads to is made anew.
        let file = self.file.canonicalize().unwrap_or_else(|_| self.file.clone());
        fs::remove_file(file).or_else(none_is_none).map_err(|e| {
            let why = format!("{e}; install from a copy of that folder");
            Failure::file(&self.file, "cannot be removed for as long as this takes", why)
        })?;
        self.note()
    }

    /// What is in the file now is of the resolving.
    pub(crate) fn note(&self) -> Result<(), Failure> {
        *self.left.borrow_mut() = read(&self.file)?;
        Ok(())
    }

    /// The resolving is done: also the next run can tell what is of it from what is not.
    pub(crate) fn settle(&self) -> Result<(), Failure> {
        match (&self.record, self.left.borrow().as_deref()) {
            (Some(record), Some(left)) => workspace::write(&record.left(), left),
            _ => Ok(()),
        }
    }

    /// The file as it is now.
    pub(crate) fn read(&self) -> Result<Option<Lock>, Failure> {
        let Some(bytes) = read(&self.file)? else { return Ok(None) };
        parse(&self.file, &bytes).map(Some)
    }

    /// The file as it was before.
    pub(crate) fn read_before(&self) -> Result<Option<Lock>, Failure> {
        self.before.as_ref().map(|bytes| parse(&self.file, bytes)).transpose()
    }

    fn end(&self, record: &Record) -> Result<(), Failure> {
        // From memory: the target directory may have been removed meanwhile, as by cargo clean.
        let before = self.before.as_deref();
        let now = read(&self.file)?;
        match End::of(before, self.left.borrow().as_deref(), now.as_deref()) {
            End::Ours => put_back(&self.file, before, self.time)?,
            End::MadeAnew => {
                put_back(&self.file, before, self.time)?;
                message(format_args!(
                    "{} is as it was before; another cargo has written it meanwhile, without the drop-ins",
                    shown::path(&self.file)
                ));
            }
            end => record.leave(&self.file, before, end)?,
        }
        record.forget()
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let Some(record) = &self.record else { return };
        if let Err(Failure::Usage(text)) = self.end(record) {
            message(format_args!("error: {text}"));
        }
    }
}

/// What becomes of the lock file after a run.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    /// As this run has left it.
    Ours,
    /// As cargo makes it of that, without our drop-ins, and without a change of its own.
    MadeAnew,
    /// With somebody else's change.
    Theirs,
    /// With that, and with the drop-ins.
    Mixed,
}

impl End {
    fn of(before: Option<&[u8]>, left: Option<&[u8]>, now: Option<&[u8]>) -> Self {
        let lock = |bytes: Option<&[u8]>| Lock::parse(&String::from_utf8_lossy(bytes?)).ok();
        if now == left || now == before {
            return Self::Ours;
        }
        // It has been removed.
        if now.is_none() {
            return Self::Theirs;
        }
        let Some(now) = lock(now).filter(|now| now.packages().next().is_some()) else {
            // Empty or cut: somebody was stopped while writing it.
            let begins = |whole: Option<&[u8]>| {
                whole.is_some_and(|w| now.is_some_and(|now| w.starts_with(now)))
            };
            return if begins(left) || begins(before) { Self::Ours } else { Self::Theirs };
        };
        let before = lock(before);
        let is_before = |package: &Package| {
            before.as_ref().is_some_and(|before| before.packages().any(|p| p == package))
        };
        if now.packages().any(|p| drop_in::may_be_in_place(p) && !is_before(p)) {
            return Self::Mixed;
        }
        // In the place of the drop-ins there are the originals again, perhaps newer ones.
        let Some(before) = before else { return Self::Theirs };
        let originals = before.packages().chain(now.packages());
        let originals = originals.filter(|package| drop_in::is_original(&package.name));
        match before.changed(&now, &originals.cloned().collect(), None) {
            None if !before.packages().eq(now.packages()) => Self::MadeAnew,
            _ => Self::Theirs,
        }
    }
}

/// Below our folder, `kept` with the file `Cargo.lock`, if there was one, and the file `path`, which
/// says where it belongs; it is written last and removed last.
struct Record {
    place: PathBuf,
}

impl Record {
    fn bytes(&self) -> PathBuf {
        self.place.join("kept/Cargo.lock")
    }

    fn path(&self) -> PathBuf {
        self.place.join("kept/path")
    }

    /// What the resolving has left, once that is done.
    fn left(&self) -> PathBuf {
        self.place.join("kept/left")
    }

    fn write(&self, file: &Path, bytes: Option<&[u8]>) -> Result<(), Failure> {
        remove(&self.left())?;
        match bytes {
            Some(bytes) => {
                workspace::write(&self.bytes(), bytes)?;
                set_time(&self.bytes(), modified(file));
            }
            None => remove(&self.bytes())?,
        }
        // Renamed into place: half a path is no path.
        let new = self.path().with_extension("new");
        workspace::write(&new, file.as_os_str().as_encoded_bytes())?;
        fs::rename(&new, self.path()).map_err(|e| Failure::file(&new, "cannot be renamed", e))
    }

    fn forget(&self) -> Result<(), Failure> {
        remove(&self.path())?;
        remove(&self.left())?;
        remove(&self.bytes())
    }

    /// What a killed run has left.
    fn put_back_if_left(&self) -> Result<(), Failure> {
        let Some(path) = read(&self.path())? else { return Ok(()) };
        let file = to_path(path);
        let (before, left, now) = (read(&self.bytes())?, read(&self.left())?, read(&file)?);
        let end = End::of(before.as_deref(), left.as_deref(), now.as_deref());
        let is_right = now == before;
        match end {
            // Killed while it resolved, it has not said what is its own.
            End::Mixed if left.is_none() => {}
            End::Ours => {}
            // Long after, who knows what somebody has done with plain cargo since.
            _ => {
                self.leave(&file, before.as_deref(), end)?;
                return self.forget();
            }
        }
        put_back(&file, before.as_deref(), modified(&self.bytes()))?;
        self.forget()?;
        if !is_right {
            message(format_args!(
                "{} is again as it was before a run that was killed",
                shown::path(&file)
            ));
        }
        Ok(())
    }

    /// Leaves somebody else's change, and says so, and where the file from before is.
    fn leave(&self, file: &Path, before: Option<&[u8]>, end: End) -> Result<(), Failure> {
        let copy = self.place.join("Cargo.lock.before");
        match before {
            Some(bytes) => workspace::write(&copy, bytes)?,
            None => remove(&copy)?,
        }
        let (file, copy) = (shown::path(file), shown::path(&copy));
        match (end, before) {
            (End::Mixed, Some(_)) => message(format_args!(
                "error: {file} has been changed meanwhile, with the drop-ins in it, which are of no use to \
                 other runs of cargo: put {copy} in its place and make the change again"
            )),
            (End::Mixed, None) => message(format_args!(
                "error: {file} has been changed meanwhile, with the drop-ins in it, which are of no use to \
                 other runs of cargo: remove it and make the change again"
            )),
            (_, Some(_)) => message(format_args!(
                "{file} has been changed meanwhile and stays so; as it was before it is {copy}"
            )),
            (_, None) => message(format_args!(
                "{file} has been written meanwhile and stays so; there was none before"
            )),
        }
        Ok(())
    }
}

/// Makes a file what it was, with the time that it had, so that make and backups see no change.
fn put_back(file: &Path, bytes: Option<&[u8]>, time: Option<SystemTime>) -> Result<(), Failure> {
    let Some(bytes) = bytes else { return remove(file) };
    if read(file)?.as_deref() != Some(bytes) {
        // Renamed into place: a full disk, or a kill, is not to leave half a file.
        let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
        let new = file.with_extension("lock.new");
        if let Err(failure) = workspace::write(&new, bytes) {
            let _ = fs::remove_file(&new);
            // In a folder that may not be written to, cargo has written to the file all the same.
            return fs::write(&file, bytes).map_err(|_| failure);
        }
        if let Ok(metadata) = fs::metadata(&file) {
            let _ = fs::set_permissions(&new, metadata.permissions());
        }
        set_time(&new, time);
        fs::rename(&new, &file).map_err(|e| Failure::file(&new, "cannot be renamed", e))?;
    }
    Ok(())
}

fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|metadata| metadata.modified()).ok()
}

#[expect(clippy::needless_pass_by_value, reason = "it is what was read")]
fn to_path(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(&bytes).into()
}

fn parse(file: &Path, bytes: &[u8]) -> Result<Lock, Failure> {
    Lock::parse(&String::from_utf8_lossy(bytes))
        .map_err(|e| Failure::file(file, "is no lock file of cargo's", e))
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Failure::file(path, "cannot be read", e)),
    }
}

fn remove(path: &Path) -> Result<(), Failure> {
    let removed = fs::remove_file(path).or_else(none_is_none);
    removed.map_err(|e| Failure::file(path, "cannot be removed", e))
}

fn none_is_none(error: io::Error) -> io::Result<()> {
    if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// If it cannot be done, nothing is lost.
fn set_time(path: &Path, time: Option<SystemTime>) {
    let file = File::options().append(true).open(path);
    if let (Ok(file), Some(time)) = (file, time) {
        let _ = file.set_modified(time);
    }
}

#[cfg(test)]
#[path = "kept_tests.rs"]
mod tests;
