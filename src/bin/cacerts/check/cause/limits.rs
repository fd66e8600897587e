//! A CA may not issue what it has issued.

use super::super::brief::brief;
use super::super::certificate::Parsed;
use super::{Cause, Facts, NAMES, Path};
use crate::count::many;

/// Not for this name.
pub(super) fn constraints(facts: &Facts<'_>, path: &Path) -> Cause {
    let has = |parsed: &Parsed| !parsed.permitted.is_empty() || !parsed.excluded.is_empty();
    let sent = path.parsed(facts.chain).find(|(_, parsed)| has(parsed));
    let anchor = path.anchor.as_ref().and_then(|anchor| anchor.parsed.as_ref());
    let (place, parsed) = match (sent, anchor.filter(|anchor| has(anchor))) {
        (Some((place, parsed)), _) => (Some(place), parsed),
        (None, Some(anchor)) => (None, anchor),
        (None, None) => {
            return Cause::no("name-constraints", "a CA of it may not issue for this name");
        }
    };
    let list = |what: &str, names: &[String]| match names {
        [] => String::new(),
        names => {
            let names: Vec<_> = names.iter().take(NAMES).map(|name| brief(name)).collect();
            format!("{what} {}", names.join(", "))
        }
    };
    let (permitted, excluded) =
        (list("only for", &parsed.permitted), list("not for", &parsed.excluded));
    let and = if permitted.is_empty() || excluded.is_empty() { "" } else { " and " };
    let names: Vec<_> = facts
        .chain
        .first()
        .and_then(|leaf| leaf.parsed.as_ref())
        .into_iter()
        .flat_map(|leaf| &leaf.names)
        .take(NAMES)
        .map(|name| brief(name))
        .collect();
    let leaf = facts.chain.first().and_then(|leaf| leaf.parsed.as_ref());
    if let Some(odd) = uncheckable(parsed).filter(|_| leaf.is_none_or(|leaf| keeps(leaf, parsed))) {
        let sentence = format!(
            "\"{}\" has a name constraint that this client cannot check: {}",
            brief(&parsed.subject.short()),
            brief(odd)
        );
        let cause = Cause::no("name-constraints", sentence).step(
            "Whoever runs the server needs a certificate of a CA without it. curl and Python check it, and may \
             accept the server.",
        );
        return match place {
            Some(place) => cause.at(place),
            None => cause,
        };
    }
    let sentence = format!(
        "\"{}\" may issue {permitted}{and}{excluded}, and its certificate is for {}",
        brief(&parsed.subject.short()),
        names.join(", ")
    );
    let cause = Cause::no("name-constraints", sentence)
        .step("Whoever runs the server needs a certificate with those names alone that its CA may issue for.");
    match place {
        Some(place) => cause.at(place),
        None => cause,
    }
}

/// A constraint of a kind that webpki knows no way to check: it then refuses every certificate that has a
/// name of that kind.
fn uncheckable(parsed: &Parsed) -> Option<&String> {
    let is_odd = |name: &&String| {
        ["directory ", "URI ", "names of"].iter().any(|kind| name.starts_with(kind))
    };
    parsed.permitted.iter().chain(&parsed.excluded).find(is_odd)
}

/// Whether the DNS names of a certificate are among those that a CA may issue for.
fn keeps(leaf: &Parsed, ca: &Parsed) -> bool {
    let is_dns = |name: &&String| !name.contains([' ', '/']);
    let within = |name: &str, domain: &str| {
        let (name, domain) =
            (name.to_ascii_lowercase(), domain.trim_start_matches('.').to_ascii_lowercase());
        name == domain || name.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'))
    };
    leaf.names.iter().all(|name| {
        let mut permitted = ca.permitted.iter().filter(is_dns).peekable();
        let is_permitted =
            permitted.peek().is_none() || permitted.any(|domain| within(name, domain));
        is_permitted && !ca.excluded.iter().filter(is_dns).any(|domain| within(name, domain))
    })
}

/// Not by so many CAs below it.
pub(super) fn path_length(facts: &Facts<'_>, path: &Path) -> Cause {
    // Of one at a place, as many CAs stand below it as come before it, but for the server itself.
    let over = path.sent.iter().enumerate().find(|(below, place)| {
        let length = facts.chain[**place].parsed.as_ref().and_then(|parsed| parsed.path_length);
        length.is_some_and(|length| usize::from(length) + 1 < *below)
    });
    let Some((below, place)) = over else {
        return Cause::no("path-too-long", "one of its CAs may not have so many CAs below it");
    };
    let parsed = facts.chain[*place].parsed.as_ref();
    let length = parsed.and_then(|parsed| parsed.path_length).unwrap_or_default();
    let sentence = format!(
        "\"{}\" may have {} below it (pathlen), and has {}",
        brief(&facts.chain[*place].name()),
        if length == 0 { "no CA".to_owned() } else { many(length, "CA") },
        below - 1
    );
    Cause::no("path-too-long", sentence)
        .at(*place)
        .step("Whoever runs the server needs a certificate of a CA that may issue it.")
}

/// It is no CA.
pub(super) fn not_a_ca(facts: &Facts<'_>, path: &Path) -> Cause {
    let place = path.sent.iter().skip(1).find(|place| {
        facts.chain[**place].parsed.as_ref().is_some_and(|parsed| parsed.is_ca != Some(true))
    });
    let cause =
        Cause::no("not-a-ca", "its certificate was issued by one that is no CA's (CA:FALSE)")
            .step("Whoever runs the server needs a certificate of a CA.");
    match place {
        Some(place) => cause.at(*place),
        None => cause,
    }
}
