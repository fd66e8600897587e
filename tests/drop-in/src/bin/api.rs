//! Compares the public API of two crates: `api ORIGINAL.json DROP-IN.json`, both from rustdoc. It writes
//! a line for each item that is missing, additional or different, and below a different one what it is
//! here and there.
//!
//! An item is its path, and all that rustdoc says of it except what no user of it can see: where it
//! stands, its text, the names of arguments, and a constant's value. Traits that are implemented count,
//! those that the compiler implements by itself (Send, Sync, Unpin ...) included.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut apis = env::args().skip(1).map(|path| {
        let text = std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
        Crate(serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{path}: {e}"))).api()
    });
    let (Some(original), Some(drop_in), None) = (apis.next(), apis.next(), apis.next()) else {
        eprintln!("usage: api ORIGINAL.json DROP-IN.json");
        return ExitCode::from(2);
    };
    assert!(!original.is_empty(), "there is nothing in the original");
    // A type that is additional needs no word on what it implements.
    let of_additional = |path: &str| {
        path.rsplit_once(" for ").is_some_and(|(_, name)| {
            let item = format!("struct {name}");
            drop_in.contains_key(&item) && !original.contains_key(&item)
        })
    };
    for path in original.keys().chain(drop_in.keys()).collect::<BTreeSet<_>>() {
        if of_additional(path) {
            continue;
        }
        match (original.get(path), drop_in.get(path)) {
            (Some(_), None) => println!("missing {path}"),
            (None, Some(_)) => println!("additional {path}"),
            (here, there) if here == there => {}
            (here, there) => {
                println!("different {path}");
                for (of, items) in [("original", here), ("drop-in", there)] {
                    items.into_iter().flatten().for_each(|item| println!("    {of}: {item}"));
                }
            }
        }
    }
    ExitCode::SUCCESS
}

/// Items by what they are and where they are; one place can have several, such as implementations.
type Api = BTreeMap<String, BTreeSet<String>>;

/// What rustdoc has written.
struct Crate(Value);

impl Crate {
    fn api(&self) -> Api {
        let mut api = Api::new();
        let root = self.item(&self.0["root"]).expect("the crate itself");
        self.walk_all(&root["inner"]["module"]["items"], "", &mut api);
        api
    }

    /// An item that is documented.
    fn item(&self, id: &Value) -> Option<&Value> {
        self.0["index"].get(id.to_string())
    }

    /// The whole path of what is named, here or in another crate.
    fn path(&self, id: &Value) -> Option<String> {
        let named = self.0["paths"].get(id.to_string())?;
        let path: Vec<_> = named["path"].as_array()?.iter().filter_map(Value::as_str).collect();
        // In which of its own modules a crate keeps it is nobody's business.
        Some(if named["crate_id"] == 0 { (*path.last()?).to_owned() } else { path.join("::") })
    }

    fn walk_all(&self, ids: &Value, inside: &str, api: &mut Api) {
        for item in ids.as_array().into_iter().flatten().filter_map(|id| self.item(id)) {
            self.walk(item, inside, api);
        }
    }

    fn walk(&self, item: &Value, inside: &str, api: &mut Api) {
        let (kind, inner) =
            item["inner"].as_object().and_then(|o| o.iter().next()).expect("a kind");
        let name = item["name"].as_str().unwrap_or_default();
        let path = |name: &str| match inside {
            "" => name.to_owned(),
            _ => format!("{inside}::{name}"),
        };
        match kind.as_str() {
            // What stands here for something else is that; the place where it is written is nobody's
            // business.
            "use" => match self.item(&inner["id"]) {
                Some(used) if inner["is_glob"] == true => {
                    self.walk_all(&used["inner"]["module"]["items"], inside, api);
                }
                Some(used) => self.walk(used, inside, api),
                None => {
                    let used = path(inner["name"].as_str().unwrap_or_default());
                    let source = inner["source"].to_string();
                    api.entry(format!("use {used}")).or_default().insert(source);
                }
            },
            "impl" => self.walk_impl(inner, inside, api),
            _ => {
                let path = path(name);
                let seen = api.entry(format!("{kind} {path}")).or_default();
                seen.insert(self.seen(item, inner).to_string());
                let kind = &inner["kind"];
                for members in [
                    &inner["items"],
                    &inner["impls"],
                    &inner["implementations"],
                    &inner["variants"],
                    &inner["fields"],
                    &kind["plain"]["fields"],
                    &kind["struct"]["fields"],
                    &kind["tuple"],
                ] {
                    self.walk_all(members, &path, api);
                }
            }
        }
    }

