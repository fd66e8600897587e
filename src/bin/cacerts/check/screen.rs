//! What was found, for a person: within 80 columns, but for commands, which stay whole.

use super::Report;
use super::brief::{brief, cut};
use super::certificate::{Certificate, day};
use crate::count::many;
use crate::failure::Failure;
use crate::output;
use crate::shown::shown;
use std::fmt::Write;

const WIDTH: usize = 80;
/// How wide a name is.
const NAME: usize = 26;
/// How many of the certificates sent are shown.
const SENT: usize = 20;
const DAY: i64 = 86_400;
/// Within how many days it is said how many are left.
const SOON: i64 = 90;

pub(super) fn print(report: &Report<'_>) -> Result<(), Failure> {
    let mut text = text(report);
    report.others.iter().for_each(|refusal| wrap(&mut text, refusal, "  ", "  "));
    output::line(text.trim_end())
}

fn text(report: &Report<'_>) -> String {
    let handshake = report.handshake;
    let mut text = String::new();
    let headline = format!("{} {}", shown(&handshake.server), report.sentence());
    wrap(&mut text, &headline, "", "  ");
    if let Some(proxy) = &handshake.proxy {
        row(&mut text, "through", &format!("{} ({})", proxy.address(), proxy.variable()));
    }
    if let Some(address) = handshake.address {
        row(
            &mut text,
            if handshake.proxy.is_some() { "proxy at" } else { "address" },
            &address.to_string(),
        );
    }
    let host = handshake.server.rsplit_once(':').map_or("", |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if !handshake.server_name.is_empty() && host != handshake.server_name {
        row(&mut text, "name", &shown(&handshake.server_name));
    }
    for (place, certificate) in report.chain.iter().enumerate().take(SENT) {
        row(&mut text, &format!("sent {place}"), &line(certificate, report.now));
    }
    if report.chain.len() > SENT {
        row(&mut text, "", &format!("and {} more", report.chain.len() - SENT));
    }
    let stores = report.stores.iter().map(|store| {
        let path = shown(&store.path.to_string_lossy());
        let count = store.certificates.map(|count| format!(", {}", many(count, "certificate")));
        format!("{path} ({}{})", shown(&store.setting), count.unwrap_or_default())
    });
    let stores: Vec<_> = stores.collect();
    match (&report.root, report.wanted()) {
        (Some(root), _) => {
            row(
                &mut text,
                if report.is_pinned { "pinned" } else { "root" },
                &line(root, report.now),
            );
            stores.iter().for_each(|store| row(&mut text, "", &format!("in {store}")));
        }
        (None, Some(wanted)) => {
            row(&mut text, "wanted", &brief(&wanted.short()));
            stores.iter().for_each(|store| row(&mut text, "", &format!("not in {store}")));
        }
        (None, None) if report.cause.is_some() && !report.chain.is_empty() => {
            stores.iter().for_each(|store| row(&mut text, "store", store));
        }
        (None, None) => {}
    }
    let agreed = [&handshake.cipher_suite, &handshake.group];
    let agreed = agreed.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ");
    if let Some(version) = handshake.tls_version {
        row(&mut text, &format!("TLS {version}"), &agreed);
    }
    if let Some(alpn) = &handshake.alpn {
        row(&mut text, "ALPN", &brief(alpn));
    }
    if let Some(request) = &handshake.certificate_request {
        let shown = if request.is_shown { "was shown one" } else { "was shown none" };
        row(&mut text, "client", &format!("the server asked for a certificate, and {shown}"));
    }
    for step in report.steps() {
        for paragraph in step.lines() {
            match paragraph.strip_prefix("    ") {
                Some(command) => {
                    let _ = writeln!(text, "      {command}");
                }
                None => wrap(&mut text, paragraph, "  ", "  "),
            }
        }
    }
    text
}

fn row(text: &mut String, label: &str, value: &str) {
    // A part that is too long goes below, and one without a blank stays whole.
    wrap(text, value, &format!("    {label:<10}"), &" ".repeat(14));
}

/// A certificate in a line: its name, until when it is valid, and its key.
fn line(certificate: &Certificate, now: i64) -> String {
    let name = cut(&shown(&certificate.name()), NAME);
    let Some(parsed) = &certificate.parsed else { return name };
    let until = match (parsed.not_after - now) / DAY {
        _ if parsed.not_after < now => format!("expired {}", day(parsed.not_after)),
        _ if parsed.not_before > now => format!("from {}", day(parsed.not_before)),
        left @ ..SOON => {
            format!("until {} ({})", day(parsed.not_after), many(left, "day"))
        }
        _ => format!("until {}", day(parsed.not_after)),
    };
    format!("{name:<NAME$} {until:<26} {}", cut(&shown(&parsed.key), 12)).trim_end().to_owned()
}

/// Adds a text, broken at blanks. Several blanks stay where a line is not broken.
fn wrap(to: &mut String, text: &str, first: &str, next: &str) {
    let mut line = first.to_owned();
    let mut is_empty = true;
    for word in text.split_inclusive(' ') {
        let width = line.chars().count() + word.trim_end().chars().count();
        if width > WIDTH && !is_empty {
            to.push_str(line.trim_end());
            to.push('\n');
            line = next.to_owned();
        }
        line.push_str(word);
        is_empty = false;
    }
    to.push_str(line.trim_end());
    to.push('\n');
}

#[cfg(test)]
mod tests {
    use super::super::brief::cut;
    use super::wrap;

    #[test]
    fn lines_break_at_blanks() {
        let mut text = String::new();
        wrap(&mut text, &"word ".repeat(40), "    label     ", &" ".repeat(14));
        assert!(text.lines().all(|line| line.len() <= 80), "{text}");
        assert_eq!(text.lines().count(), 4, "{text}");
        let mut text = String::new();
        wrap(&mut text, &"x".repeat(100), "  ", "  ");
        assert_eq!(text, format!("  {}\n", "x".repeat(100)));
        assert_eq!(cut("認証局認証局", 5), "認証...");
    }
}
