//! Drives the full screen: takes the terminal, draws what the board has, listens to keys, and gives it back.

use super::board::Board;
use super::view;
use crate::progress::{Progress, Screen};
use anyhow::Context;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen};
use ratatui::crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use std::io::{BufWriter, Stderr, stderr};
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Most events that one look takes: whoever leans on a key does not hold the run up. The rest waits for the next look.
const EVENTS_MAX: usize = 64;

/// The run on the whole terminal.
#[derive(Debug)]
pub(super) struct FullScreen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stderr>>>,
    board: Board,
    /// After `terminal`, so that it is dropped last: the terminal is given back when nothing draws any more.
    taken: Taken,
}

impl FullScreen {
    /// Takes the terminal.
    pub(super) fn begin() -> anyhow::Result<Self> {
        let taken = Taken::take()
            .context("the screen cannot take this terminal; ask for plain progress, which needs none")?;
        // Never `Terminal::clear`: it asks for the cursor on standard output, which is for the result.
        let terminal = Terminal::new(CrosstermBackend::new(BufWriter::new(stderr())))
            .context("the size of the terminal cannot be read")?;
        let mut screen = Self { terminal, board: Board::default(), taken };
        screen.draw()?;
        Ok(screen)
    }

    fn draw(&mut self) -> anyhow::Result<()> {
        if self.taken.is_ours() {
            let board = &self.board;
            self.terminal.draw(|frame| view::draw(frame, board)).context("the screen cannot be drawn")?;
        }
        Ok(())
    }
}

/// What a look at the terminal found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Seen {
    end: bool,
    resize: bool,
}

impl Screen for FullScreen {
    fn show(&mut self, progress: &Progress<'_>) -> anyhow::Result<()> {
        self.board.show(progress);
        self.draw()
    }

    fn note(&mut self, text: &str) -> anyhow::Result<()> {
        self.board.note(text);
        self.draw()
    }

    fn wants_end(&mut self) -> bool {
        if !self.taken.is_ours() {
            return self.board.ending;
        }
        // A terminal that cannot be read any more asks for nothing; if it cannot be drawn on, `show` says so.
        let seen = look().unwrap_or_default();
        let begins_to_end = seen.end && !self.board.ending;
        self.board.ending |= seen.end;
        if seen.resize || begins_to_end {
            let _drawn = self.draw();
        }
        self.board.ending
    }
}

/// What happened on the terminal since the last look.
fn look() -> std::io::Result<Seen> {
    let mut seen = Seen::default();
    for _ in 0..EVENTS_MAX {
        if !event::poll(Duration::ZERO)? {
            break;
        }
        let event = event::read()?;
        seen.end |= asks_for_end(&event);
        seen.resize |= matches!(event, Event::Resize(..));
    }
    Ok(seen)
}

/// In raw mode Ctrl-C is a key like others, and no signal.
fn asks_for_end(event: &Event) -> bool {
    let Some(key) = event.as_key_event() else { return false };
    let control_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    let quits = control_c || matches!(key.code, KeyCode::Char('q' | 'Q') | KeyCode::Esc);
    quits && key.kind == KeyEventKind::Press
}

/// The terminal is ours: raw mode, the alternate screen, no cursor. It is given back once, by whoever is first: the
/// drop, or a panic, whose message would be lost on the alternate screen.
#[derive(Debug)]
struct Taken(Arc<AtomicBool>);

impl Taken {
    fn take() -> std::io::Result<Self> {
        enable_raw_mode()?;
        let taken = Self(Arc::new(AtomicBool::new(true)));
        execute!(stderr(), EnterAlternateScreen, Hide)?;
        let ours = Arc::clone(&taken.0);
        let otherwise = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            give_back(&ours);
            otherwise(info);
        }));
        Ok(taken)
    }

    fn is_ours(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        give_back(&self.0);
    }
}

/// Nobody is left to tell if it fails, and each of both is worth trying.
fn give_back(ours: &AtomicBool) {
    if ours.swap(false, Ordering::Relaxed) {
        let _left = execute!(stderr(), LeaveAlternateScreen, Show);
        let _cooked = disable_raw_mode();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::crossterm::event::KeyEvent;

    fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
        Event::Key(KeyEvent::new(code, modifiers))
    }

    #[test]
    fn q_escape_and_control_c_ask_for_the_end() {
        for (code, modifiers) in [
            (KeyCode::Char('q'), KeyModifiers::NONE),
            (KeyCode::Char('Q'), KeyModifiers::SHIFT),
            (KeyCode::Esc, KeyModifiers::NONE),
            (KeyCode::Char('c'), KeyModifiers::CONTROL),
        ] {
            assert!(asks_for_end(&key(code, modifiers)), "{code:?}");
        }
    }

    #[test]
    fn nothing_else_does() {
        for event in [
            key(KeyCode::Char('c'), KeyModifiers::NONE),
            key(KeyCode::Char('z'), KeyModifiers::CONTROL),
            key(KeyCode::Enter, KeyModifiers::NONE),
            Event::Key(KeyEvent::new_with_kind(KeyCode::Esc, KeyModifiers::NONE, KeyEventKind::Release)),
            Event::Resize(80, 24),
            Event::FocusLost,
        ] {
            assert!(!asks_for_end(&event), "{event:?}");
        }
    }
}
