//! `baton sql` in a terminal: statements line by line.

use std::io::{BufRead as _, Write as _, stdin};

use baton_store::query::Source;
use baton_store::render::Format;

use crate::ask::answer;
use crate::failure;

/// Reads until the end of the input or `.quit`. A statement that fails does not end it.
pub(crate) async fn run(source: &Source, format: Format, columns: usize) -> anyhow::Result<()> {
    anstream::eprintln!(
        "End a statement with `;`, leave with `.quit` or Ctrl-D. Try: SELECT * FROM traces LIMIT 5;"
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
        if stdin().lock().read_line(&mut line)? == 0 || matches!(line.trim(), ".quit" | ".exit") {
            return Ok(());
        }
        if statement.is_empty() && line.trim().is_empty() {
            continue;
        }
        statement.push_str(&line);
        if statement.trim_end().ends_with(';') {
            failure::report(answer(source, &statement, format, columns).await);
            statement.clear();
        }
    }
}
