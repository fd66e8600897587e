//! The page: runs the command, and writes down what was typed and what was answered, with a word in
//! the place of what is another on each machine and day.

use crate::support::command::{Cacerts, Run};
use crate::support::{Pki, User};
use serde_json::Value;
use std::fmt::Write;
use std::fs;
use std::thread::{self, JoinHandle};

const HEAD: &str = "\
# Messages

What the commands say when something is wrong, to be read from top to bottom. Each message says what
happened, where the setting comes from, and what to do. A test provokes each of them, writes this page, and
compares it: `MESSAGES=write cargo test --features cli --test integration messages`.

A word stands for what is another each time: `/dir` is the directory the command is typed in, `/home/me` the
user's home, `PORT` a port, `DAY` a date, `N` how many days it is till then or since, `SUITE, GROUP` what TLS
agreed on. `# 1` is the exit status. What `explain` says of the system, of a
file's owner and sum, and of what is baked in is left out.
";

/// The screen of `check` is as wide.
const WIDTH: usize = 80;

pub(crate) struct Page {
    text: String,
    pub(crate) pki: Pki,
    user: User,
}

/// A case that goes on.
pub(crate) struct Started {
    cause: &'static str,
    typed: String,
    plain: JoinHandle<Run>,
    json: Option<JoinHandle<Run>>,
}

impl Page {
    pub(crate) fn new() -> Self {
        Self { text: HEAD.to_owned(), pki: Pki::new(), user: User::new() }
    }

    pub(crate) fn text(self) -> String {
        self.text
    }

    /// Begins a command, or a kind of cause.
    pub(crate) fn head(&mut self, head: &str) {
        let _ = write!(self.text, "\n{head}\n");
    }

