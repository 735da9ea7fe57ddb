//! Prints answers: tables and waterfalls for people, JSON and CSV for programs.
//!
//! Everything is drawn with ANSI styles. Print it through `anstream`, which takes them away for pipes and `NO_COLOR`.

mod count;
mod error;
mod format;
mod printable;
mod records;
mod table;
pub mod waterfall;

pub use count::counted;
pub use error::RenderError;
pub use format::{Format, write_rows};
pub use printable::harmless;
