//! The run as it is seen while it goes on: on a terminal the full screen, else a line for each interval.
//!
//! Everything goes to standard error. Standard output is for the result.

mod board;
mod format;
mod history;
mod plain;
mod processes;
mod rows;
mod terminal;
mod view;

use crate::progress::Screen;
use std::io::{IsTerminal, stderr};

/// The full screen if standard error is a terminal and nothing plain is wanted; else lines.
pub(crate) fn screen(plain: bool) -> anyhow::Result<Box<dyn Screen>> {
    if plain || !stderr().is_terminal() {
        return Ok(Box::new(plain::Plain::new(stderr())));
    }
    Ok(Box::new(terminal::FullScreen::begin()?))
}
