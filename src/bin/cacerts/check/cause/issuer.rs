//! What the server sent does not lead to the store.

use super::super::brief::brief;
use super::super::certificate::{Certificate, Named, Parsed};
use super::{Cause, Facts, JUST_THIS, Path};

/// No CA of the store has issued what was sent.
pub(super) fn unknown_issuer(facts: &Facts<'_>, path: &Path) -> Cause {
    let Some(last) = facts.chain.get(path.last()) else {
        return Cause::no("unknown-issuer", "its CA is not in the store");
    };
    let Some(parsed) = &last.parsed else {
        return Cause::no("unreadable-certificate", "its certificate cannot be read")
            .at(path.last());
    };
    let (issuer, at) = (&parsed.issuer, path.last());
    let ca = brief(&issuer.short());
    let wanted = |cause: Cause| Cause { wanted: Some(issuer.clone()), ..cause.at(at) };
    if let Some(cause) = other_key(facts, path) {
        return cause;
    }
    if let Some(same) = other_encoding(facts, last) {
        return wanted(Cause::no(
            "ca-name-encoding",
            "the store has its CA, whose name is written in another encoding there",
        ))
        .step(format!(
            "\"{}\" has the right key, but names are compared byte by byte. The CA has to issue the \
             certificate with its name as it stands in its own. curl and Python accept it as it is.",
            brief(&same.subject.full())
        ));
    }
    if last.is_self_issued() && at == 0 {
        return Cause::no(
            "self-signed",
            "its certificate is signed by itself, and not in the store",
        )
        .at(0)
        .step(JUST_THIS);
    }
    if at > 0 {
        return wanted(Cause::no("unknown-issuer", "its CA is not in the store"));
    }
    let tell = format!(
        "Tell whoever runs the server to send the certificate of \"{ca}\" behind its own, as in the file \
         that CAs call chain or fullchain."
    );
    if facts.chain.iter().any(|other| other.der != last.der) {
        return wanted(Cause::no(
            "wrong-intermediate",
            "none of the certificates it sends has issued its own",
        ))
        .step(tell);
    }
    let relative = relative(facts, issuer);
    if parsed.tells_issuer || relative.is_some() {
        let above = match relative {
            Some(name) => format!("; the store has \"{}\", which may stand above it", brief(&name)),
            None => String::new(),
        };
        return wanted(Cause::no(
            "missing-intermediate",
            format!("it does not send the certificate of the CA that has issued its own{above}"),
        ))
        .step(tell);
    }
    wanted(Cause::no(
        "unknown-issuer",
        "its CA is not in the store, and it sends no certificate but its own",
    ))
    .step(format!(
        "If \"{ca}\" is an intermediate CA: {}{}",
        tell[..1].to_lowercase(),
        &tell[1..]
    ))
}

/// The store has the issuer by its name, and its key has not signed: because it is another key, or because
/// the signature is wrong. That is known where the certificate names its issuer's key.
pub(super) fn other_key(facts: &Facts<'_>, path: &Path) -> Option<Cause> {
    let last = facts.chain.get(path.last()).filter(|last| !last.is_self_issued())?;
    let parsed = last.parsed.as_ref()?;
    let named = facts.store.named(&parsed.issuer.der);
    if path.anchor.is_some() || named.is_empty() {
        return None;
    }
    let ca = brief(&parsed.issuer.short());
    let keys = named.iter().filter_map(|ca| ca.parsed.as_ref()?.key_id.as_ref());
    let keys: Vec<_> = keys.collect();
    let (what, or) = match &parsed.issuer_key_id {
        Some(wanted) if keys.contains(&wanted) => {
            let whose = whose(facts, path.last());
            let what = format!(
                "the signature {whose} is wrong: \"{ca}\" of the store has not made it, whose key it names"
            );
            return Some(wrong_signature(path.last(), what));
        }
        Some(_) if !keys.is_empty() => ("the store has a CA of the same name with another key", ""),
        _ => (
            "the store has a CA of the same name, whose key has not signed what it sends",
            ", or the certificate was changed",
        ),
    };
    let cause = Cause::no("ca-key-changed", what);
    Some(Cause { wanted: Some(parsed.issuer.clone()), ..cause.at(path.last()) }.step(format!(
        "\"{ca}\" has a new key, or this is another CA that calls itself so{or}. Compare with its owner, and \
         get its new certificate there, never from this connection."
    )))
}

/// What is said of a certificate sent.
fn whose(facts: &Facts<'_>, place: usize) -> String {
    match place {
        0 => "in its certificate".to_owned(),
        _ => format!(
            "in the certificate of \"{}\", which it sends,",
            brief(&facts.chain[place].name())
        ),
    }
}

/// Nobody has signed it as it is.
pub(super) fn wrong_signature(place: usize, what: impl Into<String>) -> Cause {
    Cause::no("bad-signature", what)
        .at(place)
        .step("The certificate was changed, or does not come from the CA that it names: trust it in no case.")
}

/// A CA of the store that has the right key, and the name in other bytes.
fn other_encoding(facts: &Facts<'_>, issued: &Certificate) -> Option<Parsed> {
    let issuer = &issued.parsed.as_ref()?.issuer;
    let all = facts.store.all();
    let same = all.iter().map(Certificate::of).find(|ca| {
        let parsed = ca.parsed.as_ref();
        let is_alike = parsed.is_some_and(|parsed| {
            parsed.subject.der != issuer.der
                && parsed.subject.full().eq_ignore_ascii_case(&issuer.full())
        });
        is_alike && ca.has_signed(issued) == Some(true)
    });
    same.and_then(|ca| ca.parsed)
}

/// A CA of the store that belongs to the same organisation.
fn relative(facts: &Facts<'_>, issuer: &Named) -> Option<String> {
    let organisation = issuer.organisation.as_ref()?;
    let all = facts.store.all();
    all.iter().map(Certificate::of).find_map(|ca| {
        let parsed = ca.parsed?;
        let is_relative = parsed.subject.organisation.as_ref() == Some(organisation);
        is_relative.then(|| parsed.subject.short().into_owned())
    })
}
