//! The baked constants as an ELF note, `.note.cacerts`, so that a finished binary of any
//! architecture tells what it trusts without being run. It may use `defaults`.
//!
//! A PE file (Windows) knows no notes: there the same bytes are a section, `.cacerts`, whose name is
//! as long as one may be.
//!
//! The note's name is `cacerts`, its type is [`TYPE`], and its description is the text of a
//! defaults file: `readelf -n` shows that it is there, `cacerts inspect` reads it. A note, because
//! a section of any other kind is dropped by the linker of older compilers and by `strip`.

use crate::defaults::NOTE;
use std::hint::black_box;

/// The format of the description; the last four digits are its version.
const TYPE: u32 = 0xcace_0001;

/// An ELF note (System V ABI, chapter 5, "Note Section"), in the target's byte order.
#[repr(C, align(4))]
struct Note<const N: usize> {
    name_size: u32,
    description_size: u32,
    kind: u32,
    name: [u8; 8],
    description: [u8; N],
}

const fn padded<const N: usize>(text: &[u8]) -> [u8; N] {
    let mut bytes = [0; N];
    let mut i = 0;
    while i < text.len() {
        bytes[i] = text[i];
        i += 1;
    }
    bytes
}

// Apple's format knows no such section; there it is data like any other.
//
// Placing a static in a section of its own counts as unsafe, because a section can have a meaning
// to the loader. This one has none: it is only ever read.
#[used]
#[cfg_attr(
    not(target_vendor = "apple"),
    expect(unsafe_code, reason = "the link_section attribute")
)]
#[cfg_attr(not(any(windows, target_vendor = "apple")), unsafe(link_section = ".note.cacerts"))]
#[cfg_attr(windows, unsafe(link_section = ".cacerts"))]
static CACERTS: Note<{ NOTE.len().next_multiple_of(4) }> = Note {
    name_size: 8,
    description_size: NOTE.len() as u32,
    kind: TYPE,
    name: *b"cacerts\0",
    description: padded(NOTE.as_bytes()),
};

/// Refers to the note. Of a static library the linker of a program in another language takes only what something
/// refers to, and so do those of Windows in any case; whoever decides on a store refers to this.
pub(crate) fn keep() {
    black_box(&CACERTS);
}
