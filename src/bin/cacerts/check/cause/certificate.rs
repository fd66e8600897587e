//! The server's certificates do not lead to the store, or are not for it.

use super::super::brief::brief;
use super::super::certificate::{Certificate, Parsed, day};
use super::super::kinds::extension;
use super::issuer::{other_key, unknown_issuer, wrong_signature};
use super::limits::{constraints, not_a_ca, path_length};
use super::name::wrong_name;
use super::{Cause, Facts, JUST_THIS, NAMES, Path};
use crate::count::many;
use crate::shown::shown;
use rustls::CertificateError;

/// What the library says of a certificate that the store distrusts.
const REJECTED: &str = "is rejected by the trust store";
const DAY: i64 = 86_400;

pub(super) fn find(facts: &Facts<'_>, tls: Option<&rustls::Error>, said: &str) -> Cause {
    let path = Path::of(facts.chain, facts.store, false);
    let why = match tls {
        Some(rustls::Error::InvalidCertificate(why)) => why,
        Some(rustls::Error::NoCertificatesPresented) => {
            return Cause::no("no-certificate", "it shows no certificate");
        }
        _ => return other(said),
    };
    // What has a name in rustls, and what only webpki knows.
    let text = format!("{why:?}");
    match why {
        CertificateError::UnknownIssuer => unknown_issuer(facts, &path),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => expired(facts, &path),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            not_yet(facts, &path)
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            wrong_name(facts)
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            purpose(facts, &path)
        }
        CertificateError::BadSignature => signature(facts, &path),
        CertificateError::BadEncoding => bad_encoding(facts),
        CertificateError::UnhandledCriticalExtension => critical(facts, &path),
        _ if text.contains("UnsupportedSignatureAlgorithm") => algorithm(facts, &path),
        _ if text.contains("CaUsedAsEndEntity") => ca_as_server(facts),
        _ if text.contains("UnsupportedCriticalExtension") => critical(facts, &path),
        _ if text.contains("UnsupportedCertVersion") => version(facts, &path),
        _ if text.contains("NameConstraint") => constraints(facts, &path),
        _ if text.contains("PathLenConstraintViolated") => path_length(facts, &path),
        _ if text.contains("MaximumPathDepthExceeded") => Cause::no(
            "chain-too-deep",
            "there are more than six CAs between its certificate and the store",
        )
        .step("Whoever runs it needs a certificate of a CA nearer to a root."),
        _ if text.contains("EndEntityUsedAsCa") => not_a_ca(facts, &path),
        _ if text.contains("Maximum") => Cause::no(
            "chain-too-complex",
            "its certificates and the store leave too many ways to try",
        )
        .step("Whoever runs it should send its own certificate and the intermediate ones, and no more."),
        // The library's own: a store's word on one of its certificates.
        CertificateError::Other(inner) if inner.0.to_string().contains(REJECTED) => {
            Cause::no("distrusted", shown(&inner.0.to_string())).step(
                "The server needs a certificate that does not come from there. If that is wrong, whoever keeps the \
                 store has to take it out of that file.",
            )
        }
        _ => other(said),
    }
}

fn other(said: &str) -> Cause {
    let (_, why) = said.split_once("certificate verify failed: ").unwrap_or(("", said));
    Cause::no("certificate-refused", shown(why))
}

/// The certificate as a sentence names it.
fn named(facts: &Facts<'_>, place: usize) -> String {
    match place {
        0 => "its certificate".to_owned(),
        _ => {
            format!("the certificate of \"{}\", which it sends,", brief(&facts.chain[place].name()))
        }
    }
}

/// Whom to tell, for what is wrong with a certificate that the server sends.
fn owner(place: usize) -> &'static str {
    match place {
        0 => "Whoever runs the server needs a new certificate",
        _ => "Whoever runs the server has to send another one in its place, which its CA has",
    }
}

