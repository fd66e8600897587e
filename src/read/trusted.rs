//! OpenSSL's `TRUSTED CERTIFICATE`: a certificate with settings for what it is trusted
//! (`X509_CERT_AUX`, crypto/asn1/x_x509a.c). It may use `der` and `resolve`.
//!
//! The settings are honoured as OpenSSL honours them for the anchor of a TLS server, or client
//! (`obj_trust` in crypto/x509/x509_trust.c). A certificate is never taken without them.

use super::der::{OID, SEQUENCE, element, elements};
use crate::resolve::Peers;
use rustls::pki_types::CertificateDer;

const REJECT: u8 = 0xa0;
const ALIAS: u8 = 0x0c;
const KEY_ID: u8 = 0x04;
const OTHER: u8 = 0xa1;

/// id-kp-serverAuth, id-kp-clientAuth and anyExtendedKeyUsage.
pub(super) const SERVER: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x01";
const CLIENT: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x02";
const ANY: &[u8] = b"\x55\x1d\x25\x00";

/// Why a certificate is not trusted.
#[derive(Debug)]
pub(super) struct Untrusted {
    pub(super) reason: String,
    /// The certificate, where it is rejected: then no copy of it is trusted, either.
    pub(super) rejected: Option<CertificateDer<'static>>,
}

/// The certificate, if its settings let it be trusted for these peers, or why not.
pub(super) fn certificate(der: &[u8], peers: Peers) -> Result<CertificateDer<'static>, Untrusted> {
    let because = |reason: String| Untrusted { reason, rejected: None };
    let certificate =
        element(der).ok_or_else(|| because("is not a certificate that can be read".to_owned()))?;
    let plain = || der[..der.len() - certificate.rest.len()].to_vec().into();
    let settings = settings(certificate.rest, peers)
        .ok_or_else(|| because("has trust settings that cannot be read".to_owned()))?;
    let whom = match peers {
        Peers::Clients => "TLS clients",
        Peers::Servers => "TLS servers",
    };
    if settings.reject.unwrap_or(false) {
        let reason = format!("is rejected for {whom} by its trust settings");
        return Err(Untrusted { reason, rejected: Some(plain()) });
    }
    if !settings.trust.unwrap_or(true) {
        return Err(because(format!("is trusted for something else than {whom}")));
    }
    Ok(plain())
}

/// Whether the purposes named are those that are asked for, where there is a list of them.
#[derive(Default)]
struct Settings {
    trust: Option<bool>,
    reject: Option<bool>,
}

/// Reads what stands behind a certificate, if anything does; `None` where any of it is not
/// understood.
fn settings(bytes: &[u8], peers: Peers) -> Option<Settings> {
    if bytes.is_empty() {
        return Some(Settings::default());
    }
    let mut fields = element(bytes).filter(|e| e.rest.is_empty())?.content_of(SEQUENCE)?;
    let mut optional = |tag| {
        let field = element(fields).filter(|field| field.tag == tag)?;
        fields = field.rest;
        Some(field.content)
    };
    let [trust, reject, _, _, other] = [SEQUENCE, REJECT, ALIAS, KEY_ID, OTHER].map(&mut optional);
    let mut algorithms = elements(other.unwrap_or_default());
    let all_read = fields.is_empty() && algorithms.all(|a| a.is_some_and(|a| a.tag == SEQUENCE));
    all_read.then_some(())?;
    let read = |list| names(list, peers).ok_or(());
    Some(Settings {
        trust: trust.map(read).transpose().ok()?,
        reject: reject.map(read).transpose().ok()?,
    })
}

/// Whether one of some purposes is the one that is asked for, or any.
pub(super) fn names(purposes: &[u8], peers: Peers) -> Option<bool> {
    let purpose = match peers {
        Peers::Clients => CLIENT,
        Peers::Servers => SERVER,
    };
    let purposes = elements(purposes).map(|purpose| purpose?.content_of(OID));
    let purposes = purposes.collect::<Option<Vec<_>>>()?;
    Some(purposes.iter().any(|named| *named == purpose || *named == ANY))
}

#[cfg(test)]
mod tests {
    use super::{ALIAS, ANY, CLIENT, KEY_ID, OID, OTHER, REJECT, SEQUENCE, SERVER};
    use crate::read::der::{element, encode};
    use crate::resolve::Peers::{self, Clients, Servers};
    use rustls::pki_types::CertificateDer;

    const TRUST: u8 = SEQUENCE;
    const EMAIL: &[u8] = b"\x2b\x06\x01\x05\x05\x07\x03\x04";
    const REJECTED: &str = "is rejected for TLS servers by its trust settings";
    const OTHERWISE: &str = "is trusted for something else than TLS servers";
    const UNREADABLE: &str = "has trust settings that cannot be read";

