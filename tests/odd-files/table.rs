//! The table in Markdown: written, and read back.

use crate::peers::Peer;
use std::collections::HashMap;

/// A peer's column.
pub(crate) struct Column {
    pub(crate) peer: Peer,
    pub(crate) version: String,
    /// Or its cells are those of the table that is there.
    pub(crate) asked: bool,
}

#[derive(Default)]
pub(crate) struct Table {
    versions: Vec<(Peer, String)>,
    rows: Vec<Vec<String>>,
    by_name: HashMap<String, usize>,
}

const HEAD: &str = "\
# Odd files

What each makes of a file with certificates. \"of\" is how many were put into it. Each other column says
how many of them count: each certificate has issued a server's, and that is verified with nothing but the
file. \"silent\" says that some are lost and nobody is told, \"error\" that an error was given out.
OpenSSL is asked with `openssl verify -CAfile`, GnuTLS with `certtool --verify --load-ca-certificate`, Go
with `AppendCertsFromPEM`, p11-kit with `trust extract`, rustls-native-certs with `load_certs_from_paths`; for cacerts the rest of
the cell is what `skipped` or the error says. The test `odd-files` writes this table and compares it, and
writes the files into the directory that `ODD_FILES_INTO` names.

<details><summary>The table</summary>

";
const TAIL: &str = "\n</details>\n";

impl Table {
    pub(crate) fn new(columns: &[Column]) -> Self {
        let versions = columns.iter().map(|column| (column.peer, column.version.clone())).collect();
        Self { versions, ..Self::default() }
    }

    pub(crate) fn add(&mut self, name: &str, holds: usize, cells: Vec<String>, own: &str) {
        let mut row = vec![name.to_owned(), holds.to_string()];
        row.extend(cells);
        // What is said is code, so that rustdoc leaves its dashes as they are; a cell ends at a bar.
        let own = own.replace('|', "\\|");
        row.push(match own.split_once("; ") {
            Some((count, said)) => format!("{count}; `` {said} ``"),
            None if own.bytes().all(|b| b.is_ascii_digit()) => own,
            None => format!("`` {own} ``"),
        });
        self.push(row);
    }

    fn push(&mut self, row: Vec<String>) {
        let name = row[0].clone();
        let before = self.by_name.insert(name, self.rows.len());
        assert_eq!(before, None, "{row:?}: twice");
        self.rows.push(row);
    }

    pub(crate) fn text(&self) -> String {
        let peers: String = self
            .versions
            .iter()
            .map(|(peer, version)| format!(" {} {version} |", peer.name()))
            .collect();
        let mut text = format!("{HEAD}| file | of |{peers} cacerts |\n");
        text += &format!("|---|---|{}---|\n", "---|".repeat(self.versions.len()));
        for row in &self.rows {
            text += &format!("| {} |\n", row.join(" | "));
        }
        text + TAIL
    }

    /// Nothing is in it where the text is no such table.
    pub(crate) fn read(text: &str) -> Self {
        let mut table = Self::default();
        let mut lines = text.lines().filter_map(cells);
        let head = lines.next().unwrap_or_default();
        for title in head {
            let named = |peer: &Peer| title.starts_with(&format!("{} ", peer.name()));
            if let Some(peer) = Peer::ALL.into_iter().find(named) {
                table.versions.push((peer, title[peer.name().len() + 1..].to_owned()));
            }
        }
        for row in lines {
            table.push(row.into_iter().map(str::to_owned).collect());
        }
        table
    }

    pub(crate) fn version(&self, peer: Peer) -> Option<&str> {
        let (_, version) = self.versions.iter().find(|(other, _)| *other == peer)?;
        Some(version)
    }

    pub(crate) fn cell(&self, name: &str, peer: Peer) -> Option<&str> {
        let column = 2 + self.versions.iter().position(|(other, _)| *other == peer)?;
        self.rows[*self.by_name.get(name)?].get(column).map(String::as_str)
    }
}

/// The cells of a line of a table. Only the last, which is never looked at, may have a bar in it.
fn cells(line: &str) -> Option<Vec<&str>> {
    Some(line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect())
}
