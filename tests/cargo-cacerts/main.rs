//! `cargo cacerts` on programs of a few lines, with crates of the originals' names.
#![cfg(unix)]

mod changed;
mod decided;
mod files;
mod install;
mod left;
mod lock;
mod packages;
mod places;
mod resolved;
mod said;
mod world;
