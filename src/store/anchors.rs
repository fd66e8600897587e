//! The trust anchors of one subject, as they are remembered. It may use `whole`, `distrust` and `read`.

use super::distrust::{Distrusted, Roots};
use super::whole::Whole;
use crate::read::extensions;
use rustls::pki_types::{CertificateDer, TrustAnchor};

/// Trust anchors of one subject.
#[derive(Default)]
pub(super) struct Anchors {
    pub(super) anchors: Vec<TrustAnchor<'static>>,
    /// What they are made of, in the same order.
    pub(super) certificates: Vec<CertificateDer<'static>>,
    /// Those that are rejected, and by what.
    pub(super) rejected: Vec<(TrustAnchor<'static>, Distrusted)>,
    /// What directories with hashed names reject that has the hash of the subject.
    pub(super) distrusted: Vec<Distrusted>,
    /// Of many, by what others refer to their keys.
    key_ids: Vec<Option<Vec<u8>>>,
    /// Whether these are all that the store has, as long as its files do not change.
    pub(super) is_all: bool,
}

/// How many trust anchors of one subject are taken as they come. webpki tries one after the other, and
/// gives up after 100 signatures.
const FEW: usize = 8;

impl Anchors {
    /// One, beside which there may be others.
    pub(super) fn one(anchor: TrustAnchor<'static>, certificate: CertificateDer<'static>) -> Self {
        Self { anchors: vec![anchor], certificates: vec![certificate], ..Self::default() }
    }

    pub(super) fn of(
        whole: Whole,
        rejected: Vec<(TrustAnchor<'static>, Distrusted)>,
        is_all: bool,
    ) -> Self {
        let anchors = whole.roots().roots;
        let key_id = |der: &CertificateDer<'_>| extensions::subject_key_id(der).map(<[u8]>::to_vec);
        let key_ids = match anchors.len() {
            ..=FEW => Vec::new(),
            _ => whole.certificates.iter().map(key_id).collect(),
        };
        Self {
            anchors,
            certificates: whole.certificates,
            rejected,
            distrusted: whole.distrusted,
            key_ids,
            is_all,
        }
    }

    /// Adds them, those first whose keys are referred to in what they may have issued.
    pub(super) fn add_for(&self, issued: &[&CertificateDer<'_>], roots: &mut Roots) {
        roots.rejected.extend_from_slice(&self.rejected);
        let roots = &mut roots.anchors;
        if self.key_ids.is_empty() {
            return roots.extend(self.anchors.iter().cloned());
        }
        let wanted: Vec<_> =
            issued.iter().filter_map(|der| extensions::authority_key_id(der)).collect();
        let is_wanted = |key_id: &Option<Vec<u8>>| {
            key_id.as_deref().is_some_and(|key_id| wanted.contains(&key_id))
        };
        let all = || self.anchors.iter().zip(&self.key_ids);
        roots.extend(all().filter(|(_, id)| is_wanted(id)).map(|(anchor, _)| anchor.clone()));
        roots.extend(all().filter(|(_, id)| !is_wanted(id)).map(|(anchor, _)| anchor.clone()));
    }
}
