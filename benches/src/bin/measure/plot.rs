//! Instructions as bars on a logarithmic scale, as SVG.

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

const WIDTH: f64 = 760.0;
const LEFT: f64 = 230.0;
const RIGHT: f64 = 90.0;
const BAR: f64 = 18.0;
const STEP: f64 = 26.0;
/// Of the footer.
const LINE: f64 = 15.0;
/// The scale goes from 10 to the one to 10 to the other.
const DECADES: (i32, i32) = (4, 9);

/// Where a number of instructions is, from the left.
fn place(instructions: f64) -> f64 {
    let (first, last) = (f64::from(DECADES.0), f64::from(DECADES.1));
    let share = (instructions.max(1.0).log10() - first) / (last - first);
    LEFT + share.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
}

pub(crate) fn draw(panels: &[Panel], footer: &[String]) -> String {
    let height: f64 = panels.iter().map(|panel| 72.0 + STEP * panel.bars.len() as f64).sum::<f64>()
        + 20.0
        + LINE * footer.len() as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"13\" \
         fill=\"#222\">\n<title>Instructions taken by cacerts and its peers</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    let mut top = 0.0;
    for panel in panels {
        draw_panel(&mut svg, panel, top);
        top += 72.0 + STEP * panel.bars.len() as f64;
    }
    for line in footer {
        top += LINE;
        let line = escape(line);
        let _ = writeln!(
            svg,
            "<text x=\"14\" y=\"{top}\" font-size=\"11\" fill=\"#666\">{line}</text>"
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn draw_panel(svg: &mut String, panel: &Panel, top: f64) {
    let (title, bars) = (top + 24.0, top + 38.0);
    let bottom = bars + STEP * panel.bars.len() as f64;
    let _ = writeln!(
        svg,
        "<text x=\"14\" y=\"{title}\" font-weight=\"bold\">{}</text>",
        escape(panel.title)
    );
    for decade in DECADES.0..=DECADES.1 {
        let x = place(10_f64.powi(decade));
        let label = match decade {
            4 => "10 k",
            5 => "100 k",
            6 => "1 M",
            7 => "10 M",
            8 => "100 M",
            _ => "1000 M",
        };
        let _ = writeln!(
            svg,
            "<path d=\"M{x:.1} {bars}V{bottom}\" stroke=\"#ddd\"/>\n<text x=\"{x:.1}\" y=\"{}\" \
             font-size=\"11\" fill=\"#666\" text-anchor=\"middle\">{label}</text>",
            bottom + 15.0
        );
    }
    let mut sorted: Vec<&Bar> = panel.bars.iter().collect();
    sorted.sort_by(|one, other| other.instructions.total_cmp(&one.instructions));
    for (Bar { label, instructions, ours }, number) in sorted.into_iter().zip(0_u32..) {
        let y = bars + STEP * f64::from(number) + (STEP - BAR) / 2.0;
        let (end, text) = (place(*instructions), y + BAR - 5.0);
        let (fill, weight) = if *ours { ("#0b6e4f", "bold") } else { ("#9aa5b1", "normal") };
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{text}\" text-anchor=\"end\" font-weight=\"{weight}\">{}</text>\n\
             <rect x=\"{LEFT}\" y=\"{y}\" width=\"{:.1}\" height=\"{BAR}\" fill=\"{fill}\"/>\n\
             <text x=\"{:.1}\" y=\"{text}\" font-weight=\"{weight}\">{}</text>",
            LEFT - 8.0,
            escape(label),
            end - LEFT,
            end + 6.0,
            Unit::Instructions.write(*instructions),
        );
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
