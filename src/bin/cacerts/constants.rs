//! `defaults`: what is built in.

use crate::failure::Failure;
use crate::output;
use cacerts::defaults;
use serde_json::{Value, json};

pub(crate) fn defaults(json: bool) -> Result<(), Failure> {
    let constants = [
        ("CACERTS_DEFAULT_PATH", json!(defaults::CACERTS_DEFAULT_PATH)),
        ("CACERTS_FILE_VARIABLE", json!(defaults::CACERTS_FILE_VARIABLE)),
        ("CACERTS_PACKAGE", json!(defaults::CACERTS_PACKAGE)),
        ("CACERTS_SEARCH_PATHS", json!(defaults::CACERTS_SEARCH_PATHS)),
        ("CACERTS_SYSTEM_CONFIG", json!(defaults::CACERTS_SYSTEM_CONFIG)),
        ("CACERTS_TLS_MIN_VERSION", json!(defaults::CACERTS_TLS_MIN_VERSION)),
    ];
    if json {
        return output::json(&constants.into_iter().map(|(k, v)| (k.to_owned(), v)).collect());
    }
    for (key, value) in constants {
        match value {
            Value::Null => output::line(format_args!("{key}: none"))?,
            Value::Array(values) => {
                output::line(format_args!("{key}:"))?;
                for value in values {
                    output::line(format_args!("    {}", value.as_str().unwrap_or_default()))?;
                }
            }
            value => output::line(format_args!("{key}: {}", value.as_str().unwrap_or_default()))?,
        }
    }
    Ok(())
}
