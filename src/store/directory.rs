//! A directory of trust anchors, as `openssl rehash` prepares it, or any other. It may use `entry`,
//! `read`, `whole`, `distrust`, `resolve` and `file`.

use super::distrust::Distrusted;
use super::entry::{blocks_in, hash_in, hash_of, is_missing, read_entry, subject_of, target_of};
use super::whole::Whole;
use super::{Reason, SkippedKind};
use crate::file::{self, Content, Problem, State};
use crate::read::block::Block;
use crate::read::name;
use crate::read::pem;
use crate::read::usable::{self, Usable};
use crate::resolve::Peers;
use crate::shown;
use rustls::pki_types::CertificateDer;
use std::collections::{BinaryHeap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Files and directories, and how they were when they were read; `None` where they could not be.
pub(super) type States = Vec<(PathBuf, Option<State>)>;

/// What a directory is.
pub(super) enum Directory {
    Hashed(Hashed),
    /// One in which no name is the hash of what is in the file, read from beginning to end. The
    /// names may be hashes of another kind: OpenSSL 0.9.8 had one, which Android and `c_rehash` still
    /// give.
    Plain(Whole, States),
}

/// A directory whose files are named by the hash of their certificate's subject, and a number from 0
/// (`5ed36f99.0`). A file is opened when its subject is asked for.
pub(super) struct Hashed {
    peers: Peers,
    /// The files in which something was found, and where each row of them ended.
    used: Mutex<States>,
    /// What was found in them that is rejected: it stays so, also where the directory is emptied.
    rejected: Mutex<Vec<Distrusted>>,
    /// Whether it was said of one that it is of no use.
    told: AtomicBool,
}

/// Looks at a directory: it is read, or it is made sure that one file at least holds a certificate
/// under its right name, which takes as many names as stand before that one. `pins` says whether one that
/// is no CA is of use.
pub(super) fn open(directory: &Path, peers: Peers, pins: bool) -> Result<Directory, Problem> {
    let hashed = || {
        let (used, rejected) = (Mutex::default(), Mutex::default());
        Directory::Hashed(Hashed { peers, used, rejected, told: AtomicBool::new(false) })
    };
    let (mut has_hashes, mut is_hashed, mut is_otherwise) = (false, false, false);
    let mut failed = None;
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        let Some((hash, number)) = hash_in(&name) else { continue };
        has_hashes = true;
        let path = directory.join(name);
        let blocks = blocks_in(&path, peers).unwrap_or_else(|why| {
            failed.get_or_insert_with(|| Problem::failed_in(directory, &path, &why));
            Vec::new()
        });
        for Block { result, rejected, .. } in blocks {
            let Some(certificate) = result.as_ref().ok().or(rejected.as_ref()) else { continue };
            if hash_of(certificate) != Some(hash) {
                is_otherwise = true;
            } else {
                is_hashed = true;
                let is_of_use = |der: CertificateDer<'_>| {
                    usable::check(&der).is_ok_and(|usable| pins || usable == Usable::Anchor)
                };
                if number == 0 && result.is_ok_and(is_of_use) {
                    return Ok(hashed());
                }
            }
        }
    }
    // What it is depends on what is in that file.
    if let Some(problem) = failed {
        return Err(problem);
    }
    let mut whole = Whole::new(peers);
    let mut states = States::new();
    // Of names alone, whose files are damaged or rejected, nobody knows that they are of another kind.
    if is_hashed || has_hashes && !is_otherwise {
        read_hashed(directory, &mut whole)?;
        whole.intact(directory)?;
        // Behind one that is of no use, under the next number.
        if whole.is_of_use(pins) {
            return Ok(hashed());
        }
        // It says of all that it rejects, wherever that stands, and of nothing else.
        if !whole.distrusted.is_empty() {
            whole = Whole::new(peers);
            read_plain(directory, &mut whole, &mut states)?;
            whole.intact(directory)?;
            whole.certificates.clear();
            whole.not_ca.clear();
            return Ok(Directory::Plain(whole, states));
        }
    } else {
        read_plain(directory, &mut whole, &mut states)?;
        whole.intact(directory)?;
        if whole.is_of_use(pins) || !whole.distrusted.is_empty() {
            return Ok(Directory::Plain(whole, states));
        }
    }
    Err(match whole.why_empty() {
        Some(why) if whole.skipped.iter().all(|skipped| skipped.kind == SkippedKind::DeadLink) => {
            Problem::Nothing(why)
        }
        Some(why) => Problem::Unusable(why),
        None => Problem::Nothing(without_certificates(directory)),
    })
}

/// Whether there is a name in a directory as `openssl rehash` gives it.
pub(crate) fn has_hashes(directory: &Path) -> bool {
    let mut entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.any(|entry| hash_in(&entry.file_name()).is_some())
}

