//! An ELF note in `.note.cacerts` that says which drop-in a program has: `cacerts inspect` reads it. It
//! goes into each drop-in as it is, and uses that crate's `NOTE`.
//!
//! The library's own note, of another type, has the baked constants; see `src/note.rs` there.

use crate::NOTE;

#[cfg(windows)]
compile_error!(concat!(
    "cacerts has no drop-in of ",
    env!("CARGO_PKG_NAME"),
    " for Windows, whose programs trust its own key store: build with the original"
));
#[cfg(target_vendor = "apple")]
compile_error!(concat!(
    "cacerts has no drop-in of ",
    env!("CARGO_PKG_NAME"),
    " for Apple's systems, whose programs trust the keychain: build with the original"
));

/// The format of the description, TOML; the last four digits are its version.
const TYPE: u32 = 0xcace_0002;

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

// Placing a static in a section of its own counts as unsafe, because a section can have a meaning
// to the loader. A note has none: it is only ever read.
#[used]
#[expect(unsafe_code, reason = "the link_section attribute")]
#[unsafe(link_section = ".note.cacerts")]
static DROP_IN: Note<{ NOTE.len().next_multiple_of(4) }> = Note {
    name_size: 8,
    description_size: NOTE.len() as u32,
    kind: TYPE,
    name: *b"cacerts\0",
    description: padded(NOTE.as_bytes()),
};
