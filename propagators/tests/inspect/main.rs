//! `baton-inspect` as people and scripts run it.

#[cfg(test)]
mod process;
