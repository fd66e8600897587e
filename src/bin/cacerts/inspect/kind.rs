//! What a file is, by its first bytes. It uses nothing.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Elf,
    Pe,
    MachO,
    Archive,
    Deb,
    Rpm,
    Apk,
    Tar,
    Cpio,
    /// By this format.
    Compressed(&'static str),
    Encrypted(&'static str),
    Script,
    Text,
    Empty,
    Other,
}

/// The formats that compress, and how their files begin.
const COMPRESSED: [(&str, &[u8]); 20] = [
    ("gzip", b"\x1f\x8b\x08"),
    ("compress", b"\x1f\x9d"),
    ("xz", b"\xfd7zXZ\0"),
    ("lzma", b"\x5d\0\0"),
    ("lzip", b"LZIP\x01"),
    ("lzop", b"\x89LZO\0\r\n\x1a\n"),
    ("zstd", b"\x28\xb5\x2f\xfd"),
    ("lz4", b"\x04\x22\x4d\x18"),
    ("lz4", b"\x02\x21\x4c\x18"),
    ("bzip2", b"BZh"),
    ("zip", b"PK\x03\x04"),
    // One in several parts.
    ("zip", b"PK\x07\x08PK\x03\x04"),
    ("7z", b"7z\xbc\xaf\x27\x1c"),
    ("rar", b"Rar!\x1a\x07"),
    ("cab", b"MSCF\0\0\0\0"),
    ("xar", b"xar!\0"),
    ("squashfs", b"hsqs"),
    ("squashfs", b"sqsh"),
    ("cramfs", b"\x45\x3d\xcd\x28"),
    ("rzip", b"RZIP\x02"),
];
/// A frame that programs skip, as zstd and lz4 have it before or between others, begins so, with
/// 16 numbers for the first byte.
const SKIPPED: [u8; 3] = *b"\x2a\x4d\x18";
/// The formats that encrypt, and how their files begin.
const ENCRYPTED: [(&str, &[u8]); 5] = [
    ("age", b"age-encryption.org/v1\n"),
    ("age", b"-----BEGIN AGE ENCRYPTED FILE-----"),
    ("OpenPGP", b"-----BEGIN PGP MESSAGE-----"),
    ("OpenSSL", b"Salted__"),
    ("LUKS", b"LUKS\xba\xbe"),
];
/// The database of a package for version 3 of apk: not compressed, with deflate, and with what the next
/// bytes say.
const APK: [&[u8]; 3] = [b"ADB.", b"ADBd", b"ADBc"];
/// How the header of a tar archive says what it is, and where.
const TAR: (usize, &[u8]) = (257, b"ustar");
/// How each header of a cpio archive begins; the second one stands for checksums, which are not checked.
const CPIO: [&[u8]; 2] = [b"070701", b"070702"];
/// How much of a file has to be text for all of it to count as such.
const TEXT: usize = 8 << 10;
/// A Mach-O file for several architectures begins like a Java class, which has the version of Java, 45
/// and more, where the other has the number of architectures.
const MOST_ARCHITECTURES: u8 = 40;

impl Kind {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        if let Some(format) = begins(bytes, &COMPRESSED) {
            return Self::Compressed(format);
        } else if let Some(by) = begins(bytes, &ENCRYPTED) {
            return Self::Encrypted(by);
        }
        match bytes {
            [] => Self::Empty,
            [0x7f, b'E', b'L', b'F', ..] => Self::Elf,
            [b'#', b'!', ..] => Self::Script,
            [0xed, 0xab, 0xee, 0xdb, ..] => Self::Rpm,
            _ if bytes.starts_with(b"!<arch>\ndebian-binary") => Self::Deb,
            _ if APK.iter().any(|begin| bytes.starts_with(begin)) => Self::Apk,
            [0x50..=0x5f, rest @ ..] if rest.starts_with(&SKIPPED) => Self::Compressed("zstd"),
            _ if bytes.starts_with(b"!<arch>\n") || bytes.starts_with(b"!<thin>\n") => {
                Self::Archive
            }
            [b'M', b'Z', ..] if is_pe(bytes) => Self::Pe,
            [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..] | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..] => {
                Self::MachO
            }
            [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, count, ..] if *count < MOST_ARCHITECTURES => {
                Self::MachO
            }
            _ if is_tar(bytes) => Self::Tar,
            _ if is_cpio(bytes) => Self::Cpio,
            _ if is_text(&bytes[..bytes.len().min(TEXT)]) => Self::Text,
            _ => Self::Other,
        }
    }

    /// It can be run, or is a part of what can be.
    pub(crate) fn is_program(self) -> bool {
        matches!(self, Self::Elf | Self::Pe | Self::MachO | Self::Archive | Self::Script)
    }

    /// It is a program or a library in a format in which cacerts writes its note.
    pub(crate) fn has_notes(self) -> bool {
        matches!(self, Self::Elf | Self::Pe)
    }

    /// It holds files, as a package that is to be installed.
    pub(crate) fn is_package(self) -> bool {
        matches!(self, Self::Deb | Self::Rpm | Self::Apk)
    }

    /// What is in it cannot be seen without this being done to it.
    pub(crate) fn hides(self) -> Option<&'static str> {
        match self {
            Self::Deb | Self::Rpm | Self::Apk | Self::Tar | Self::Cpio | Self::Compressed(_) => {
                Some("unpack")
            }
            Self::Encrypted(_) => Some("decrypt"),
            _ => None,
        }
    }

    /// As a word for programs.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Elf => "elf",
            Self::Pe => "pe",
            Self::MachO => "mach-o",
            Self::Archive => "archive",
            Self::Deb => "deb",
            Self::Rpm => "rpm",
            Self::Apk => "apk",
            Self::Tar => "tar",
            Self::Cpio => "cpio",
            Self::Compressed(_) => "compressed",
            Self::Encrypted(_) => "encrypted",
            Self::Script => "script",
            Self::Text => "text",
            Self::Empty => "empty",
            Self::Other => "other",
        }
    }
}

