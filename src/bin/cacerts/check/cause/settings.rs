//! What is set wrong here, so that no server was asked.

use super::{Answer, Cause};
use cacerts::{Error, ErrorKind};
use std::fs;

pub(super) fn find(error: &Error) -> Cause {
    let link = error.path().and_then(|path| {
        let is_link = fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
        let target = fs::read_link(path).ok()?;
        (is_link && !path.exists())
            .then(|| (path.display().to_string(), target.display().to_string()))
    });
    let here = |reason| Cause::new(Answer::Here, reason, format!("was not asked: {error}"));
    match (error.kind(), link) {
        (ErrorKind::StoreMissing | ErrorKind::StoreInvalid, Some((path, target))) => {
            let named = error.setting().unwrap_or("the settings");
            let sentence = format!(
                "was not asked: the store {path}, which {named} names, is a link to {target}, where there \
                 is nothing"
            );
            Cause::new(Answer::Here, "store-link", sentence).step(
                "Put the link right, or name another store with --ca-certs. The store's package may \
                 well be installed.",
            )
        }
        (ErrorKind::StoreMissing, None) => here("store-missing"),
        (ErrorKind::StoreInvalid, _) => here("store-unusable"),
        (ErrorKind::NoStore, _) => here("no-store"),
        (ErrorKind::ClientCertificate, _) => here("client-certificate-unusable"),
        _ => here("setting"),
    }
}
