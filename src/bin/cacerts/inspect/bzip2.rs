//! Decompresses bzip2: any number of streams, but not so many that nothing is in them. It may use `bzip2`.

use super::archive::damaged;
use ::bzip2::bufread::BzDecoder;
use std::io::{self, BufRead, Read};

/// So many streams are read. Those of programs that compress in parallel have 900 kB each; to begin one takes
/// as long as to unpack 16 KiB.
const MOST_STREAMS: usize = 8192;

pub(crate) struct Reader<R> {
    /// Nothing at the end, and after an error.
    stream: Option<BzDecoder<R>>,
    streams: usize,
}

impl<R: BufRead> Reader<R> {
    pub(crate) fn new(source: R) -> Self {
        Self { stream: Some(BzDecoder::new(source)), streams: 1 }
    }
}

impl<R: BufRead> Read for Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while let Some(mut stream) = self.stream.take() {
            let size = stream.read(buffer)?;
            if size > 0 {
                self.stream = Some(stream);
                return Ok(size);
            }
            let mut source = stream.into_inner();
            if source.fill_buf()?.is_empty() {
                break;
            } else if self.streams == MOST_STREAMS {
                return Err(damaged("it has more than 8192 streams of bzip2"));
            }
            self.stream = Some(BzDecoder::new(source));
            self.streams += 1;
        }
        Ok(0)
    }
}
