//! Decompresses xz. It may use `lzma-rust2`, which reads the LZMA2 in it.
//!
//! The container is read here, because there is no limit in the crate's own reader to the memory that a
//! file can ask for. Not read: other filters than LZMA2. Not checked: checksums, the index and the
//! footer; whoever has changed the file can have changed them, too.

use super::archive::{damaged, skip};
use lzma_rust2::Lzma2Reader;
use std::io::{self, Read};

const MAGIC: &[u8] = b"\xfd7zXZ\0";
/// The largest window, 64 MiB, that of `xz -9`.
const LARGEST_WINDOW: u64 = 64 << 20;
const LZMA2: u8 = 0x21;

pub(crate) struct Reader<R: Read> {
    state: State<R>,
    /// How long the checksum after each block is.
    check: u64,
}

enum State<R: Read> {
    Stream(Counted<R>),
    Block(Box<Lzma2Reader<Counted<R>>>),
    /// After an error, or at the end.
    Over,
}

/// Says how much has been read, because what follows begins at a multiple of four.
struct Counted<R> {
    reader: R,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.reader.read(buffer)?;
        self.count += size as u64;
        Ok(size)
    }
}

impl<R: Read> Counted<R> {
    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.read_exact(&mut byte)?;
        Ok(byte[0])
    }

    /// Seven bits a byte, the lowest first.
    fn number(&mut self) -> io::Result<u64> {
        let mut number = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(damaged("a number of xz is too long"))
    }

    fn pad(&mut self) -> io::Result<()> {
        let padding = self.count.next_multiple_of(4) - self.count;
        skip(self, padding)
    }
}

impl<R: Read> Reader<R> {
    pub(crate) fn new(reader: R) -> io::Result<Self> {
        let mut reader = Counted { reader, count: 0 };
        let mut magic = [0; MAGIC.len()];
        reader.read_exact(&mut magic)?;
        let check = check(&magic, &mut reader)?;
        Ok(Self { state: State::Stream(reader), check })
    }

    /// The next block, or that of the next stream; nothing at the end.
    fn block(&mut self, mut reader: Counted<R>) -> io::Result<State<R>> {
        loop {
            let size = reader.byte()?;
            if size != 0 {
                let window = window(&mut reader, u64::from(size) * 4 + 3)?;
                return Ok(State::Block(Box::new(Lzma2Reader::new(reader, window, None))));
            }
            // The index: of each block two sizes, and after it a checksum and the footer.
            for _ in 0..reader.number()? {
                reader.number()?;
                reader.number()?;
            }
            reader.pad()?;
            skip(&mut reader, 4 + 12)?;
            // Between streams there may be zeros, four by four.
            let magic = loop {
                let mut begin = Vec::new();
                (&mut reader).take(4).read_to_end(&mut begin)?;
                match begin[..] {
                    [] => return Ok(State::Over),
                    [0, 0, 0, 0] => {}
                    _ => break begin,
                }
            };
            let mut rest = [0; 2];
            reader.read_exact(&mut rest)?;
            self.check = check(&[&magic[..], &rest].concat(), &mut reader)?;
        }
    }
}

/// The rest of a stream's header: how long its checksums are.
fn check<R: Read>(magic: &[u8], reader: &mut Counted<R>) -> io::Result<u64> {
    let (null, flags) = (reader.byte()?, reader.byte()?);
    skip(reader, 4)?;
    if magic != MAGIC || null != 0 || flags > 0xf {
        return Err(damaged("a header of xz is none"));
    }
    Ok([0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64][usize::from(flags)])
}

/// The size of the window, out of the rest of a block's header, which is so long.
fn window<R: Read>(reader: &mut Counted<R>, size: u64) -> io::Result<u32> {
    let end = reader.count + size;
    let flags = reader.byte()?;
    // The sizes, where they are said.
    for flag in [0x40, 0x80] {
        if flags & flag != 0 {
            reader.number()?;
        }
    }
    if flags & 0x3f != 0 || reader.number()? != u64::from(LZMA2) || reader.number()? != 1 {
        return Err(damaged("xz with other filters than LZMA2 is not read"));
    }
    let bits = reader.byte()?;
    let window = match bits {
        0..=39 => (2 | u64::from(bits & 1)) << (bits / 2 + 11),
        _ => u64::MAX,
    };
    if window > LARGEST_WINDOW {
        return Err(damaged("it needs a window of more than 64 MiB"));
    }
    let left =
        end.checked_sub(reader.count).ok_or_else(|| damaged("a header of xz is too short"))?;
    skip(reader, left)?;
    Ok(window as u32)
}

impl<R: Read> Read for Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            match std::mem::replace(&mut self.state, State::Over) {
                State::Over => return Ok(0),
                State::Stream(reader) => self.state = self.block(reader)?,
                State::Block(mut block) => match block.read(buffer)? {
                    0 => {
                        let mut reader = block.into_inner();
                        reader.pad()?;
                        skip(&mut reader, self.check)?;
                        self.state = State::Stream(reader);
                    }
                    size => {
                        self.state = State::Block(block);
                        return Ok(size);
                    }
                },
            }
        }
    }
}
