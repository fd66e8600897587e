//! A program that has a configuration for each of its customers, or of its connections.

use crate::support::alone;
use crate::support::bundle::{Bundle, Way};
use crate::support::handshake::{Ca, Client, bundle};
use std::fs;

const COUNT: usize = 1000;
/// KiB that each may hold, of a bundle as large as a system's. Measured: 11.
const EACH: usize = 100;

/// KiB and descriptors that this process holds.
fn held() -> (usize, usize) {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let memory = line.trim().strip_suffix(" kB").unwrap().parse().unwrap();
    (memory, fs::read_dir("/proc/self/fd").unwrap().count())
}

#[test]
fn a_thousand_configurations_hold_little_and_give_it_back() {
    alone(a_thousand_configurations_hold_little_and_give_it_back, || {
        let cas: Vec<_> = (0..150).map(|number| Ca::new(&format!("CA {number}"))).collect();
        let file = Bundle::new(Way::Rename, &bundle(&cas.iter().collect::<Vec<_>>()));
        assert!(Client::of(&file.path).trusts(&cas[149]));
        let (memory, files) = held();
        let clients: Vec<_> = (0..COUNT).map(|_| Client::of(&file.path)).collect();
        // Each of these has looked through all of it.
        let used: Vec<_> = clients.iter().step_by(10).collect();
        assert!(used.iter().all(|client| client.trusts(&cas[149])));
        let (then, open) = held();
        assert!(then < memory + COUNT * EACH, "{memory} KiB, then {then}");
        // A bundle stays open until all of it was read.
        assert!(open <= files + COUNT, "{files} descriptors, then {open}");
        drop(used);
        drop(clients);
        assert_eq!(held().1, files);
    });
}
