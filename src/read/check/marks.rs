//! Marks of distrust only ever take away: whatever a file looks like, with more of them nothing more is
//! trusted in it. It may use `der`, `pem` and `resolve`.

use crate::read::{der, pem};
use crate::resolve::Peers;
use rustls::pki_types::CertificateDer;

const HEADER: &[u8] = b"[p11-kit-object-";

/// Panics where something is trusted that was not, or is rejected no more.
pub(crate) fn check(bytes: &[u8]) {
    for peers in [Peers::Servers, Peers::Clients] {
        let plain = Said::of(bytes, peers);
        let distrusting = |line: &[u8]| {
            let mark: &[u8] = if line.starts_with(HEADER) { b"x-distrusted: true\n" } else { b"" };
            [line, mark].concat()
        };
        let marked = Said::of(&changed(bytes, &distrusting), peers);
        marked.is_no_more_than(&plain, "x-distrusted");
        plain.is_rejected_in(&marked, "x-distrusted");
        let untrusting = |line: &[u8]| match line.trim_ascii() == b"trusted: true" {
            true => b"trusted: false\n".to_vec(),
            false => line.to_vec(),
        };
        let marked = Said::of(&changed(bytes, &untrusting), peers);
        marked.is_no_more_than(&plain, "trusted: false");
        plain.is_rejected_in(&marked, "trusted: false");
    }
}

/// Line by line, whichever end they have.
fn changed(bytes: &[u8], change: &dyn Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    bytes.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')).flat_map(change).collect()
}

/// What a file says.
struct Said {
    trusted: Vec<CertificateDer<'static>>,
    rejected: Vec<CertificateDer<'static>>,
}

impl Said {
    fn of(bytes: &[u8], peers: Peers) -> Self {
        let (mut trusted, mut rejected) = (Vec::new(), Vec::new());
        for block in pem::blocks(bytes, peers).certificates {
            assert!(block.rejected.is_none() || block.result.is_err(), "it is both");
            trusted.extend(block.result.ok());
            rejected.extend(block.rejected);
        }
        let is_rejected = |der: &CertificateDer<'static>| {
            let identity = |der: &CertificateDer<'static>| {
                let (subject, key) = der::identity_in(der)?;
                Some((der[subject].to_vec(), der[key].to_vec()))
            };
            let own = identity(der);
            rejected.iter().any(|other| other == der || own.is_some() && identity(other) == own)
        };
        trusted.retain(|der| !is_rejected(der));
        Self { trusted, rejected }
    }

    fn is_no_more_than(&self, other: &Self, mark: &str) {
        let more = self.trusted.iter().find(|der| !other.trusted.contains(der));
        assert!(more.is_none(), "{mark}: {more:x?} is trusted");
    }

    fn is_rejected_in(&self, other: &Self, mark: &str) {
        let less = self.rejected.iter().find(|der| !other.rejected.contains(der));
        assert!(less.is_none(), "{mark}: {less:x?} is rejected no more");
    }
}
