//! Which servers were verified by what, and what became of it.

use super::Verdict::{Issued, Pinned, Refused};
use super::{Chain, LONGEST, MOST_BYTES, MOST_CHAINS, MOST_SERVERS, Verdict, Verified};
use crate::verify::origin::Origin;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use std::time::Duration;

fn server(number: usize) -> ServerName<'static> {
    format!("host{number}.example").try_into().unwrap()
}

/// Chains of one issuer have the same second certificate.
fn chain(number: u8, issuer: u8) -> Chain {
    [vec![number], vec![issuer]].map(CertificateDer::from).into()
}

fn time(generation: u64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(generation))
}

/// By a chain of unknown origin; gives back what is to be judged.
fn remember(verified: &Verified, host: usize, by: u8, generation: u64) -> Vec<Chain> {
    let chain = chain(by, 0);
    let at = time(generation);
    let others =
        verified.remember(&server(host), chain.iter(), Issued, || Some(None), generation, at);
    others.old.into_iter().map(|(chain, _)| chain).collect()
}

fn remember_issued(
    verified: &Verified,
    (number, issuer): (u8, u8),
    generation: u64,
) -> Vec<(Chain, UnixTime)> {
    let origin =
        || Some(Origin { issuer: vec![issuer], key: vec![], names: vec![], subject: vec![] });
    let chain = chain(number, issuer);
    // Half of them are verified by the quick way, and traced afterwards.
    let known = || (number % 2 == 0).then(origin);
    let others =
        verified.remember(&server(1), chain.iter(), Issued, known, generation, time(generation));
    for untraced in &others.untraced {
        let origin =
            Origin { issuer: untraced[1].to_vec(), key: vec![], names: vec![], subject: vec![] };
        verified.traced(&server(1), untraced, generation, Some(origin));
    }
    others.old
}

fn judge_all(verified: &Verified, old: Vec<(Chain, UnixTime)>, generation: u64) {
    for (chain, _) in old {
        verified.judged(&server(1), &chain, generation, Issued);
    }
}

/// What is counted is what is there.
fn assert_size(verified: &Verified) {
    let memory = verified.lock();
    assert_eq!(memory.bytes, memory.servers.values().map(|s| s.size()).sum::<usize>());
    assert!(memory.bytes <= MOST_BYTES && memory.servers.len() <= MOST_SERVERS);
}

#[test]
fn a_server_counts_as_long_as_all_its_chains_are_trusted() {
    let verified = Verified::default();
    assert!(!verified.is_still(&server(1), 0));
    assert_eq!(remember(&verified, 1, 1, 0), [] as [Chain; 0]);
    assert_eq!(remember(&verified, 2, 1, 0), [] as [Chain; 0]);
    assert!(verified.is_still(&server(1), 0));
    assert!(!verified.is_still(&server(1), 1), "not verified by this one");

    // Another chain does not make the first one good.
    assert_eq!(remember(&verified, 1, 2, 1), [chain(1, 0)]);
    assert!(!verified.is_still(&server(1), 1));
    verified.judged(&server(1), &chain(1, 0), 1, Issued);
    assert!(verified.is_still(&server(1), 1) && !verified.is_still(&server(2), 1));

    assert_eq!(remember(&verified, 1, 2, 2), [chain(1, 0)]);
    verified.judged(&server(1), &chain(1, 0), 2, Refused);
    for generation in [2, 3] {
        assert_eq!(remember(&verified, 1, 2, generation), [] as [Chain; 0]);
        assert!(!verified.is_still(&server(1), generation), "once lost, lost");
    }
    assert_eq!(remember(&verified, 2, 1, 2), [] as [Chain; 0]);
    assert!(verified.is_still(&server(2), 2), "by the same chain");
    assert_size(&verified);
}

/// A handshake that began before a replacement may be over after another one that began later.
#[test]
fn a_generation_that_is_over_makes_nothing_good() {
    let verified = Verified::default();
    remember(&verified, 1, 1, 1);
    assert_eq!(remember(&verified, 1, 2, 0), [] as [Chain; 0]);
    assert!(!verified.is_still(&server(1), 1));
    // Nor does it undo what the next one has found.
    assert_eq!(remember(&verified, 1, 1, 1), [chain(2, 0)]);
    verified.judged(&server(1), &chain(2, 0), 1, Issued);
    remember(&verified, 1, 2, 0);
    verified.judged(&server(1), &chain(2, 0), 0, Refused);
    assert!(verified.is_still(&server(1), 1));

    remember(&verified, 1, 1, 3);
    remember(&verified, 1, 1, 2);
    verified.judged(&server(1), &chain(2, 0), 3, Issued);
    assert!(verified.is_still(&server(1), 3));
}

#[test]
fn what_is_too_much_matters_only_to_later_generations() {
    let long = [CertificateDer::from(vec![0; LONGEST + 1])];
    let verified = Verified::default();
    for generation in [0, 1] {
        verified.remember(
            &server(2),
            long.iter(),
            Issued,
            || Some(None),
            generation,
            time(generation),
        );
        assert_eq!(verified.is_still(&server(2), generation), generation == 0);
    }
    for (count, is_too_much) in [(MOST_CHAINS, false), (MOST_CHAINS + 1, true), (100, true)] {
        let verified = Verified::default();
        for by in 0..count as u8 {
            assert_eq!(remember(&verified, 1, by, 7), [] as [Chain; 0]);
            assert!(verified.is_still(&server(1), 7), "{by} of {count}");
        }
        let others = remember(&verified, 1, count as u8 - 1, 8);
        assert_eq!(others.len(), if is_too_much { 0 } else { count - 1 });
        others.iter().for_each(|chain| verified.judged(&server(1), chain, 8, Issued));
        assert_eq!(verified.is_still(&server(1), 8), !is_too_much, "{count}");
        assert_size(&verified);
    }
}

