//! Names that were once known. It uses nothing else of this crate.

use rustls::pki_types::ServerName;
use std::hash::{BuildHasher, RandomState};

/// Of how many names it is told apart, by and large, whether they are among them: of a name that is not,
/// it is believed once in 1,500 after 16,000 others, once in 33 after 65,000. In 2 MiB.
const PLACES: usize = 1 << 19;

/// Names, and since which generation they are there: the oldest, or an older one.
///
/// A Bloom filter with generations in it: each name has three places, which it shares with others, by
/// a hash whose key nobody knows.
#[derive(Default)]
pub(super) struct Forgotten {
    key: RandomState,
    /// From the last possible generation downwards, so that 0 is none, and more is older.
    places: Vec<u32>,
}

impl Forgotten {
    pub(super) fn add(&mut self, server: &ServerName<'_>, generation: u64) {
        if self.places.is_empty() {
            self.places = vec![0; PLACES];
        }
        // The last one stands for all behind it.
        let age = u32::MAX - generation.min(u64::from(u32::MAX) - 1) as u32;
        for place in self.places_of(server) {
            self.places[place] = self.places[place].max(age);
        }
    }

    /// Since when it is there.
    pub(super) fn since(&self, server: &ServerName<'_>) -> Option<u64> {
        if self.places.is_empty() {
            return None;
        }
        let [a, b, c] = self.places_of(server).map(|place| self.places[place]);
        let age = a.min(b).min(c);
        (age > 0).then(|| u64::from(u32::MAX - age))
    }

    fn places_of(&self, server: &ServerName<'_>) -> [usize; 3] {
        let hash = self.key.hash_one(server);
        [0, 20, 40].map(|shift| (hash >> shift) as usize % PLACES)
    }
}

#[cfg(test)]
mod tests {
    use super::Forgotten;
    use rustls::pki_types::ServerName;

    fn server(number: usize) -> ServerName<'static> {
        format!("host{number}.example").try_into().unwrap()
    }

    #[test]
    fn names_are_known_since_their_oldest_generation() {
        let mut forgotten = Forgotten::default();
        assert_eq!(forgotten.since(&server(0)), None);
        for (generation, expected) in [(3, 3), (5, 3), (1, 1), (0, 0), (2, 0)] {
            forgotten.add(&server(0), generation);
            assert_eq!(forgotten.since(&server(0)), Some(expected));
            assert_eq!(forgotten.since(&"HOST0.example".try_into().unwrap()), Some(expected));
            assert_eq!(forgotten.since(&server(1)), None);
        }
        forgotten.add(&server(1), u64::MAX);
        assert_eq!(forgotten.since(&server(1)), Some(u64::from(u32::MAX) - 1));
    }

    #[test]
    fn few_are_taken_for_others() {
        let mut forgotten = Forgotten::default();
        let mistaken = |forgotten: &Forgotten| {
            (100_000..110_000).filter(|n| forgotten.since(&server(*n)).is_some()).count()
        };
        for number in 0..16_000 {
            forgotten.add(&server(number), 1);
        }
        assert!(mistaken(&forgotten) < 30);
        for number in 16_000..65_000 {
            forgotten.add(&server(number), 1);
        }
        assert!(mistaken(&forgotten) < 600);
        assert!((0..65_000).all(|number| forgotten.since(&server(number)) == Some(1)));
    }
}
