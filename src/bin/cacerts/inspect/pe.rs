//! What a PE file, a program or a library of Windows, says of itself: the cacerts notes, the list of
//! cargo-auditable, and whether it has been packed. It may use `object`, `elf` and `notes`.
//!
//! What it costs is bounded by the file's size, whatever the headers say.

use super::elf::{AUDIT, UNKNOWN_PACKER, UPX, is_noise, sample};
use super::notes::{self, Found};
use object::pe::{
    IMAGE_SCN_MEM_EXECUTE, IMAGE_SUBSYSTEM_EFI_APPLICATION, IMAGE_SUBSYSTEM_EFI_ROM,
    ImageDosHeader, ImageNtHeaders32, ImageNtHeaders64,
};
use object::read::ReadRef;
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader};
use object::{Endianness, FileKind, LittleEndian as LE};

/// The name of the section that has what is a note elsewhere.
const NOTE: &[u8] = b".cacerts";
/// How the names of the sections begin that UPX makes.
const UPX_SECTION: &[u8] = b"UPX";

#[derive(Default)]
pub(crate) struct Pe<'a> {
    /// The descriptions of the cacerts notes.
    pub(crate) notes: Found,
    /// Where its content cannot be seen because it has been packed: `it is ...`.
    pub(crate) packer: Option<&'static str>,
    /// The section of cargo-auditable.
    pub(crate) audit: Option<&'a [u8]>,
}

impl<'a> Pe<'a> {
    /// An error is the end of a sentence.
    pub(crate) fn read(data: impl ReadRef<'a>) -> Result<Self, String> {
        let read = match FileKind::parse(data) {
            Ok(FileKind::Pe32) => read_as::<ImageNtHeaders32, _>(data),
            Ok(FileKind::Pe64) => read_as::<ImageNtHeaders64, _>(data),
            _ => Err("Invalid PE header".to_owned()),
        };
        read.map_err(|why| format!("is a truncated or damaged PE file ({why})"))
    }
}

fn read_as<'a, Headers: ImageNtHeaders, R: ReadRef<'a>>(data: R) -> Result<Pe<'a>, String> {
    let size = data.len().map_err(|()| "it has no size")?;
    let said = |e: object::Error| e.to_string();
    let mut at = ImageDosHeader::parse(data).map_err(said)?.nt_headers_offset().into();
    let (headers, _) = Headers::parse(data, &mut at).map_err(said)?;
    let sections = headers.sections(data, at).map_err(said)?;
    let mut reader =
        notes::Reader::new(Endianness::Little, usize::try_from(size).unwrap_or(usize::MAX));
    let mut pe = Pe::default();
    // A firmware's program may be a kernel that unpacks itself, and speaks no TLS.
    let may_be_packed = !(IMAGE_SUBSYSTEM_EFI_APPLICATION..=IMAGE_SUBSYSTEM_EFI_ROM)
        .contains(&headers.optional_header().subsystem());
    let mut left = size;
    for section in sections.iter() {
        let (begin, length) = section.pe_file_range();
        if begin == 0 {
            // Nothing but zeros, of which none are in the file.
            continue;
        }
        if u64::from(begin) + u64::from(length) > size {
            return Err("a section ends after the file does".to_owned());
        }
        let name = section.name.split(|&byte| byte == 0).next().unwrap_or_default();
        let bytes = || {
            let bytes = data.read_bytes_at(begin.into(), length.into());
            bytes.map_err(|()| "a section cannot be read")
        };
        if name == NOTE {
            reader.read(bytes()?)?;
        } else if name == AUDIT {
            pe.audit = Some(bytes()?);
        } else if name.starts_with(UPX_SECTION) {
            pe.packer = Some(UPX);
        } else if may_be_packed
            && pe.packer.is_none()
            && section.characteristics.get(LE) & IMAGE_SCN_MEM_EXECUTE != 0
        {
            left = left.checked_sub(length.into()).ok_or("its sections overlap")?;
            if is_noise(sample(data, begin.into(), length.into())) {
                pe.packer = Some(UNKNOWN_PACKER);
            }
        }
    }
    pe.notes = reader.found()?;
    Ok(pe)
}
