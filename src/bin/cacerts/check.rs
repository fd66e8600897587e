//! `check`: one handshake, explained.

use crate::failure::Failure;
use crate::output;
use cacerts::{Client, ErrorKind, Settings};
use serde_json::json;

pub(crate) fn check(settings: Settings, server: &str, json: bool) -> Result<(), Failure> {
    let verifies = settings.verifies()?;
    let mut kind = None;
    let (handshake, reason, result) = match Client::new(settings).check(server) {
        Ok(handshake) if verifies => (Some(handshake), None, Ok(())),
        Ok(handshake) => {
            (Some(handshake), Some("verification is off".to_owned()), Err(Failure::No(None)))
        }
        // What is no server gets no verdict.
        Err(e) if e.kind() == ErrorKind::InvalidAddress => return Err(e.into()),
        Err(e) => {
            kind = Some(format!("{:?}", e.kind()));
            (None, Some(e.to_string()), Err(Failure::from(e)))
        }
    };
    let agreed = handshake.as_ref();
    if json {
        output::json(&json!({
            "server": agreed.map_or_else(|| asked(server), |h| &h.server),
            "verified": result.is_ok(),
            "reason": reason,
            "kind": kind,
            "tls_version": agreed.map(|h| h.tls_version.to_string()),
            "cipher_suite": agreed.map(|h| &h.cipher_suite),
            "trusted": agreed.map(|h| &h.trusted),
            "pinned": agreed.map(|h| h.pinned),
        }))?;
    } else if let Some(handshake) = agreed {
        let verdict = match &reason {
            None => "is verified".to_owned(),
            Some(reason) => format!("is not verified: {reason}"),
        };
        output::line(format_args!("{} {verdict}", handshake.server))?;
        let (version, suite) = (&handshake.tls_version, &handshake.cipher_suite);
        output::line(format_args!("    TLS {version}, {suite}"))?;
        output::line(format_args!("    trusted is {}", handshake.trusted))?;
        if handshake.pinned {
            output::line("    its certificate is there itself (pinned)")?;
        }
    }
    result
}

/// The server in what was asked for, without the user and password that an address may hold.
fn asked(server: &str) -> &str {
    let authority = server.strip_prefix("https://").unwrap_or(server);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}
