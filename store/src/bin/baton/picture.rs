//! `baton trace` and `baton workflow`

use std::io::Write as _;

use anyhow::bail;
use baton_store::query::{Rows, Source};
use baton_store::render::waterfall::{Line, Title, draw};
use baton_store::render::{Format, RenderError};

use crate::arguments::{PictureArguments, WorkflowArguments};
use crate::ask;

pub(crate) async fn trace(arguments: PictureArguments) -> anyhow::Result<()> {
    let PictureArguments {
        id,
        store,
        format,
        width,
    } = arguments;
    let url = store.url()?;
    let source = Source::open(&url).await?;
    let rows = source
        .query(
            "SELECT * FROM waterfall(?, across := false)",
            &[id.as_str().into()],
        )
        .await?;
    if rows.rows.is_empty() {
        bail!(
            "trace `{id}` is not in `{url}`: expected the id of a stored trace; `SELECT trace_id, root_name FROM traces` lists them"
        );
    }
    print(
        &rows,
        &Title {
            kind: "trace",
            id: &id,
        },
        &format,
        width.columns(),
    )
}

pub(crate) async fn workflow(arguments: WorkflowArguments) -> anyhow::Result<()> {
    let PictureArguments {
        id,
        store,
        format,
        width,
    } = arguments.picture;
    let url = store.url()?;
    let source = Source::open(&url).await?;
    let roots = source
        .query(
            "SELECT trace_id FROM workflow_roots(?)",
            &[id.as_str().into()],
        )
        .await?;
    let roots: Vec<&str> = roots
        .rows
        .iter()
        .flatten()
        .filter_map(|root| root.as_str())
        .collect();
    let start = match roots.as_slice() {
        [root] => root,
        _ => id.as_str(),
    };
    let rows = source
        .query("SELECT * FROM waterfall(?)", &[start.into()])
        .await?;
    if rows.rows.is_empty() {
        bail!(
            "trace `{id}` is not in `{url}`: expected the id of a stored trace; `SELECT trace_id, root_name FROM traces` lists them"
        );
    }
    if let [first, _, ..] = roots.as_slice() {
        anstream::eprintln!(
            "trace {id} is a batch that served {} workflows, for example {first}: this is what followed from the batch",
            roots.len()
        );
    }
    print(
        &rows,
        &Title {
            kind: "workflow",
            id: start,
        },
        &format,
        width.columns(),
    )
}

fn print(rows: &Rows, title: &Title<'_>, format: &str, columns: usize) -> anyhow::Result<()> {
    if format == "json" {
        return ask::print(rows, Format::Json, columns);
    }
    let lines: Vec<Line> = rows.typed()?;
    Ok(anstream::stdout()
        .lock()
        .write_all(draw(title, &lines, columns).as_bytes())
        .map_err(RenderError::from)?)
}