fn without_certificates(directory: &Path) -> String {
    let mut why = "is a directory without certificates".to_owned();
    let names = names(directory).unwrap_or_default();
    let folder = names.iter().map(|(_, name)| directory.join(name)).find(|path| path.is_dir());
    if let Some(folder) = folder {
        why += &format!("; those below it, as {}, are not looked into", shown::path(&folder));
    }
    why
}

impl Hashed {
    /// Adds the certificates with this subject, as OpenSSL finds them: those in the file of its hash
    /// with the number 0, and so on, up to the first that does not exist or is no sound PEM. Behind that one
    /// there may still be some that are rejected. Says whether these are all as long as the files do not
    /// change. An error means that one of them cannot be read at the moment.
    pub(super) fn find(
        &self,
        directory: &Path,
        subject: &[u8],
        found: &mut Whole,
    ) -> io::Result<bool> {
        let Some(hash) = name::hash(subject) else { return Ok(true) };
        let mut states = States::new();
        let (mut is_all, mut is_sound) = (true, true);
        for number in 0.. {
            let path = directory.join(format!("{hash:08x}.{number}"));
            let (bytes, state) = match file::read_with(&path, file::whole) {
                Ok(Content::File((bytes, _, state))) => (bytes, state),
                Err(Problem::Missing) => {
                    states.push((path, None));
                    break;
                }
                // OpenSSL looks no further. What is rejected behind it is so all the same.
                Ok(Content::Directory) => {
                    let state = State::at(&path).ok();
                    states.push((path, state));
                    is_sound = false;
                    continue;
                }
                // What is in it may reject what another file, or another part, has.
                Err(Problem::Failed(why)) if !is_missing(&path) => {
                    return Err(io::Error::other(format!("{} {why}", shown::path(&path))));
                }
                // In a directory that cannot be entered there is no end of such names.
                Err(problem) if path.symlink_metadata().is_err() => {
                    self.tell(&path, problem);
                    is_all = false;
                    break;
                }
                Err(problem) => {
                    self.tell(&path, problem);
                    (is_all, is_sound) = (false, false);
                    continue;
                }
            };
            // What is not taken is reported when everything is read.
            let blocks = pem::blocks(&bytes, self.peers).certificates;
            let is_next_sound = !blocks.is_empty() && blocks.iter().all(is_whole);
            for Block { line, result, rejected, .. } in blocks {
                let has_it = |der: &CertificateDer<'_>| subject_of(der) == Some(subject);
                found.add_all(result.ok().filter(|der| is_sound && has_it(der)));
                let rejected = rejected.and_then(|der| Distrusted::new(der, &path, line));
                if let Some(mark) = rejected.filter(|mark| mark.has_hash(hash)) {
                    self.reject(mark);
                }
            }
            states.push((path, Some(state)));
            is_sound &= is_next_sound;
        }
        let rejected = self.rejected.lock().unwrap_or_else(PoisonError::into_inner);
        found.distrusted.extend(rejected.iter().filter(|mark| mark.has_hash(hash)).cloned());
        drop(rejected);
        // A server could ask for any number of names that are not there.
        if states.iter().any(|(_, state)| state.is_some()) {
            let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
            used.retain(|(known, _)| states.iter().all(|(path, _)| path != known));
            used.extend(states);
        }
        Ok(is_all)
    }

    /// Remembers what is rejected.
    fn reject(&self, mark: Distrusted) {
        let mut rejected = self.rejected.lock().unwrap_or_else(PoisonError::into_inner);
        if !rejected.iter().any(|known| known.certificate() == mark.certificate()) {
            rejected.push(mark);
        }
    }

    /// Logs once that an issuer may be in a file that is of no use.
    fn tell(&self, path: &Path, problem: Problem) {
        let why = problem.into_words();
        if !self.told.swap(true, Ordering::Relaxed) {
            log::warn!("{} {why}; a server's issuer was looked for in it", shown::path(path));
        }
    }

