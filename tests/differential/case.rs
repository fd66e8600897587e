//! Draws from a world what a bundle holds, and what servers present to somebody who trusts it. It
//! may use `alter`, `kinds`, `random` and `world`.

use crate::alter;
use crate::kinds;
use crate::random::Random;
use crate::world::World;
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use std::collections::HashSet;

/// One certificate of a bundle.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) der: CertificateDer<'static>,
    pub(crate) label: String,
    /// Its block is to be written so that nothing can be read from it.
    pub(crate) unreadable: bool,
}

/// What a server presents, to whom.
pub(crate) struct Presented {
    pub(crate) end_entity: CertificateDer<'static>,
    pub(crate) intermediates: Vec<CertificateDer<'static>>,
    pub(crate) name: ServerName<'static>,
    pub(crate) now: UnixTime,
    pub(crate) words: String,
}

/// How many servers a bundle is tried with.
const SERVERS: usize = 4;

/// How many intermediates are presented, garbage aside.
const LONGEST: usize = 12;

/// A bundle, from which something at least can be read, and what is presented.
pub(crate) fn draw(
    world: &World,
    crowded: bool,
    random: &mut Random,
) -> (Vec<Entry>, Vec<Presented>) {
    let mut paths: Vec<_> =
        (0..SERVERS).map(|_| path(world, *random.pick(&world.servers), random)).collect();
    if crowded {
        paths[0] = path(world, world.servers[0], random);
    }
    let anchors: Vec<_> = paths.iter().map(|path| anchor(path, random)).collect();
    let entries = bundle(world, &paths, &anchors, crowded, random);
    let presented = paths.iter().zip(anchors).map(|(path, anchor)| {
        // The anchor itself may be sent, or left out.
        let end = if random.percent(30) { path.len() } else { anchor.max(1) };
        present(world, path[0], &path[1..end], random)
    });
    let presented = presented.collect();
    (entries, presented)
}

/// What rustls has to say about a bundle: each anchor once, in order, without those it refuses.
pub(crate) fn roots(entries: &[Entry]) -> RootCertStore {
    let mut seen = HashSet::new();
    let mut roots = RootCertStore::empty();
    for entry in entries.iter().filter(|entry| !entry.unreadable) {
        if seen.insert(&entry.der) {
            // What it refuses is left out.
            let _ = roots.add(entry.der.clone());
        }
    }
    roots
}

/// A server's certificate, that of its issuer, and so on, as far as it goes.
fn path(world: &World, server: usize, random: &mut Random) -> Vec<usize> {
    let mut path = vec![server];
    while path.len() < 12 {
        let last = &world.certificates[*path.last().unwrap()];
        if last.subject == Some(last.issuer) {
            break;
        }
        let issuers = world.certificates_for(last.issuer);
        let sound: Vec<_> =
            issuers.iter().copied().filter(|&index| world.certificates[index].sound).collect();
        let candidates = if !sound.is_empty() && random.percent(65) { sound } else { issuers };
        if candidates.is_empty() {
            break;
        }
        path.push(*random.pick(&candidates));
    }
    path
}

/// Which one of a path is trusted: the last, more often than not.
fn anchor(path: &[usize], random: &mut Random) -> usize {
    if random.percent(75) { path.len() - 1 } else { random.below(path.len()) }
}

