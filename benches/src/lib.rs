//! What the programs that are measured have in common. `run` builds and measures them.

pub mod client;
pub mod get;
pub mod pki;
pub mod roots;

use std::hint::black_box;
use std::time::Instant;

/// Does what is to be measured, says in nanoseconds how long it took, and leaves the cleaning up to
/// the end of the process.
pub fn report<T>(work: impl FnOnce() -> T) {
    let start = Instant::now();
    let made = black_box(work());
    let elapsed = start.elapsed();
    std::mem::forget(made);
    println!("{}", elapsed.as_nanos());
}

/// The argument at this place, from 1.
pub fn argument(place: usize) -> Option<String> {
    std::env::args().nth(place)
}

/// The port of the local server, always the first argument.
pub fn port() -> u16 {
    argument(1).and_then(|port| port.parse().ok()).expect("the first argument is a port")
}