fn expired(facts: &Facts<'_>, path: &Path) -> Cause {
    let expired = path.parsed(facts.chain).find(|(_, parsed)| parsed.not_after < facts.now);
    let Some((place, parsed)) = expired else {
        return Cause::no("expired", "one of its certificates has expired");
    };
    let days = (facts.now - parsed.not_after) / DAY;
    let sentence =
        format!("{} has expired on {}, {}", named(facts, place), day(parsed.not_after), ago(days));
    let mut cause = Cause::no("expired", sentence).at(place).step(format!("{}.", owner(place)));
    // What comes up next, once that is done.
    let last = facts.chain[path.last()].parsed.as_ref();
    if let (Some(last), None) = (last, &path.anchor) {
        let ca = brief(&last.issuer.short());
        cause = cause.step(format!(
            "Besides, it leads to no CA that the store trusts: the next would be \"{ca}\"."
        ));
    }
    // Who knows that the day has passed need not ask for the clock.
    if facts.past > parsed.not_after {
        return cause;
    }
    cause.step(format!("Unless this machine's clock is wrong: it says {}.", day(facts.now)))
}

fn ago(days: i64) -> String {
    match days {
        0 => "less than a day ago".to_owned(),
        1 => "a day ago".to_owned(),
        days => format!("{days} days ago"),
    }
}

fn not_yet(facts: &Facts<'_>, path: &Path) -> Cause {
    let early = path.parsed(facts.chain).find(|(_, parsed)| parsed.not_before > facts.now);
    let Some((place, parsed)) = early else {
        return Cause::no("not-yet-valid", "one of its certificates is not valid yet");
    };
    let days = (parsed.not_before - facts.now + DAY - 1) / DAY;
    let sentence = format!(
        "{} is valid from {} on, in {}",
        named(facts, place),
        day(parsed.not_before),
        many(days, "day")
    );
    let cause = Cause::no("not-yet-valid", sentence).at(place);
    if facts.past > parsed.not_before {
        return cause.step(format!(
            "This machine's clock is behind: it says {}, and there are files of {}.",
            day(facts.now),
            day(facts.past)
        ));
    }
    cause.step(format!(
        "Is this machine's clock right? It says {}. If it is, the certificate was put up too early.",
        day(facts.now)
    ))
}

fn purpose(facts: &Facts<'_>, path: &Path) -> Cause {
    let serves = |parsed: &Parsed| {
        parsed.purposes.as_ref().is_none_or(|all| all.iter().any(|one| one == "TLS servers"))
    };
    let Some((place, parsed)) = path.parsed(facts.chain).find(|(_, parsed)| !serves(parsed)) else {
        return Cause::no("wrong-purpose", "one of its certificates is not for TLS servers");
    };
    let purposes: Vec<_> =
        parsed.purposes.iter().flatten().take(NAMES).map(|one| brief(one)).collect();
    let sentence = format!(
        "{} is for {} (extended key usage), not for TLS servers",
        named(facts, place),
        purposes.join(", ")
    );
    let cause = Cause::no("wrong-purpose", sentence).at(place);
    cause.step(format!("{} with serverAuth among its extended key usages.", owner(place)))
}

fn signature(facts: &Facts<'_>, path: &Path) -> Cause {
    let is_odd = Parsed::has_odd_size;
    let odd = path.parsed(facts.chain).find(|(_, parsed)| is_odd(parsed));
    if let Some((place, parsed)) = odd {
        return weak(
            &named(facts, place),
            &parsed.key,
            &format!("{} with a key of RSA 2048 to 8192 or P-256.", owner(place)),
        )
        .at(place);
    }
    let anchor = path.anchor.as_ref().and_then(|anchor| anchor.parsed.as_ref());
    if let Some(anchor) = anchor.filter(|anchor| is_odd(anchor)) {
        let whose = format!("\"{}\", the CA in the store,", brief(&anchor.subject.short()));
        return weak(
            &whose,
            &anchor.key,
            "The CA needs a new root with a key of RSA 2048 to 8192 or P-256.",
        );
    }
    if let Some(cause) = other_key(facts, path) {
        return cause;
    }
    if path.anchor.is_some() {
        // What each of them says of the next is right, so it is what the server itself has said.
        return Cause::no("wrong-key", "it has not the key of the certificate that it shows").at(0).step(
            "It was set up with another key, or it is not the server that has the certificate: trust it in no \
             case.",
        );
    }
    wrong_signature(path.last(), "a signature in its certificates is wrong")
}