fn bundle(
    world: &World,
    paths: &[Vec<usize>],
    anchors: &[usize],
    crowded: bool,
    random: &mut Random,
) -> Vec<Entry> {
    let mut indices = Vec::new();
    for (path, anchor) in paths.iter().zip(anchors) {
        let index = path[*anchor];
        if random.percent(88) {
            indices.push(index);
        }
        let subject = world.certificates[index].subject;
        match (random.below(7), subject) {
            (0, Some(subject)) => indices.extend(world.certificates_for(subject)),
            (1, Some(subject)) => indices.extend(world.namesakes_of(subject)),
            (2, Some(subject)) => indices.push(*random.pick(&world.certificates_for(subject))),
            _ => {}
        }
    }
    for _ in 0..random.below(8) {
        indices.push(world.any(random));
    }
    if crowded {
        indices.extend(world.crowded(random));
    }
    random.shuffle(&mut indices);
    let mut entries = Vec::new();
    for index in indices {
        let certificate = &world.certificates[index];
        let mut entry = Entry {
            der: certificate.der.clone(),
            label: certificate.label.clone(),
            unreadable: false,
        };
        match random.below(100) {
            0..5 => entries.push(entry.clone()),
            5..9 => {
                entry.der = alter::damaged(&entry.der, random).into();
                entry.label += ", damaged";
            }
            9..11 => {
                entry.der = alter::garbage(&entry.der, random).into();
                entry.label += ", garbage";
            }
            11..16 => {
                entry.unreadable = true;
                entry.label += ", unreadable";
            }
            _ => {}
        }
        entries.push(entry);
    }
    if roots(&entries).is_empty() {
        let certificate = &world.certificates[0];
        let (der, label) = (certificate.der.clone(), certificate.label.clone());
        entries.push(Entry { der, label, unreadable: false });
    }
    entries
}

fn present(
    world: &World,
    end_entity: usize,
    intermediates: &[usize],
    random: &mut Random,
) -> Presented {
    let mut indices = intermediates.to_vec();
    let mut words = String::new();
    if random.percent(50) {
        for _ in 0..1 + random.below(2) {
            words += disturb(world, &mut indices, end_entity, random);
        }
    }
    // Among many twins that have signed each other, rustls tries ways by the hundred thousand.
    indices.truncate(LONGEST);
    let mut chain: Vec<_> =
        indices.iter().map(|&index| world.certificates[index].der.clone()).collect();
    let labels: Vec<_> =
        indices.iter().map(|&index| world.certificates[index].label.as_str()).collect();
    if random.percent(6) {
        let changed = alter::garbage(random.pick(&world.certificates).der.as_ref(), random);
        let at = random.below(chain.len() + 1);
        chain.insert(at, changed.into());
        words += &format!("garbage as number {at}; ");
    }
    if !chain.is_empty() && random.percent(5) {
        let at = random.below(chain.len());
        chain[at] = alter::damaged(&chain[at], random).into();
        words += &format!("number {at} damaged; ");
    }
    let server = &world.certificates[end_entity];
    let mut der = server.der.clone();
    match random.below(100) {
        0..4 => {
            der = alter::damaged(&der, random).into();
            words += "end entity damaged; ";
        }
        4..6 => {
            der = alter::garbage(&der, random).into();
            words += "end entity garbage; ";
        }
        _ => {}
    }
    let now = kinds::time(random);
    let meant = random.percent(85);
    let name = kinds::wanted(random, meant.then_some(&server.names));
    words += &format!(
        "{} wanted at {}\n    {}\n    {}",
        name.to_str(),
        now.as_secs(),
        server.label,
        labels.join("\n    ")
    );
    Presented { end_entity: der, intermediates: chain, name, now, words }
}

/// Does one of the things that servers do to what they ought to send.
fn disturb(
    world: &World,
    chain: &mut Vec<usize>,
    end_entity: usize,
    random: &mut Random,
) -> &'static str {
    match random.below(8) {
        0 if !chain.is_empty() => {
            chain.remove(random.below(chain.len()));
            "one is missing; "
        }
        1 => {
            random.shuffle(chain);
            "shuffled; "
        }
        2 => {
            chain.reverse();
            "backwards; "
        }
        3 if !chain.is_empty() => {
            let again = *random.pick(chain);
            chain.insert(random.below(chain.len()), again);
            "one is there twice; "
        }
        4 => {
            for _ in 0..1 + random.below(5) {
                let unrelated = world.any(random);
                chain.insert(random.below(chain.len() + 1), unrelated);
            }
            "others among them; "
        }
        5 => {
            let issuer = world.certificates[end_entity].issuer;
            chain.extend(world.namesakes_of(issuer));
            "all of the issuer's name; "
        }
        6 => {
            let issuers: Vec<_> = chain
                .iter()
                .flat_map(|&index| world.certificates_for(world.certificates[index].issuer))
                .collect();
            chain.extend(issuers);
            "all for their issuers; "
        }
        7 => {
            chain.insert(random.below(chain.len() + 1), end_entity);
            "the end entity among them; "
        }
        _ => "",
    }
}
