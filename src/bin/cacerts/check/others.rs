//! Who else refuses a server that is trusted here, by what is in its certificates. Pure.
//!
//! Measured with OpenSSL 3.0 and 3.5, curl 7.88, Python 3.13, GnuTLS 3.8, Go 1.27, and Java 17 and 25: each
//! line here is what one of them said to a chain with nothing else unusual in it.

use super::brief::brief;
use super::certificate::{Certificate, Parsed, Usage};

/// What is unusual, and who refuses it.
pub(super) fn refusals(sent: &[&Certificate], root: Option<&Certificate>, now: i64) -> Vec<String> {
    let mut found = Vec::new();
    let of = |certificate: &Certificate| {
        (format!("\"{}\"", brief(&certificate.name())), certificate.parsed.clone())
    };
    let mut say = |who: &str, name: &str, what: &str| {
        found.push(format!("{who} refuse this server: {name} {what}."));
    };
    for (place, certificate) in sent.iter().enumerate() {
        let (name, Some(parsed)) = of(certificate) else { continue };
        if place > 0 {
            authority(&parsed, &name, &mut say);
        } else {
            server(&parsed, &name, &mut say);
        }
        if parsed.issuer_key_id.is_none() && !certificate.is_self_issued() {
            say("Python 3.13 and later", &name, "has no authorityKeyIdentifier");
        }
    }
    let Some((name, Some(parsed))) = root.map(of) else { return found };
    // One that was sent, or that vouches for itself, was looked at already.
    if sent.iter().any(|certificate| root.is_some_and(|root| root.der == certificate.der)) {
        return found;
    }
    authority(&parsed, &name, &mut say);
    if parsed.not_after < now {
        say("curl, OpenSSL, Python, GnuTLS and Go", &name, "has expired");
    }
    if let Some(critical) = parsed.critical.first() {
        let what = format!("has a critical extension that is not known ({critical})");
        say("curl, OpenSSL, Python, GnuTLS and Go", &name, &what);
    }
    if parsed.version == 3 && parsed.is_ca.is_none() {
        say("curl, OpenSSL, Python, Go and Java", &name, "does not say that it is a CA's");
    }
    if parsed.path_length.is_some_and(|length| sent.len() > usize::from(length) + 1) {
        say("curl, OpenSSL, Python, GnuTLS and Go", &name, "may not have so many CAs below it");
    }
    let serves = |purposes: &Vec<String>| purposes.iter().any(|one| one == "TLS servers");
    if parsed.purposes.as_ref().is_some_and(|purposes| !serves(purposes)) {
        say("curl, OpenSSL and Python", &name, "is not for TLS servers");
    }
    found
}

type Say<'a> = dyn FnMut(&str, &str, &str) + 'a;

fn server(parsed: &Parsed, name: &str, say: &mut Say<'_>) {
    if parsed.usage.as_ref().is_some_and(|usage| !usage.signs) {
        say("GnuTLS and Java", name, "has a keyUsage without digitalSignature");
    }
    if parsed.subject.is_empty() && !parsed.has_critical_names {
        say(
            "Python 3.13 and Java",
            name,
            "has no subject, and its names are not marked as critical",
        );
    }
}

/// A CA's, sent or in the store.
fn authority(parsed: &Parsed, name: &str, say: &mut Say<'_>) {
    const PYTHON: &str = "Python 3.13 and later";
    if parsed.version < 3 {
        return say(PYTHON, name, "is of version 1");
    }
    if parsed.key_id.is_none() && parsed.is_ca.is_some() {
        say(PYTHON, name, "has no subjectKeyIdentifier");
    }
    if parsed.is_ca.is_some() && !parsed.has_critical_constraints {
        say(PYTHON, name, "has basicConstraints that are not marked as critical");
    }
    if matches!(parsed.usage, None | Some(Usage { issues: false, .. })) && parsed.is_ca.is_some() {
        say(PYTHON, name, "has no keyUsage keyCertSign");
    }
}

#[cfg(test)]
mod tests {
    use super::super::cause::tests::{below, ca_params, der, issue, leaf, root, server};
    use super::super::certificate::Certificate;
    use super::refusals;
    use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyUsagePurpose, date_time_ymd};

    /// A CA that nobody refuses.
    fn plain(name: &str) -> CertificateParams {
        let mut params = ca_params(name);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.use_authority_key_identifier_extension = true;
        params
    }

    fn plain_server() -> CertificateParams {
        let mut params = server("a.example");
        params.use_authority_key_identifier_extension = true;
        params
    }

    #[test]
    fn who_refuses_what_is_said_for_each() {
        type Change<'a> = &'a dyn Fn(&mut CertificateParams);
        let nothing: Change<'_> = &|_| {};
        // What is changed in the root, the intermediate and the server's own.
        let cases: [(Change<'_>, Change<'_>, Change<'_>, &[&str]); 7] = [
            (nothing, nothing, nothing, &[]),
            (&|p| p.key_usages.clear(), nothing, nothing, &["\"Root\" has no keyUsage"]),
            (
                &|p| p.not_after = date_time_ymd(2025, 1, 1),
                nothing,
                nothing,
                &["\"Root\" has expired"],
            ),
            (
                &|p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection],
                nothing,
                nothing,
                &["\"Root\" is not for TLS servers"],
            ),
            (nothing, &|p| p.key_usages.clear(), nothing, &["\"Issuing\" has no keyUsage"]),
            (
                nothing,
                nothing,
                &|p| p.use_authority_key_identifier_extension = false,
                &[
                    "Python 3.13 and later refuse this server: \"a.example\" has no authorityKeyIdentifier.",
                ],
            ),
            (
                nothing,
                nothing,
                &|p| p.key_usages = vec![KeyUsagePurpose::KeyEncipherment],
                &["\"a.example\" has a keyUsage without digitalSignature"],
            ),
        ];
        for (of_root, of_middle, of_server, expected) in cases {
            let (mut first, mut second, mut third) =
                (plain("Root"), plain("Issuing"), plain_server());
            of_root(&mut first);
            of_middle(&mut second);
            of_server(&mut third);
            let first = root(first);
            let second = below(&first, second);
            let own = Certificate::of(&leaf(&second, &third));
            let (middle, root) = (Certificate::of(&der(&second)), Certificate::of(&der(&first)));
            let found = refusals(&[&own, &middle], Some(&root), 1_767_225_600);
            assert_eq!(found.len(), expected.len(), "{found:?}");
            for (found, expected) in found.iter().zip(expected) {
                assert!(found.contains(expected), "{found}");
            }
        }
        // A root that is sent counts once.
        let first = root(ca_params("Root"));
        let (own, root) =
            (Certificate::of(&issue(&first, "a.example")), Certificate::of(&der(&first)));
        let found = refusals(&[&own, &root], Some(&root), 0);
        assert_eq!(found.iter().filter(|text| text.contains("Root")).count(), 1, "{found:?}");
    }
}
