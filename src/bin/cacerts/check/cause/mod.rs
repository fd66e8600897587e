//! Why a handshake came to nothing: a fixed word for each cause, whom it concerns, a sentence, and what to
//! do next. Pure: all it goes by is handed in.

mod certificate;
mod client;
mod issuer;
mod limits;
mod name;
mod network;
#[cfg(test)]
mod network_tests;
mod path;
mod settings;
#[cfg(test)]
pub(super) mod tests;

use super::certificate::{Certificate, Named};
use cacerts::{Error, ErrorKind, Handshake, Stage};
pub(super) use path::Path;
use rustls::pki_types::CertificateDer;

/// What one can do that no CA has issued.
const JUST_THIS: &str = "To trust just this one, get the certificate from whoever runs the server, \
                         never from this connection, and name it:\n    --ca-certs FILE";
/// How many names of a certificate are shown.
const NAMES: usize = 8;

/// What a cause is found by.
pub(super) struct Facts<'a> {
    pub(super) handshake: &'a Handshake,
    /// As sent.
    pub(super) chain: &'a [Certificate],
    pub(super) store: &'a dyn Store,
    /// In seconds since 1970, by this machine's clock.
    pub(super) now: i64,
    /// A time that has certainly been: something on this machine was written then.
    pub(super) past: i64,
}

/// The certificates of the store that is gone by.
pub(super) trait Store {
    /// Those with this subject.
    fn named(&self, subject: &[u8]) -> Vec<Certificate>;
    /// Those of them that the handshake has gone by.
    fn gone_by(&self, subject: &[u8]) -> Vec<Certificate>;
    /// All of them.
    fn all(&self) -> Vec<CertificateDer<'static>>;
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cause {
    /// A word that stays.
    pub(super) reason: &'static str,
    /// A sentence that begins with the server.
    pub(super) sentence: String,
    /// Which of the certificates sent is to blame.
    pub(super) certificate: Option<usize>,
    /// The CA that is missing.
    pub(super) wanted: Option<Named>,
    /// What to do, in paragraphs.
    pub(super) steps: Vec<String>,
    /// What it comes to.
    pub(super) answer: Answer,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Answer {
    /// The server is not trusted, or does not trust this client.
    No,
    /// Nothing is known of the server.
    None,
    /// Something here is set wrong.
    Here,
}

impl Cause {
    fn new(answer: Answer, reason: &'static str, sentence: impl Into<String>) -> Self {
        let sentence = sentence.into();
        Self { reason, sentence, certificate: None, wanted: None, steps: Vec::new(), answer }
    }

    fn no(reason: &'static str, sentence: impl Into<String>) -> Self {
        Self::new(Answer::No, reason, format!("is not trusted: {}", sentence.into()))
    }

    /// For tests of what is made of one.
    #[cfg(test)]
    pub(super) fn wanting(reason: &'static str, wanted: Named) -> Self {
        Self { wanted: Some(wanted), ..Self::no(reason, "its CA is not in the store") }
    }

    fn at(mut self, certificate: usize) -> Self {
        self.certificate = Some(certificate);
        self
    }

    fn step(mut self, step: impl Into<String>) -> Self {
        self.steps.push(step.into());
        self
    }
}

/// Why there was no success.
pub(super) fn find(facts: &Facts<'_>, error: &Error) -> Cause {
    match error.kind() {
        _ if facts.handshake.stage == Stage::Settings => settings::find(error),
        // While an issuer was looked for.
        ErrorKind::StoreInvalid | ErrorKind::StoreMissing => {
            let sentence = format!("could not be verified: {error}");
            Cause::new(Answer::Here, "store-unusable", sentence)
        }
        ErrorKind::ServerNotTrusted => certificate::find(facts, error.tls(), &error.to_string()),
        _ => client::find(facts, error.tls()).unwrap_or_else(|| {
            let proxy = facts.handshake.proxy.as_ref();
            let proxy = proxy.map(|proxy| (proxy.address(), proxy.variable()));
            let text = error.to_string();
            let setting = error.setting().map(|setting| (setting, error.path()));
            let said = network::Said { text: &text, tls: error.tls(), setting };
            network::find(facts.handshake, proxy, &said)
        }),
    }
}
