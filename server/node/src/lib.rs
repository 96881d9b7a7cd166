//! The running process: the only crate that knows actix, files, signals and clocks
