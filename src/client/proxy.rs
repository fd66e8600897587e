//! The proxy that the environment names.

use crate::error::{Error, ErrorKind};
use std::env;
use ureq::{Proxy, ProxyProtocol};

/// The proxy for an address, from the variables that curl knows. ureq's own reading of them passes
/// over what it does not understand, and would then connect without any proxy.
pub(super) fn from_environment(https: bool) -> Result<Option<Proxy>, Error> {
    // Not HTTP_PROXY: in a CGI program that is a header of the request.
    let own: &[&str] = if https { &["https_proxy", "HTTPS_PROXY"] } else { &["http_proxy"] };
    for name in own.iter().chain(&["all_proxy", "ALL_PROXY"]) {
        match env::var_os(name) {
            Some(value) if !value.is_empty() => {
                let text = value.to_str().unwrap_or_default();
                return match build(text) {
                    Some(proxy) => Ok(Some(proxy)),
                    None => Err(Error::new(
                        ErrorKind::InvalidSetting,
                        format!(
                            "{name} names no proxy that can be used; it has to be http://HOST:PORT, \
                             or unset"
                        ),
                    )
                    .with_setting(name)),
                };
            }
            _ => {}
        }
    }
    Ok(None)
}

/// The variable that [`from_environment`] goes by.
pub(super) fn variable(https: bool) -> Option<&'static str> {
    let own: &[&'static str] =
        if https { &["https_proxy", "HTTPS_PROXY"] } else { &["http_proxy"] };
    let mut names = own.iter().chain(&["all_proxy", "ALL_PROXY"]);
    names.find(|name| env::var_os(name).is_some_and(|value| !value.is_empty())).copied()
}

fn build(text: &str) -> Option<Proxy> {
    let named = Proxy::new(text).ok()?;
    if !matches!(named.protocol(), ProxyProtocol::Http) {
        return None;
    }
    let mut proxy = Proxy::builder(ProxyProtocol::Http).host(named.host()).port(named.port());
    if let (Some(user), Some(password)) = (named.username(), named.password()) {
        proxy = proxy.username(user).password(password);
    }
    let excepted = env::var("no_proxy").or_else(|_| env::var("NO_PROXY")).unwrap_or_default();
    for entry in excepted.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        proxy = proxy.no_proxy(entry);
    }
    proxy.build().ok()
}
