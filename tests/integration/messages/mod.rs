//! The messages that people are shown, each provoked with a real file or server, on one page for a
//! person to read from top to bottom: `docs/messages.md`. It is made again and compared; with
//! `MESSAGES=write` it is written. It uses the certificates and servers of the other tests.

mod certificates;
mod network;
mod page;
mod settings;
mod stores;

use cacerts::defaults;
use page::Page;
use std::{env, fs};

const NAME: &str = "docs/messages.md";
const AGAIN: &str = "MESSAGES=write cargo test --features cli --test integration messages";

#[test]
fn the_page_of_messages_is_right() {
    // What else a packager may set is said in messages; the path and the package are not.
    if defaults::CACERTS_FILE_VARIABLE.is_some()
        || defaults::CACERTS_TLS_MIN_VERSION != "1.2"
        || !defaults::CACERTS_SYSTEM_CONFIG.starts_with("/etc/")
    {
        return;
    }
    let mut page = Page::new();
    settings::say(&mut page);
    stores::say(&mut page);
    certificates::say(&mut page);
    network::say(&mut page);
    let new = page.text();
    let path = format!("{}/{NAME}", env!("CARGO_MANIFEST_DIR"));
    if env::var_os("MESSAGES").is_some_and(|value| value == "write") {
        fs::write(path, new).unwrap();
        return;
    }
    let old = fs::read_to_string(path).unwrap_or_default();
    for (number, (old, new)) in old.lines().zip(new.lines()).enumerate() {
        assert_eq!(old, new, "{NAME}:{} differs; to write it again: {AGAIN}", number + 1);
    }
    assert!(old == new, "{NAME} differs; to write it again: {AGAIN}");
}
