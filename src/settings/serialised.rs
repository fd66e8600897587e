//! Settings from a configuration file, by serde (feature `serde`).

use super::{ConfigLayer, Layer, Names, Settings, TlsVersion};
use serde::{Deserialize, Deserializer, de};
use std::path::PathBuf;

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let layer = Layer::deserialize(deserializer)?.without_empty_paths();
        let config = vec![ConfigLayer { file: None, layer, names: Names::KEYS }];
        Ok(Self { config, ..Self::new() })
    }
}

impl<'de> Deserialize<'de> for TlsVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

pub(super) fn one_or_many<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<PathBuf>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a path or a list of paths")]
    enum Paths {
        One(PathBuf),
        Many(Vec<PathBuf>),
    }
    Ok(match Paths::deserialize(d)? {
        Paths::One(path) => vec![path],
        Paths::Many(paths) => paths,
    })
}
