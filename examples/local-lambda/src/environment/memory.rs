//! The memory of a process group, read from `/proc`. Elsewhere nothing is measured and no limit holds.

use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::unistd::Pid;

/// How often a running environment is measured.
const PERIOD: Duration = Duration::from_millis(100);
/// One walk through `/proc` serves all environments that ask within this time.
const FRESH: Duration = Duration::from_millis(50);

type Groups = HashMap<i32, Vec<i32>>;

static CENSUS: Mutex<Option<(Instant, Arc<Groups>)>> = Mutex::new(None);

/// Returns when the group uses more than the limit.
pub(super) async fn exceeded(group: Pid, limit_bytes: u64) {
    loop {
        tokio::time::sleep(PERIOD).await;
        let used = tokio::task::spawn_blocking(move || used_bytes(group)).await;
        if used.is_ok_and(|used| used > limit_bytes) {
            return;
        }
    }
}

/// The sum of what each process of the group used at most, shared pages counted for each. Reads the processes that are
/// known to be there and those that the last walk found: this is on the way of an answer.
pub(super) fn peak_bytes(group: Pid, known: &[u32]) -> u64 {
    let walked = CENSUS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .as_ref()
        .map(|(_, groups)| Arc::clone(groups));
    let found = walked
        .and_then(|groups| groups.get(&group.as_raw()).cloned())
        .unwrap_or_default();
    let mut pids: Vec<i32> = known
        .iter()
        .filter_map(|&pid| i32::try_from(pid).ok())
        .chain(found)
        .collect();
    pids.sort_unstable();
    pids.dedup();
    pids.into_iter()
        .filter_map(|pid| field_bytes(&status(pid)?, "VmHWM:"))
        .sum()
}

/// Whether every process of the group is stopped, by a walk of now.
pub(super) fn is_stopped(group: Pid) -> bool {
    let states = fs::read_dir("/proc").into_iter().flatten().flatten();
    let states = states.filter_map(|entry| {
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        let (_, rest) = stat.rsplit_once(')')?;
        let state = rest.trim_start().chars().next()?;
        (group_of(&stat)? == group.as_raw()).then_some(state)
    });
    // A zombie is as still as can be.
    states
        .into_iter()
        .all(|state| matches!(state, 'T' | 'Z' | 'X'))
}

/// What the group cannot give back: pages of files are left out, the kernel drops those when memory is short.
fn used_bytes(group: Pid) -> u64 {
    let of_process = |pid: i32| {
        let status = status(pid)?;
        Some(field_bytes(&status, "RssAnon:")? + field_bytes(&status, "RssShmem:").unwrap_or(0))
    };
    members(group).into_iter().filter_map(of_process).sum()
}

fn members(group: Pid) -> Vec<i32> {
    let mut census = CENSUS.lock().unwrap_or_else(PoisonError::into_inner);
    let fresh = census.as_ref().filter(|(at, _)| at.elapsed() < FRESH);
    let groups = match fresh {
        Some((_, groups)) => Arc::clone(groups),
        None => {
            let groups = Arc::new(walk());
            *census = Some((Instant::now(), Arc::clone(&groups)));
            groups
        }
    };
    drop(census);
    groups.get(&group.as_raw()).cloned().unwrap_or_default()
}

fn walk() -> Groups {
    let mut groups = Groups::new();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    for pid in pids {
        if let Some(group) = fs::read_to_string(format!("/proc/{pid}/stat"))
            .ok()
            .and_then(|stat| group_of(&stat))
        {
            groups.entry(group).or_default().push(pid);
        }
    }
    groups
}

/// The fifth field. The second, the program's name, may hold spaces and parentheses.
fn group_of(stat: &str) -> Option<i32> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_ascii_whitespace().nth(2)?.parse().ok()
}

fn status(pid: i32) -> Option<String> {
    fs::read_to_string(format!("/proc/{pid}/status")).ok()
}

fn field_bytes(status: &str, name: &str) -> Option<u64> {
    let value = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = value.split_ascii_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found() {
        assert_eq!(group_of("12 (a ) b) S 1 34 34 0 -1"), Some(34));
        let status = "Name:\tx\nVmHWM:\t    2048 kB\nRssAnon:\t 3 kB\n";
        assert_eq!(field_bytes(status, "VmHWM:"), Some(2048 * 1024));
        assert_eq!(field_bytes(status, "VmSwap:"), None);
    }

    #[test]
    fn this_process_uses_memory() {
        let group = nix::unistd::getpgrp();
        assert!(used_bytes(group) > 0);
        assert!(peak_bytes(group, &[std::process::id()]) > 0);
    }
}
