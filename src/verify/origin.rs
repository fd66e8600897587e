//! By which key a server's certificate was issued, so that its renewal is known as one. It may use
//! `read`.

use crate::read::{der, extensions};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

/// Where a server's certificate comes from, and for which names.
///
/// Any store trusts of two verified chains both or neither, if they are alike in this and in their
/// other certificates: only one key could have issued either, so it has issued both. A store in which
/// that key stands under that name, or above it, trusts both; name constraints see the same names. Dates
/// are another matter, and so is a store that has a server's certificate itself trusted, which `verified`
/// keeps apart. One that rejects a server's certificate itself may reject another one of them; they have the
/// same subject, by which that can be seen.
#[derive(PartialEq)]
pub(super) struct Origin {
    pub(super) issuer: Vec<u8>,
    pub(super) key: Vec<u8>,
    pub(super) names: Vec<u8>,
    pub(super) subject: Vec<u8>,
}

impl Origin {
    /// That of a chain which these roots have verified: all that there are by the names of its
    /// issuers. `None` where there are several keys of the issuer's name, or it is not certain.
    pub(super) fn of(
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        roots: &RootCertStore,
    ) -> Option<Self> {
        let own = der::names_in(end_entity)?;
        let issuer = &end_entity[own.issuer];
        // webpki would not let a certificate of the same name and key stand above it.
        let subject = &end_entity[own.subject];
        if subject == issuer {
            return None;
        }
        // Parsed as anchors, so that the keys can be compared.
        let mut sent = RootCertStore::empty();
        for certificate in intermediates {
            if certificate[der::names_in(certificate)?.subject] == *issuer {
                sent.add(certificate.clone()).ok()?;
            }
        }
        let all = sent.roots.iter().chain(&roots.roots);
        let mut keys = all
            .filter(|anchor| *anchor.subject == *issuer)
            .map(|anchor| &anchor.subject_public_key_info);
        let key = keys.next()?;
        let is_one = keys.all(|other| other == key);
        let names = extensions::alternative_names(end_entity)?;
        let [issuer, key, names, subject] =
            [issuer, key.as_ref(), names, subject].map(<[u8]>::to_vec);
        is_one.then_some(Self { issuer, key, names, subject })
    }

    pub(super) fn size(&self) -> usize {
        self.issuer.len() + self.key.len() + self.names.len() + self.subject.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Origin;
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
    use rustls::RootCertStore;
    use rustls::pki_types::CertificateDer;

    struct Ca(CertificateParams, KeyPair);

    impl Ca {
        fn new(name: &str) -> Self {
            let mut params = CertificateParams::default();
            params.distinguished_name.push(DnType::CommonName, name);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            Self(params, KeyPair::generate().unwrap())
        }

        fn root(&self) -> CertificateDer<'static> {
            self.0.self_signed(&self.1).unwrap().into()
        }

        fn issue(&self, params: &CertificateParams, key: &KeyPair) -> CertificateDer<'static> {
            params.signed_by(key, &Issuer::from_params(&self.0, &self.1)).unwrap().into()
        }

        /// A server's certificate with a new key.
        fn server(&self, name: &str) -> CertificateDer<'static> {
            let params = CertificateParams::new([name.to_owned()]).unwrap();
            self.issue(&params, &KeyPair::generate().unwrap())
        }
    }

    fn origin(
        server: &CertificateDer<'_>,
        sent: &[CertificateDer<'_>],
        store: &[CertificateDer<'static>],
    ) -> Option<Origin> {
        let mut roots = RootCertStore::empty();
        store.iter().for_each(|root| roots.add(root.clone()).unwrap());
        Origin::of(server, sent, &roots)
    }

    #[test]
    fn renewals_have_the_same_origin() {
        let [root, ca, other] = ["root", "CA", "other"].map(Ca::new);
        let intermediate = root.issue(&ca.0, &ca.1);
        let first = ca.server("a.example");
        for (what, sent, store) in [
            ("from a root", vec![], vec![ca.root(), other.root()]),
            ("from a root that is sent, too", vec![ca.root()], vec![ca.root()]),
            ("from a root that was renewed", vec![], vec![ca.root(), ca.root()]),
            ("from an intermediate", vec![intermediate.clone()], vec![root.root()]),
            ("from one that is cross-signed", vec![intermediate], vec![root.root(), ca.root()]),
        ] {
            let of = |server: &_| origin(server, &sent, &store);
            let expected = of(&first);
            assert!(expected.is_some(), "{what}");
            assert!(of(&ca.server("a.example")) == expected, "{what}");
            assert!(of(&ca.server("b.example")) != expected, "{what}: for another name");
            let twin = Ca::new("CA");
            assert!(
                origin(&twin.server("a.example"), &[], &[twin.root()]) != expected,
                "{what}: by another key"
            );
        }
    }

    #[test]
    fn an_origin_that_is_not_certain_is_none() {
        let [root, ca, twin] = ["root", "CA", "CA"].map(Ca::new);
        let server = ca.server("a.example");
        let intermediate = root.issue(&ca.0, &ca.1);
        let mut own = Ca::new("a.example");
        own.0.subject_alt_names = vec![rcgen::SanType::DnsName("a.example".try_into().unwrap())];
        for (what, server, sent, store) in [
            ("no issuer", &server, vec![], vec![root.root()]),
            ("two in the store", &server, vec![], vec![ca.root(), twin.root()]),
            ("two that are sent", &server, vec![ca.root(), twin.root()], vec![ca.root()]),
            ("another one in the store", &server, vec![intermediate], vec![twin.root()]),
            ("something else is sent", &server, vec![vec![0].into()], vec![ca.root()]),
            ("its own issuer", &own.root(), vec![], vec![own.root()]),
            ("no certificate", &vec![0].into(), vec![], vec![ca.root()]),
        ] {
            assert!(origin(server, &sent, &store).is_none(), "{what}");
        }
        assert!(origin(&server, &[], &[ca.root()]).is_some());
    }
}