    /// The user's configuration from now on.
    pub(crate) fn configure(&self, text: &str) {
        let file = self.user.config_file();
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// What is said to who types this, by the cause, which the page tells.
    #[track_caller]
    pub(crate) fn case(&mut self, cause: &str, code: i32, typed: &str) {
        self.case_with(cause, code, typed, &[]);
    }

    /// The same where these variables are set. What is typed has no blanks but those between words.
    #[track_caller]
    pub(crate) fn case_with(
        &mut self,
        cause: &str,
        code: i32,
        typed: &str,
        variables: &[(&str, &str)],
    ) {
        let plain = self.run(typed, variables, "").run();
        let is_screen = typed.starts_with("check ") && !plain.stdout.is_empty();
        let json = is_screen.then(|| self.run(typed, variables, " --json").run());
        self.tell(cause, code, &set(variables, &format!("cacerts {typed}")), &plain, json.as_ref());
    }

    /// Begins what takes long, to be told later.
    pub(crate) fn start(
        &self,
        cause: &'static str,
        typed: &str,
        variables: &[(&str, &str)],
    ) -> Started {
        let start = |more| {
            let run = self.run(typed, variables, more);
            thread::spawn(|| run.run())
        };
        let json = typed.starts_with("check ").then(|| start(" --json"));
        let typed = set(variables, &format!("cacerts {typed}"));
        Started { cause, typed, plain: start(""), json }
    }

    #[track_caller]
    pub(crate) fn end(&mut self, code: i32, started: Started) {
        let Started { cause, typed, plain, json } = started;
        let json = json.map(|run| run.join().unwrap());
        self.tell(cause, code, &typed, &plain.join().unwrap(), json.as_ref());
    }

    fn run(&self, typed: &str, variables: &[(&str, &str)], more: &str) -> Cacerts {
        let words: Vec<_> = typed.split(' ').chain(more.split_whitespace()).collect();
        let run = self.user.cacerts(&words).within(self.pki.directory());
        variables.iter().fold(run, |run, (name, value)| run.env(name, value))
    }

    /// Writes down what was typed and said; of `check`, with its fields.
    #[track_caller]
    pub(crate) fn tell(
        &mut self,
        cause: &str,
        code: i32,
        typed: &str,
        run: &Run,
        json: Option<&Run>,
    ) {
        assert_eq!(run.code, Some(code), "{typed}: {run:#?}");
        let stdout = match json {
            Some(json) => self.screen(&run.stdout, &serde_json::from_str(&json.stdout).unwrap()),
            None if typed.contains("cacerts explain") => self.stable(&of_this_run(&run.stdout)),
            None => self.stable(&run.stdout),
        };
        let said = stdout + &self.stable(&run.stderr);
        let (typed, said) = (self.stable(typed), said.trim_end());
        let _ = write!(self.text, "\n{cause}:\n\n```\n$ {typed}\n{said}\n# {code}\n```\n");
    }

    /// With a word for what is another on each machine and day.
    fn stable(&self, text: &str) -> String {
        let directory =
            |text: &str, path: &std::path::Path, word| text.replace(path.to_str().unwrap(), word);
        let text = directory(text, self.pki.directory(), "/dir");
        let text = directory(&text, &self.user.home(), "/home/me");
        // ureq 3.4 has another name for this one.
        days(&ports(&text)).replace("(limit: resolve)", "(limit: connect)")
    }

    /// What `check` shows, broken into lines as if each path and port was as short as on this page. Which
    /// lines belong together is seen in the fields.
    fn screen(&self, text: &str, json: &Value) -> String {
        let strings = |name: &str| json[name].as_array().into_iter().flatten();
        let mut whole: Vec<&str> = vec![json["message"].as_str().unwrap_or_default()];
        let more = strings("steps").chain(strings("refused_by_others"));
        whole.extend(more.filter_map(Value::as_str).flat_map(str::lines));
        let mut parts: Vec<String> = Vec::new();
        for line in text.lines() {
            let (indent, words) = (indent(line), line.trim_start());
            let is_row =
                ["in ", "not in ", "and "].iter().any(|row| format!("{words} ").starts_with(row));
            match parts.last_mut() {
                Some(last) if indent == 2 && goes_on(last, 2) && !whole.contains(&last.trim()) => {
                    *last += &format!(" {words}");
                }
                Some(last) if indent == 14 && goes_on(last, 4) && !is_row => {
                    *last += &format!(" {words}");
                }
                _ => parts.push(line.to_owned()),
            }
        }
        let mut screen = String::new();
        for part in parts {
            match part.split_once("TLS 1.") {
                Some(("    ", version)) => {
                    let _ = writeln!(screen, "    TLS 1.{}   SUITE, GROUP", &version[..1]);
                }
                _ => wrap(&mut screen, &self.stable(&part)),
            }
        }
        screen
    }
}

/// A command as it is typed with these variables.
pub(crate) fn set(variables: &[(&str, &str)], typed: &str) -> String {
    let set = variables.iter().map(|(name, value)| format!("{name}={value} "));
    set.collect::<String>() + typed
}

/// Without the lines that are about the build, the machine, and who has made the file.
fn of_this_run(text: &str) -> String {
    let is_other = |line: &&str| {
        let words = line.trim_start_matches(['*', ' ']);
        ["built-in ", "search "].iter().any(|place| words.starts_with(place))
            || line.contains(" in /etc/")
            || line.starts_with("    SHA-256 ")
            || line.contains(", mode 0")
    };
    text.lines().filter(|line| !is_other(line)).flat_map(|line| [line, "\n"]).collect()
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Whether a line of such an indent, or of none before a line of two, may have been broken.
fn goes_on(last: &str, at: usize) -> bool {
    match (at, indent(last)) {
        (2, found) => found <= 2,
        (_, found) => found == 4 || found == 14,
    }
}

/// As the command breaks lines, commands excepted.
fn wrap(screen: &mut String, part: &str) {
    let (at, next) = match indent(part) {
        0 | 2 => (indent(part), 2),
        6 => (6, WIDTH),
        found => (found, 14),
    };
    let mut line = part[..at].to_owned();
    let mut is_first = true;
    for word in part[at..].split_inclusive(' ') {
        let width = line.chars().count() + word.trim_end().chars().count();
        if width > WIDTH && !is_first && next < WIDTH {
            let _ = writeln!(screen, "{}", line.trim_end());
            line = " ".repeat(next);
        }
        line += word;
        is_first = false;
    }
    let _ = writeln!(screen, "{}", line.trim_end());
}

/// `PORT` for each that the system has chosen.
fn ports(text: &str) -> String {
    let mut stable = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(':') {
        let (before, after) = rest.split_at(at + 1);
        stable += before;
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let is_port = digits >= 4 && (before.ends_with("localhost:") || before.ends_with(".1:"));
        stable += if is_port { "PORT" } else { &after[..digits] };
        rest = &after[digits..];
    }
    stable + rest
}

/// `DAY` for each that is not one of those that the tests have written down, without its time, and `N` for
/// how far it is to one.
fn days(text: &str) -> String {
    let mut stable: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let counts = word.trim_matches(['(', ')', '\n']).starts_with("day");
        match stable.last_mut() {
            Some(last) if counts && last.trim_start_matches('(').parse::<u32>().is_ok() => {
                let bracket = if last.starts_with('(') { "(" } else { "" };
                *last = format!("{bracket}N");
            }
            _ => {}
        }
        stable.push(day(word));
    }
    stable.join(" ")
}

fn day(word: &str) -> String {
    let Some((day, end)) = word.split_at_checked(10) else { return word.to_owned() };
    let shape = day.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    if !shape.eq(*b"0000-00-00") || !("2021".."2100").contains(&&day[..4]) {
        return word.to_owned();
    }
    let time = if end.starts_with('T') { end.find('Z').map_or(0, |at| at + 1) } else { 0 };
    format!("DAY{}", &end[time..])
}
