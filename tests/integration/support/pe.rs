//! PE files, programs of Windows, made byte by byte.

/// Where the headers of Windows begin, behind those of DOS.
const HEADERS: usize = 0x40;
const SECTION: usize = 40;
/// That a section is code.
const EXECUTE: u32 = 0x2000_0000;

/// A program of 32 or 64 bits with these sections: each with its name, whether it is code, and its content.
pub(crate) fn pe(bits: u32, sections: &[(&str, bool, &[u8])]) -> Vec<u8> {
    let (machine, magic, optional) = match bits {
        64 => (0x8664_u16, 0x20b_u16, 112_usize),
        _ => (0x14c, 0x10b, 96),
    };
    let mut file = vec![0; HEADERS];
    file[..2].copy_from_slice(b"MZ");
    file[0x3c] = HEADERS as u8;
    file.extend(b"PE\0\0");
    file.extend(machine.to_le_bytes());
    file.extend((sections.len() as u16).to_le_bytes());
    file.extend([0; 12]);
    file.extend((optional as u16).to_le_bytes());
    file.extend([0; 2]);
    file.extend(magic.to_le_bytes());
    file.resize(file.len() + optional - 2, 0);
    let mut begin = file.len() + sections.len() * SECTION;
    for (name, is_code, content) in sections {
        let mut padded = [0; 8];
        padded[..name.len()].copy_from_slice(name.as_bytes());
        file.extend(padded);
        // In memory, where it is put there, and in the file.
        for number in [content.len(), 0x1000, content.len(), begin] {
            file.extend((number as u32).to_le_bytes());
        }
        file.extend([0; 12]);
        file.extend(if *is_code { EXECUTE } else { 0 }.to_le_bytes());
        begin += content.len();
    }
    sections.iter().for_each(|(_, _, content)| file.extend(*content));
    file
}

/// The content of the section in which the library has its constants.
pub(crate) fn note(text: &str) -> Vec<u8> {
    let mut note = Vec::new();
    for number in [8, text.len() as u32, 0xcace_0001] {
        note.extend(number.to_le_bytes());
    }
    note.extend(b"cacerts\0");
    note.extend(text.as_bytes());
    note.resize(note.len().next_multiple_of(4), 0);
    note
}
