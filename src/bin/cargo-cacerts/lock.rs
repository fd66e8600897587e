//! What a `Cargo.lock` says: which originals a program needs, and what one lock file changes beside
//! another. Text in, packages out; pure. It may use `toml_edit`.

use std::collections::{BTreeMap, BTreeSet};
use toml_edit::{DocumentMut, Item};

/// How cargo names its own registry in a lock file, whichever mirror or folder stands in for it.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// A package and where it is from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// None for what has a path: members, path dependencies, drop-ins.
    pub(crate) source: Option<String>,
}

impl Package {
    pub(crate) fn is_from_crates_io(&self) -> bool {
        self.source.as_deref() == Some(CRATES_IO)
    }
}

impl std::fmt::Display for Package {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// A lock file: each package with those that it depends on.
#[derive(Debug, Default)]
pub(crate) struct Lock(BTreeMap<Package, BTreeSet<Package>>);

impl Lock {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let document: DocumentMut =
            text.parse().map_err(|e: toml_edit::TomlError| e.message().replace('\n', " "))?;
        let tables = document.get("package").and_then(Item::as_array_of_tables);
        let tables: Vec<_> = tables.into_iter().flatten().collect();
        let text = |table: &toml_edit::Table, key| table.get(key)?.as_str().map(str::to_owned);
        let packages = tables.iter().map(|table| {
            Some(Package {
                name: text(table, "name")?,
                version: text(table, "version")?,
                source: text(table, "source").map(without_commit),
            })
        });
        let packages: Vec<_> = packages.collect::<Option<_>>().ok_or("a package has no name")?;
        let mut lock = BTreeMap::new();
        for (table, package) in tables.iter().zip(&packages) {
            let names = table.get("dependencies").and_then(Item::as_array);
            let names = names.into_iter().flatten().filter_map(toml_edit::Value::as_str);
            let found: BTreeSet<_> = names.filter_map(|name| find(&packages, name)).collect();
            lock.insert(package.clone(), found);
        }
        Ok(Self(lock))
    }

    pub(crate) fn packages(&self) -> impl Iterator<Item = &Package> {
        self.0.keys()
    }

    /// Whether there is something with a path in the place of a package.
    pub(crate) fn has_in_place(&self, package: &Package) -> bool {
        self.0.contains_key(&Package { source: None, ..package.clone() })
    }

    /// What `wanted` takes from cargo's registry of all that the program reaches, when nothing below what
    /// is taken is reached: a drop-in does not need what its original needs.
    pub(crate) fn reached(&self, wanted: impl Fn(&Package) -> bool) -> BTreeSet<Package> {
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<_> = self.roots().collect();
        while let Some(package) = open.pop() {
            if !seen.insert(package) {
            } else if package.is_from_crates_io() && wanted(package) {
                found.insert(package.clone());
            } else {
                open.extend(self.0.get(package).into_iter().flatten());
            }
        }
        found
    }

    /// What nothing depends on; a lock file does not tell its members from path dependencies.
    fn roots(&self) -> impl Iterator<Item = &Package> {
        let wanted: BTreeSet<_> = self.0.values().flatten().collect();
        // Two members may depend on each other, for their tests.
        self.0.keys().filter(move |package| package.source.is_none() || !wanted.contains(package))
    }

    /// The first package of the lock before that is another, or needs others, in the one after,
    /// beside what takes the place of the originals in `replaced`; or a new member. `library`: what
    /// was written out for the drop-ins.
    pub(crate) fn changed<'a>(
        &'a self,
        after: &'a Self,
        replaced: &BTreeSet<Package>,
        library: Option<&Package>,
    ) -> Option<&'a Package> {
        let is_replaced = |package: &Package| {
            replaced.iter().any(|p| p.name == package.name && p.version == package.version)
        };
        let needs = |lock: &Self, package: &Package| {
            let needs = lock.0.get(package)?.iter().filter(|package| !is_replaced(package));
            Some(needs.cloned().collect::<BTreeSet<_>>())
        };
        let below = |lock: &Self, open: &mut dyn Iterator<Item = &Package>| {
            let mut seen = BTreeSet::new();
            let mut open: Vec<_> = open.cloned().collect();
            while let Some(package) = open.pop() {
                let next = needs(lock, &package).into_iter().flatten();
                open.extend(next.filter(|package| seen.insert(package.clone())));
            }
            seen
        };
        // They choose features of what they share with the program, which then needs more, or less.
        let originals = below(self, &mut self.packages().filter(|p| is_replaced(p)));
        let drop_ins = below(after, &mut after.packages().filter(|p| is_replaced(p)));
        let is_kept = |package: &Package| {
            let (Some(before), Some(after)) = (needs(self, package), needs(after, package)) else {
                return false;
            };
            let more: BTreeSet<_> = after.difference(&before).collect();
            let less: BTreeSet<_> = before.difference(&after).collect();
            (more.is_empty() || drop_ins.contains(package))
                && (less.is_empty() || originals.contains(package))
                && !more.iter().any(|more| less.iter().any(|less| less.name == more.name))
        };
        // The drop-ins bring nothing else with a path; a member may have the library's name.
        let is_library =
            |package: &&Package| library == Some(*package) && drop_ins.contains(*package);
        let is_new = |package: &&Package| {
            package.source.is_none()
                && !is_library(package)
                && !is_replaced(package)
                && !self.0.contains_key(*package)
        };
        // A package may go with the originals that needed it, but none may come for it.
        let roots = || self.roots().filter(|package| !is_replaced(package));
        let program = below(self, &mut roots());
        self.packages()
            .filter(|package| program.contains(package) || roots().any(|root| root == *package))
            .find(|package| !is_kept(package))
            .or_else(|| after.packages().find(is_new))
    }
}

/// `?branch=main#0123…`: the commit is locked, the rest is the source.
fn without_commit(source: String) -> String {
    source.split('#').next().unwrap_or_default().to_owned()
}

/// `NAME`, `NAME VERSION` or `NAME VERSION (SOURCE)`, as much as it takes to be unique.
fn find(packages: &[Package], words: &str) -> Option<Package> {
    let mut words = words.split(' ');
    let name = words.next()?;
    let version = words.next();
    let source = words
        .next()
        .map(|word| without_commit(word.trim_start_matches('(').trim_end_matches(')').to_owned()));
    let fits = |package: &&Package| {
        package.name == name
            && version.is_none_or(|version| package.version == version)
            && source.as_ref().is_none_or(|source| package.source.as_ref() == Some(source))
    };
    packages.iter().find(fits).cloned()
}

#[cfg(test)]
#[path = "lock_tests.rs"]
mod tests;
