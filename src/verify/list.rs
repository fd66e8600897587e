//! A store for who takes it as a list, which cannot say all of it. It may use `error`, `file` and `shown`.

use super::TrustStore;
use crate::error::Error;
#[cfg(doc)]
use crate::error::ErrorKind;
use crate::file::Problem;
use crate::shown;
use std::cmp::Reverse;

impl TrustStore {
    /// The same with everything read, for who takes it as a list: what cannot be read at the moment is not missing
    /// without a word.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::StoreInvalid`] where a file or directory cannot be read any more, or was overwritten.
    pub fn whole(self) -> Result<Self, Error> {
        let whole = self.snapshot.whole();
        let failed = self.snapshot.parts().iter().filter_map(|part| {
            let problem = whole.intact(part.path()).err()?;
            Some((part.path().components().count(), part, problem))
        });
        // A directory may be in another: then it is the inner one.
        match failed.min_by_key(|(depth, ..)| Reverse(*depth)) {
            Some((_, part, problem)) => Err(part.error(problem)),
            None => Ok(self),
        }
    }

    /// The same, for a program that takes a list of CAs and nothing else: what that cannot say is told. Reads
    /// everything.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::StoreInvalid`] as of [`whole`](Self::whole), and where there is no CA, but only what is in
    /// [`not_ca`](Self::not_ca). Beside CAs it is logged as a warning how many would be trusted for their own
    /// servers, and so is what the store rejects.
    pub fn only_cas(self) -> Result<Self, Error> {
        let store = self.whole()?;
        let pinned =
            store.not_ca().iter().filter(|certificate| store.is_pinned(certificate)).count();
        if store.certificates().is_empty() && pinned > 0 {
            let [first, others @ ..] = store.snapshot.parts() else { unreachable!("there is one") };
            let nor = others.iter().map(|part| format!(", nor does {}", shown::path(part.path())));
            let why = format!(
                "holds no CA{}, but a server's own certificate (CA:FALSE), which a list of CAs cannot carry: \
                 this program needs the certificate of its CA",
                nor.collect::<String>()
            );
            return Err(first.error(Problem::Unusable(why)));
        }
        if pinned > 0 {
            log::warn!(
                "CA:FALSE stands in {pinned} of the certificates in the trust store; this program takes a list \
                 of CAs, and so does not trust the servers that they are for"
            );
        }
        if let [first, ..] = store.distrusted() {
            log::warn!(
                "{first}, {} in all; this program takes a list of CAs, in which none of that is, and cannot \
                 reject it where a server sends it as an intermediate certificate of another CA",
                store.distrusted().len()
            );
        }
        Ok(store)
    }
}
