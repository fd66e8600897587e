//! Help that fits a terminal of 80 columns. clap breaks no lines without a crate that asks the terminal how
//! wide it is. There is no colour in it. It uses nothing.

const WIDTH: usize = 80;
/// Where what is explained is longer than this, its explanation goes on at the depth of the line.
const DEEPEST: usize = 40;

/// The same text with its long lines broken between words. What goes on stands below where it began: behind
/// the name that it explains, or as deep as the line.
pub(crate) fn wrapped(help: &str) -> String {
    let mut wrapped = String::with_capacity(help.len() + help.len() / WIDTH);
    for line in help.lines() {
        wrap(line.trim_end(), &mut wrapped);
        wrapped.push('\n');
    }
    wrapped
}

fn wrap(line: &str, wrapped: &mut String) {
    if line.chars().count() <= WIDTH {
        return wrapped.push_str(line);
    }
    let depth = depth(line);
    let (first, text) = line.split_at(line.char_indices().nth(depth).map_or(0, |(at, _)| at));
    wrapped.push_str(first);
    let mut column = depth;
    for (number, word) in text.split(' ').enumerate() {
        let length = word.chars().count();
        if number > 0 && column + 1 + length > WIDTH {
            wrapped.push('\n');
            wrapped.extend(std::iter::repeat_n(' ', depth));
            column = depth;
        } else if number > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
    }
}

/// Where the text of a line begins, in characters: behind the first two blanks that follow a name.
fn depth(line: &str) -> usize {
    let characters: Vec<_> = line.chars().collect();
    let indent = characters.iter().take_while(|c| **c == ' ').count();
    // Text at the margin has no names before it.
    let gap =
        characters[indent..].windows(2).position(|pair| pair == [' ', ' ']).filter(|_| indent > 0);
    let behind = gap.map(|gap| {
        let gap = indent + gap;
        gap + characters[gap..].iter().take_while(|c| **c == ' ').count()
    });
    behind.filter(|behind| *behind <= DEEPEST).unwrap_or(indent)
}

#[cfg(test)]
mod tests {
    use super::{WIDTH, wrapped};

    #[test]
    fn lines_are_broken_between_words() {
        let words = "Trust this PEM file or directory in addition; it may be given more than once";
        let long = "x".repeat(100);
        for (text, expected) in [
            ("Short  and as it was\n\n   ", "Short  and as it was\n\n\n"),
            (
                &*format!("      --extra-ca-certs <PATH>  {words}"),
                "      --extra-ca-certs <PATH>  Trust this PEM file or directory in addition; it\n                               \
                 may be given more than once\n",
            ),
            (
                &*format!("          {words}"),
                "          Trust this PEM file or directory in addition; it may be given more\n          \
                 than once\n",
            ),
            (
                &*format!("{words}, {words}"),
                "Trust this PEM file or directory in addition; it may be given more than once,\n\
                 Trust this PEM file or directory in addition; it may be given more than once\n",
            ),
            // A word that is too long stays whole.
            (&*format!("  a {long} b"), &*format!("  a\n  {long}\n  b\n")),
        ] {
            assert_eq!(wrapped(text), expected);
        }
        let text = format!("{words} ").repeat(20);
        let again = wrapped(&text);
        assert!(again.lines().all(|line| line.len() <= WIDTH), "{again}");
        assert_eq!(
            again.split_whitespace().collect::<Vec<_>>(),
            text.split_whitespace().collect::<Vec<_>>()
        );
    }
}
