//! The text of a cacerts note: the constants that were baked in. It may use `toml_edit`.

use serde_json::{Map, Value};

pub(crate) const DEFAULT_PATH: &str = "CACERTS_DEFAULT_PATH";
const SEARCH_PATHS: &str = "CACERTS_SEARCH_PATHS";

/// The constants by their names; `null` where there is none.
pub(crate) struct Constants(pub(crate) Map<String, Value>);

impl Constants {
    /// The note's text is that of a defaults file, where `none` stands for no path and no package.
    pub(crate) fn parse(note: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(note).map_err(|e| e.to_string());
        let parsed = text.and_then(|text| {
            let parsed = toml_edit::de::from_str::<Map<String, Value>>(text);
            parsed.map_err(|e| e.message().replace(char::is_control, " "))
        });
        let mut constants = parsed.map_err(damaged)?;
        // It may be anybody's binary: what cannot have been baked is not shown as if it had.
        match constants.get(DEFAULT_PATH) {
            Some(Value::String(path)) if !path.contains(char::is_control) => {}
            _ => return Err(damaged(format!("{DEFAULT_PATH} is not a path or none"))),
        }
        for value in constants.values_mut().filter(|value| *value == "none") {
            *value = Value::Null;
        }
        Ok(Self(constants))
    }

    /// The path that is baked in.
    pub(crate) fn default_path(&self) -> Option<&str> {
        self.0.get(DEFAULT_PATH).and_then(Value::as_str)
    }

    /// Where a program with nothing baked in searches.
    pub(crate) fn search_paths(&self) -> impl Iterator<Item = &str> {
        let paths = self.0.get(SEARCH_PATHS).and_then(Value::as_array);
        paths.into_iter().flatten().filter_map(Value::as_str)
    }

    pub(crate) fn in_words(&self) -> String {
        match self.default_path() {
            Some(path) => format!("trusts {path}"),
            None if self.search_paths().next().is_some() => {
                "nothing built in, searches for a store".to_owned()
            }
            None => "nothing built in, and nowhere to search".to_owned(),
        }
    }
}

fn damaged(why: String) -> String {
    format!("has a cacerts note that cannot be read ({why})")
}
