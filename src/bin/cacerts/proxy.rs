//! By what the proxy is set, for `explain`. It may use `shown`; what a request goes through, the library
//! decides by the same variables.

use crate::shown::shown;
use serde_json::{Value, json};
use std::env;

/// For https:// and for http://, the first that is set.
const HTTPS: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
/// Not HTTP_PROXY: in a CGI program that is a header of the request.
const HTTP: [&str; 3] = ["http_proxy", "all_proxy", "ALL_PROXY"];
const EXCEPT: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// A variable and its value.
type Set = Option<(&'static str, String)>;

/// What the environment says of proxies.
pub(crate) struct Proxies {
    https: Set,
    http: Set,
    except: Set,
}

impl Proxies {
    pub(crate) fn set() -> Self {
        let (https, http) = (first(&HTTPS).map(without_user), first(&HTTP).map(without_user));
        Self { https, http, except: first(&EXCEPT) }
    }

    /// A line for each scheme.
    pub(crate) fn in_words(&self) -> Vec<String> {
        if self.https.is_none() && self.http.is_none() {
            return vec!["No proxy is set.".to_owned()];
        }
        let except = match &self.except {
            Some((name, hosts)) => format!(", not for {} ({name})", shown(hosts)),
            None => String::new(),
        };
        let line = |scheme, set: &Set| match set {
            Some((name, address)) => {
                format!("Proxy for {scheme}: {} ({name}){except}", shown(address))
            }
            None => format!("Proxy for {scheme}: none"),
        };
        vec![line("https", &self.https), line("http", &self.http)]
    }

    pub(crate) fn to_json(&self) -> Value {
        let set = |set: &Set| {
            set.as_ref().map(|(name, value)| json!({ "setting": name, "value": value }))
        };
        json!({ "https": set(&self.https), "http": set(&self.http), "except": set(&self.except) })
    }
}

/// The first that is set; empty counts as not set.
fn first(names: &[&'static str]) -> Set {
    let value = |name: &&'static str| {
        let value = env::var_os(name).filter(|value| !value.is_empty())?;
        Some((*name, value.to_string_lossy().into_owned()))
    };
    names.iter().find_map(value)
}

/// A password may have anything in it, so that all before the last @ is left out.
fn without_user((name, value): (&'static str, String)) -> (&'static str, String) {
    let (scheme, rest) =
        value.split_once("://").map_or(("", &*value), |(scheme, rest)| (scheme, rest));
    let separator = if scheme.is_empty() { "" } else { "://" };
    let server = rest.rsplit('@').next().unwrap_or_default();
    (name, format!("{scheme}{separator}{server}"))
}
