//! Numbers for people: digits in groups, units of bytes and of time.

/// What stands where there is no number.
pub(super) const NOTHING: &str = "-";

/// A count: `10,000`.
pub(super) fn count(number: u64) -> String {
    grouped(&number.to_string())
}

/// A measure: one decimal below ten, where it tells something, and none above: `9.8`, `9,998`.
pub(super) fn number(number: f64) -> String {
    if !number.is_finite() {
        NOTHING.to_owned()
    } else if number.abs() < 9.95 {
        format!("{number:.1}")
    } else {
        grouped(&format!("{number:.0}"))
    }
}

/// How many in a second; 0 if no time went by.
pub(super) fn rate(count: u64, seconds: f64) -> f64 {
    if seconds > 0.0 { float(count) / seconds } else { 0.0 }
}

/// Memory: `512 B`, `231 MiB`, `1.2 GiB`.
pub(super) fn bytes(bytes: u64) -> String {
    if bytes < 1_024 {
        return format!("{bytes} B");
    }
    let mut scaled = float(bytes) / 1_024.0;
    let mut unit = "KiB";
    for larger in ["MiB", "GiB", "TiB"] {
        if scaled < 1_023.5 {
            break;
        }
        scaled /= 1_024.0;
        unit = larger;
    }
    format!("{} {unit}", number(scaled))
}

/// Milliseconds without their unit, for columns.
pub(super) fn milliseconds(milliseconds: Option<f64>) -> String {
    milliseconds.map_or_else(|| NOTHING.to_owned(), number)
}

/// A latency: `3.1 ms`, `64 ms`, `1.24 s`.
pub(super) fn latency(milliseconds: Option<f64>) -> String {
    match milliseconds {
        None => NOTHING.to_owned(),
        Some(ms) if ms < 999.5 => format!("{} ms", number(ms)),
        Some(ms) if ms < 99_950.0 => format!("{:.2} s", ms / 1_000.0),
        Some(ms) => format!("{} s", number(ms / 1_000.0)),
    }
}

/// How long something lasts: `12.0 s`, `2 min 03 s`, `1 h 02 min`.
pub(super) fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return NOTHING.to_owned();
    }
    if seconds < 59.95 {
        return format!("{seconds:.1} s");
    }
    let whole = whole(seconds);
    if whole < 3_600 {
        format!("{} min {:02} s", whole / 60, whole % 60)
    } else {
        format!("{} h {:02} min", whole / 3_600, whole % 3_600 / 60)
    }
}

/// Shares of a core: `0.42 core`, `2.10 cores`.
pub(super) fn cores(share: f64) -> String {
    let unit = if share < 1.005 { "core" } else { "cores" };
    format!("{share:.2} {unit}")
}

/// A text that stays in its line, and that cannot steer a terminal: some of it was said by the server.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The nearest whole number; 0 for what is less, or no number.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, which is what a bar or a clock should do"
)]
pub(super) const fn whole(number: f64) -> u64 {
    number.round() as u64
}

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "for people to read, who see four digits"
)]
const fn float(number: u64) -> f64 {
    number as f64
}

/// Digits in groups of three.
fn grouped(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        let left = digits.len() - at;
        if at > 0 && left.is_multiple_of(3) && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_digits_in_groups() {
        let shown = [0, 7, 999, 1_000, 10_000, 123_456, 1_234_567].map(count);
        assert_eq!(shown, ["0", "7", "999", "1,000", "10,000", "123,456", "1,234,567"]);
        assert_eq!(count(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn a_measure_has_a_decimal_only_below_ten() {
        let shown = [0.0, 1.0, 9.94, 9.96, 99.5, 9_998.4, 1e6, -1_234.0, -123.0].map(number);
        assert_eq!(shown, ["0.0", "1.0", "9.9", "10", "100", "9,998", "1,000,000", "-1,234", "-123"]);
        assert_eq!([f64::NAN, f64::INFINITY].map(number), ["-", "-"]);
    }

    #[test]
    fn no_time_gives_no_rate() {
        assert_eq!([rate(10, 2.0), rate(10, 0.0), rate(10, f64::NAN)].map(number), ["5.0", "0.0", "0.0"]);
    }

    #[test]
    fn bytes_take_the_unit_that_keeps_them_short() {
        let shown = [0, 1_023, 1_024, 1_536, 242_221_056, 1_073_741_823, 1_331_439_861].map(bytes);
        assert_eq!(shown, ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "231 MiB", "1.0 GiB", "1.2 GiB"]);
        assert_eq!(bytes(u64::MAX), "16,777,216 TiB");
    }

    #[test]
    fn latencies_go_from_milliseconds_to_seconds() {
        let shown = [0.04, 3.13, 64.2, 999.4, 999.6, 1_240.0, 99_960.0].map(|ms| latency(Some(ms)));
        assert_eq!(shown, ["0.0 ms", "3.1 ms", "64 ms", "999 ms", "1.00 s", "1.24 s", "100 s"]);
        assert_eq!((latency(None), milliseconds(None)), ("-".to_owned(), "-".to_owned()));
        assert_eq!(milliseconds(Some(12_345.0)), "12,345");
    }

    #[test]
    fn durations_show_two_units_at_most() {
        let shown = [0.0, 12.04, 59.96, 123.4, 3_599.6, 3_720.0, f64::INFINITY].map(duration);
        assert_eq!(shown, ["0.0 s", "12.0 s", "1 min 00 s", "2 min 03 s", "1 h 00 min", "1 h 02 min", "-"]);
    }

    #[test]
    fn shares_say_whether_it_is_more_than_a_core() {
        assert_eq!([0.42, 1.0, 2.1].map(cores), ["0.42 core", "1.00 core", "2.10 cores"]);
    }

    #[test]
    fn a_text_cannot_leave_its_line_nor_steer_the_terminal() {
        assert_eq!(one_line("a\nb\x1b[2J\u{9b}c"), "a b [2J c");
    }
}
