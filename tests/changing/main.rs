//! Handshakes on several threads while the store, what it rejects, and the client's certificate change
//! under them: whoever is trusted was so within the time that a change may go unnoticed, resumed sessions
//! included. Here each state comes once; `tests/changing/run` goes on to 100,000 handshakes and writes a
//! table.

mod world;

use std::collections::BTreeMap;
use std::env;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};
use world::{Client, Expected, History, STATES, World};

const THREADS: usize = 4;
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

#[test]
fn every_verdict_is_that_of_a_store_that_there_was() {
    let count: usize =
        env::var("CACERTS_TEST_HANDSHAKES").map_or(0, |count| count.parse().unwrap());
    let rounds = if count > 0 { 4 } else { 1 };
    let world = World::new();
    let history = History::default();
    history.store(&world, 0);
    history.identity(&world);
    let (made, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let tallies = Mutex::new(BTreeMap::<&str, Tally>::new());
    let connect = &|mut turn: usize| {
        let client = Client::new(&world);
        while !is_over.load(Relaxed) {
            turn += 1;
            let server = &world.servers[turn % world.servers.len()];
            let start = Instant::now();
            let seen = client.handshake(server);
            let expected = history.within(start, UNNOTICED, server);
            let name = server.name;
            assert!(expected.allows(&seen), "{name}: {seen:?}, where only {expected:?} could be");
            made.fetch_add(1, Relaxed);
            tallies.lock().unwrap().entry(name).or_default().add(&seen, &expected);
        }
    };
    let mut changes = 0;
    thread::scope(|scope| {
        let threads: Vec<_> =
            (0..THREADS).map(|thread| scope.spawn(move || connect(thread))).collect();
        let goes_on = || threads.iter().all(|thread| !thread.is_finished());
        while goes_on() && (changes < rounds * STATES.len() || made.load(Relaxed) < count) {
            thread::sleep(LASTS);
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
    println!("\n{} handshakes, {changes} changes.", made.load(Relaxed));
    for (server, tally) in &tallies {
        assert!(tally.full > 0 && tally.refused > 0 && tally.resumed > 0, "{server} is not tried");
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
