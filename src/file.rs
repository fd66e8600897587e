//! Opens files that decide about trust: regular files only, never longer than allowed, never with
//! a wait. It uses `shown` alone.

use crate::shown;
use std::fs::{self, File, FileType, Metadata};
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

/// The largest file that is read: 256 MiB, some 150,000 certificates.
pub(crate) const MAX_SIZE: u64 = 256 << 20;

/// What there is at a path.
pub(crate) enum Content<T = Vec<u8>> {
    File(T),
    Directory,
}

/// Reads the file at a path, or says why not, as the end of a sentence: `PATH ...`.
pub(crate) fn read(path: &Path) -> Result<Content, Problem> {
    Ok(match read_with(path, whole)? {
        Content::File((bytes, ..)) => Content::File(bytes),
        Content::Directory => Content::Directory,
    })
}

/// Reads the file at a path in the caller's way, who is told how long it is, and reads no more: again,
/// where the file changed meanwhile. Where that may have been its names or its owner alone, as when
/// hard links are made to it, what reads the same twice is the same.
pub(crate) fn read_with<T: PartialEq>(
    path: &Path,
    read: impl Fn(&File, u64) -> io::Result<T>,
) -> Result<Content<(T, File, State)>, Problem> {
    // Looked at before it is opened, because opening a device can do something.
    if !is_regular(&fs::metadata(path)?)? {
        return Ok(Content::Directory);
    }
    let mut last = None;
    for _ in 0..3 {
        let file = open(path)?;
        let before = file.metadata()?;
        if !is_regular(&before)? {
            return Ok(Content::Directory);
        }
        if before.len() > MAX_SIZE {
            return Err(Problem::Unusable(format!(
                "is larger than {} MiB, the most that is read",
                MAX_SIZE >> 20
            )));
        }
        let content = read(&file, before.len());
        let after = file.metadata()?;
        let (state, new) = (State::of(&before), State::of(&after));
        if new == state || new.content == state.content && was_replaced(&before, &after) {
            return Ok(Content::File((content?, file, state)));
        }
        let Ok(content) = content else { continue };
        let this = (content, state.content.clone());
        if new.content == state.content && last.as_ref() == Some(&this) {
            return Ok(Content::File((this.0, file, state)));
        }
        last = Some(this);
    }
    Err(Problem::Failed("has changed each time while it was being read".to_owned()))
}

/// Whether another file has taken the place of an open one, which changes how many names that has, and
/// not what is in it.
#[cfg(unix)]
fn was_replaced(before: &Metadata, after: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    after.nlink() < before.nlink()
}

#[cfg(not(unix))]
fn was_replaced(_: &Metadata, _: &Metadata) -> bool {
    false
}

/// The whole of a file of this size.
pub(crate) fn whole(file: &File, size: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; size as usize];
    read_at(file, 0, &mut bytes)?;
    Ok(bytes)
}

/// Fills a buffer with what stands at this place of a file. The place from which a file is read next
/// is not used anywhere: processes that are forked share it.
#[cfg(unix)]
pub(crate) fn read_at(file: &File, place: u64, buffer: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, place)
}

#[cfg(not(unix))]
pub(crate) fn read_at(mut file: &File, place: u64, buffer: &mut [u8]) -> io::Result<()> {
    use std::io::{Read, Seek, SeekFrom};
    file.seek(SeekFrom::Start(place))?;
    file.read_exact(buffer)
}

/// Lends some room to read a small part of a file into. It is always the same, for whoever comes first:
/// new room has to be filled with zeros, which takes longer than reading.
pub(crate) fn with_room<T>(work: impl FnOnce(&mut [u8]) -> T) -> T {
    const ROOM: usize = 16 << 10;
    static ROOM_FOR_ONE: Mutex<[u8; ROOM]> = Mutex::new([0; ROOM]);
    match ROOM_FOR_ONE.try_lock() {
        Ok(mut room) => work(&mut *room),
        Err(_) => work(&mut vec![0; ROOM]),
    }
}

/// Puts into a buffer what stands at this place of a file, and says how much that was: nothing at its
/// end, and else as much as there is room for or less.
pub(crate) fn read_some(file: &File, place: u64, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match read_once(file, place, buffer) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// The same for what is in memory.
pub(crate) fn slice_some(bytes: &[u8], place: u64, buffer: &mut [u8]) -> usize {
    let rest = bytes.get(place as usize..).unwrap_or_default();
    let length = rest.len().min(buffer.len());
    buffer[..length].copy_from_slice(&rest[..length]);
    length
}

#[cfg(unix)]
fn read_once(file: &File, place: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, place)
}

#[cfg(not(unix))]
fn read_once(mut file: &File, place: u64, buffer: &mut [u8]) -> io::Result<usize> {
    use std::io::{Read, Seek, SeekFrom};
    file.seek(SeekFrom::Start(place))?;
    file.read(buffer)
}

/// By what it is seen that there is another file at a path, or that it was written to. What is
/// written twice within one tick of the file system's clock, and is as long as before, is not seen;
/// a tick is some milliseconds, and nothing to speak of from Linux 6.13.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    content: ContentState,
    /// When it was written to, renamed or linked to, or its mode or owner changed: tells even if the
    /// time of writing was set back.
    #[cfg(unix)]
    changed: (i64, i64),
}

#[derive(Clone, Debug, PartialEq)]
struct ContentState {
    modified: Option<SystemTime>,
    size: u64,
    /// Device and inode.
    #[cfg(unix)]
    id: (u64, u64),
}

