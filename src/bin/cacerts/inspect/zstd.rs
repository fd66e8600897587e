//! Decompresses zstd: any number of frames, and those that are to be skipped between them. It may use
//! `ruzstd`. Windows of more than 100 MiB are not read, and checksums are not checked.

use super::archive::skip;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::{self, BufRead, Read};

/// The header of a frame with a window of 1 KiB. The decoder has a limit for the window from its second
/// frame on.
const FIRST: [u8; 6] = *b"\x28\xb5\x2f\xfd\0\0";

pub(crate) struct Reader<R> {
    reader: R,
    decoder: FrameDecoder,
    in_frame: bool,
}

impl<R: BufRead> Reader<R> {
    pub(crate) fn new(reader: R) -> io::Result<Self> {
        let mut decoder = FrameDecoder::new();
        decoder.init(&FIRST[..]).map_err(io::Error::other)?;
        Ok(Self { reader, decoder, in_frame: false })
    }

    /// Whether there is another frame.
    fn next(&mut self) -> io::Result<bool> {
        while !self.reader.fill_buf()?.is_empty() {
            match self.decoder.init(&mut self.reader) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => skip(&mut self.reader, length.into())?,
                Err(why) => return Err(io::Error::other(why)),
            }
        }
        Ok(false)
    }
}

impl<R: BufRead> Read for Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.in_frame {
                self.in_frame = self.next()?;
                if !self.in_frame {
                    return Ok(0);
                }
            }
            if self.decoder.can_collect() > 0 || buffer.is_empty() {
                return self.decoder.read(buffer);
            }
            if self.decoder.is_finished() {
                self.in_frame = false;
                continue;
            }
            let size = BlockDecodingStrategy::UptoBytes(buffer.len());
            self.decoder.decode_blocks(&mut self.reader, size).map_err(io::Error::other)?;
        }
    }
}