    fn walk_impl(&self, inner: &Value, inside: &str, api: &mut Api) {
        if !inner["blanket_impl"].is_null() {
            return;
        }
        if inner["trait"].is_null() {
            return self.walk_all(&inner["items"], inside, api);
        }
        let [of, by] = ["trait", "for"].map(|key| self.norm(&inner[key]));
        // They cannot be named in a program.
        if ["Freeze", "TrivialClone", "UnsafeUnpin"].contains(&&*short(&of)) {
            return;
        }
        let what = [&inner["generics"], &inner["is_negative"], &inner["is_unsafe"]];
        let what: Vec<_> = what.into_iter().map(|value| self.norm(value)).collect();
        api.entry(format!("impl {} for {}", short(&of), short(&by)))
            .or_default()
            .insert(format!("{of} for {by} {}", Value::from(what)));
    }

    /// All of an item that can be seen by who uses it, without what is inside it.
    fn seen(&self, item: &Value, inner: &Value) -> Value {
        let mut seen = Map::new();
        for (key, value) in inner.as_object().into_iter().flatten() {
            let value = match key.as_str() {
                "items" | "impls" | "implementations" | "variants" | "fields" | "const" => continue,
                "has_body" | "is_stripped" => continue,
                // The kind of a struct or a variant; its fields are items.
                "kind" if value.is_object() => Value::from(match value.as_object() {
                    Some(kind) => kind.keys().cloned().collect::<Vec<_>>(),
                    None => Vec::new(),
                }),
                "sig" => {
                    let inputs = value["inputs"].as_array().into_iter().flatten();
                    let types: Vec<_> = inputs.map(|input| self.norm(&input[1])).collect();
                    serde_json::json!([types, self.norm(&value["output"])])
                }
                _ => self.norm(value),
            };
            seen.insert(key.clone(), value);
        }
        if inner.is_string() {
            seen.insert("kind".to_owned(), inner.clone());
        } else if item["inner"].get("struct_field").is_some() {
            seen.insert("type".to_owned(), self.norm(inner));
        }
        seen.insert("deprecation".to_owned(), item["deprecation"].clone());
        let attributes = item["attrs"].as_array().into_iter().flatten();
        let attributes = attributes.filter(|attribute| {
            let text = attribute.to_string();
            text.contains("non_exhaustive") || text.contains("must_use")
        });
        seen.insert("attributes".to_owned(), attributes.cloned().collect());
        Value::Object(seen)
    }

    /// Without numbers, which mean something in one file only, and with whole paths.
    fn norm(&self, value: &Value) -> Value {
        match value {
            Value::Array(values) => values.iter().map(|value| self.norm(value)).collect(),
            Value::Object(object) => {
                let path = object.get("id").and_then(|id| self.path(id));
                let mut object: Map<_, _> = object
                    .iter()
                    .filter(|(key, _)| *key != "id")
                    .map(|(key, value)| (key.clone(), self.norm(value)))
                    .collect();
                // `impl Trait` as an argument, by the words in which it is written.
                if object.contains_key("kind")
                    && value.pointer("/kind/type/is_synthetic") == Some(&true.into())
                {
                    object.remove("name");
                }
                if object
                    .get("generic")
                    .and_then(Value::as_str)
                    .is_some_and(|g| g.starts_with("impl "))
                {
                    object.insert("generic".to_owned(), "impl".into());
                }
                if let (Some(path), true) = (path, object.contains_key("path")) {
                    object.insert("path".to_owned(), path.into());
                }
                // In a constant it need not be written.
                if object.get("lifetime").is_some_and(|lifetime| lifetime == "'static") {
                    object.insert("lifetime".to_owned(), Value::Null);
                }
                Value::Object(object)
            }
            _ => value.clone(),
        }
    }
}

/// A type or trait as a person would call it.
fn short(value: &Value) -> String {
    let inner = value.get("resolved_path").unwrap_or(value);
    match inner.get("path").and_then(Value::as_str) {
        Some(path) => path.rsplit("::").next().unwrap_or(path).to_owned(),
        None => value.to_string(),
    }
}
