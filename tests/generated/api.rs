//! The public interface of the library, as rustdoc shows it: each item, its methods and its implementations, without
//! those that every type has. It uses cargo and the pages that rustdoc writes.

use super::committed;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const FEATURES: &str = "clap,client,serde";

#[test]
fn the_public_interface_is_the_one_that_is_committed() {
    let rustdoc = env::var_os("RUSTDOC").unwrap_or_else(|| "rustdoc".into());
    let rustdoc = Command::new(rustdoc).arg("--version").output();
    let rustdoc =
        rustdoc.map(|output| String::from_utf8(output.stdout).unwrap()).unwrap_or_default();
    let version = rustdoc.split(' ').nth(1).unwrap_or("none");
    // What it shows depends on it.
    let committed_one = include_str!("api.txt").split(' ').nth(1).unwrap_or_default();
    if committed_one != version && env::var_os("GENERATED").is_none() {
        eprintln!("left out: the file is of rustdoc {committed_one}, this is {version}");
        return;
    }
    let mut text = format!("rustdoc {version} with the features {FEATURES}\n");
    for (name, lines) in pages() {
        text += &format!("\n{name}\n");
        for line in lines {
            text += &format!("    {line}\n");
        }
    }
    committed("tests/generated/api.txt", &text);
}

/// What each item's page declares.
fn pages() -> Vec<(String, BTreeSet<String>)> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join(target);
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut doc = Command::new(cargo);
    doc.args([
        "doc",
        "--quiet",
        "--locked",
        "--offline",
        "--no-deps",
        "--lib",
        "--features",
        FEATURES,
    ])
    .arg("--target-dir")
    .arg(&target)
    .current_dir(env!("CARGO_MANIFEST_DIR"));
    // What cargo tells its tests: build scripts ask for some of it, and ring would be built anew. What is baked
    // in is shown, too.
    let leave = [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_CRATE_",
        "CACERTS_DEFAULT",
        "OUT_DIR",
    ];
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| leave.iter().any(|start| name.starts_with(start))) {
            doc.env_remove(name);
        }
    }
    assert!(doc.env_remove("CARGO_BUILD_TARGET").status().unwrap().success());
    let folder = target.join("doc/cacerts");
    // There may be pages of what is no more; this one is written each time.
    let all = fs::read_to_string(folder.join("all.html")).unwrap();
    let links = all.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    // KIND.NAME.html, below its module.
    let is_item = |link: &&str| {
        let name = link.rsplit('/').next().unwrap();
        name.ends_with(".html") && name.matches('.').count() == 2 && !link.starts_with("..")
    };
    let links: BTreeSet<_> = links.filter(is_item).collect();
    assert!(links.len() > 20, "{links:?}");
    let page = |link| fs::read_to_string(folder.join(link)).unwrap();
    links.into_iter().map(|link| (link.to_owned(), declarations(&page(link)))).collect()
}

fn declarations(page: &str) -> BTreeSet<String> {
    let page = page.split("id=\"blanket-implementations\"").next().unwrap();
    let mut found = BTreeSet::new();
    for (start, end) in [
        ("<pre class=\"rust item-decl\"><code>", "</code></pre>"),
        ("<h3 class=\"code-header\">", "</h3>"),
        ("<h4 class=\"code-header\">", "</h4>"),
    ] {
        for rest in page.split(start).skip(1) {
            found.insert(text(rest.split(end).next().unwrap()));
        }
    }
    assert!(!found.is_empty());
    // The methods of traits are known by the trait, and these are rustc's own.
    let own = ["fn ", "impl Freeze ", "impl UnsafeUnpin ", "impl StructuralPartialEq "];
    found.retain(|line| !own.iter().any(|start| line.starts_with(start)));
    found
}

/// Without tags, on one line.
fn text(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<') {
        let part = part.split_once('>').map_or(part, |(_, rest)| rest);
        text += part;
    }
    for (entity, character) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, character);
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
