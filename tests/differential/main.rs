//! That a store's verifier says what rustls says with every trust anchor loaded: the same verdict,
//! and the same error, over thousands of pairs of a bundle and a presented chain; and where it says
//! something else, because what says CA:FALSE is no anchor, and because a server's own certificate may be
//! what is trusted, that it says what rustls says of what is left.
//!
//! The pairs follow from a seed: `DIFFERENTIAL_SEED` and `DIFFERENTIAL_PAIRS` choose another one and
//! more of them. Only the keys of ECDSA are new each time, and with them what a damaged byte hits, so
//! what differs is kept. `-- --nocapture` shows what there was.
//!
//! With the feature `more-algorithms`, what ring has no algorithm for may be verified; that is counted.
//!
//! Each of the features `ring` and `aws-lc-rs` that is on is tested; with `cli`, so are directories,
//! which takes an `openssl`.

#![cfg(any(feature = "ring", feature = "aws-lc-rs"))]

mod alter;
mod case;
#[cfg(feature = "cli")]
mod directory;
mod file;
mod kinds;
mod later;
mod own;
mod random;
mod tally;
mod text;
mod world;
mod wrong;

use cacerts::TrustStore;
use case::{Entry, Presented};
use random::Random;
use rustls::crypto::CryptoProvider;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::{env, fs, thread};
use tally::Tally;
use world::World;

/// How many pairs come from one world.
const PAIRS_PER_WORLD: usize = 200;

/// A bundle, and what is presented to those who trust it.
struct Case {
    /// Where it can be found again.
    place: String,
    entries: Vec<Entry>,
    presented: Vec<Presented>,
}

/// The providers that are compiled in, by name.
fn providers() -> Vec<(&'static str, Arc<CryptoProvider>)> {
    vec![
        #[cfg(feature = "ring")]
        ("ring", Arc::new(rustls::crypto::ring::default_provider())),
        #[cfg(feature = "aws-lc-rs")]
        ("aws-lc-rs", Arc::new(rustls::crypto::aws_lc_rs::default_provider())),
    ]
}

/// An empty one for each provider.
fn tallies() -> Vec<Tally> {
    providers().iter().map(|_| Tally::default()).collect()
}

/// Goes through so many pairs, on all processors; a tally for each provider. So many percent of
/// the bundles are crowded. `judge` gets a case, and the tallies to put it in.
fn each(
    pairs: usize,
    crowds: usize,
    judge: impl Fn(&Case, &mut Random, &mut [Tally]) + Sync,
) -> Vec<Tally> {
    let seed = number("DIFFERENTIAL_SEED").unwrap_or(1);
    let worlds = pairs.div_ceil(PAIRS_PER_WORLD);
    let next = AtomicU64::new(0);
    let all = Mutex::new(tallies());
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= u64::try_from(worlds).unwrap() {
                return;
            }
            let mut random = Random::new(seed, number);
            let world = World::new(&mut random);
            let mut found = tallies();
            while found[0].pairs < PAIRS_PER_WORLD {
                let crowded = random.percent(crowds);
                let (entries, presented) = case::draw(&world, crowded, &mut random);
                let place = format!("seed {seed}, world {number}, pair {}", found[0].pairs);
                let mut case = Case { place, entries, presented };
                judge(&case, &mut random, &mut found);
                if random.percent(25) {
                    case.entries.reverse();
                    judge(&case, &mut random, &mut found);
                }
            }
            for (all, found) in all.lock().unwrap().iter_mut().zip(found) {
                all.add(found);
            }
        }
    };
    let threads = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    all.into_inner().unwrap()
}

fn number(variable: &str) -> Option<u64> {
    let value = env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|e| panic!("{variable} is {value:?}: {e}")))
}

/// Tries a store with what is presented, and rustls with the certificates that it should have.
fn compare(
    case: &Case,
    entries: &[Entry],
    store: &TrustStore,
    bundle: &[u8],
    tallies: &mut [Tally],
) {
    for ((name, provider), tally) in providers().into_iter().zip(tallies) {
        let plain = tally::plain(case::roots(entries), &provider).expect("there is an anchor");
        let own = own::Judge::new(entries, &provider);
        let verifier = store.verifier(provider);
        let schemes = plain.supported_verify_schemes().into_iter().chain(tally::more(name));
        assert_eq!(verifier.supported_verify_schemes(), schemes.collect::<Vec<_>>());
        for presented in &case.presented {
            let expected = tally::verdict(&*plain, presented);
            let found = tally::verdict(&*verifier, presented);
            let is_same = tally.compare(&expected, &found);
            let (right, kind) =
                own.verdict(presented).unwrap_or_else(|| (expected.clone(), "none"));
            if tally::same(&right, &found) {
                if !is_same {
                    tally.differs_as_documented(kind);
                }
                continue;
            }
            if tally::is_lacking(&right, &found) {
                continue;
            }
            let mut words = format!(
                "{}, {name}: rustls says {expected:?}, right is {right:?} ({kind}), the store {found:?}\n{}",
                case.place,
                tally::describe(entries, presented),
            );
            // One of a world is enough to look into.
            if tally.differences.is_empty() {
                let kept = keep(&format!("{}, {name}", case.place), presented, bundle);
                words += &format!("\n  kept in {kept}");
            }
            tally.differences.push(words);
        }
    }
}

/// Keeps a pair for whoever looks into it; says where.
fn keep(place: &str, presented: &Presented, bundle: &[u8]) -> String {
    let name = place.replace(", ", "-").replace(' ', "-");
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&directory).unwrap();
    let chain = [&presented.end_entity].into_iter().chain(&presented.intermediates);
    let chain: String = chain.map(|der| text::certificate(der)).collect();
    fs::write(directory.join("bundle.pem"), bundle).unwrap();
    fs::write(directory.join("presented.pem"), chain).unwrap();
    directory.display().to_string()
}

/// Shows what was seen, and fails where anything differed.
fn finish(tallies: &[Tally]) {
    for ((name, _), tally) in providers().iter().zip(tallies) {
        println!("{name}: {}, {} differ", tally.table(), tally.differences.len());
    }
    for ((name, _), tally) in providers().iter().zip(tallies) {
        let some: Vec<_> = tally.differences.iter().take(5).map(String::as_str).collect();
        assert!(some.is_empty(), "{name}: {} differ\n{}", tally.differences.len(), some.join("\n"));
    }
}