/// Each is judged by the time when it was valid.
#[test]
fn of_what_one_issuer_renews_not_all_is_needed() {
    let verified = Verified::default();
    for number in 0..100 {
        // Now and then another one: it is not forgotten either.
        for chain in [(number, 1), (number / 30, 2)] {
            assert_eq!(remember_issued(&verified, chain, 0), []);
            assert!(verified.is_still(&server(1), 0), "{chain:?}");
        }
    }
    let old = remember_issued(&verified, (100, 1), 1);
    assert!(old.len() <= MOST_CHAINS && old.contains(&(chain(3, 2), time(0))), "{old:?}");
    assert!(!verified.is_still(&server(1), 1));
    judge_all(&verified, old, 1);
    assert!(verified.is_still(&server(1), 1));

    // One for each generation.
    for generation in 2..50 {
        let number = 100 + generation as u8;
        judge_all(&verified, remember_issued(&verified, (number, 1), generation), generation);
        assert!(verified.is_still(&server(1), generation), "{generation}");
    }
    // Who is not trusted any more is so for all of them.
    let old = remember_issued(&verified, (200, 3), 50);
    let others = old.iter().filter(|(known, _)| known[1] != chain(0, 1)[1]).cloned();
    judge_all(&verified, others.collect(), 50);
    let (one, at) = old.iter().find(|(known, _)| known[1] == chain(0, 1)[1]).unwrap();
    assert!(*at <= time(49));
    verified.judged(&server(1), one, 50, Refused);
    assert!(!verified.is_still(&server(1), 50));
    assert_size(&verified);
}

#[test]
fn names_that_are_forgotten_are_not_trusted_later() {
    let verified = Verified::default();
    for host in 0..2 * MOST_SERVERS {
        remember(&verified, host, 1, 0);
        // A session may be used, and renewed, without a verification.
        assert!(verified.is_still(&server(0), 0) && verified.is_still(&server(host), 0));
    }
    assert_size(&verified);
    for host in 0..2 * MOST_SERVERS {
        assert!(verified.is_still(&server(host), 0), "{host}: nothing was replaced");
    }
    for host in [0, 1, MOST_SERVERS / 2, 2 * MOST_SERVERS - 1, 3 * MOST_SERVERS] {
        remember(&verified, host, 1, 1);
        let is_forgotten = (1..MOST_SERVERS).contains(&host);
        assert_eq!(verified.is_still(&server(host), 1), !is_forgotten, "{host}");
        assert!(!verified.is_still(&server(host), 2));
    }
    // What the second has verified, and forgotten, is as good as before as long as it lasts.
    for host in 0..2 * MOST_SERVERS {
        remember(&verified, 10 * MOST_SERVERS + host, 1, 1);
    }
    assert!(verified.is_still(&server(3 * MOST_SERVERS), 1));
    assert!(!verified.is_still(&server(1), 1));
    assert!(!verified.is_still(&server(3 * MOST_SERVERS), 2));
}

#[test]
fn memory_is_bounded_by_bytes() {
    let verified = Verified::default();
    let count = 2 * MOST_BYTES / LONGEST;
    let long = [CertificateDer::from(vec![0; LONGEST - 1000])];
    for host in 0..count {
        verified.remember(&server(host), long.iter(), Issued, || Some(None), 0, time(0));
        assert!(verified.is_still(&server(host), 0));
        assert_size(&verified);
    }
    assert!(verified.lock().bytes > MOST_BYTES * 7 / 8);
    assert!((0..count).all(|host| verified.is_still(&server(host), 0)));
}

/// So many of one issuer; then that is gone, and one of them is named, or all that are remembered.
#[test]
fn what_is_pinned_vouches_for_nothing_but_itself() {
    let issued = |verified: &Verified, number: u8, generation, verdict: Verdict| {
        let origin = || match verdict {
            Pinned => Some(None),
            _ => {
                Some(Some(Origin { issuer: vec![1], key: vec![], names: vec![], subject: vec![] }))
            }
        };
        let (chain, at) = (chain(number, 1), time(generation));
        verified.remember(&server(1), chain.iter(), verdict, origin, generation, at).old
    };
    for (count, others_are_forgotten) in [(1, false), (MOST_CHAINS as u8 - 1, false), (50, true)] {
        // It is known already, or another one.
        for new in [count, 0] {
            let verified = Verified::default();
            for number in 1..=count {
                issued(&verified, number, 0, Issued);
            }
            for (old, _) in issued(&verified, new, 1, Pinned) {
                verified.judged(&server(1), &old, 1, Pinned);
            }
            assert_eq!(verified.is_still(&server(1), 1), !others_are_forgotten, "{count}, {new}");
            assert_size(&verified);
        }
    }

    // What was pinned once does not stand for others, nor do others for it.
    let verified = Verified::default();
    issued(&verified, 0, 0, Pinned);
    for number in 1..=50 {
        issued(&verified, number, 0, Issued);
    }
    let old = issued(&verified, 50, 1, Issued);
    assert!(old.iter().any(|(old, _)| *old == chain(0, 1)), "{old:?}");
    judge_all(&verified, old, 1);
    assert!(verified.is_still(&server(1), 1));
    let old = issued(&verified, 50, 2, Issued);
    verified.judged(&server(1), &chain(0, 1), 2, Refused);
    judge_all(&verified, old, 2);
    assert!(!verified.is_still(&server(1), 2), "what was pinned is not named any more");
}