/// As the end of a sentence: `it is ...`.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Elf => "an ELF file",
            Self::Pe => "a PE file (Windows)",
            Self::MachO => "a Mach-O file (Apple)",
            Self::Archive => "an ar archive",
            Self::Deb => "a Debian package",
            Self::Rpm => "an RPM package",
            Self::Apk => "an Alpine package of version 3",
            Self::Tar => "a tar archive",
            Self::Cpio => "a cpio archive",
            Self::Compressed(format) => return write!(f, "compressed ({format})"),
            Self::Encrypted(by) => return write!(f, "encrypted ({by})"),
            Self::Script => "a script",
            Self::Text => "text",
            Self::Empty => "empty",
            Self::Other => "neither a program nor text",
        })
    }
}

fn is_tar(begin: &[u8]) -> bool {
    let (at, magic) = TAR;
    begin.get(at..).is_some_and(|rest| rest.starts_with(magic))
}

/// Also of a header that is not the first one.
pub(crate) fn is_cpio(header: &[u8]) -> bool {
    CPIO.iter().any(|magic| header.starts_with(magic))
}

/// The first of these formats whose files begin so.
fn begins(bytes: &[u8], formats: &[(&'static str, &[u8])]) -> Option<&'static str> {
    formats.iter().find(|(_, begin)| bytes.starts_with(begin)).map(|(format, _)| *format)
}

/// At 0x3c a program of DOS says where that of Windows begins.
fn is_pe(bytes: &[u8]) -> bool {
    let at = bytes.get(0x3c..0x40).and_then(|at| at.try_into().ok()).map(u32::from_le_bytes);
    let at = at.and_then(|at| usize::try_from(at).ok());
    at.and_then(|at| bytes.get(at..)).is_some_and(|rest| rest.starts_with(b"PE\0\0"))
}

fn is_text(bytes: &[u8]) -> bool {
    // The last character may have been cut off.
    let is_utf8 = std::str::from_utf8(bytes).map_or_else(|e| e.error_len().is_none(), |_| true);
    is_utf8 && !bytes.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn a_file_is_known_by_its_first_bytes() {
        let mut pe = vec![0; 0x44];
        pe[..2].copy_from_slice(b"MZ");
        pe[0x3c] = 0x40;
        let dos = pe.clone();
        pe[0x40..].copy_from_slice(b"PE\0\0");
        let long = "ä".repeat(5000);
        for (bytes, kind) in [
            (&b""[..], Kind::Empty),
            (b"\x7fELF", Kind::Elf),
            (b"\x7fEL", Kind::Text),
            (b"#!/bin/sh\n", Kind::Script),
            (b"!<arch>\nx", Kind::Archive),
            (b"!<thin>\nx", Kind::Archive),
            (b"!<arch>\ndebian-binary   0", Kind::Deb),
            (b"\xed\xab\xee\xdb\x03\0", Kind::Rpm),
            (b"ADBd\0", Kind::Apk),
            (b"ADBc\x02\x03", Kind::Apk),
            (b"ADB.pckg", Kind::Apk),
            (b"ADBx\0", Kind::Other),
            (b"\x1f\x8b\x08\0", Kind::Compressed("gzip")),
            (b"\xfd7zXZ\0\0", Kind::Compressed("xz")),
            (b"\x28\xb5\x2f\xfd\0", Kind::Compressed("zstd")),
            (b"\x5a\x2a\x4d\x18\0", Kind::Compressed("zstd")),
            (b"\x60\x2a\x4d\x18\0", Kind::Other),
            (b"BZh9", Kind::Compressed("bzip2")),
            (b"PK\x03\x04", Kind::Compressed("zip")),
            (b"\x04\x22\x4d\x18", Kind::Compressed("lz4")),
            (b"\x5d\0\0\x80\0", Kind::Compressed("lzma")),
            (b"LZIP\x01", Kind::Compressed("lzip")),
            (b"\x1f\x9d\x90", Kind::Compressed("compress")),
            (b"7z\xbc\xaf\x27\x1c\0", Kind::Compressed("7z")),
            (b"Rar!\x1a\x07\x01\0", Kind::Compressed("rar")),
            (b"hsqs\x01", Kind::Compressed("squashfs")),
            (b"age-encryption.org/v1\n-> X", Kind::Encrypted("age")),
            (b"Salted__\x01", Kind::Encrypted("OpenSSL")),
            (b"-----BEGIN PGP MESSAGE-----\n", Kind::Encrypted("OpenPGP")),
            (b"\x1f\x8b", Kind::Other),
            (&pe, Kind::Pe),
            (&dos, Kind::Other),
            (b"MZ", Kind::Text),
            (b"\xcf\xfa\xed\xfe\x07", Kind::MachO),
            (b"\xca\xfe\xba\xbe\0\0\0\x02", Kind::MachO),
            (b"\xca\xfe\xba\xbe\0\0\0\x34", Kind::Other),
            (b"text\n", Kind::Text),
            (&long.as_bytes()[..8191], Kind::Text),
            (b"\0", Kind::Other),
            (b"\xff\xfe", Kind::Other),
        ] {
            assert_eq!(Kind::of(bytes), kind, "{:?}", &bytes[..bytes.len().min(8)]);
        }
    }
}
