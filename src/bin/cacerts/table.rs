//! Certificates in a table, a line each. It may use `certificates` and `shown`.

use crate::certificates::{Entry, date};
use crate::shown::shown;
use std::io::{self, IsTerminal};

/// Hex digits of a fingerprint that tell certificates apart for people.
pub(crate) const SHORT: usize = 8;
/// Names are cut where a terminal is too narrow, and not below this.
const LEAST: usize = 8;
/// Where nothing is cut, a name that is longer than this moves what is behind it.
const MOST: usize = 32;
const HEAD: [&str; 6] = ["NAME", "ORGANISATION", "UNTIL", "KEY", "SHA-256", ""];

/// A certificate as it stands in a table: name, organisation, until when, key, fingerprint, marks.
pub(crate) struct Row([String; 6]);

impl Row {
    pub(crate) fn of(entry: &Entry<'_>) -> Self {
        let until = entry.until().as_ref().map_or_else(|| "-".to_owned(), date);
        Self([
            shown(&entry.name()),
            entry.organisation().map_or_else(|| "-".to_owned(), |text| shown(&text)),
            until,
            entry.key().unwrap_or_else(|| "-".to_owned()),
            entry.sha256.clone(),
            entry.marks_in_words(),
        ])
    }

    /// With one more mark.
    pub(crate) fn marked(mut self, mark: &str) -> Self {
        let marks = &mut self.0[5];
        *marks = if marks.is_empty() { mark.to_owned() } else { format!("{mark}, {marks}") };
        self
    }
}

/// How many columns there are where a terminal is written to; `None` where it is a file or a pipe.
pub(crate) fn width() -> Option<usize> {
    let stdout = io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    #[cfg(unix)]
    let columns = rustix::termios::tcgetwinsize(&stdout).map_or(0, |size| size.ws_col);
    #[cfg(not(unix))]
    let columns = 0_u16;
    // A terminal may not know.
    Some(if columns == 0 { 80 } else { columns.into() })
}

/// The lines of a table. For a terminal they have a head and fit into its width, for a file or a pipe
/// nothing is cut.
pub(crate) fn lines(rows: Vec<Row>, width: Option<usize>) -> Vec<String> {
    let mut rows: Vec<_> = rows.into_iter().map(|Row(cells)| cells).collect();
    if width.is_some() && !rows.is_empty() {
        for cells in &mut rows {
            cells[4].truncate(SHORT);
        }
        rows.insert(0, HEAD.map(str::to_owned));
    }
    let mut widths = [0; 6];
    for cells in &rows {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = columns(cell).max(*width);
        }
    }
    match width {
        Some(width) => {
            let others: usize = widths[2..].iter().filter(|width| **width > 0).map(|w| w + 2).sum();
            let left = width.saturating_sub(others + 2);
            // What the one does not need is the other's; names tell more than organisations.
            widths[1] = widths[1].min(left.saturating_sub(widths[0]).max(left / 3).max(LEAST));
            widths[0] = widths[0].min(left.saturating_sub(widths[1]).max(LEAST));
        }
        None => widths[..2].iter_mut().for_each(|width| *width = (*width).min(MOST)),
    }
    let line = |cells: [String; 6]| {
        let mut line = String::new();
        for (number, (cell, room)) in cells.into_iter().zip(widths).enumerate() {
            let cell = if width.is_some() && number < 2 { cut(&cell, room) } else { cell };
            let padding = room.saturating_sub(columns(&cell));
            line += &cell;
            line.extend(std::iter::repeat_n(' ', padding + 2));
        }
        line.truncate(line.trim_end().len());
        line
    };
    rows.into_iter().map(line).collect()
}

/// The beginning and the end of a text that is too long for so many columns: what tells the names of a CA
/// apart is mostly at their end.
fn cut(text: &str, room: usize) -> String {
    if columns(text) <= room {
        return text.to_owned();
    }
    let fitting = |chars: &mut dyn Iterator<Item = char>, room| {
        let mut used = 0;
        let fits = |c: &char| {
            used += width_of(*c);
            used <= room
        };
        chars.take_while(fits).collect::<Vec<_>>()
    };
    let tail = (room - 1) * 2 / 5;
    let begin = fitting(&mut text.chars(), room - 1 - tail);
    let end = fitting(&mut text.chars().rev(), tail);
    begin.into_iter().chain(['…']).chain(end.into_iter().rev()).collect()
}

/// How many columns of a terminal a text takes.
fn columns(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

/// Ideographs and what is made like them are twice as wide (Unicode, annex 11). What is combined with the
/// letter before it counts as one: a line is rather too short.
fn width_of(c: char) -> usize {
    let is_wide = matches!(c,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}');
    if is_wide { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::{Row, columns, lines};

    fn row(name: &str, organisation: &str, marks: &str) -> Row {
        let sha256 = "0123456789abcdef".repeat(4);
        Row([name, organisation, "2035-06-04", "ECDSA P-384", &sha256, marks].map(str::to_owned))
    }

    #[test]
    fn a_table_fits_a_terminal() {
        let long = "Hellenic Academic and Research Institutions ECC RootCA 2015";
        let table = |marks| {
            vec![
                row("ISRG Root X1", "Internet Security Research Group", marks),
                row(long, "-", ""),
                row("中华人民共和国信息产业部根证书颁发机构第二代", "一个很长的组织名称", ""),
            ]
        };
        for marks in ["", "expired", "distrusted, expired"] {
            for width in [80, 100, 120] {
                let lines = lines(table(marks), Some(width));
                assert!(lines[0].starts_with("NAME "), "{lines:#?}");
                assert!(lines.iter().all(|line| columns(line) <= width), "{lines:#?}");
                assert!(lines[1].ends_with(&format!("01234567  {marks}").trim_end()), "{lines:#?}");
                let at = |line: &str| columns(line.split("2035").next().unwrap());
                assert_eq!(at(&lines[1]), at(&lines[2]), "{lines:#?}");
                assert_eq!(at(&lines[1]), at(&lines[3]), "{lines:#?}");
            }
        }
        // Nothing is cut that has room.
        let wide = lines(table("expired"), Some(200));
        assert!(wide.iter().all(|line| !line.contains('…')), "{wide:#?}");
        let narrow = lines(table("expired"), Some(20));
        assert!(narrow[1].starts_with("ISRG …X1  Inter…up  2035-06-04"), "{narrow:#?}");
        assert_eq!(lines(Vec::new(), Some(80)), [""; 0]);
    }

    #[test]
    fn nothing_is_cut_for_a_file() {
        let long = "x".repeat(300);
        let lines = lines(vec![row(&long, "A", ""), row("B", &long, "no CA")], None);
        assert_eq!(lines.len(), 2);
        let sha256 = "0123456789abcdef".repeat(4);
        assert_eq!(
            lines[0],
            format!("{long}  A{}  2035-06-04  ECDSA P-384  {sha256}", " ".repeat(31))
        );
        let end = format!("{long}  2035-06-04  ECDSA P-384  {sha256}  no CA");
        assert_eq!(lines[1], format!("B{}  {end}", " ".repeat(31)));
    }
}
