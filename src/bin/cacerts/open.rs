//! Opens files whose paths anybody may have named, or be changing.

use std::fs::File;
use std::io;
use std::path::Path;

/// Never waits, should it have become a FIFO since it was looked at.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        &mut options,
        libc::O_NONBLOCK | libc::O_NOCTTY,
    );
    options.read(true).open(path)
}
