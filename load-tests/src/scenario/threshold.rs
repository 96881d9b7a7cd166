//! What a figure must be.

use serde::{Deserialize, Deserializer, de::Error};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A bound on a figure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Threshold {
    /// The name of the figure.
    pub(crate) figure: String,
    pub(crate) limit: Limit,
    /// A breach ends the run, from this time after its beginning on.
    pub(crate) abort_after: Option<Duration>,
}

/// A comparison with a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limit {
    comparison: Comparison,
    number: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

/// Longest first, so that `<=` is not read as `<`.
const SIGNS: [(&str, Comparison); 5] = [
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("==", Comparison::Equal),
    ("<", Comparison::Less),
    (">", Comparison::More),
];

impl Limit {
    /// Nothing at all.
    pub(crate) const ZERO: Self = Self { comparison: Comparison::Equal, number: 0.0 };

    /// Whether a value keeps it.
    #[expect(clippy::float_cmp, reason = "counts are whole numbers, which compare exactly")]
    pub(crate) fn is_met_by(self, value: f64) -> bool {
        match self.comparison {
            Comparison::Less => value < self.number,
            Comparison::AtMost => value <= self.number,
            Comparison::Equal => value == self.number,
            Comparison::AtLeast => value >= self.number,
            Comparison::More => value > self.number,
        }
    }

    /// The number that it compares with.
    pub(crate) const fn number(self) -> f64 {
        self.number
    }

    /// How it compares, as it is written.
    pub(crate) fn comparison(self) -> &'static str {
        SIGNS.iter().find(|(_, comparison)| *comparison == self.comparison).map_or("", |(sign, _)| *sign)
    }

    /// Whether a breach of it before the end says something of the end: more of a count only makes it worse.
    pub(crate) fn is_upper(self) -> bool {
        matches!(self.comparison, Comparison::Less | Comparison::AtMost) || self == Self::ZERO
    }
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("{text:?} is no limit: write <, <=, ==, >= or > and a number");
        let (rest, comparison) = SIGNS
            .iter()
            .find_map(|(sign, comparison)| Some((text.trim().strip_prefix(sign)?, *comparison)))
            .ok_or_else(wrong)?;
        let number = rest.trim().parse().ok().filter(|number: &f64| number.is_finite()).ok_or_else(wrong)?;
        Ok(Self { comparison, number })
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.comparison(), self.number)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_kept_or_not() {
        for (text, met, not) in [
            ("<= 5", 5.0, 5.1),
            ("< 5", 4.9, 5.0),
            ("== 0", 0.0, 1.0),
            (">= 0.5", 0.5, 0.4),
            ("> 1", 2.0, 1.0),
            ("<=5", 0.0, f64::NAN),
        ] {
            let limit: Limit = text.parse().unwrap();
            assert!(limit.is_met_by(met) && !limit.is_met_by(not), "{text}");
        }
    }

    #[test]
    fn what_is_no_limit_is_told_so() {
        for text in ["", "5", "=< 5", "<= five", "<= NaN", "< inf"] {
            assert!(text.parse::<Limit>().is_err(), "{text}");
        }
        assert_eq!("<=  5".parse::<Limit>().unwrap().to_string(), "<= 5");
    }
}
