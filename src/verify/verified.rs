//! By what chains servers were verified, and whether that would still do. It uses nothing else of
//! this crate.
//!
//! A session that is resumed is not verified again, so none must be kept that began under what was
//! trusted before. rustls tells for which server a session is, and not on which connection it came: a
//! server that was trusted once may send a ticket much later, on the connection of that time. So a
//! server's sessions are kept only if each chain by which it was ever verified is trusted now.

use rustls::pki_types::{CertificateDer, ServerName};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many servers are remembered, as many as rustls keeps sessions of, how many chains of each, and
/// how long in bytes: 16 MiB in all at most.
const MOST_SERVERS: usize = 256;
const MOST_CHAINS: usize = 4;
const LONGEST: usize = 16 << 10;

pub(super) type Chain = Vec<CertificateDer<'static>>;

#[derive(Default)]
pub(super) struct Verified(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    /// Few enough to be looked through.
    servers: Vec<(ServerName<'static>, Chains)>,
    /// Whether servers were forgotten, all of which the first generation verified.
    has_forgotten: bool,
}

/// The chains of a server, and which generation of what is trusted they were last verified by; `None`
/// where one of them is not trusted any more, or they are too many or too long.
type Chains = Option<Vec<(Chain, u64)>>;

impl Verified {
    /// Remembers that a server was verified by a chain. What it was verified by earlier, in other
    /// generations, is given back to be judged again.
    pub(super) fn remember<'a>(
        &self,
        server: &ServerName<'_>,
        chain: impl Iterator<Item = &'a CertificateDer<'a>> + Clone,
        generation: u64,
    ) -> Vec<Chain> {
        let mut memory = self.lock();
        if memory.chains(server).is_none() && !memory.add(server, generation) {
            return Vec::new();
        }
        let Some(chains) = memory.chains(server) else { return Vec::new() };
        let Some(them) = chains else { return Vec::new() };
        if let Some((_, by)) = them.iter_mut().find(|(known, _)| known.iter().eq(chain.clone())) {
            *by = generation;
        } else if them.len() < MOST_CHAINS
            && chain.clone().map(|der| der.len()).sum::<usize>() <= LONGEST
        {
            them.push((chain.map(|der| der.clone().into_owned()).collect(), generation));
        } else {
            *chains = None;
            return Vec::new();
        }
        let old = them.iter().filter(|(_, by)| *by != generation);
        old.map(|(chain, _)| chain.clone()).collect()
    }

    /// Notes whether a generation trusts a chain by which a server was verified earlier.
    pub(super) fn judged(
        &self,
        server: &ServerName<'_>,
        chain: &Chain,
        generation: u64,
        is_trusted: bool,
    ) {
        let mut memory = self.lock();
        let Some(chains) = memory.chains(server) else { return };
        if !is_trusted {
            *chains = None;
        } else if let Some(them) = chains {
            them.iter_mut()
                .filter(|(known, _)| known == chain)
                .for_each(|(_, by)| *by = generation);
        }
    }

    /// Whether a server was verified by this generation, which trusts all that it was verified by
    /// earlier.
    pub(super) fn is_still(&self, server: &ServerName<'_>, generation: u64) -> bool {
        let mut memory = self.lock();
        let chains = memory.chains(server).and_then(|chains| chains.as_ref());
        chains.is_some_and(|chains| chains.iter().all(|(_, by)| *by == generation))
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn chains(&mut self, server: &ServerName<'_>) -> Option<&mut Chains> {
        self.servers.iter_mut().find(|(known, _)| known == server).map(|(_, chains)| chains)
    }

    /// Remembers one more server, if it can. Later than in the first generation one that is not known
    /// might have been verified, and forgotten.
    fn add(&mut self, server: &ServerName<'_>, generation: u64) -> bool {
        let is_full = self.servers.len() == MOST_SERVERS;
        if generation > 0 && (self.has_forgotten || is_full) {
            return false;
        }
        if is_full {
            self.servers.swap_remove(0);
            self.has_forgotten = true;
        }
        self.servers.push((server.to_owned(), Some(Vec::new())));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{Chain, LONGEST, MOST_CHAINS, MOST_SERVERS, Verified};
    use rustls::pki_types::{CertificateDer, ServerName};

    fn server(number: usize) -> ServerName<'static> {
        format!("host{number}.example").try_into().unwrap()
    }

    fn chain(number: u8) -> Chain {
        vec![CertificateDer::from(vec![number]), CertificateDer::from(vec![0])]
    }

    fn remember(verified: &Verified, host: usize, by: u8, generation: u64) -> Vec<Chain> {
        verified.remember(&server(host), chain(by).iter(), generation)
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
        assert_eq!(remember(&verified, 1, 2, 1), [chain(1)]);
        assert!(!verified.is_still(&server(1), 1));
        verified.judged(&server(1), &chain(1), 1, true);
        assert!(verified.is_still(&server(1), 1) && !verified.is_still(&server(2), 1));

        assert_eq!(remember(&verified, 1, 2, 2), [chain(1)]);
        verified.judged(&server(1), &chain(1), 2, false);
        for generation in [2, 3] {
            assert_eq!(remember(&verified, 1, 2, generation), [] as [Chain; 0]);
            assert!(!verified.is_still(&server(1), generation), "once lost, lost");
        }
        assert_eq!(remember(&verified, 2, 1, 2), [] as [Chain; 0]);
        assert!(verified.is_still(&server(2), 2), "by the same chain");
    }

    #[test]
    fn a_server_with_too_many_or_too_long_chains_is_lost() {
        let long = [CertificateDer::from(vec![0; LONGEST + 1])];
        let verified = Verified::default();
        verified.remember(&server(1), long.iter(), 0);
        assert!(!verified.is_still(&server(1), 0));

        let verified = Verified::default();
        for number in 0..=MOST_CHAINS {
            assert!(number == 0 || verified.is_still(&server(1), 0));
            remember(&verified, 1, number as u8, 0);
        }
        assert!(!verified.is_still(&server(1), 0));
    }

    #[test]
    fn what_is_forgotten_is_not_trusted_later() {
        let (few, many) = (Verified::default(), Verified::default());
        for host in 0..MOST_SERVERS - 1 {
            remember(&few, host, 1, 0);
        }
        for host in 0..2 * MOST_SERVERS {
            remember(&many, host, 1, 0);
            assert!(many.is_still(&server(host), 0));
        }
        let new = server(3 * MOST_SERVERS);
        for verified in [&few, &many] {
            verified.remember(&new, chain(1).iter(), 1);
        }
        assert!(few.is_still(&new, 1), "it was never there before");
        assert!(!many.is_still(&new, 1), "it may be one that was forgotten");
        remember(&few, 3 * MOST_SERVERS + 1, 1, 1);
        assert!(!few.is_still(&server(3 * MOST_SERVERS + 1), 1), "there is no room");
    }
}
