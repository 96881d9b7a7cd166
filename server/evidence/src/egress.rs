//! The account of bytes that left: one tally a connection, one ledger a node, one line for all who got the same.
//!
//! ```text
//! socket ─▶ Tally ──drain, once a second──▶ Ledger ──take, once a second──▶ Batch ─▶ lines ─▶ Totals
//! ```
//!
//! **Invariant:** whatever was handed in comes out once. What does not fit a bound is joined, so that it says less
//! exactly what left or to whom; it is never dropped.

mod batch;
mod budget;
mod ledger;
mod line;
mod range;
mod tally;
mod totals;

pub use batch::Batch;
pub use budget::{BUDGET, BUDGET_ACCOUNTS_MAX, BUDGET_HOUR, Exceeded};
pub use ledger::{Bounds, Figures, LEDGER, Ledger, Take};
pub use line::{FORMAT_VERSION, LINE, LINE_ACCOUNTS_MAX, LINE_MAX_BYTES, Line};
pub use range::{Range, Rest};
pub use tally::{TALLY, TALLY_RANGES_MAX, Tally};
pub use totals::{Total, Totals, Window};

#[cfg(test)]
mod tests;