impl State {
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|metadata| Self::of(&metadata))
    }

    fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt;
        Self {
            content: ContentState {
                modified: metadata.modified().ok(),
                size: metadata.len(),
                #[cfg(unix)]
                id: (metadata.dev(), metadata.ino()),
            },
            #[cfg(unix)]
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// Whether it was written to so lately that more may be to come. A time that is still to come
    /// tells nothing.
    pub(crate) fn was_written_within(&self, time: Duration) -> bool {
        let age = self.content.modified.and_then(|modified| modified.elapsed().ok());
        age.is_some_and(|age| age < time)
    }

    pub(crate) fn size(&self) -> u64 {
        self.content.size
    }

    /// Whether an open file has not been written to. That another one has taken its place at its
    /// path does not matter.
    pub(crate) fn is_content_of(&self, file: &File) -> io::Result<bool> {
        Ok(Self::of(&file.metadata()?).content == self.content)
    }
}

/// Why a file cannot be used.
pub(crate) enum Problem {
    Missing,
    /// It can be read, and nothing in it claims to be a certificate.
    Nothing(String),
    Unusable(String),
    /// It cannot be read now, which says nothing of what is in it: there are too many open files, say.
    Failed(String),
}

impl Problem {
    /// Of a file that was there before.
    pub(crate) fn into_words(self) -> String {
        match self {
            Self::Missing => "went away".to_owned(),
            Self::Nothing(why) | Self::Unusable(why) | Self::Failed(why) => why,
        }
    }

    /// What a directory has to do with the failure of a file in it.
    pub(crate) fn failed_in(directory: &Path, file: &Path, why: &str) -> Self {
        Self::Failed(match file == directory {
            true => why.to_owned(),
            false => format!("holds {}, which {why}", shown::path(file)),
        })
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Missing,
            io::ErrorKind::PermissionDenied => {
                Self::Unusable("may not be read by this user (permission denied)".to_owned())
            }
            // A link that leads to itself will do so the next time.
            _ if leads_in_circles(&error) => Self::Unusable(format!("cannot be read ({error})")),
            _ => Self::Failed(format!("cannot be read ({error})")),
        }
    }
}

#[cfg(unix)]
pub(crate) fn leads_in_circles(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ELOOP)
}

#[cfg(not(unix))]
pub(crate) fn leads_in_circles(_: &io::Error) -> bool {
    false
}

/// True for a regular file, false for a directory, an error for anything else.
fn is_regular(metadata: &Metadata) -> Result<bool, Problem> {
    let kind = metadata.file_type();
    if kind.is_file() {
        Ok(true)
    } else if kind.is_dir() {
        Ok(false)
    } else {
        Err(Problem::Unusable(format!("is {}, not a file or directory", name(kind))))
    }
}

#[cfg(unix)]
fn name(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn name(_: FileType) -> &'static str {
    "something special"
}

/// Without waiting, should a FIFO have taken the file's place since it was looked at.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(all(test, unix))]
mod tests {
    use super::{Content, Problem, read_with, whole};
    use std::cell::Cell;
    use std::fs;
    use std::thread::sleep;
    use std::time::Duration;

    #[test]
    fn a_file_that_is_replaced_while_it_is_read_was_whole() {
        let directory = tempfile::tempdir().unwrap();
        let (path, new) = (directory.path().join("ca.pem"), directory.path().join("new.pem"));
        fs::write(&path, "old").unwrap();
        let content = read_with(&path, |file, size| {
            fs::write(&new, "new").and_then(|()| fs::rename(&new, &path))?;
            whole(file, size)
        });
        assert!(matches!(content, Ok(Content::File((bytes, ..))) if bytes == b"old"));
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn a_file_to_which_links_are_made_while_it_is_read_is_the_same() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ca.pem");
        fs::write(&path, "0").unwrap();
        let rounds = Cell::new(0);
        let content = read_with(&path, |file, size| {
            rounds.set(rounds.get() + 1);
            wait_for_a_tick();
            fs::hard_link(&path, directory.path().join(rounds.get().to_string()))?;
            whole(file, size)
        });
        assert!(matches!(content, Ok(Content::File((bytes, ..))) if bytes == b"0"));
        assert_eq!(rounds.get(), 2);
    }

    /// By its size and the time of writing it is the same.
    #[test]
    fn a_file_that_is_overwritten_unseen_each_time_it_is_read_is_of_no_use() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ca.pem");
        fs::write(&path, "0").unwrap();
        let written = fs::metadata(&path).unwrap().modified().unwrap();
        let rounds = Cell::new(0);
        let content = read_with(&path, |file, size| {
            rounds.set(rounds.get() + 1);
            wait_for_a_tick();
            fs::write(&path, rounds.get().to_string())?;
            fs::File::options().append(true).open(&path)?.set_modified(written)?;
            whole(file, size)
        });
        assert!(matches!(content, Err(Problem::Failed(why)) if why.contains("each time")));
    }

    /// So that the file system's clock tells what happens now from what happened before.
    fn wait_for_a_tick() {
        sleep(Duration::from_millis(20));
    }

    #[test]
    fn a_file_that_is_overwritten_each_time_it_is_read_is_of_no_use() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ca.pem");
        fs::write(&path, "0").unwrap();
        let content = read_with(&path, |file, size| {
            let longer = fs::read_to_string(&path)? + "0";
            fs::write(&path, longer).and_then(|()| whole(file, size))
        });
        assert!(matches!(content, Err(Problem::Failed(why)) if why.contains("each time")));
    }
}
