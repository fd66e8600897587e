//! Settings from a configuration file, by serde (feature `serde`).

use super::{ConfigLayer, Layer, Names, Setting, Settings, TlsVersion};
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use std::fmt;
use std::path::PathBuf;

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let layer = deserializer.deserialize_map(Table)?.without_empty_paths();
        let config = vec![ConfigLayer { file: None, layer, names: Names::KEYS }];
        Ok(Self { config, ..Self::new() })
    }
}

/// A table with the settings by their keys. Written out, so that what is no table is no settings, and
/// that a key of another system gets an answer.
struct Table;

const KEYS: [Setting; 6] = [
    Setting::CaCerts,
    Setting::ExtraCaCerts,
    Setting::ClientCert,
    Setting::ClientKey,
    Setting::Verify,
    Setting::MinTlsVersion,
];

impl<'de> Visitor<'de> for Table {
    type Value = Layer;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of TLS settings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Layer, A::Error> {
        let mut layer = Layer::default();
        let mut seen = Vec::new();
        while let Some(Key(setting)) = table.next_key()? {
            if seen.contains(&setting) {
                return Err(de::Error::duplicate_field(setting.key()));
            }
            seen.push(setting);
            match setting {
                Setting::CaCerts => layer.ca_certs = table.next_value()?,
                Setting::ExtraCaCerts => {
                    let paths = table.next_value::<Option<Paths>>()?;
                    layer.extra_ca_certs = paths.map(Vec::from).unwrap_or_default();
                }
                Setting::ClientCert => layer.client_cert = table.next_value()?,
                Setting::ClientKey => layer.client_key = table.next_value()?,
                Setting::Verify => layer.verify = table.next_value()?,
                Setting::MinTlsVersion => layer.min_tls_version = table.next_value()?,
            }
        }
        Ok(layer)
    }
}

/// Told from others where it is read, so that an error has its place in the file.
struct Key(Setting);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = String::deserialize(deserializer)?;
        let known = KEYS.into_iter().find(|setting| setting.key() == key);
        known.map(Self).ok_or_else(|| de::Error::custom(unknown(&key)))
    }
}

/// What is said of a key that there is not. Those that other systems have for the same thing are named,
/// and those that there cannot be.
fn unknown(key: &str) -> String {
    let why = match key.to_ascii_lowercase().replace(['_', '-'], "").as_str() {
        "ca" | "cacert" | "cafile" | "capath" | "cabundle" => "that is ca_certs here",
        "cert" | "certificate" | "certfile" => "that is client_cert here",
        "key" | "keyfile" => "that is client_key here",
        "insecure" | "ignoressl" | "verifysslcert" => "that is verify here, true or false",
        "protocol" | "sslversion" | "sslrelaxminimumversion" => {
            "rustls speaks neither TLS 1.0 and 1.1 nor SSL, and min_tls_version can be 1.2 or 1.3"
        }
        "servercommonnames" | "sslcns" => {
            "a server is known by the alternative names of its certificate, never by its common name"
        }
        _ => {
            let keys = KEYS.map(Setting::key).join(", ");
            return format!("unknown key {key:?}: remove it; there are {keys}");
        }
    };
    format!("unknown key {key:?}: {why}")
}

impl<'de> Deserialize<'de> for TlsVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Version)
    }
}

struct Version;

impl Visitor<'_> for Version {
    type Value = TlsVersion;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"1.2\" or \"1.3\", in quotes")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<TlsVersion, E> {
        text.parse().map_err(E::custom)
    }
}

/// One path or several.
#[derive(serde::Deserialize)]
#[serde(untagged, expecting = "a path or a list of paths")]
enum Paths {
    One(PathBuf),
    Many(Vec<PathBuf>),
}

impl From<Paths> for Vec<PathBuf> {
    fn from(paths: Paths) -> Self {
        match paths {
            Paths::One(path) => vec![path],
            Paths::Many(paths) => paths,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn what_is_not_understood_is_refused() {
        for (text, said) in [
            (r#"{"ca_cert": "/x"}"#, "unknown key \"ca_cert\": that is ca_certs here"),
            (
                r#"{"ca_crets": "/x"}"#,
                "unknown key \"ca_crets\": remove it; there are ca_certs, extra_ca_certs,",
            ),
            (r#"{"insecure": true}"#, "that is verify here, true or false"),
            (r#"{"ssl_relax_minimum_version": true}"#, "rustls speaks neither TLS 1.0 and 1.1"),
            (r#"{"serverCommonNames": "a:b"}"#, "never by its common name"),
            (r#"{"verify": true, "verify": false}"#, "duplicate field `verify`"),
            (r#"{"verify": "true"}"#, "expected a boolean"),
            (r#"{"verify": 1}"#, "expected a boolean"),
            (r#"{"ca_certs": ["/x"]}"#, "invalid type: sequence"),
            (r#"{"extra_ca_certs": 1}"#, "a path or a list of paths"),
            (r#"{"min_tls_version": "1.1"}"#, "rustls speaks neither TLS 1.0 and 1.1 nor SSL"),
            (r#"{"min_tls_version": 1.2}"#, "expected \"1.2\" or \"1.3\", in quotes"),
            (r#"["/x"]"#, "expected a table of TLS settings"),
            (r#""/x""#, "expected a table of TLS settings"),
            ("true", "expected a table of TLS settings"),
        ] {
            let error = serde_json::from_str::<Settings>(text).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn nothing_is_a_setting_that_is_not_set() {
        let null = r#"{"ca_certs": null, "extra_ca_certs": null, "client_cert": null,
            "client_key": null, "verify": null, "min_tls_version": null}"#;
        for text in [null, "{}"] {
            let settings: Settings = serde_json::from_str(text).unwrap();
            assert_eq!(settings.config[0].layer, super::Layer::default());
        }
        let settings: Settings = serde_json::from_str(r#"{"extra_ca_certs": "/x"}"#).unwrap();
        assert_eq!(settings.config[0].layer.extra_ca_certs, [std::path::Path::new("/x")]);
    }
}
