//! Decompresses zstd: any number of frames, and those that are to be skipped between them. It may use
//! `zstd`, the usual library in C.

use std::io::{self, BufRead, Read};
use zstd::stream::read::Decoder;

/// The largest window, in bits, 128 MiB: that of `zstd --ultra -22`.
const LARGEST_WINDOW: u32 = 27;

pub(crate) fn reader(source: impl BufRead) -> io::Result<impl Read> {
    let mut decoder = Decoder::with_buffer(source)?;
    decoder.window_log_max(LARGEST_WINDOW)?;
    Ok(decoder)
}