    /// What it rejects, as far as it was asked for.
    pub(super) fn known_distrusted(&self) -> Vec<Distrusted> {
        self.rejected.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds everything, and what has to be skipped.
    pub(super) fn read(directory: &Path, whole: &mut Whole) {
        if let Err(problem) = read_hashed(directory, whole) {
            whole.fail(directory, problem.into_words());
        }
    }

    /// The files that were opened, as they were then.
    pub(super) fn used(&self) -> States {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Whether nothing is wrong with a block; to be rejected is nothing wrong.
fn is_whole(block: &Block) -> bool {
    block.result.is_ok() || block.rejected.is_some()
}

fn read_plain(directory: &Path, whole: &mut Whole, states: &mut States) -> Result<(), Problem> {
    // A link beside its target is the same file; it is read once.
    let mut read = HashSet::new();
    for (_, name) in names(directory)? {
        let path = directory.join(name);
        let Some(target) = target_of(&path, whole) else {
            states.push((path, None));
            continue;
        };
        if !read.contains(&target) {
            read.insert(target);
            let state = read_entry(&path, whole, &mut Whole::add);
            if !path.is_dir() {
                let state = state.or_else(|| State::at(&path).ok());
                states.push((path, state));
            }
        }
    }
    Ok(())
}

/// Adds what stands where it would be looked for. All else is reported, unless it is there under its
/// right name as well.
fn read_hashed(directory: &Path, whole: &mut Whole) -> Result<(), Problem> {
    let mut other = Vec::new();
    // A hash, the number that is next, and whether OpenSSL would look there.
    let mut expected = (0, 0, true);
    let mut read = HashSet::new();
    let mut misplaced = Vec::new();
    for (place, name) in names(directory)? {
        let Some((hash, number)) = place else {
            other.push(name);
            continue;
        };
        if expected.0 != hash {
            expected = (hash, 0, true);
        }
        let path = directory.join(&name);
        let target = target_of(&path, whole);
        if number != expected.1 {
            misplaced.extend(target.map(|_| (name, None)));
            continue;
        }
        // Where nothing is, whoever looks for a name ends; behind what is of no use he goes on for what is
        // rejected.
        let Some(target) = target else {
            if !is_missing(&path) {
                expected.1 += 1;
                expected.2 = false;
            }
            continue;
        };
        expected.1 += 1;
        if !expected.2 {
            misplaced.push((name, Some(hash)));
            continue;
        }
        let (skipped, distrusted) = (whole.skipped.len(), whole.distrusted.len());
        let (mut certificates, mut unreadable, mut misplaced_ones) = (0, 0, 0);
        read_entry(&path, whole, &mut |whole, certificate| {
            certificates += 1;
            if hash_of(&certificate) == Some(hash) {
                return whole.add(certificate).inspect_err(|_| unreadable += 1);
            }
            misplaced_ones += 1;
            Ok(())
        });
        // OpenSSL does not look behind a file that is no sound PEM.
        let rejected = whole.distrusted.len() - distrusted;
        let lost = whole.skipped.len() - skipped - rejected;
        expected.2 = certificates + rejected > 0 && lost == unreadable;
        if misplaced_ones > 0 {
            // It is read again.
            whole.distrusted.truncate(distrusted);
            misplaced.push((name, Some(hash)));
        } else {
            leave_misplaced(whole, distrusted, Some(hash));
            read.insert(target);
        }
    }
    let other = other.into_iter().map(|name| (name, None));
    // One file may have several names: what it rejects counts by any of them that is right for it.
    let (hashed, plain): (Vec<_>, Vec<_>) =
        misplaced.into_iter().chain(other).partition(|(_, hash)| hash.is_some());
    let mut seen = HashSet::new();
    for (name, hash) in hashed.into_iter().chain(plain) {
        let path = directory.join(name);
        let is_new = path.canonicalize().is_ok_and(|target| {
            let is_named = hash.is_some_and(|hash| seen.insert((target.clone(), hash)));
            read.insert(target) || is_named
        });
        if is_new {
            let (distrusted, failed) = (whole.distrusted.len(), whole.failed.clone());
            read_entry(&path, whole, &mut |whole, certificate| {
                if whole.has(&certificate) { Ok(()) } else { Err(not_by_its_hash()) }
            });
            leave_misplaced(whole, distrusted, hash);
            // Without a hash it does not count, whatever is in it.
            if hash.is_none() {
                whole.failed = failed;
            }
        }
    }
    Ok(())
}

/// Leaves out what is rejected where it is not looked for: nowhere, or under another name's hash.
fn leave_misplaced(whole: &mut Whole, from: usize, hash: Option<u32>) {
    for mark in whole.distrusted.split_off(from) {
        if hash.is_some_and(|hash| mark.has_hash(hash)) {
            whole.distrusted.push(mark);
        } else if !whole.distrusted.iter().any(|known| known.certificate() == mark.certificate()) {
            whole.skip(mark.path(), Some(mark.line()), not_by_its_hash());
        }
    }
}

fn not_by_its_hash() -> Reason {
    Reason { kind: SkippedKind::Misplaced, words: MISPLACED.to_owned() }
}

pub(crate) const MISPLACED: &str = "does not count, because its file is not named by its hash and the next \
                         number, as others here are; give each certificate a file of its own, and run \
                         `openssl rehash`";

/// The names in a directory, and where a certificate is to be looked for in those that are hashes: in
/// their order, and behind all others.
#[expect(clippy::type_complexity, reason = "a place and a name")]
fn names(directory: &Path) -> Result<Vec<(Option<(u32, u32)>, OsString)>, Problem> {
    // A heap: its code is a tenth of that of a sort.
    let mut names = BinaryHeap::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        names.push((hash_in(&name), name));
    }
    Ok(names.into_sorted_vec())
}
