//! Bundles in a file. It may use all but `wrong`, `directory` and `later`.

use crate::random::Random;
use crate::tally::Tally;
use crate::{Case, compare, each, finish, number, text};
use cacerts::TrustStore;
use std::fs;
use std::path::Path;

/// All that rustls has to say about a chain and its anchors, but for what takes malformed
/// extensions.
const VERDICTS: &[&str] = &[
    "BadEncoding",
    "BadSignature",
    "CaUsedAsEndEntity",
    "EndEntityUsedAsCa",
    "Expired", // It expires before it begins.
    "ExpiredContext",
    "InvalidPurposeContext",
    "MaximumPathDepthExceeded",
    "MaximumSignatureChecksExceeded",
    "NameConstraintViolation",
    "NotValidForNameContext",
    "NotValidYetContext",
    "Ok",
    "PathLenConstraintViolated",
    "SignatureAlgorithmMismatch",
    "UnknownIssuer",
    "UnsupportedCertVersion",
    "UnsupportedCriticalExtension",
    "UnsupportedSignatureAlgorithmContext",
    "UnsupportedSignatureAlgorithmForPublicKeyContext",
];

/// How often each has to have been there.
const TIMES: usize = 5;

#[test]
fn a_bundle_is_what_rustls_makes_of_its_certificates() {
    let directory = tempfile::tempdir().unwrap();
    let pairs =
        number("DIFFERENTIAL_PAIRS").map_or(10_000, |pairs| usize::try_from(pairs).unwrap());
    let tallies =
        each(pairs, 4, |case, random, tallies| judge(directory.path(), case, random, tallies));
    finish(&tallies);
    if pairs >= 10_000 {
        for tally in tallies {
            tally.assert_seen(VERDICTS, TIMES);
            tally.assert_documented(&crate::own::KINDS);
        }
    }
}

fn judge(directory: &Path, case: &Case, random: &mut Random, tallies: &mut [Tally]) {
    let name = format!("{} {}.pem", case.place, random.next());
    let path = directory.join(name);
    let bundle = text::bundle(&case.entries, random);
    fs::write(&path, &bundle).unwrap();
    let store = TrustStore::load(&path)
        .unwrap_or_else(|e| panic!("{}: {e}, and rustls takes some of it", case.place));
    compare(case, &case.entries, &store, &bundle, tallies);
    fs::remove_file(&path).unwrap();
}
