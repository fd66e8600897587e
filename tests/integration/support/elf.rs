//! ELF files made byte by byte, for any word size and byte order: what no compiler on this machine
//! makes.

/// The address at which the file is loaded.
const BASE: u64 = 0x1_0000;
const LOAD: u32 = 1;
const DYNAMIC: u32 = 2;
const NOTE: u32 = 4;
/// The types of cacerts notes.
const LIBRARY: u32 = 0xcace_0001;
const DROP_IN: u32 = 0xcace_0002;

/// The word size in bits, whether the most significant byte is the first, and the number of a machine
/// with such.
pub(crate) const FORMATS: [(u32, bool, u16); 4] =
    [(64, false, 62), (64, true, 22), (32, false, 3), (32, true, 20)];

/// A program with these parts.
#[derive(Clone)]
pub(crate) struct Elf {
    pub(crate) format: (u32, bool, u16),
    /// The note segment; none where it is empty.
    pub(crate) note: Vec<u8>,
    pub(crate) needed: Vec<&'static str>,
    pub(crate) data: Vec<u8>,
}

impl Elf {
    pub(crate) fn new(format: (u32, bool, u16)) -> Self {
        Self { format, note: Vec::new(), needed: Vec::new(), data: Vec::new() }
    }

    /// With a cacerts note, as the library has it, that has this text.
    pub(crate) fn note(self, text: &str) -> Self {
        self.text_note(LIBRARY, text)
    }

    /// With a cacerts note, as a drop-in has it, that has this text.
    pub(crate) fn drop_in(self, text: &str) -> Self {
        self.text_note(DROP_IN, text)
    }

    /// Besides those that it has.
    fn text_note(mut self, kind: u32, text: &str) -> Self {
        let head = self.raw_note(kind, 8, text.len() as u32);
        self.note.extend(head);
        self.note.extend(text.as_bytes());
        self.note.resize(self.note.len().next_multiple_of(4), 0);
        self
    }

    /// With a cacerts note whose lengths are these, whatever follows.
    pub(crate) fn hostile_note(mut self, name: u32, description: u32) -> Self {
        self.note = self.raw_note(LIBRARY, name, description);
        self.note.extend(b"CACERTS_DEFAULT_PATH = 'none'\n\n\n");
        self
    }

    fn raw_note(&self, kind: u32, name: u32, description: u32) -> Vec<u8> {
        let mut note = Bytes::new(self.format);
        note.word(name);
        note.word(description);
        note.word(kind);
        note.bytes.extend(b"cacerts\0");
        note.bytes
    }

    pub(crate) fn needed(mut self, needed: &[&'static str]) -> Self {
        self.needed = needed.to_vec();
        self
    }

    pub(crate) fn data(mut self, data: impl AsRef<[u8]>) -> Self {
        self.data = data.as_ref().to_vec();
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let is_64 = self.format.0 == 64;
        let (header, segment, section, entry) =
            if is_64 { (64, 56, 64, 16) } else { (52, 32, 40, 8) };
        let segments =
            1 + usize::from(!self.note.is_empty()) + usize::from(!self.needed.is_empty());
        // The order in the file: headers, note, dynamic entries, their strings, data, sections.
        let note = (header + segments * segment).next_multiple_of(8);
        let dynamic = (note + self.note.len()).next_multiple_of(8);
        let entries = if self.needed.is_empty() { 0 } else { (self.needed.len() + 3) * entry };
        let strings = dynamic + entries;
        let mut names = vec![0];
        let mut offsets = Vec::new();
        for name in &self.needed {
            offsets.push(names.len());
            names.extend(name.as_bytes());
            names.push(0);
        }
        let data = strings + names.len();
        let sections = (data + self.data.len()).next_multiple_of(8);
        let end = sections + section;

        let mut file = Bytes::new(self.format);
        file.bytes.extend(b"\x7fELF");
        let (class, order) = (if is_64 { 2 } else { 1 }, if self.format.1 { 2 } else { 1 });
        file.bytes.extend([class, order, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        file.half(3);
        file.half(self.format.2);
        file.word(1);
        file.address(0);
        file.address(header);
        file.address(sections);
        file.word(0);
        for half in [header, segment, segments, section, 1, 0] {
            file.half(half as u16);
        }
        file.segment(LOAD, 0, end);
        if !self.note.is_empty() {
            file.segment(NOTE, note, self.note.len());
        }
        if !self.needed.is_empty() {
            file.segment(DYNAMIC, dynamic, entries);
        }
        file.fill_to(note);
        file.bytes.extend(&self.note);
        file.fill_to(dynamic);
        if !self.needed.is_empty() {
            for offset in offsets {
                file.entry(1, offset as u64);
            }
            file.entry(5, BASE + strings as u64);
            file.entry(10, names.len() as u64);
            file.entry(0, 0);
        }
        file.bytes.extend(&names);
        file.bytes.extend(&self.data);
        // One section that is none, as every file with sections has.
        file.fill_to(end);
        file.bytes
    }
}

struct Bytes {
    format: (u32, bool, u16),
    bytes: Vec<u8>,
}

impl Bytes {
    fn new(format: (u32, bool, u16)) -> Self {
        Self { format, bytes: Vec::new() }
    }

    fn number(&mut self, value: u64, size: usize) {
        let bytes = value.to_le_bytes();
        let bytes = bytes[..size].iter();
        if self.format.1 { self.bytes.extend(bytes.rev()) } else { self.bytes.extend(bytes) }
    }

    fn half(&mut self, value: u16) {
        self.number(value.into(), 2);
    }

    fn word(&mut self, value: u32) {
        self.number(value.into(), 4);
    }

    fn address(&mut self, value: usize) {
        self.number(value as u64, self.format.0 as usize / 8);
    }

    fn entry(&mut self, tag: usize, value: u64) {
        self.address(tag);
        self.address(value as usize);
    }

    fn segment(&mut self, kind: u32, offset: usize, size: usize) {
        const READABLE: u32 = 4;
        let address = BASE as usize + offset;
        self.word(kind);
        if self.format.0 == 64 {
            self.word(READABLE);
        }
        for value in [offset, address, address, size, size] {
            self.address(value);
        }
        if self.format.0 == 32 {
            self.word(READABLE);
        }
        self.address(if kind == LOAD { 0x1000 } else { 4 });
    }

    fn fill_to(&mut self, end: usize) {
        self.bytes.resize(end, 0);
    }
}
