//! `baton sql` in a terminal: statements line by line.

use std::io::{BufRead as _, Write as _, stdin};

use baton_store::query::Source;
use baton_store::render::Format;

use crate::ask::answer;
use crate::failure;

const HELP: &str = "A statement may go over many lines and ends with `;`. Its time stands below its answer.
.help   this        .quit   leaves, as Ctrl-D does
Views:   spans, traces, workflows, hops, queues, service_edges, invocations, n_plus_one, orphan_spans, stuck_messages, retries, dead_letters
Macros:  trace(id), workflow(id), waterfall(id), critical_path(id); every view with a window: hops(since := now() - INTERVAL 1 HOUR)
DESCRIBE spans;   lists the columns. Any attribute: attributes['its.name']";

fn is_quit(line: &str) -> bool {
    matches!(line.trim().trim_end_matches(';'), "quit" | "exit" | ".q")
}

/// Reads until the end of the input or `.quit`. A statement that fails does not end it.
pub(crate) async fn run(source: &Source, format: Format, columns: usize) -> anyhow::Result<()> {
    anstream::eprintln!(
        "End a statement with `;`, leave with `.quit` or Ctrl-D; `.help` says more. Try: SELECT * FROM traces LIMIT 5;"
    );
    let mut statement = String::new();
    loop {
        anstream::eprint!(
            "{}",
            if statement.is_empty() {
                "baton> "
            } else {
                "  ...> "
            }
        );
        anstream::stderr().flush()?;
        // Not a lock across the queries: the line is all that is needed.
        let mut line = String::new();
        let ended = stdin().lock().read_line(&mut line)? == 0;
        if ended
            || (statement.is_empty() && is_quit(&line))
            || matches!(line.trim(), ".quit" | ".exit")
        {
            return Ok(());
        }
        if statement.is_empty()
            && matches!(line.trim().trim_end_matches(';'), ".help" | "help" | "?")
        {
            anstream::eprintln!("{HELP}");
            continue;
        }
        if statement.is_empty() && line.trim().is_empty() {
            continue;
        }
        statement.push_str(&line);
        if statement.trim_end().ends_with(';') {
            let started = std::time::Instant::now();
            failure::report(answer(source, &statement, format, columns).await);
            anstream::eprintln!("{:.3} s", started.elapsed().as_secs_f64());
            statement.clear();
        }
    }
}
