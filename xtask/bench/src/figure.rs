//! A figure, and how figures are shown.

use std::fmt::Write as _;

use serde::Serialize;

/// One measured figure.
#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) value: f64,
    /// The bound that it should not pass, if one was set.
    pub(crate) bound: Option<f64>,
    pub(crate) better: Better,
    /// The measurement, in words.
    pub(crate) detail: String,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Better {
    Lower,
    Higher,
}

impl Figure {
    /// Whether it keeps to its bound.
    fn is_kept(&self) -> bool {
        match (self.bound, self.better) {
            (None, _) => true,
            (Some(bound), Better::Lower) => self.value <= bound,
            (Some(bound), Better::Higher) => self.value >= bound,
        }
    }

    /// A bar of the value, with a mark where the bound is.
    fn bar(&self) -> String {
        const WIDTH: usize = 30;
        let Some(bound) = self.bound else { return String::new() };
        let whole = self.value.max(bound) * 1.2;
        let at = |value: f64| ((value / whole * WIDTH as f64) as usize).min(WIDTH - 1);
        let (filled, mark) = (at(self.value), at(bound));
        (0..WIDTH)
            .map(|n| {
                if n == mark {
                    '│'
                } else if n <= filled {
                    '█'
                } else {
                    '·'
                }
            })
            .collect()
    }
}

/// A table with a bar per row; `│` in a bar is the bound.
pub(crate) fn table(figures: &[Figure]) -> String {
    let mut table = String::new();
    for figure in figures {
        let sign = match figure.better {
            Better::Lower => "≤",
            Better::Higher => "≥",
        };
        let bound = figure.bound.map_or_else(String::new, |bound| format!("{sign} {bound}"));
        let verdict = match (figure.bound, figure.is_kept()) {
            (None, _) => "",
            (Some(_), true) => "kept",
            (Some(_), false) => "MISSED",
        };
        // Writing to a string does not fail.
        let _ = writeln!(
            table,
            "{:<24} {:>10.3}  {bound:<8} {:<30} {verdict}\n    {}",
            figure.name,
            figure.value,
            figure.bar(),
            figure.detail
        );
    }
    table
}
