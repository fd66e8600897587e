//! What a package depends on, by its own metadata: as names, whatever the versions and the alternatives
//! are. It uses nothing.

use std::collections::BTreeSet;

/// The fields of a Debian package without which it is not installed.
const FIELDS: [&str; 2] = ["Depends", "Pre-Depends"];
/// The names that an RPM package requires, as an array of strings.
const REQUIRE_NAME: u32 = 1049;
const STRINGS: u32 = 8;
/// The size of an entry in the index of a header.
const ENTRY: usize = 16;

/// By the file `control`.
pub(crate) fn of_deb(control: &[u8]) -> BTreeSet<String> {
    let control = String::from_utf8_lossy(control);
    let (mut names, mut is_wanted) = (BTreeSet::new(), false);
    for line in control.lines() {
        let value = match line.split_once(':') {
            _ if line.starts_with([' ', '\t']) => line,
            Some((field, value)) => {
                is_wanted = FIELDS.iter().any(|wanted| field.eq_ignore_ascii_case(wanted));
                value
            }
            None => continue,
        };
        if is_wanted {
            let words = value.split([',', '|']).filter_map(|one| one.split_whitespace().next());
            let names_only = words.map(|word| word.split([':', '(']).next().unwrap_or_default());
            names.extend(names_only.filter(|name| !name.is_empty()).map(str::to_owned));
        }
    }
    names
}

/// By the header: the index, with so many entries, and the data after it.
pub(crate) fn of_rpm(header: &[u8], entries: usize) -> BTreeSet<String> {
    let Some((index, data)) = header.split_at_checked(entries.saturating_mul(ENTRY)) else {
        return BTreeSet::new();
    };
    let number = |entry: &[u8], at| {
        u32::from_be_bytes([entry[at], entry[at + 1], entry[at + 2], entry[at + 3]])
    };
    let wanted = index
        .chunks_exact(ENTRY)
        .find(|entry| number(entry, 0) == REQUIRE_NAME && number(entry, 4) == STRINGS);
    let names = wanted.and_then(|entry| {
        let data = data.get(number(entry, 8) as usize..)?;
        let names = data.split(|&byte| byte == 0).take(number(entry, 12) as usize);
        Some(names.map(|name| String::from_utf8_lossy(name).into_owned()).collect())
    });
    names.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{of_deb, of_rpm};

    #[test]
    fn the_fields_of_a_control_file_are_read() {
        let control =
            b"Package: app\nDepends: libc6 (>= 2.36), a:any | b(<< 1),\n c\n,d\nPre-Depends: e\n\
            Recommends: f\n g\nDescription: h\n Depends: i\n";
        let names: Vec<_> = of_deb(control).into_iter().collect();
        assert_eq!(names, ["a", "b", "c", "e", "libc6"]);
    }

    #[test]
    fn the_names_in_a_header_of_rpm_are_read() {
        let entry = |numbers: [u32; 4]| numbers.map(u32::to_be_bytes).concat();
        let header = |offset, count| {
            let index = [entry([1000, 6, 0, 1]), entry([1049, 8, offset, count])].concat();
            [&index[..], b"name\0ca-certificates\0/bin/sh\0rest\0"].concat()
        };
        let names = |offset, count, entries| {
            of_rpm(&header(offset, count), entries).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(names(5, 2, 2), ["/bin/sh", "ca-certificates"]);
        assert_eq!(names(5, 2, 1), [""; 0]);
        assert_eq!(names(u32::MAX, 2, 2), [""; 0]);
        assert_eq!(names(5, 2, usize::MAX), [""; 0]);
        assert_eq!(names(5, u32::MAX, 2).len(), 4);
    }
}
