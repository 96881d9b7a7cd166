//! Notifications: what a phone that sleeps is sent, through a push service of the tests' own.

mod crowd;
mod device;
mod local;
mod rest;
mod sending;
mod trouble;
