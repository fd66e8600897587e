//! Addresses, proxies and `no_proxy`: no password is ever shown, and no proxy that is set is passed over.

#![no_main]

use cacerts::fuzzing::client::{covers, proxy, server, shown};
use libfuzzer_sys::fuzz_target;

const SECRET: &str = "s3cret";

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut lines = text.split('\n');
    let [url, value, list] = [(); 3].map(|()| lines.next().unwrap_or_default());
    if text.contains("ret") {
        return;
    }
    is_hidden(url);
    is_hidden(value);
    let whole = format!("https://{url}");
    if let Some((server, host)) = server(&whole) {
        assert!(!server.contains('@'), "{server}");
        assert!(server.starts_with(&host), "{server} is not at {host}");
        is_gone_through(&whole, &host, value, list);
    }
});

/// User and password, wherever they stand before a host, are in no message.
fn is_hidden(rest: &str) {
    for begin in ["https://", "http://", "", "//"] {
        let url = format!("{begin}user:{SECRET}@{rest}");
        assert!(!shown(&url).contains(SECRET), "{url} is shown: {}", shown(&url));
        let variable = |name: &str| (name == "all_proxy").then(|| url.clone().into());
        match proxy("https://host.example/", variable) {
            Ok(Some(proxy)) => {
                let said = format!("{proxy} {proxy:?} {}", proxy.address());
                assert!(!said.contains(SECRET), "{url} is shown: {said}");
            }
            Ok(None) => panic!("{url} is passed over"),
            Err(e) => assert!(!format!("{e} {e:?}").contains(SECRET), "{url} is shown: {e:?}"),
        }
    }
}

/// A proxy is used, or is an error, unless the host is excepted; and more exceptions except no fewer.
fn is_gone_through(url: &str, host: &str, value: &str, list: &str) {
    let with = |list: String| {
        proxy(url, move |name| match name {
            "https_proxy" => Some(value.into()),
            "no_proxy" => Some(list.clone().into()),
            _ => None,
        })
    };
    let is_passed_over = |list: &str| matches!(with(list.to_owned()), Ok(None));
    assert_eq!(is_passed_over(""), value.is_empty());
    if value.is_empty() {
        return;
    }
    assert!(is_passed_over("*") && is_passed_over(&format!("{list},*")));
    let is_excepted = is_passed_over(list);
    for port in [443, 8443] {
        if covers(list, host, port) {
            assert!(covers(&format!("x.test,{list} 10.0.0.0/8"), host, port), "{list}: {host}");
        }
        // A host is below itself; with a dot at its end, too.
        let is_name = host.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
        if is_name && !host.starts_with('.') && !host.ends_with('.') {
            let is_address = host.parse::<std::net::IpAddr>().is_ok();
            assert!(covers(host, host, port), "{host}");
            assert_eq!(covers(&format!(".{host}"), host, port), !is_address, "{host}");
            assert!(covers(host, &format!("a.{host}"), port) || is_address, "{host}");
            assert!(!covers(host, &format!("a{host}"), port) || is_address, "{host}");
            assert!(!covers(&format!("{host}:{port}"), host, port - 1), "{host}");
        }
    }
    if is_excepted {
        assert!(is_passed_over(&format!("{list},x.test")), "{list}");
    }
}
