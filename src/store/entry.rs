//! One file of a directory of trust anchors, and its name by hash. It may use `read`, `whole`, `file` and
//! `resolve`.

use super::whole::{Take, Whole};
use super::{Reason, SkippedKind};
use crate::file::{self, Content, Problem, State};
use crate::read::block::Block;
use crate::read::{der, name, pem};
use crate::resolve::Peers;
use rustls::pki_types::CertificateDer;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The certificates of a file; none where it is of no use, and why it cannot be read at the moment.
pub(super) fn blocks_in(path: &Path, peers: Peers) -> Result<Vec<Block>, String> {
    match file::read(path) {
        Ok(Content::File(bytes)) => Ok(pem::blocks(&bytes, peers).certificates),
        Err(Problem::Failed(why)) => Err(why),
        _ => Ok(Vec::new()),
    }
}

/// Where the file of a name is, or nothing, which is noted.
pub(super) fn target_of(path: &Path, whole: &mut Whole) -> Option<PathBuf> {
    let error = match path.canonicalize() {
        Ok(target) => return Some(target),
        Err(error) => error,
    };
    let leads_nowhere = file::leads_in_circles(&error);
    match Problem::from(error) {
        Problem::Failed(why) => whole.fail(path, why),
        Problem::Unusable(why) if !leads_nowhere => whole.skip(path, None, why),
        _ => {
            let (kind, words) = (SkippedKind::DeadLink, "is a link that leads nowhere".to_owned());
            whole.skip(path, None, Reason { kind, words });
        }
    }
    None
}

/// Whether nothing is there, or a link that leads to nothing.
pub(super) fn is_missing(path: &Path) -> bool {
    matches!(path.metadata().map_err(Problem::from), Err(Problem::Missing))
}

/// Reads a file of a directory.
pub(super) fn read_entry(path: &Path, whole: &mut Whole, take: &mut Take<'_>) -> Option<State> {
    match file::read_with(path, file::whole) {
        Ok(Content::File((bytes, _, state))) => {
            if let Err(format) = whole.read(path, &bytes, take) {
                // A README is no lost certificate; a DER file is one.
                if format.may_hold_certificates() {
                    whole.skip(path, None, format.to_string());
                }
            }
            return Some(state);
        }
        Ok(Content::Directory) => {}
        Err(Problem::Failed(why)) => whole.fail(path, why),
        Err(problem) => whole.skip(path, None, problem.into_words()),
    }
    None
}

pub(super) fn subject_of<'a>(certificate: &'a CertificateDer<'_>) -> Option<&'a [u8]> {
    der::names_in(certificate).map(|names| &certificate[names.subject])
}

pub(super) fn hash_of(certificate: &CertificateDer<'_>) -> Option<u32> {
    name::hash(subject_of(certificate)?)
}

/// The hash and the number in a name as `openssl rehash` gives it to a certificate's file. (That of
/// a revocation list has an `r` before the number.)
pub(super) fn hash_in(name: &OsStr) -> Option<(u32, u32)> {
    let (hash, number) = name.to_str()?.split_once('.')?;
    let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    let is_number = number == "0" || !number.starts_with(['0', '+']);
    if hash.len() != 8 || !hash.bytes().all(is_hex) || !is_number {
        return None;
    }
    Some((u32::from_str_radix(hash, 16).ok()?, number.parse().ok()?))
}
