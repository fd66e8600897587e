//! By what chains servers were verified, and whether that would still do. It may use `origin` and
//! `forgotten`.
//!
//! A session that is resumed is not verified again, so none must be kept that began under what was
//! trusted before. rustls tells for which server a session is, and not on which connection it came: a
//! server that was trusted once may send a ticket much later, on the connection of that time. So a
//! server's sessions are kept only if each chain by which it was ever verified is trusted now.
//!
//! As long as nothing is replaced that is no question, and nothing has to be remembered. So of what is
//! too much, what is oldest is forgotten, and since when: a generation that comes later cannot know.

#[cfg(test)]
mod tests;

use super::forgotten::Forgotten;
use super::origin::Origin;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use std::cell::Cell;
use std::collections::{BinaryHeap, HashMap};
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many servers are remembered, and how many bytes of their chains: 16 MiB in all, with their
/// names and those that are forgotten.
const MOST_SERVERS: usize = 4096;
const MOST_BYTES: usize = 12 << 20;
/// How many chains of each server, and how many bytes of them.
const MOST_CHAINS: usize = 8;
const LONGEST: usize = 64 << 10;

/// What a generation says of a chain.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Verdict {
    /// It leads to a trust anchor.
    Issued,
    /// The server's own certificate is named. That says nothing of others of the same origin.
    Pinned,
    Refused,
}

pub(super) type Chain = Vec<CertificateDer<'static>>;

#[derive(Default)]
pub(super) struct Verified(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    servers: HashMap<ServerName<'static>, Server>,
    forgotten: Forgotten,
    /// The sizes of all chains.
    bytes: usize,
    /// How often a server was asked for.
    uses: Cell<u64>,
}

/// By what a server was verified.
#[derive(Default)]
struct Server {
    /// Those that are different, the oldest first.
    chains: Vec<Known>,
    /// The generation of the oldest chain that is not among them. If that is over, the server is lost.
    forgotten: Option<u64>,
    last_use: Cell<u64>,
}

struct Known {
    chain: Chain,
    /// `None` as long as nobody has looked for it; in it, `None` where it is not certain, or does not
    /// matter.
    origin: Option<Option<Origin>>,
    /// Whether others of its origin are not remembered because it is.
    stands_for_others: bool,
    /// The last generation of what is trusted that it was verified by.
    by: u64,
    /// When, in the server's time, it was verified.
    at: UnixTime,
}

/// What is to be found out of other chains of a server; not while the memory is locked, because it may
/// take looking at files, and logging what is in them.
#[derive(Default)]
pub(super) struct Others {
    /// Verified in other generations: whether they are trusted by this one, at the time when they were
    /// valid.
    pub(super) old: Vec<(Chain, UnixTime)>,
    /// Verified in this generation: where they come from.
    pub(super) untraced: Vec<Chain>,
}

impl Verified {
    /// Remembers that a server was verified by a chain. The origin is that of the chain, if it is known.
    pub(super) fn remember<'a>(
        &self,
        server: &ServerName<'_>,
        chain: impl Iterator<Item = &'a CertificateDer<'a>> + Clone,
        verdict: Verdict,
        origin: impl Fn() -> Option<Option<Origin>>,
        generation: u64,
        at: UnixTime,
    ) -> Others {
        let mut memory = self.lock();
        if memory.used(server).is_some_and(|server| server.has(chain.clone(), generation)) {
            return Others::default();
        }
        let mut others = Others::default();
        memory.change(server, &mut |server| {
            server.add(chain.clone(), verdict, &origin, generation, at);
            let old = server.chains.iter().filter(|known| known.by < generation);
            others.old.extend(old.map(|known| (known.chain.clone(), known.at)));
            let is_untraced = |known: &&Known| known.origin.is_none() && known.by == generation;
            if server.chains.len() > 1 {
                let untraced = server.chains.iter().filter(is_untraced);
                others.untraced.extend(untraced.map(|known| known.chain.clone()));
            }
        });
        others
    }

    /// Whether a server was verified by this generation by all of a chain, of which nothing was rejected
    /// then.
    pub(super) fn knows<'a>(
        &self,
        server: &ServerName<'_>,
        chain: impl Iterator<Item = &'a CertificateDer<'a>> + Clone,
        generation: u64,
    ) -> bool {
        let is_it = |known: &Known| known.by == generation && known.chain.iter().eq(chain.clone());
        self.lock().used(server).is_some_and(|server| server.chains.iter().any(is_it))
    }

    /// Notes where a chain comes from that was verified in this generation.
    pub(super) fn traced(
        &self,
        server: &ServerName<'_>,
        chain: &Chain,
        generation: u64,
        origin: Option<Origin>,
    ) {
        let mut origin = Some(origin);
        self.lock().change(server, &mut |server| {
            let is_it = |known: &&mut Known| known.chain == *chain && known.by == generation;
            if let Some(known) = server.chains.iter_mut().find(is_it) {
                known.origin = known.origin.take().or_else(|| origin.take());
            }
        });
    }

    /// Notes what a generation says of a chain by which a server was verified earlier.
    pub(super) fn judged(
        &self,
        server: &ServerName<'_>,
        chain: &Chain,
        generation: u64,
        verdict: Verdict,
    ) {
        self.lock().change(server, &mut |server| {
            let is_it = |known: &&mut Known| known.chain == *chain && known.by < generation;
            let Some(known) = server.chains.iter_mut().find(is_it) else { return };
            let by = known.by;
            if known.is_trusted(verdict) {
                known.by = generation;
                // It was verified by others than those of this generation.
                known.origin.get_or_insert(None);
            } else {
                server.forget(by, generation);
            }
        });
    }

    /// Whether a server was verified by this generation, which trusts all that it was verified by
    /// earlier.
    pub(super) fn is_still(&self, server: &ServerName<'_>, generation: u64) -> bool {
        let memory = self.lock();
        let oldest = match memory.used(server) {
            Some(server) => server.oldest(),
            None => memory.forgotten.since(server),
        };
        oldest == Some(generation)
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    /// What is remembered of a server that is being used.
    fn used<'a>(&'a self, server: &'a ServerName<'a>) -> Option<&'a Server> {
        self.uses.set(self.uses.get() + 1);
        known(&self.servers, server).inspect(|server| server.last_use.set(self.uses.get()))
    }

    fn change(&mut self, server: &ServerName<'_>, change: &mut dyn FnMut(&mut Server)) {
        let since = || self.forgotten.since(server);
        let new = || Server { forgotten: since(), ..Server::default() };
        let entry = self.servers.entry(server.to_owned()).or_insert_with(new);
        entry.last_use.set(self.uses.get());
        let before = entry.size();
        change(entry);
        self.bytes = self.bytes + entry.size() - before;
        self.make_room();
    }

    /// Forgets those servers that were not used for longest: several at once, since it takes looking at
    /// all.
    fn make_room(&mut self) {
        while self.servers.len() > MOST_SERVERS || self.bytes > MOST_BYTES {
            let few = self.servers.len() / 16 + 1;
            let mut oldest = BinaryHeap::with_capacity(few + 1);
            for server in self.servers.values() {
                oldest.push(server.last_use.get());
                if oldest.len() > few {
                    oldest.pop();
                }
            }
            let last = oldest.pop().unwrap_or(u64::MAX);
            self.servers.retain(|name, server| {
                let stays = server.last_use.get() > last;
                if !stays {
                    if let Some(by) = server.oldest() {
                        self.forgotten.add(name, by);
                    }
                    self.bytes -= server.size();
                }
                stays
            });
        }
    }
}

