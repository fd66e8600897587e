//! `Cargo.lock` as it was: kept beside the drop-ins while cargo works with another, and put back
//! byte for byte, by this run or, if that is killed, by the next. It may use `workspace`, `lock` and
//! `failure`.

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
        if elsewhere {
            let copy = place.directory.join("Cargo.lock");
            match &before {
                Some(bytes) => workspace::write(&copy, bytes)?,
                None => remove(&copy)?,
            }
            return Ok(Self { file: copy, before, record: None });
        }
        let record = Record { directory: place.directory.join("kept") };
        record.write(&file, before.as_deref())?;
        Ok(Self { file, before, record: Some(record) })
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
        if let Some(record) = &self.record {
            if let Err(Failure::Usage(text)) = record.put_back() {
                message(format_args!("error: {text}"));
            }
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
                let time = fs::metadata(file).and_then(|metadata| metadata.modified());
                set_time(&self.bytes(), time.ok());
            }
            None => remove(&self.bytes())?,
        }
        // Renamed into place: half a path is no path.
        let new = self.directory.join("path.new");
        workspace::write(&new, file.as_os_str().as_encoded_bytes())?;
        fs::rename(&new, self.path()).map_err(|e| Failure::file(&new, "cannot be renamed", e))
    }

    fn put_back(&self) -> Result<(), Failure> {
        let Some(path) = read(&self.path())? else { return Ok(()) };
        self.put_back_to(&to_path(path))
    }

    fn put_back_to(&self, file: &Path) -> Result<(), Failure> {
        match read(&self.bytes())? {
            Some(bytes) => {
                if read(file)?.as_ref() != Some(&bytes) {
                    workspace::write(file, &bytes)?;
                    let time = fs::metadata(self.bytes()).and_then(|kept| kept.modified());
                    set_time(file, time.ok());
                }
            }
            None => remove(file)?,
        }
        remove(&self.path())
    }

    /// What a killed run has left; a lock file that has no drop-ins in it has been put right by
    /// somebody else.
    fn put_back_if_left(&self) -> Result<(), Failure> {
        let Some(path) = read(&self.path())? else { return Ok(()) };
        let file = to_path(path);
        let now = read(&file)?;
        let now = now.and_then(|bytes| parse(&file, &bytes).ok());
        let has_drop_ins =
            now.is_some_and(|lock| lock.packages().any(crate::drop_in::may_be_in_place));
        if !has_drop_ins {
            return remove(&self.path());
        }
        self.put_back_to(&file)?;
        message(format_args!("{} is again as it was before a run that was killed", file.display()));
        Ok(())
    }
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

/// So that make and backups see no change; if it cannot be done, nothing is lost.
fn set_time(path: &Path, time: Option<SystemTime>) {
    let file = File::options().append(true).open(path);
    if let (Ok(file), Some(time)) = (file, time) {
        let _ = file.set_modified(time);
    }
}
