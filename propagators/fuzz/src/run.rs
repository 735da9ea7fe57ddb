//! Many inputs on several threads, with a time for each.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::Part;
use crate::targets::Input;
use crate::vectors::Corpus;

/// An input may take this long, and a little longer for each of its bytes.
const BOUND: Duration = Duration::from_millis(5);
const BOUND_PER_BYTE: Duration = Duration::from_nanos(20);
/// The layer's JSON is read by a parser that builds values of all of it: linear as well, and slower.
const BOUND_PER_BYTE_OF_JSON: Duration = Duration::from_nanos(60);
/// A debug build, and so the tests, asks only whether an input ends: times are measured in a release build.
const PATIENCE: u32 = if cfg!(debug_assertions) { 1_000 } else { 1 };
/// A thread that had to wait for its turn is no slow parser: the fastest of so many tries counts.
const TRIES: u32 = 5;
/// How many inputs a thread takes at a time.
const BATCH: u64 = 10_000;

/// What went wrong with one input.
struct Finding {
    number: u64,
    what: String,
}

pub(crate) fn all(corpus: &Corpus, part: Part, seed: u64, inputs: u64, threads: u64) -> Result<()> {
    let started = Instant::now();
    let (next, bytes) = (AtomicU64::new(0), AtomicU64::new(0));
    let work = || -> Result<(Duration, u64), Finding> {
        let mut slowest = (Duration::ZERO, 0);
        loop {
            let first = next.fetch_add(BATCH, Ordering::Relaxed);
            if first >= inputs {
                return Ok(slowest);
            }
            let mut sum = 0;
            for number in first..inputs.min(first + BATCH) {
                let input = Input::make(corpus, part, seed, number);
                sum += input.bytes() as u64;
                let time = one(&input).map_err(|what| Finding { number, what })?;
                slowest = slowest.max((time, number));
            }
            bytes.fetch_add(sum, Ordering::Relaxed);
        }
    };
    let results: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect()
    });
    let mut slowest = (Duration::ZERO, 0);
    for result in results {
        match result {
            Ok(Ok(time)) => slowest = slowest.max(time),
            Ok(Err(Finding { number, what })) => {
                bail!(
                    "input {number} of seed {seed}: {what}; `--part {part} --seed {seed} --only {number}` shows it"
                )
            }
            Err(_) => bail!("a thread ended before its inputs did"),
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{inputs} inputs, {:.1} GB, seed {seed}, {threads} threads: no panic, no slow input; {:.0} inputs/s, {seconds:.0} s, slowest {:?} (number {})",
        bytes.into_inner() as f64 / 1e9,
        inputs as f64 / seconds,
        slowest.0,
        slowest.1,
    );
    Ok(())
}

pub(crate) fn only(corpus: &Corpus, part: Part, seed: u64, number: u64) -> Result<()> {
    let input = Input::make(corpus, part, seed, number);
    println!("{input:#?}");
    match one(&input) {
        Ok(time) => println!("{time:?}"),
        Err(what) => bail!("{what}"),
    }
    Ok(())
}

/// How long it took, or what is wrong with it.
fn one(input: &Input) -> Result<Duration, String> {
    let bytes = u32::try_from(input.bytes()).unwrap_or(u32::MAX);
    let per_byte = match input {
        Input::Layer(_) => BOUND_PER_BYTE_OF_JSON,
        _ => BOUND_PER_BYTE,
    };
    let bound = (BOUND + per_byte * bytes) * PATIENCE;
    let mut fastest = Duration::MAX;
    for _ in 0..TRIES {
        let started = Instant::now();
        let checked = catch_unwind(AssertUnwindSafe(|| input.check()));
        fastest = fastest.min(started.elapsed());
        match checked {
            Err(_) => return Err("it panicked".to_owned()),
            Ok(Err(what)) => return Err(what),
            Ok(Ok(())) if fastest <= bound => return Ok(fastest),
            Ok(Ok(())) => {}
        }
    }
    Err(format!(
        "{fastest:?} for {} bytes, at most {bound:?} expected",
        input.bytes()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_inputs_of_every_kind() {
        let corpus = Corpus::load().unwrap();
        for part in [Part::Propagators, Part::Layer] {
            all(&corpus, part, 1, 20_000, 2).unwrap();
            only(&corpus, part, 1, 4711).unwrap();
        }
    }
}
