//! Instructions as bars, as SVG: in light and dark, and narrow enough for the screen of a phone.

use crate::table::Unit;
use std::fmt::Write;

pub(crate) struct Panel {
    pub(crate) title: &'static str,
    pub(crate) bars: Vec<Bar>,
}

pub(crate) struct Bar {
    pub(crate) label: &'static str,
    pub(crate) instructions: f64,
    pub(crate) ours: bool,
}

const WIDTH: f64 = 480.0;
const MARGIN: f64 = 16.0;
const BAR: f64 = 12.0;
/// From one label to the next; the bar is below its own.
const STEP: f64 = 46.0;
const TITLE: f64 = 22.0;
const FOOTER: f64 = 18.0;
/// Below the last bar of a panel.
const GAP: f64 = 14.0;
/// How many characters fit into a line of each, in any usual font.
const TITLE_LETTERS: usize = 50;
const FOOTER_LETTERS: usize = 62;

const STYLE: &str = "\
.paper { fill: #ffffff }
text { fill: #1f2328 }
.title, .ours { font-weight: bold }
.footer { fill: #59636e; font-size: 13px }
.bar { fill: #9aa5b1 }
.our-bar { fill: #0b6e4f }
@media (prefers-color-scheme: dark) {
.paper { fill: #0d1117 }
text { fill: #e6edf3 }
.footer { fill: #a5aeb8 }
.bar { fill: #6e7781 }
.our-bar { fill: #56d4a5 }
}
";

/// The bars begin at nothing and are as long as they are many: each panel has a scale of its own, on which its
/// longest bar is as wide as the picture.
pub(crate) fn draw(panels: &[Panel], footer: &[String]) -> String {
    let mut body = String::new();
    let mut top = 8.0;
    for panel in panels {
        for line in wrapped(panel.title, TITLE_LETTERS) {
            top += TITLE;
            text(&mut body, top, "title", &line);
        }
        top = draw_bars(&mut body, &panel.bars, top + 6.0) + GAP;
    }
    for line in footer.iter().flat_map(|line| wrapped(line, FOOTER_LETTERS)) {
        top += FOOTER;
        text(&mut body, top, "footer", &line);
    }
    let height = top + MARGIN;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\" font-family=\"system-ui, sans-serif\" font-size=\"16\">\n\
         <title>Instructions taken by cacerts and its peers</title>\n<style>\n{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\"/>\n{body}</svg>\n"
    )
}

/// The longest first. Returns where they end.
fn draw_bars(svg: &mut String, bars: &[Bar], mut top: f64) -> f64 {
    let mut sorted: Vec<&Bar> = bars.iter().collect();
    sorted.sort_by(|one, other| other.instructions.total_cmp(&one.instructions));
    let longest = sorted.first().map_or(1.0, |bar| bar.instructions);
    for Bar { label, instructions, ours } in sorted {
        let (class, bar) = if *ours { ("ours", "our-bar") } else { ("", "bar") };
        let baseline = top + 20.0;
        text(svg, baseline, class, label);
        // One that is too short to be seen is still there.
        let length = (instructions / longest * (WIDTH - 2.0 * MARGIN)).max(1.0);
        let _ = writeln!(
            svg,
            "<text class=\"{class}\" x=\"{}\" y=\"{baseline}\" text-anchor=\"end\">{}</text>\n\
             <rect class=\"{bar}\" x=\"{MARGIN}\" y=\"{}\" width=\"{length:.1}\" height=\"{BAR}\"/>",
            WIDTH - MARGIN,
            Unit::Instructions.write(*instructions),
            baseline + 7.0,
        );
        top += STEP;
    }
    top
}

fn text(svg: &mut String, baseline: f64, class: &str, text: &str) {
    let text = escape(text);
    let _ = writeln!(svg, "<text class=\"{class}\" x=\"{MARGIN}\" y=\"{baseline}\">{text}</text>");
}

/// Lines of at most so many characters, unless a word is longer.
fn wrapped(text: &str, letters: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= letters => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
