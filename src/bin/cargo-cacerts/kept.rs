//! `Cargo.lock` as it was: kept beside the drop-ins while cargo works with another, and put back
//! byte for byte, by this run or, if that is killed, by the next. It may use `workspace`, `lock`,
//! `drop_in` and `failure`.

use crate::drop_in;
use crate::failure::{Failure, message};
use crate::lock::Lock;
use crate::workspace::{self, Place, Workspace};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The lock file that cargo works with, until it is dropped.
pub(crate) struct Kept {
    /// Where cargo reads and writes it.
    pub(crate) file: PathBuf,
    /// As the program's author or user has it.
    pub(crate) before: Option<Vec<u8>>,
    time: Option<SystemTime>,
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
        Record { directory: place.directory.join("kept") }.put_back_if_left()?;
        let file = workspace.lock_file();
        let before = read(&file)?;
        let time = modified(&file);
        let lock = before.as_ref().map(|bytes| parse(&file, bytes)).transpose()?;
        let mut packages = lock.iter().flat_map(Lock::packages);
        if let Some(package) = packages.find(|package| drop_in::may_be_in_place(package)) {
            message(format_args!(
                "warning: {} has {package} without a source; if a run in another target directory was \
                 killed, put the file back",
                file.display()
            ));
        }
        if elsewhere {
            let copy = place.directory.join("Cargo.lock");
            match &before {
                Some(bytes) => workspace::write(&copy, bytes)?,
                None => remove(&copy)?,
            }
            return Ok(Self { file: copy, before, time, record: None });
        }
        let record = Record { directory: place.directory.join("kept") };
        record.write(&file, before.as_deref())?;
        Ok(Self { file, before, time, record: Some(record) })
    }

    /// Starts without one, as `cargo install` does without `--locked`.
    pub(crate) fn forget(&self) -> Result<(), Failure> {
        remove(&self.file)
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
}

impl Drop for Kept {
    fn drop(&mut self) {
        let Some(record) = &self.record else { return };
        // From memory: the target directory may have been removed meanwhile, as by cargo clean.
        let before = self.before.as_deref();
        let put_back = put_back(&self.file, before, self.time).and_then(|()| record.forget());
        if let Err(Failure::Usage(text)) = put_back {
            message(format_args!("error: {text}"));
        }
    }
}

/// A folder with the file `Cargo.lock`, if there was one, and the file `path`, which says where it
/// belongs; it is written last and removed last.
struct Record {
    directory: PathBuf,
}

impl Record {
    fn bytes(&self) -> PathBuf {
        self.directory.join("Cargo.lock")
    }

    fn path(&self) -> PathBuf {
        self.directory.join("path")
    }

    fn write(&self, file: &Path, bytes: Option<&[u8]>) -> Result<(), Failure> {
        match bytes {
            Some(bytes) => {
                workspace::write(&self.bytes(), bytes)?;
                set_time(&self.bytes(), modified(file));
            }
            None => remove(&self.bytes())?,
        }
        // Renamed into place: half a path is no path.
        let new = self.directory.join("path.new");
        workspace::write(&new, file.as_os_str().as_encoded_bytes())?;
        fs::rename(&new, self.path()).map_err(|e| Failure::file(&new, "cannot be renamed", e))
    }

    fn forget(&self) -> Result<(), Failure> {
        remove(&self.path())?;
        remove(&self.bytes())
    }

    /// What a killed run has left; a lock file that is whole and has no drop-ins in it has been put right by
    /// somebody else.
    fn put_back_if_left(&self) -> Result<(), Failure> {
        let Some(path) = read(&self.path())? else { return Ok(()) };
        let file = to_path(path);
        let now = read(&file)?;
        // One that is empty or cut is what the run was writing.
        let is_ours = now.is_some_and(|bytes| {
            parse(&file, &bytes).map_or(true, |lock| {
                lock.packages().next().is_none() || lock.packages().any(drop_in::may_be_in_place)
            })
        });
        if !is_ours {
            return self.forget();
        }
        put_back(&file, read(&self.bytes())?.as_deref(), modified(&self.bytes()))?;
        self.forget()?;
        message(format_args!("{} is again as it was before a run that was killed", file.display()));
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
        workspace::write(&new, bytes).inspect_err(|_| {
            let _ = fs::remove_file(&new);
        })?;
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
    match fs::remove_file(path) {
        Err(e) if e.kind() != ErrorKind::NotFound => {
            Err(Failure::file(path, "cannot be removed", e))
        }
        _ => Ok(()),
    }
}

/// If it cannot be done, nothing is lost.
fn set_time(path: &Path, time: Option<SystemTime>) {
    let file = File::options().append(true).open(path);
    if let (Ok(file), Some(time)) = (file, time) {
        let _ = file.set_modified(time);
    }
}
