//! Handshakes on several threads while the store, what it rejects, and the client's certificate change
//! under them: whoever is trusted was so within the time that a change may go unnoticed, resumed sessions
//! included. Here each state comes once; `tests/changing/run` goes on to 100,000 handshakes and writes a
//! table, and then with 64 threads and a store that is of no use half of the time.

mod world;

use std::collections::BTreeMap;
use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};
use world::{Client, Expected, History, STATES, World};

const THREADS: usize = 4;
/// How many of its own handshakes each thread makes until it has certainly noticed a change.
const ENOUGH: usize = 6;
/// How long a change may go unnoticed: a second, and what a loaded machine takes to look.
const UNNOTICED: Duration = Duration::from_millis(1_800);
/// How long each state lasts: after the rest only one verdict is right.
const LASTS: Duration = Duration::from_millis(2_600);

/// What came of handshakes with one server.
#[derive(Default)]
struct Tally {
    full: usize,
    resumed: usize,
    refused: usize,
    /// For how many of them only one answer was right.
    certain: usize,
}

/// What is to be done more than usual.
struct Wanted {
    handshakes: usize,
    threads: usize,
    /// Whether each state is followed by something of no use, for which the state has to be kept.
    fails: bool,
}

impl Wanted {
    fn of_the_environment() -> Self {
        let number = |name| env::var(name).ok().map(|text| text.parse::<usize>().unwrap());
        Self {
            handshakes: number("CACERTS_TEST_HANDSHAKES").unwrap_or(0),
            threads: number("CACERTS_TEST_THREADS").unwrap_or(THREADS),
            fails: env::var_os("CACERTS_TEST_FAILING").is_some(),
        }
    }
}

#[test]
fn every_verdict_is_that_of_a_store_that_there_was() {
    let Wanted { handshakes, threads: count, fails } = Wanted::of_the_environment();
    let rounds = if handshakes > 0 { 4 } else { 1 };
    let world = World::new();
    let history = History::default();
    history.store(&world, 0);
    history.identity(&world);
    let is_over = AtomicBool::new(false);
    let made: Vec<_> = (0..count).map(|_| AtomicUsize::new(0)).collect();
    let in_all = || made.iter().map(|made| made.load(Relaxed)).sum::<usize>();
    let tallies = Mutex::new(BTreeMap::<&str, Tally>::new());
    let connect = &|thread: usize, client: &Client<'_>| {
        let mut turn = thread;
        while !is_over.load(Relaxed) {
            turn += 1;
            let server = &world.servers[turn % world.servers.len()];
            let start = Instant::now();
            let seen = client.handshake(server);
            let expected = history.within(start, UNNOTICED, server);
            let name = server.name;
            assert!(expected.allows(&seen), "{name}: {seen:?}, where only {expected:?} could be");
            made[thread].fetch_add(1, Relaxed);
            tallies.lock().unwrap().entry(name).or_default().add(&seen, &expected);
        }
    };
    let clients: Vec<_> = (0..count).map(|_| Client::new(&world)).collect();
    let (mut changes, mut failures) = (0, 0);
    let mut before = None;
    thread::scope(|scope| {
        let threads: Vec<_> = clients
            .iter()
            .enumerate()
            .map(|(thread, client)| scope.spawn(move || connect(thread, client)))
            .collect();
        let goes_on = || threads.iter().all(|thread| !thread.is_finished());
        while goes_on() && (changes < rounds * STATES.len() || in_all() < handshakes) {
            thread::sleep(LASTS);
            if fails {
                let seen: Vec<_> = made.iter().map(|made| made.load(Relaxed)).collect();
                let has_noticed =
                    |(made, seen): (&AtomicUsize, usize)| made.load(Relaxed) >= seen + ENOUGH;
                while goes_on() && !made.iter().zip(seen.iter().copied()).all(has_noticed) {
                    thread::sleep(UNNOTICED / 100);
                }
                world.spoil(failures);
                failures += 1;
                thread::sleep(LASTS);
            }
            before.get_or_insert_with(Held::now);
            changes += 1;
            history.store(&world, changes % STATES.len());
            history.identity(&world);
        }
        is_over.store(true, Relaxed);
    });
    let tallies = tallies.into_inner().unwrap();
    println!("| server | full | resumed | refused | only one verdict was right |");
    println!("|---|---|---|---|---|");
    for (server, tally) in &tallies {
        let Tally { full, resumed, refused, certain } = tally;
        println!("| {server} | {full} | {resumed} | {refused} | {certain} |");
    }
    let with = format!("{count} threads, {changes} changes, {failures} stores of no use");
    println!("\n{} handshakes, {with}.", in_all());
    let (before, after) = (before.unwrap(), Held::now());
    println!("Held after the first change, and at the end: {before}, {after}.");
    assert_eq!(before.files, after.files, "descriptors");
    assert!(after.memory < before.memory + GROWTH, "{before}, {after}");
    for (server, tally) in &tallies {
        assert!(tally.full > 0 && tally.refused > 0 && tally.resumed > 0, "{server} is not tried");
    }
}

/// MiB by which a process may grow: rustls keeps sessions of each server, and this test what it has seen.
const GROWTH: usize = 64;

/// What a process holds.
struct Held {
    memory: usize,
    files: usize,
}

impl Held {
    #[cfg(target_os = "linux")]
    fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let memory = line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() >> 10;
        Self { memory, files: std::fs::read_dir("/proc/self/fd").unwrap().count() - 1 }
    }

    #[cfg(not(target_os = "linux"))]
    fn now() -> Self {
        Self { memory: 0, files: 0 }
    }
}

impl std::fmt::Display for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { memory, files } = self;
        write!(f, "{memory} MiB and {files} descriptors")
    }
}

impl Tally {
    fn add(&mut self, seen: &world::Seen, expected: &Expected) {
        match seen {
            world::Seen::Refused(_) => self.refused += 1,
            world::Seen::Full(_) => self.full += 1,
            world::Seen::Resumed => self.resumed += 1,
        }
        self.certain += usize::from(expected.is_certain());
    }
}
