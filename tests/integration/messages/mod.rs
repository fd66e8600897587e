//! The messages that people are shown, each provoked with a real file or server, on one page for a
//! person to read from top to bottom: `docs/messages.md`. It is made again and compared; with
//! `MESSAGES=write` it is written. It uses the certificates and servers of the other tests.

mod building;
mod certificates;
mod inspect;
mod network;
mod page;
mod settings;
mod stores;

use crate::support::committed;
use cacerts::defaults;
use network::Silent;
use page::Page;

const AGAIN: &str = "MESSAGES=write cargo test --features cli --test integration messages";

#[test]
fn the_page_of_messages_is_right() {
    // What else a packager may set is said in messages, and so is what the provider has; the path and the package
    // are not.
    if !cfg!(feature = "ring")
        || defaults::CACERTS_FILE_VARIABLE.is_some()
        || defaults::CACERTS_TLS_MIN_VERSION != "1.2"
        || !defaults::CACERTS_SYSTEM_CONFIG.starts_with("/etc/")
    {
        return;
    }
    let mut page = Page::new();
    let silent = Silent::start(&page);
    settings::say(&mut page);
    stores::say(&mut page);
    certificates::say(&mut page);
    network::say(&mut page, silent);
    inspect::say(&mut page);
    building::say(&mut page);
    committed::compare("docs/messages.md", &page.text(), "MESSAGES", AGAIN);
}
