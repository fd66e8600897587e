//! How the certificates that a server sent hang together, and where the store comes in.

use super::super::certificate::Certificate;
use super::Store;

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
            path.anchor = anchor(last, store, is_trusted);
            if path.anchor.is_some() || last.is_self_issued() {
                return path;
            }
            let next = (1..chain.len())
                .find(|place| !path.sent.contains(place) && has_issued(&chain[*place], last));
            match next {
                Some(next) => path.sent.push(next),
                None => return path,
            }
        }
    }

    /// The last one sent that the way leads to. Not for an empty chain.
    pub(in super::super) fn last(&self) -> usize {
        self.sent.last().copied().unwrap_or_default()
    }
}

/// The certificate of the store that has issued this one, or that it is.
fn anchor(issued: &Certificate, store: &dyn Store, is_trusted: bool) -> Option<Certificate> {
    let parsed = issued.parsed.as_ref()?;
    let own = store.named(&parsed.subject.der).into_iter();
    let own = own.into_iter().find(|own| own.der == issued.der);
    own.or_else(|| {
        let mut named = store.named(&parsed.issuer.der);
        match named.len() {
            1 if is_trusted && named[0].may_have_issued(issued) => named.pop(),
            _ => named.into_iter().find(|issuer| has_issued(issuer, issued)),
        }
    })
}

/// By name, and by signature as far as the provider can tell.
fn has_issued(issuer: &Certificate, issued: &Certificate) -> bool {
    issuer.may_have_issued(issued) && issuer.has_signed(issued) != Some(false)
}
