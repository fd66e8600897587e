//! The certificate is not for the name that was asked for.

use super::super::brief::brief;
use super::{Cause, Facts, NAMES};
use std::net::IpAddr;

pub(super) fn wrong_name(facts: &Facts<'_>) -> Cause {
    let asked = &facts.handshake.server_name;
    let (shown_name, is_address) = (brief(asked), asked.parse::<IpAddr>().is_ok());
    let Some(leaf) = facts.chain.first().and_then(|leaf| leaf.parsed.as_ref()) else {
        return Cause::no("wrong-name", format!("its certificate is not for {shown_name}"));
    };
    let names: Vec<_> = leaf.names.iter().take(NAMES).map(|name| brief(name)).collect();
    let more = leaf.names.len() - names.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let names = format!("{}{more}", names.join(", "));
    if leaf.names.is_empty() {
        let name = leaf.subject.common_name.as_deref().map(brief);
        let name = name.map(|name| format!(" (\"{name}\")")).unwrap_or_default();
        return Cause::no(
            "common-name-only",
            format!("its certificate has a common name{name} and no subjectAltName, which alone counts"),
        )
        .at(0)
        .step(format!(
            "Whoever runs the server needs a certificate with the subjectAltName {shown_name}. Java, OpenSSL \
             and curl may still go by the common name."
        ));
    }
    if is_address {
        let has_address = leaf.names.iter().any(|name| name.parse::<IpAddr>().is_ok());
        // As a person writes an address into the field for names, where it does not count.
        let is_as_name = leaf.names.iter().any(|name| name == asked);
        let what = match (is_as_name, has_address) {
            (true, _) => "has the address as a DNS name, where it does not count".to_owned(),
            (_, true) => format!("is for {names}"),
            _ => format!("is for names only: {names}"),
        };
        return Cause::no(
            "wrong-address",
            format!("it is asked for by its address, {shown_name}, and its certificate {what}"),
        )
        .at(0)
        .step("Ask for it by a name of the certificate; --connect keeps the address:\n    cacerts check \
               NAME --connect ADDRESS");
    }
    let mut cause =
        Cause::no("wrong-name", format!("its certificate is for {names}, not for {shown_name}"))
            .at(0)
            .step(
                "Is it the right server, and the right name? If both are, whoever runs it needs a certificate \
                 for this name.",
            );
    if leaf.names.iter().any(|name| is_almost(name, asked)) {
        cause = cause.step("A wildcard stands for one label, and for the whole of it.");
    }
    cause
}

/// Whether a name with a wildcard would be the one that was asked for if that stood for more, or less.
fn is_almost(name: &str, asked: &str) -> bool {
    let (name, asked) = (name.to_ascii_lowercase(), asked.to_ascii_lowercase());
    let Some((_, domain)) = name.split_once('.').filter(|(first, _)| first.contains('*')) else {
        return false;
    };
    asked == domain || asked.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}