impl Server {
    /// Whether there is nothing to be done about a chain, or any other, in this generation.
    fn has<'a>(
        &self,
        chain: impl Iterator<Item = &'a CertificateDer<'a>> + Clone,
        generation: u64,
    ) -> bool {
        self.is_lost(generation)
            || self.chains.iter().all(|known| known.by >= generation)
                && self.chains.iter().any(|known| known.chain.iter().eq(chain.clone()))
    }

    fn add<'a>(
        &mut self,
        chain: impl Iterator<Item = &'a CertificateDer<'a>> + Clone,
        verdict: Verdict,
        origin: &dyn Fn() -> Option<Option<Origin>>,
        generation: u64,
        at: UnixTime,
    ) {
        if self.is_lost(generation) {
            return;
        }
        let is_it = |known: &&mut Known| known.chain.iter().eq(chain.clone());
        if let Some(known) = self.chains.iter_mut().find(is_it) {
            let by = known.by;
            if by < generation && !known.is_trusted(verdict) {
                // It is itself trusted, and what it stands for is not.
                self.forget(by, generation);
            } else {
                known.by = by.max(generation);
            }
            return;
        }
        let chain = chain.map(|der| der.clone().into_owned()).collect();
        let origin = origin();
        self.chains.push(Known { chain, origin, stands_for_others: false, by: generation, at });
        if self.is_too_much() {
            self.leave_renewed();
        }
        while self.is_too_much() {
            let oldest = self.chains.remove(0);
            self.forget(oldest.by, generation);
        }
    }

    fn is_too_much(&self) -> bool {
        self.chains.len() > MOST_CHAINS || self.size() > LONGEST
    }

    /// Leaves the newest of those of which any store trusts all or none.
    fn leave_renewed(&mut self) {
        let mut left: Vec<Known> = Vec::new();
        for new in mem::take(&mut self.chains) {
            match left.iter_mut().find(|old| new.renews(old)) {
                Some(old) => *old = Known { stands_for_others: true, ..new },
                None => left.push(new),
            }
        }
        self.chains = left;
    }

    /// Of a chain that is no longer remembered it is still known which generation has trusted it.
    fn forget(&mut self, by: u64, generation: u64) {
        self.forgotten = Some(self.forgotten.map_or(by, |since| since.min(by)));
        if self.is_lost(generation) {
            self.chains = Vec::new();
        }
    }

    /// Whether what was forgotten may not be trusted by this generation.
    fn is_lost(&self, generation: u64) -> bool {
        self.forgotten.is_some_and(|since| since < generation)
    }

    /// The oldest generation by which one of its chains was last verified.
    fn oldest(&self) -> Option<u64> {
        self.chains.iter().map(|known| known.by).chain(self.forgotten).min()
    }

    fn size(&self) -> usize {
        self.chains.iter().map(Known::size).sum()
    }
}

impl Known {
    /// Whether it is trusted by this, with all that it stands for.
    fn is_trusted(&mut self, verdict: Verdict) -> bool {
        if verdict == Verdict::Pinned && !self.stands_for_others {
            // Nor may it stand for others from now on.
            self.origin = Some(None);
            return true;
        }
        verdict == Verdict::Issued
    }

    fn renews(&self, other: &Self) -> bool {
        matches!(&self.origin, Some(Some(_)))
            && self.origin == other.origin
            && self.chain[1..] == other.chain[1..]
    }

    fn size(&self) -> usize {
        let chain: usize = self.chain.iter().map(|der| size_of_val(der) + der.len()).sum();
        size_of::<Self>() + chain + self.origin.iter().flatten().map(Origin::size).sum::<usize>()
    }
}

/// A map of names that live for ever can be asked for any.
fn known<'a, T>(
    servers: &'a HashMap<ServerName<'a>, T>,
    server: &'a ServerName<'a>,
) -> Option<&'a T> {
    servers.get(server)
}
