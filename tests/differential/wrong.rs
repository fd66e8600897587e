//! That the comparison can fail: verifiers that are wrong about the trust anchors, each in one way,
//! are found out. It may use `alter`, `case` and `tally`.

use crate::case::{Entry, Presented, roots};
use crate::tally::{Verdict, describe, plain, same, verdict};
use crate::{Case, alter, each, providers};
use rustls::RootCertStore;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, TrustAnchor};
use rustls::server::ParsedCertificate;
use std::collections::HashSet;
use std::sync::Mutex;

/// Enough for each way to go wrong several times.
const PAIRS: usize = 2_000;

/// Of a bundle, whose anchors are already known, for what is presented.
type Choose = fn(&[Entry], &RootCertStore, &Presented) -> RootCertStore;

/// Which anchors somebody is asked about, where it ought to be all of them.
const WRONG: &[(&str, Choose)] = &[
    ("forgets one", |_, all, _| {
        let mut roots = all.clone();
        roots.roots.remove(all.len() / 2);
        roots
    }),
    ("forgets the last", |_, all, _| {
        let mut roots = all.clone();
        roots.roots.pop();
        roots
    }),
    ("takes one of each name", |_, all, _| first_of_each(all, |anchor| anchor.subject.to_vec())),
    ("takes one of each name and key", |_, all, _| {
        first_of_each(all, |anchor| [&*anchor.subject, &*anchor.subject_public_key_info].concat())
    }),
    ("goes backwards", |_, all, _| all.roots.iter().rev().cloned().collect()),
    ("forgets name constraints", |_, all, _| {
        let mut roots = all.clone();
        roots.roots.iter_mut().for_each(|anchor| anchor.name_constraints = None);
        roots
    }),
    ("gives up at the first that is refused", |entries, _, _| {
        let refused = |entry: &Entry| RootCertStore::empty().add(entry.der.clone()).is_err();
        roots(&entries[..entries.iter().position(refused).unwrap_or(entries.len())])
    }),
    ("reads what is unreadable", |entries, _, _| {
        let readable = |entry: &Entry| Entry { unreadable: false, ..entry.clone() };
        roots(&entries.iter().map(readable).collect::<Vec<_>>())
    }),
    ("looks at the end entity only", |_, all, presented| named_by(all, &[&presented.end_entity])),
    ("looks at the last certificate only", |_, all, presented| {
        named_by(all, &[presented.intermediates.last().unwrap_or(&presented.end_entity)])
    }),
    ("trusts what is presented", |_, all, presented| {
        let mut roots = all.clone();
        roots.add_parsable_certificates(presented.intermediates.iter().cloned());
        roots
    }),
];

#[test]
fn what_is_wrong_about_the_anchors_is_found_out() {
    let caught = Mutex::new(vec![0; WRONG.len()]);
    let (_, provider) = providers().swap_remove(0);
    let tallies = each(PAIRS, 10, |Case { entries, presented, .. }, _, tallies| {
        let all = roots(entries);
        let plain = plain(all.clone(), &provider).expect("there is an anchor");
        for presented in presented {
            let expected = verdict(&*plain, presented);
            // Only these can matter, which is what makes a store that looks for them possible.
            let chain = [&presented.end_entity].into_iter().chain(&presented.intermediates);
            let chain: Vec<_> = chain.collect();
            let named = named_by(&all, &chain);
            let found = asked(&provider, &named, presented);
            // Each provider has its tally, and all of them go through the same pairs.
            tallies.iter_mut().skip(1).for_each(|tally| tally.pairs += 1);
            if !tallies[0].compare(&expected, &found) {
                let words = describe(entries, presented);
                tallies[0].differences.push(format!("{expected:?}, {found:?}\n{words}"));
            }
            let noticed = WRONG.iter().map(|(_, choose)| {
                let wrong = named_by(&choose(entries, &all, presented), &chain);
                wrong.roots != named.roots && !same(&expected, &asked(&provider, &wrong, presented))
            });
            let noticed: Vec<_> = noticed.collect();
            for (caught, noticed) in caught.lock().unwrap().iter_mut().zip(noticed) {
                *caught += usize::from(noticed);
            }
        }
    });
    assert!(tallies[0].differences.is_empty(), "{}", tallies[0].differences[0]);
    for (caught, (words, _)) in caught.into_inner().unwrap().into_iter().zip(WRONG) {
        println!("{caught:>6} of {} differ: {words}", tallies[0].pairs);
        assert!(caught > 0, "nobody notices who {words}");
    }
}

/// The verdict of somebody who has been asked about these anchors, which may be none.
fn asked(provider: &CryptoProvider, roots: &RootCertStore, presented: &Presented) -> Verdict {
    let Presented { end_entity, intermediates, name, now, .. } = presented;
    let end_entity = ParsedCertificate::try_from(end_entity)?;
    let algorithms = provider.signature_verification_algorithms.all;
    verify_server_cert_signed_by_trust_anchor(&end_entity, roots, intermediates, *now, algorithms)?;
    verify_server_name(&end_entity, name)
}

fn first_of_each(
    all: &RootCertStore,
    what: impl Fn(&TrustAnchor<'static>) -> Vec<u8>,
) -> RootCertStore {
    let mut roots = all.clone();
    let mut seen = HashSet::new();
    roots.roots.retain(|anchor| seen.insert(what(anchor)));
    roots
}

fn named_by(all: &RootCertStore, certificates: &[&CertificateDer<'_>]) -> RootCertStore {
    let issuers: Vec<_> = certificates.iter().filter_map(|der| alter::issuer(der)).collect();
    let mut roots = all.clone();
    roots.roots.retain(|anchor| issuers.contains(&&*anchor.subject));
    roots
}
