//! How the certificates that a server sent hang together, and where the store comes in.

use super::super::certificate::{Certificate, Parsed};
use super::Store;

/// How many certificates of a server the way goes over at most. webpki goes no further, either; and whoever sends
/// many of a few names, each issued by another, would have thousands of signatures verified.
const LONGEST: usize = 8;
/// How many of one name are tried at each step: webpki verifies no more signatures in all.
const TRIED: usize = 100;

/// The way from a server's own certificate as far as it goes.
#[derive(Debug)]
pub(in super::super) struct Path {
    /// Places in the chain as sent, each issued by the next.
    pub(in super::super) sent: Vec<usize>,
    /// What of the store has issued the last of them.
    pub(in super::super) anchor: Option<Certificate>,
}

impl Path {
    /// Of a chain that was found to be trusted fewer signatures are verified again.
    pub(in super::super) fn of(chain: &[Certificate], store: &dyn Store, is_trusted: bool) -> Self {
        let mut path = Self { sent: Vec::new(), anchor: None };
        if chain.is_empty() {
            return path;
        }
        path.sent.push(0);
        loop {
            let last = &chain[path.last()];
            let issued_by = |parsed: &Parsed| {
                let used = is_trusted.then(|| store.gone_by(&parsed.issuer.der));
                used.filter(|used| !used.is_empty())
                    .unwrap_or_else(|| store.named(&parsed.issuer.der))
            };
            let anchors = last.parsed.as_ref().map(issued_by).unwrap_or_default();
            if let Some(anchor) = issuer(anchors.iter(), last, is_trusted) {
                path.anchor = Some(anchor.clone());
                return path;
            }
            if path.sent.len() == LONGEST {
                break;
            }
            let left = (1..chain.len()).filter(|place| !path.sent.contains(place));
            let named = left.map(|place| &chain[place]).filter(|one| one.may_have_issued(last));
            let next = issuer(named.take(TRIED), last, is_trusted);
            match next.filter(|_| !last.is_self_issued()) {
                Some(next) => {
                    path.sent.extend(chain.iter().position(|one| std::ptr::eq(one, next)))
                }
                None => break,
            }
        }
        // What the store has itself.
        path.anchor = path.sent.iter().map(|place| &chain[*place]).find_map(|own| {
            let named = store.named(&own.parsed.as_ref()?.subject.der);
            named.into_iter().find(|other| other.der == own.der)
        });
        path
    }

    /// The last one sent that the way leads to. Not for an empty chain.
    pub(in super::super) fn last(&self) -> usize {
        self.sent.last().copied().unwrap_or_default()
    }

    /// Those on it, of the chain that was sent, with their places there, as far as they can be read.
    pub(super) fn parsed<'a>(
        &'a self,
        chain: &'a [Certificate],
    ) -> impl Iterator<Item = (usize, &'a Parsed)> + 'a {
        let of = |place: &usize| chain[*place].parsed.as_ref().map(|parsed| (*place, parsed));
        self.sent.iter().filter_map(of)
    }
}

/// Which of these has issued a certificate: by name, and by signature as far as the provider can tell. One
/// alone has by its name, where the verifier has seen the signature already.
fn issuer<'a>(
    all: impl Iterator<Item = &'a Certificate>,
    issued: &Certificate,
    is_trusted: bool,
) -> Option<&'a Certificate> {
    let named: Vec<_> = all.filter(|one| one.may_have_issued(issued)).collect();
    match named[..] {
        [one] if is_trusted => Some(one),
        _ => named.into_iter().find(|one| one.has_signed(issued) != Some(false)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::certificate::Certificate;
    use super::super::tests::{Roots, ca_params, der, root, server};
    use super::{LONGEST, Path};
    use rcgen::{CertificateParams, Issuer, KeyPair};

    /// Each has issued the one before, and two names are all that there are.
    #[test]
    fn the_way_is_no_longer_than_that_of_a_verifier() {
        let keys: Vec<_> = (0..20).map(|_| KeyPair::generate().unwrap()).collect();
        let names = ["One", "Other"].map(ca_params);
        let issued = |params: &CertificateParams, key: &KeyPair, by: usize| {
            let issuer = Issuer::from_params(&names[by % 2], &keys[by]);
            Certificate::of(&params.signed_by(key, &issuer).unwrap().into())
        };
        let own = issued(&server("a.example"), &KeyPair::generate().unwrap(), 0);
        let others = (1..keys.len()).map(|by| issued(&names[(by - 1) % 2], &keys[by - 1], by));
        let mut chain: Vec<_> = [own].into_iter().chain(others).collect();
        let nobody = Roots(vec![der(&root(ca_params("Root")))]);
        let path = Path::of(&chain, &nobody, false);
        assert_eq!(path.sent, (0..LONGEST).collect::<Vec<_>>());
        // In whatever order.
        chain[1..].reverse();
        let path = Path::of(&chain, &nobody, false);
        assert_eq!(path.sent.len(), LONGEST);
        assert_eq!(path.sent[..3], [0, chain.len() - 1, chain.len() - 2]);
    }
}
