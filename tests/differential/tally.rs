//! Verdicts, what they come to, and where they differ. It may use `case`.

use crate::case::{Entry, Presented};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::alg_id;
use rustls::{CertificateError, Error, RootCertStore, SignatureScheme};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

pub(crate) type Verdict = Result<(), Error>;

/// What a verifier says to somebody who is presented something.
pub(crate) fn verdict(verifier: &dyn ServerCertVerifier, presented: &Presented) -> Verdict {
    let Presented { end_entity, intermediates, name, now, .. } = presented;
    verifier.verify_server_cert(end_entity, intermediates, name, &[], *now).map(|_| ())
}

/// The verifier that rustls makes of trust anchors; none without any.
pub(crate) fn plain(
    roots: RootCertStore,
    provider: &Arc<CryptoProvider>,
) -> Option<Arc<dyn ServerCertVerifier>> {
    let roots = Arc::new(roots);
    match WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(provider)).build() {
        Ok(verifier) => Some(verifier),
        Err(_) => None,
    }
}

/// Whether two verdicts are the same, to the last word of an error. Those of the sort `Other` are
/// never equal; their text is.
pub(crate) fn same(one: &Verdict, other: &Verdict) -> bool {
    one == other || format!("{one:?}") == format!("{other:?}")
}

/// What a store's verifier offers to servers beside what the provider does.
pub(crate) fn more(provider: &str) -> Option<SignatureScheme> {
    let more = cfg!(feature = "more-algorithms") && provider == "ring";
    more.then_some(SignatureScheme::ECDSA_NISTP521_SHA512)
}

/// Whether rustls refuses for want of an algorithm, of which the store has more: those that it lists then,
/// and for these two it may come to any verdict.
pub(crate) fn is_lacking(expected: &Verdict, found: &Verdict) -> bool {
    use CertificateError::{
        UnsupportedSignatureAlgorithmContext as Unknown,
        UnsupportedSignatureAlgorithmForPublicKeyContext as OfAnotherKey,
    };
    if cfg!(not(feature = "more-algorithms")) {
        return false;
    }
    match (expected, found) {
        (
            Err(Error::InvalidCertificate(Unknown { signature_algorithm_id: expected, .. })),
            Err(Error::InvalidCertificate(Unknown { signature_algorithm_id: found, .. })),
        ) => expected == found,
        (Err(Error::InvalidCertificate(Unknown { signature_algorithm_id, .. })), _) => {
            **signature_algorithm_id == *alg_id::ECDSA_SHA512
        }
        (Err(Error::InvalidCertificate(OfAnotherKey { public_key_algorithm_id, .. })), _) => {
            **public_key_algorithm_id == *alg_id::ECDSA_P521
        }
        _ => false,
    }
}

/// How many times there was which verdict, and where two differed.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) pairs: usize,
    kinds: BTreeMap<String, usize>,
    /// How many times the provider lacked an algorithm, and the store's verdict is another.
    lacking: usize,
    pub(crate) differences: Vec<String>,
    /// How many times there was which difference that is documented.
    documented: BTreeMap<&'static str, usize>,
}

impl Tally {
    /// Counts a pair, of which rustls says one thing, and something else perhaps another:
    /// whether they are the same.
    pub(crate) fn compare(&mut self, expected: &Verdict, found: &Verdict) -> bool {
        self.pairs += 1;
        *self.kinds.entry(kind(expected)).or_default() += 1;
        if same(expected, found) {
            return true;
        }
        let is_lacking = is_lacking(expected, found);
        self.lacking += usize::from(is_lacking);
        is_lacking
    }

    /// Counts one that is as it should be.
    pub(crate) fn differs_as_documented(&mut self, kind: &'static str) {
        *self.documented.entry(kind).or_default() += 1;
    }

    /// That each of some differences was there.
    pub(crate) fn assert_documented(&self, kinds: &[&str]) {
        for kind in kinds {
            assert!(self.documented.contains_key(kind), "{kind}: never seen\n{}", self.table());
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.pairs += other.pairs;
        for (kind, count) in other.documented {
            *self.documented.entry(kind).or_default() += count;
        }
        self.lacking += other.lacking;
        for (kind, count) in other.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
        self.differences.extend(other.differences);
    }

    /// That each of some verdicts was there at least so many times.
    pub(crate) fn assert_seen(&self, kinds: &[&str], times: usize) {
        for kind in kinds {
            let seen = self.kinds.get(*kind).copied().unwrap_or(0);
            assert!(seen >= times, "{kind}: only {seen} of {} pairs\n{}", self.pairs, self.table());
        }
    }

    pub(crate) fn table(&self) -> String {
        let lacking = format!("{:>6} for want of an algorithm", self.lacking);
        let mut table = format!("{:>6} pairs\n{lacking}", self.pairs);
        for (kind, count) in &self.kinds {
            write!(table, "\n{count:>6} {kind}").unwrap();
        }
        for (kind, count) in &self.documented {
            write!(table, "\n{count:>6} differ as documented: {kind}").unwrap();
        }
        table
    }
}

/// The error's name, without what it says about the case: `UnknownIssuer`.
fn kind(verdict: &Verdict) -> String {
    let Err(error) = verdict else { return "Ok".to_owned() };
    let text = format!("{error:?}");
    let name = text.trim_start_matches("InvalidCertificate(");
    let name = name.trim_start_matches("Other(OtherError(");
    name.chars().take_while(|c| c.is_alphanumeric()).collect()
}

/// All there is to know about a pair.
pub(crate) fn describe(entries: &[Entry], presented: &Presented) -> String {
    let labels: Vec<_> = entries.iter().map(|entry| entry.label.as_str()).collect();
    format!("  trusted:\n    {}\n  presented: {}", labels.join("\n    "), presented.words)
}
