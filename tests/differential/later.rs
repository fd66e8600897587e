//! Bundles in a file that are looked at again: their text is in memory by then, or they have been
//! written anew and opened again. It may use all but `wrong`, `file` and `directory`.

use crate::case::{Entry, Presented, draw};
use crate::random::Random;
use crate::tally::verdict;
use crate::world::World;
use crate::{Case, compare, finish, number, providers, tallies, text};
use cacerts::TrustStore;
use rustls::server::ParsedCertificate;
use std::path::{Path, PathBuf};
use std::thread::{self, sleep};
use std::time::Duration;
use std::{fs, mem};

const WORLDS: u64 = 4;

/// Each is tried with what is presented for it and for another.
const BUNDLES_PER_WORLD: usize = 40;

/// After which the next handshake looks at the file.
const SECOND: Duration = Duration::from_millis(1050);

/// A store that was opened a while ago.
struct Opened {
    path: PathBuf,
    case: Case,
    store: TrustStore,
    /// What has been in the file since it was opened.
    bundle: Vec<u8>,
    is_rewritten: bool,
}

#[test]
fn a_bundle_that_is_looked_at_again_is_what_rustls_makes_of_its_certificates() {
    let seed = number("DIFFERENTIAL_SEED").unwrap_or(1);
    let directory = tempfile::tempdir().unwrap();
    let open = |world| {
        let directory = directory.path();
        move || open_all(directory, seed, world)
    };
    let opened: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..WORLDS).map(|world| scope.spawn(open(world))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    sleep(SECOND);
    let mut tallies = tallies();
    for opened in opened {
        let Opened { path, case, store, bundle, is_rewritten } = opened;
        if !is_rewritten {
            // This is the look that puts the text in memory. What is in the file then is of no use.
            let is_read =
                |presented: &&Presented| ParsedCertificate::try_from(&presented.end_entity).is_ok();
            let Some(presented) = case.presented.iter().find(is_read) else { continue };
            handshake(&store, presented);
            fs::write(&path, "x".repeat(bundle.len())).unwrap();
        }
        compare(&case, &case.entries, &store, &bundle, &mut tallies);
    }
    finish(&tallies);
    for tally in tallies {
        assert!(tally.pairs >= 1_000);
        tally.assert_seen(&["Ok", "UnknownIssuer", "BadSignature"], 10);
    }
}

/// The bundles of a world, half of which are then rewritten.
fn open_all(directory: &Path, seed: u64, world_number: u64) -> Vec<Opened> {
    // Other worlds than those of the rest.
    let mut random = Random::new(seed, u64::from(u32::MAX) + world_number);
    let world = World::new(&mut random);
    (0..BUNDLES_PER_WORLD)
        .map(|number| {
            let is_rewritten = random.percent(50);
            let [mut one, mut other] = [(); 2].map(|()| draw(&world, false, &mut random));
            let words = if is_rewritten { ", rewritten" } else { "" };
            let place = format!("seed {seed}, later world {world_number}, bundle {number}{words}");
            let path = directory.join(format!("{world_number} {number}.pem"));
            let mut bundle = write(&path, &one.0, &mut random);
            let store = TrustStore::load(&path)
                .unwrap_or_else(|e| panic!("{place}: {e}, and rustls takes some of it"));
            if random.percent(50) {
                handshake(&store, &one.1[1]);
            }
            if is_rewritten {
                mem::swap(&mut one, &mut other);
                bundle = rewrite(&path, &one.0, &mut random);
            }
            one.1.append(&mut other.1);
            let case = Case { place, entries: one.0, presented: one.1 };
            Opened { path, case, store, bundle, is_rewritten }
        })
        .collect()
}

fn write(path: &Path, entries: &[Entry], random: &mut Random) -> Vec<u8> {
    let bundle = text::bundle(entries, random);
    fs::write(path, &bundle).unwrap();
    bundle
}

/// Over what is there, or in its place.
fn rewrite(path: &Path, entries: &[Entry], random: &mut Random) -> Vec<u8> {
    if random.percent(50) {
        return write(path, entries, random);
    }
    let new = path.with_extension("new");
    let bundle = write(&new, entries, random);
    fs::rename(new, path).unwrap();
    bundle
}

/// What comes of it does not matter.
fn handshake(store: &TrustStore, presented: &Presented) {
    for (_, provider) in providers() {
        let _ = verdict(&*store.verifier(provider), presented);
    }
}
