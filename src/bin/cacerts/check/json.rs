//! What was found, in fields.

use super::Report;
use super::certificate::{Certificate, authority, moment};
use crate::failure::Failure;
use crate::output;
use cacerts::{ErrorKind, Stage};
use serde_json::{Value, json};

pub(super) fn print(report: &Report<'_>) -> Result<(), Failure> {
    let handshake = report.handshake;
    let error = handshake.verdict.as_ref().err();
    output::json(&json!({
        "server": handshake.server,
        "server_name": handshake.server_name,
        "address": handshake.address.map(|address| address.to_string()),
        "proxy": handshake.proxy.as_ref().map(|proxy| json!({
            "url": proxy.address(),
            "setting": proxy.variable(),
        })),
        "verified": report.is_verified(),
        "reason": report.reason(),
        "kind": error.map(|error| kind(error.kind())),
        "message": report.reason().map(|_| format!("{} {}", handshake.server, report.sentence())),
        "certificate": report.cause.as_ref().and_then(|cause| cause.certificate),
        "wanted": report.wanted().map(|name| name.full()),
        "steps": report.steps(),
        "stage": stage(handshake.stage),
        "tls_version": handshake.tls_version.map(|version| version.to_string()),
        "cipher_suite": handshake.cipher_suite,
        "group": handshake.group,
        "alpn": handshake.alpn,
        "certificate_request": handshake.certificate_request.as_ref().map(|request| json!({
            "shown": request.is_shown,
            "authorities": request.authorities.iter()
                .filter_map(|der| authority(der)).map(|name| name.full()).collect::<Value>(),
        })),
        "chain": report.chain.iter().map(certificate).collect::<Value>(),
        "root": report.root.as_ref().map(certificate),
        "pinned": report.is_pinned,
        "store": report.stores.iter().map(|store| json!({
            "path": store.path.to_string_lossy(),
            "setting": store.setting,
            "certificates": store.certificates,
        })).collect::<Value>(),
        "refused_by_others": report.others,
        "trusted": handshake.trusted,
    }))
}

fn certificate(certificate: &Certificate) -> Value {
    let parsed = certificate.parsed.as_ref();
    json!({
        "subject": parsed.map(|p| p.subject.full()),
        "issuer": parsed.map(|p| p.issuer.full()),
        "not_before": parsed.map(|p| moment(p.not_before)),
        "not_after": parsed.map(|p| moment(p.not_after)),
        "names": parsed.map(|p| &p.names),
        "key": parsed.map(|p| &p.key),
        "signature": parsed.map(|p| &p.signature),
        "sha256": certificate.sha256(),
    })
}

fn kind(kind: ErrorKind) -> String {
    format!("{kind:?}")
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Settings => "settings",
        Stage::Lookup => "lookup",
        Stage::Connect => "connect",
        Stage::Proxy => "proxy",
        Stage::StartTls => "starttls",
        Stage::Tls => "tls",
        _ => "done",
    }
}