fn weak(whose: &str, key: &str, step: &str) -> Cause {
    let sentence =
        format!("{whose} has a key of {key}, and RSA keys from 2048 to 8192 bits are accepted");
    Cause::no("weak-key", sentence).step(step)
}

fn algorithm(facts: &Facts<'_>, path: &Path) -> Cause {
    let all = path.parsed(facts.chain).map(|(place, _)| place).collect::<Vec<_>>();
    // The one whose issuer's key and algorithm the provider cannot put together.
    let place = all.iter().enumerate().find_map(|(step, place)| {
        let issuer = match all.get(step + 1) {
            Some(next) => &facts.chain[*next],
            None => path.anchor.as_ref()?,
        };
        issuer.has_signed(&facts.chain[*place]).is_none().then(|| {
            let key = issuer.parsed.as_ref().map(|parsed| parsed.key.clone());
            (*place, key.unwrap_or_default())
        })
    });
    let Some((place, key)) = place else {
        return Cause::no(
            "unsupported-algorithm",
            "one of its certificates is signed by an algorithm that this client has not",
        );
    };
    let parsed = facts.chain[place].parsed.as_ref();
    let how = parsed.map_or("an algorithm", |parsed| parsed.signature.as_str());
    let is_weak = how.contains("SHA-1") || how.contains("MD5");
    let why = if is_weak { "is no longer safe" } else { "this client has not" };
    let sentence =
        format!("{} is signed with {how} by a key of {key}, which {why}", named(facts, place));
    let reason = if is_weak { "weak-algorithm" } else { "unsupported-algorithm" };
    Cause::no(reason, sentence).at(place).step(format!(
        "The CA has to issue it again, signed with SHA-256 (RSA 2048 and more, P-256) or SHA-384 (P-384).{}",
        if is_weak { "" } else { " curl and Python accept it as it is." }
    ))
}

fn ca_as_server(facts: &Facts<'_>) -> Cause {
    let is_own = facts.chain.first().is_some_and(Certificate::is_self_issued);
    let how = if is_own { "signed by itself, " } else { "" };
    let cause = Cause::no("ca-as-server", format!("it shows a CA's certificate ({how}CA:TRUE) as its own"))
        .at(0)
        .step(
            "Whoever runs the server should issue one for the server itself, with CA:FALSE. curl and Python \
             accept it as it is, where it leads to their store.",
        );
    if is_own { cause.step(JUST_THIS) } else { cause }
}

fn bad_encoding(facts: &Facts<'_>) -> Cause {
    let place = facts.chain.iter().position(|one| one.parsed.is_none()).unwrap_or_default();
    Cause::no("unreadable-certificate", format!("{} cannot be read (no DER)", named(facts, place)))
        .at(place)
        .step(format!("{}.", owner(place)))
}

fn critical(facts: &Facts<'_>, path: &Path) -> Cause {
    let found = path.parsed(facts.chain).find(|(_, parsed)| !parsed.critical.is_empty());
    let found = found.or_else(|| {
        let mut all = facts.chain.iter().enumerate();
        all.find_map(|(place, one)| {
            one.parsed.as_ref().filter(|p| !p.critical.is_empty()).map(|p| (place, p))
        })
    });
    let Some((place, parsed)) = found else {
        return Cause::no(
            "critical-extension",
            "it has a critical extension that is not known here",
        );
    };
    let ids: Vec<_> = parsed.critical.iter().take(NAMES).map(|id| extension(id)).collect();
    let sentence = format!(
        "{} has a critical extension that is not known here: {}",
        named(facts, place),
        ids.join(", ")
    );
    Cause::no("critical-extension", sentence)
        .at(place)
        .step(format!("{} without it, or with it not marked as critical.", owner(place)))
}

fn version(facts: &Facts<'_>, path: &Path) -> Cause {
    let old = path.parsed(facts.chain).find(|(_, parsed)| parsed.version < 3);
    let (place, version) = old.map_or((0, 1), |(place, parsed)| (place, parsed.version));
    Cause::no("version-1", format!("{} is of version {version}, and not 3", named(facts, place)))
        .at(place)
        .step(format!(
            "{} of version 3: openssl x509 makes them with -extfile and a subjectAltName in it.",
            owner(place)
        ))
}
