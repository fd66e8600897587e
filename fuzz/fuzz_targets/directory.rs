//! Directories of every layout: what is found by its name is what is found by reading all of it, it stands
//! there, and what certainly counts is not lost.

#![no_main]

mod pool;

use cacerts::{ErrorKind, TrustStore};
use libfuzzer_sys::fuzz_target;
use pool::{One, pem, pool, rejected};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::sync::LazyLock;

static POOL: LazyLock<Vec<One>> = LazyLock::new(pool);
static HASHES: LazyLock<Vec<u32>> = LazyLock::new(|| {
    let hash = |one: &One| cacerts::fuzzing::hash(&one.subject).expect("it is a name");
    POOL.iter().map(hash).collect()
});
static PARENT: LazyLock<PathBuf> = LazyLock::new(|| {
    let directory = tempfile::Builder::new().prefix("cacerts-fuzz").tempdir().expect("a directory");
    directory.keep()
});

fuzz_target!(|bytes: &[u8]| {
    let mut files = BTreeMap::new();
    for four in bytes.chunks_exact(4).take(12) {
        let number = usize::from(four[0]) % POOL.len();
        let hash = HASHES[usize::from(four[1]) % POOL.len()];
        let own = HASHES[number];
        let name = match four[2] {
            any @ 0..=0x7f => format!("{own:08x}.{}", any % 4),
            any @ 0x80..=0xbf => format!("{hash:08x}.{}", any % 4),
            0xc0..=0xcf => format!("{number}.pem"),
            0xd0..=0xd7 => format!("{own:08X}.0"),
            0xd8..=0xdf => format!("{own:08x}.00"),
            0xe0..=0xe7 => format!("{own:08x}.r0"),
            0xe8..=0xef => format!("{own:07x}.0"),
            0xf0..=0xf7 => format!("{own:08x}.+0"),
            _ => format!("{own:08x}.0.pem"),
        };
        files.insert(name, (number, four[3]));
    }
    let directory = PARENT.join("store");
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir(&directory).expect("there is room");
    let mut certain = Vec::new();
    let mut plain = vec![false; POOL.len()];
    let has_no_marks = files.values().all(|(_, how)| !matches!(how % 16, 12 | 13));
    for (name, (number, how)) in &files {
        let path = directory.join(name);
        let block = pem("CERTIFICATE", &POOL[*number].der);
        let other = (number + 1) % POOL.len();
        match how % 16 {
            0..=7 => {
                fs::write(path, block).expect("it is written");
                plain[*number] = true;
                if *name == format!("{:08x}.0", HASHES[*number]) && !POOL[*number].is_no_ca {
                    certain.push(*number);
                }
            }
            8 | 9 => {
                fs::write(path, block + &pem("CERTIFICATE", &POOL[other].der)).expect("written");
                (plain[*number], plain[other]) = (true, true);
            }
            10 => fs::write(path, &block[..block.len() / 2]).expect("it is written"),
            11 => fs::write(path, "").expect("it is written"),
            12 => fs::write(path, rejected(&POOL[*number].der)).expect("it is written"),
            13 => {
                let text = rejected(&POOL[*number].der) + &pem("CERTIFICATE", &POOL[other].der);
                fs::write(path, text).expect("it is written");
                plain[other] = true;
            }
            14 => {
                // To a link, too, and to itself.
                let target = files.iter().find(|(_, (_, how))| how % 16 != 14 || how / 16 == 14);
                let target = target.map_or(name, |(target, _)| target);
                symlink(target, path).expect("it is made");
            }
            _ => fs::create_dir(path).expect("it is made"),
        }
    }
    let store = match TrustStore::load(&directory) {
        Ok(store) => store,
        Err(e) => {
            assert!(matches!(e.kind(), ErrorKind::StoreInvalid | ErrorKind::StoreMissing), "{e}");
            // Only by the names that all have, and the marks that some have, may one be lost.
            assert!(certain.is_empty() || !has_no_marks, "{files:?}: {e}");
            return;
        }
    };
    // With those that vouch for nobody but themselves.
    let listed = [store.certificates(), store.not_ca()].concat();
    for (number, one) in POOL.iter().enumerate() {
        let is_listed = listed.contains(&one.der);
        let named = store.named(&one.subject).expect("no file has changed");
        assert_eq!(named.contains(&one.der), is_listed, "{number} of {files:?}");
        assert!(!is_listed || plain[number], "{number} of {files:?} is not there");
        let mark = store.distrusted().iter().any(|mark| *mark.certificate() == one.der);
        assert!(!(mark && is_listed), "{number} of {files:?} is rejected");
        let is_lost = certain.contains(&number) && has_no_marks && !is_listed;
        assert!(!is_lost, "{number} of {files:?} is lost");
    }
});
