//! What `cacerts check` says of a server, as a person and as a program reads it.

use super::User;
use super::command::text;
use serde_json::Value;
use std::path::Path;

/// The same check twice.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) code: Option<i32>,
    pub(crate) text: String,
    pub(crate) json: Value,
}

/// Checks with this store, and these arguments and variables.
pub(crate) fn check_with(store: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Check {
    let user = User::new();
    let run = |more: &[&str]| {
        let check =
            user.cacerts(&[&["check", "--ca-certs", text(store)], arguments, more].concat());
        variables.iter().fold(check, |check, (name, value)| check.env(name, value)).run()
    };
    let (plain, json) = (run(&[]), run(&["--json"]));
    assert_eq!((plain.code, &plain.stderr), (json.code, &json.stderr), "{plain:#?}");
    let parsed = serde_json::from_str(&json.stdout);
    let json: Value = parsed.unwrap_or_else(|e| panic!("{e}: {json:#?} {plain:#?}"));
    let check = Check { code: plain.code, text: plain.stdout, json };
    check.is_a_screen();
    check
}

pub(crate) fn check(store: &Path, server: &str) -> Check {
    check_with(store, &[server], &[])
}

impl Check {
    /// What holds for every screen: within 80 columns but for commands and paths, nothing that a
    /// terminal obeys, and the same as the fields have.
    #[track_caller]
    fn is_a_screen(&self) {
        for line in self.text.lines() {
            let is_one_word = line.split_whitespace().count() <= 2;
            let is_command = line.starts_with("      ") && !line.starts_with("       ");
            let is_narrow = line.chars().count() <= 80 || is_command || is_one_word;
            assert!(is_narrow, "{} columns: {line}\n{}", line.chars().count(), self.text);
            assert!(!line.chars().any(char::is_control), "{line:?}");
        }
        if let Some(message) = self.json["message"].as_str() {
            assert!(self.words().starts_with(message), "{message}: {}", self.text);
        }
    }

    /// The text as if it was not broken into lines.
    pub(crate) fn words(&self) -> String {
        self.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The answer is this one, with all of these words.
    #[track_caller]
    pub(crate) fn says(&self, code: i32, reason: &str, words: &[&str]) {
        assert_eq!(
            (self.code, self.json["reason"].as_str()),
            (Some(code), Some(reason)),
            "{self:#?}"
        );
        let verified = match code {
            3 => Value::Null,
            // It has answered, and shown no certificate.
            _ if reason.starts_with("no-common-") => Value::Null,
            _ if reason.starts_with("client-certificate") || reason == "expires-soon" => {
                true.into()
            }
            _ => false.into(),
        };
        assert_eq!(self.json["verified"], verified, "{}", self.text);
        for word in words {
            assert!(self.words().contains(word), "{word:?} is not said:\n{}", self.text);
        }
    }

    /// All is well.
    #[track_caller]
    pub(crate) fn trusts(&self) {
        assert_eq!(self.code, Some(0), "{self:#?}");
        assert_eq!((&self.json["verified"], &self.json["reason"]), (&true.into(), &Value::Null));
        assert!(self.words().contains(" is trusted "), "{}", self.text);
    }

    /// Which of the certificates sent is to blame.
    #[track_caller]
    pub(crate) fn blames(&self, certificate: usize) {
        assert_eq!(self.json["certificate"], certificate, "{self:#?}");
    }
}
