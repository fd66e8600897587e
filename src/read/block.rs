//! What a block of a PEM file came to, or what stands for one in another kind of file. It uses nothing.

use rustls::pki_types::CertificateDer;
use std::mem;

/// What one block came to.
pub(crate) struct Block {
    /// The line of its BEGIN, from 1.
    pub(crate) line: usize,
    /// The certificate, not parsed yet, or why there is none.
    pub(crate) result: Result<CertificateDer<'static>, String>,
    /// The certificate, where it is rejected for whom it is to verify: then no copy of it is to be
    /// trusted, either.
    pub(crate) rejected: Option<CertificateDer<'static>>,
    /// The certificate, where it is not trusted, and may still come to be rejected.
    refused: Option<CertificateDer<'static>>,
}

impl Block {
    pub(crate) fn new(line: usize, result: Result<CertificateDer<'static>, String>) -> Self {
        Self { line, result, rejected: None, refused: None }
    }

    /// The certificate, unless it is rejected already.
    pub(super) fn certificate(&self) -> Option<&CertificateDer<'static>> {
        self.result.as_ref().ok().or(self.refused.as_ref())
    }

    /// Is not one that is trusted.
    pub(super) fn refuse(&mut self, reason: &str) {
        if self.result.is_ok() {
            self.refused = mem::replace(&mut self.result, Err(reason.to_owned())).ok();
        }
    }

    /// Is one that is not trusted wherever it stands.
    pub(super) fn reject(&mut self, reason: &str) {
        self.refuse(reason);
        if let Some(certificate) = self.refused.take() {
            self.result = Err(reason.to_owned());
            self.rejected = Some(certificate);
        }
    }
}
