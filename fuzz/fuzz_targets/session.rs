//! A whole conversation: frames, answers and time in any order. It never panics, keeps its bounds, says nothing after
//! its end, answers each request once, and each reader reads its log without a hole.
#![no_main]

use holdfast_fuzz::conversation::{Script, play};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|script: Script| play(&script));
