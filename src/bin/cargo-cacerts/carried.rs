//! The files that this command carries: the library's sources, and the drop-ins in
//! `packaging/drop-in`. The list is the build script's.

/// Each file's path in the source tree, and its bytes; sorted by path.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/carried.rs"));

/// Where the drop-ins are.
pub(crate) const DROP_INS: &str = "packaging/drop-in/";

/// The library: paths relative to its folder.
pub(crate) fn library() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    FILES.iter().copied().filter(|(path, _)| !path.starts_with(DROP_INS))
}

/// The files of a folder below `packaging/drop-in`: paths relative to it.
pub(crate) fn drop_in(folder: &str) -> impl Iterator<Item = (&'static str, &'static [u8])> {
    FILES.iter().filter_map(move |(path, bytes)| {
        let path = path.strip_prefix(DROP_INS)?.strip_prefix(folder)?.strip_prefix('/')?;
        Some((path, *bytes))
    })
}

/// One file of the library or of the folder with the drop-ins.
pub(crate) fn file(path: &str) -> &'static [u8] {
    let found = FILES.binary_search_by_key(&path, |(path, _)| path);
    found.map_or_else(|_| panic!("{path} is not carried"), |at| FILES[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    #[test]
    fn what_is_carried_is_what_is_on_disk() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for (path, bytes) in FILES {
            assert_eq!(&fs::read(root.join(path)).expect(path), bytes, "{path}");
        }
        let mut found = Vec::new();
        for top in ["src", "packaging/drop-in"] {
            let mut folders = vec![root.join(top)];
            while let Some(folder) = folders.pop() {
                for entry in fs::read_dir(folder).unwrap() {
                    let path = entry.unwrap().path();
                    let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                    match path.is_dir() {
                        true if name == "src/bin" || name.ends_with("/tests") => {}
                        true => folders.push(path),
                        false => found.push(name),
                    }
                }
            }
        }
        let single = ["Cargo.toml", "build.rs", "defaults.toml", "docs/odd-files.md"];
        found.extend(single.map(str::to_owned));
        found.sort();
        let carried: Vec<_> = FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(carried, found);
    }
}