    /// What is rejected comes with its certificate, and nothing else does.
    fn certificate(der: &[u8], peers: Peers) -> Result<CertificateDer<'static>, String> {
        super::certificate(der, peers).map_err(|untrusted| {
            let rejected = untrusted.rejected.as_deref();
            let plain = || element(der).map(|plain| &der[..der.len() - plain.rest.len()]);
            let is_rejected = untrusted.reason.starts_with("is rejected");
            assert_eq!(rejected, plain().filter(|_| is_rejected));
            untrusted.reason
        })
    }

    fn list(tag: u8, purposes: &[&[u8]]) -> Vec<u8> {
        let purposes: Vec<_> = purposes.iter().map(|purpose| encode(OID, purpose)).collect();
        encode(tag, &purposes.concat())
    }

    #[test]
    fn settings_for_clients_are_not_those_for_servers() {
        for (settings, servers, clients) in [
            (vec![], true, true),
            (vec![list(TRUST, &[ANY])], true, true),
            (vec![list(TRUST, &[SERVER])], true, false),
            (vec![list(TRUST, &[CLIENT])], false, true),
            (vec![list(REJECT, &[CLIENT])], true, false),
            (vec![list(REJECT, &[SERVER])], false, true),
            (vec![list(REJECT, &[ANY])], false, false),
            (vec![list(TRUST, &[SERVER]), list(REJECT, &[CLIENT])], true, false),
        ] {
            let plain = encode(SEQUENCE, b"certificate");
            let der = [plain, encode(SEQUENCE, &settings.concat())].concat();
            assert_eq!(certificate(&der, Servers).is_ok(), servers, "{settings:x?}");
            let for_clients = certificate(&der, Clients);
            assert_eq!(for_clients.is_ok(), clients, "{settings:x?}");
            if let Err(why) = for_clients {
                assert!(why.contains("TLS clients"), "{why}");
            }
        }
    }

    #[test]
    fn settings_are_honoured() {
        let (server, any) = (SERVER, ANY);
        let alias = || encode(ALIAS, "Name".as_bytes());
        let key_id = || encode(KEY_ID, b"\x01\x02");
        let other = || encode(OTHER, &encode(SEQUENCE, &encode(OID, EMAIL)));
        for (settings, expected) in [
            (vec![], Ok(())),
            (vec![alias()], Ok(())),
            (vec![alias(), key_id(), other()], Ok(())),
            (vec![encode(OTHER, b"")], Ok(())),
            (vec![list(TRUST, &[server])], Ok(())),
            (vec![list(TRUST, &[any])], Ok(())),
            (vec![list(TRUST, &[EMAIL, server]), alias()], Ok(())),
            (vec![list(TRUST, &[server]), list(REJECT, &[EMAIL]), key_id()], Ok(())),
            (vec![list(REJECT, &[EMAIL])], Ok(())),
            (vec![list(REJECT, &[])], Ok(())),
            (vec![list(REJECT, &[server])], Err(REJECTED)),
            (vec![list(REJECT, &[EMAIL, any]), alias()], Err(REJECTED)),
            (vec![list(TRUST, &[server]), list(REJECT, &[server])], Err(REJECTED)),
            (vec![list(TRUST, &[EMAIL]), list(REJECT, &[any])], Err(REJECTED)),
            (vec![list(TRUST, &[])], Err(OTHERWISE)),
            (vec![list(TRUST, &[EMAIL])], Err(OTHERWISE)),
            (vec![list(TRUST, &[b"\x55\x1d\x25"]), alias()], Err(OTHERWISE)),
            // Out of order, twice, of another type, or unknown.
            (vec![list(REJECT, &[EMAIL]), list(TRUST, &[server])], Err(UNREADABLE)),
            (vec![list(TRUST, &[server]), list(TRUST, &[EMAIL])], Err(UNREADABLE)),
            (vec![alias(), list(REJECT, &[server])], Err(UNREADABLE)),
            (vec![encode(TRUST, &encode(ALIAS, server))], Err(UNREADABLE)),
            (vec![list(TRUST, &[server]), encode(REJECT, server)], Err(UNREADABLE)),
            (vec![list(REJECT, &[server]), encode(OTHER, b"\x05\0")], Err(UNREADABLE)),
            (vec![encode(0xa2, b"")], Err(UNREADABLE)),
            (vec![vec![0]], Err(UNREADABLE)),
        ] {
            let settings = settings.concat();
            let plain = encode(SEQUENCE, b"a certificate");
            let der = [&*plain, &encode(SEQUENCE, &settings)].concat();
            let expected = expected.map(|()| plain.into()).map_err(str::to_owned);
            assert_eq!(certificate(&der, Servers), expected, "{settings:x?}");
        }
    }

    #[test]
    fn settings_are_read_to_the_last_byte() {
        let plain = encode(SEQUENCE, b"a certificate");
        assert_eq!(certificate(&plain, Servers).as_deref(), Ok(&*plain));
        let settings = encode(SEQUENCE, &list(TRUST, &[SERVER]));
        let whole = [&*plain, &settings].concat();
        assert!(certificate(&whole, Servers).is_ok());
        for end in plain.len() + 1..whole.len() {
            assert_eq!(
                certificate(&whole[..end], Servers),
                Err(UNREADABLE.to_owned()),
                "cut off at {end}"
            );
        }
        for behind in [&b"\0"[..], &settings] {
            let longer = [&*whole, behind].concat();
            assert_eq!(certificate(&longer, Servers), Err(UNREADABLE.to_owned()));
        }
        for bad in [&b""[..], b"\x30", b"\x30\x05abc"] {
            assert!(certificate(bad, Servers).unwrap_err().starts_with("is not a certificate"));
        }
    }
}
