//! What a packager or cargo writes: `defaults.toml`, and `Cargo.lock`. The first byte says which.

#![no_main]
// Of both rooms not everything is used.
#![allow(dead_code, unused_imports, unreachable_pub)]

#[path = "../../src/bake/mod.rs"]
mod bake;
#[path = "../../src/bin/cargo-cacerts/lock.rs"]
mod lock;

use bake::Defaults;
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeSet;

fuzz_target!(|bytes: &[u8]| match bytes.split_first() {
    Some((b'L', text)) => is_read_as_a_lock(text),
    Some((_, text)) => is_baked(text),
    None => {}
});

fn is_baked(text: &[u8]) {
    let file = |text: &[u8]| bake::File::new("defaults.toml", text.to_vec());
    let Ok(shipped) = file(text) else { return };
    let baked = bake::bake(&shipped, None, None, false);
    let Ok(defaults) = baked else {
        let error = baked.unwrap_err().to_string();
        assert!(error.starts_with("defaults.toml:"), "{error}");
        return;
    };
    let paths = defaults.default_path.iter().chain(&defaults.search_paths);
    for path in paths.chain([&defaults.system_config]) {
        assert!(path.starts_with('/') && !path.contains(char::is_control), "{path:?}");
        assert!(!path.split('/').any(|part| part == ".."), "{path:?}");
    }
    // What is generated has the same values, and nothing beside them.
    let mut written: Vec<String> = Vec::new();
    let source = syn::parse_file(&defaults.render()).expect("it is Rust");
    for item in &source.items {
        let syn::Item::Const(constant) = item else { panic!("it has more than constants") };
        strings(&constant.expr, &mut written);
    }
    // It is in the ELF note as well, as a file that says the same.
    let note = written.pop().expect("the note is the last");
    let again = bake::bake(&file(note.as_bytes()).expect("UTF-8"), None, None, false);
    assert_eq!(again.expect("a note can be read"), defaults);
    let Defaults { default_path, file_variable, package, search_paths, .. } = &defaults;
    let mut expected: Vec<_> =
        default_path.iter().chain(file_variable).chain(package).chain(search_paths).collect();
    expected.extend([&defaults.system_config, &defaults.tls_min_version]);
    assert_eq!(written.iter().collect::<Vec<_>>(), expected);
    // The documented way to set it, for a file that does not.
    let line = b"\nCACERTS_DEFAULT_PATH = \"/x.pem\"\n";
    let appended = file(&[text, line].concat()).expect("it was UTF-8");
    let again = bake::bake(&appended, None, None, false);
    match (defaults.default_path, again) {
        (None, Ok(again)) => assert_eq!(again.default_path.as_deref(), Some("/x.pem")),
        // It says none.
        (None, Err(e)) => assert!(e.to_string().contains("a second time"), "{e}"),
        (Some(_), again) => assert!(again.is_err(), "one of two is taken"),
    }
    let over = bake::bake(&shipped, Some(&shipped), Some("/y.pem"), false);
    assert_eq!(over.expect("it was good").default_path.as_deref(), Some("/y.pem"));
}

/// The strings in an expression, in their order.
fn strings(expression: &syn::Expr, into: &mut Vec<String>) {
    match expression {
        syn::Expr::Lit(literal) => match &literal.lit {
            syn::Lit::Str(text) => into.push(text.value()),
            _ => panic!("it has another literal"),
        },
        syn::Expr::Reference(reference) => strings(&reference.expr, into),
        syn::Expr::Array(array) => array.elems.iter().for_each(|one| strings(one, into)),
        syn::Expr::Call(call) => call.args.iter().for_each(|one| strings(one, into)),
        syn::Expr::Path(_) => {}
        _ => panic!("it has another expression"),
    }
}

fn is_read_as_a_lock(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    let Ok(lock) = lock::Lock::parse(text) else { return };
    let peer: toml::Table = text.parse().expect("another reader takes it, too");
    let tables = peer.get("package").and_then(toml::Value::as_array);
    let name = |table: &toml::Value| {
        let text = |key| table.get(key).and_then(toml::Value::as_str).map(str::to_owned);
        let source = text("source").map(|source| source.split('#').next().unwrap().to_owned());
        (text("name").unwrap_or_default(), text("version").unwrap_or_default(), source)
    };
    let expected: BTreeSet<_> = tables.into_iter().flatten().map(name).collect();
    let found: BTreeSet<_> =
        lock.packages().map(|p| (p.name.clone(), p.version.clone(), p.source.clone())).collect();
    assert_eq!(found, expected);
    // What is as it was has not changed; and none is reached that is not there.
    let none = BTreeSet::new();
    assert_eq!(lock.changed(&lock, &none, None), None);
    let reached = lock.reached(|_| true);
    assert!(reached.iter().all(|package| lock.packages().any(|one| one == package)));
    assert!(reached.iter().all(lock::Package::is_from_crates_io));
}
