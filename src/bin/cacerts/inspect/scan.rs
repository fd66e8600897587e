//! Goes through the bytes of a file once, for all that is looked for in it. It may use `search`,
//! `roots`, `pem` and `paths`.

use super::paths::Paths;
use super::pem;
use super::roots::{Anchor, Found};
use super::search::Search;
use std::collections::BTreeSet;

/// What a string that is searched for stands for; the numbers are places in the lists.
#[derive(Clone, Copy)]
enum Meaning {
    Key(usize),
    Path(usize),
    Pem,
}

pub(crate) struct Scanner {
    anchors: Option<Vec<Anchor>>,
    paths: Paths,
    search: Search,
    meanings: Vec<Meaning>,
}

pub(crate) struct Scan {
    pub(crate) roots: Found,
    /// The bundle paths that are named, sorted.
    pub(crate) paths: Vec<String>,
}

impl Scanner {
    /// Without a store only PEM and paths are looked for.
    pub(crate) fn new(anchors: Option<Vec<Anchor>>) -> Self {
        let paths = Paths::new();
        let keys = anchors.iter().flatten().enumerate();
        let keys = keys.map(|(number, anchor)| (anchor.key.clone(), Meaning::Key(number)));
        let names = paths.known.iter().enumerate();
        let names = names.map(|(number, path)| (path.clone().into_bytes(), Meaning::Path(number)));
        let pem = pem::BEGINS.map(|begin| (begin.as_bytes().to_vec(), Meaning::Pem));
        let (strings, meanings) = keys.chain(names).chain(pem).unzip();
        Self { anchors, paths, search: Search::new(strings), meanings }
    }

    /// How many CAs the store has.
    pub(crate) fn store(&self) -> Option<usize> {
        self.anchors.as_ref().map(Vec::len)
    }

    pub(crate) fn scan(&self, bytes: &[u8]) -> Scan {
        let (mut roots, mut paths) = (Found::default(), BTreeSet::new());
        self.search.find(bytes, |number, at| match self.meanings[number] {
            Meaning::Key(number) => roots.key(number, &self.anchors()[number], bytes, at),
            Meaning::Path(number) => {
                if self.paths.is_whole(number, bytes, at) {
                    paths.insert(number);
                }
            }
            Meaning::Pem => {
                let after = at + self.search.string(number).len();
                if let Some(der) = pem::certificate(&bytes[after..]) {
                    let anchors = self.anchors_in(&der);
                    roots.pem(der, &anchors);
                }
            }
        });
        let paths = paths.into_iter().map(|number| self.paths.known[number].clone());
        Scan { roots, paths: paths.collect() }
    }

    fn anchors(&self) -> &[Anchor] {
        self.anchors.as_deref().unwrap_or_default()
    }

    /// The CAs whose keys are in a certificate.
    fn anchors_in(&self, der: &[u8]) -> Vec<usize> {
        let mut anchors = Vec::new();
        self.search.find(der, |number, _| {
            if let Meaning::Key(number) = self.meanings[number] {
                anchors.push(number);
            }
        });
        anchors
    }
}
