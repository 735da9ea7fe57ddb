//! A query on its way to the driver, whose text can be read and changed.

use sqlx_core::{
    database::Database, error::BoxDynError, executor::Execute, sql_str::SqlStr,
    statement::Statement,
};

/// The text of an [`Execute`] can only be had by using it up; so it is taken apart, and is one again for the driver.
pub(super) enum Captured<E, DB: Database> {
    /// It refers to a statement that was prepared before, and the statement has the text.
    Statement {
        query: E,
        sql: SqlStr,
    },
    Text(Parts<DB>),
}

pub(super) struct Parts<DB: Database> {
    sql: SqlStr,
    arguments: Result<Option<DB::Arguments>, BoxDynError>,
    persistent: bool,
}

impl<E, DB: Database> Captured<E, DB> {
    pub(super) fn new<'q>(mut query: E) -> Self
    where
        E: Execute<'q, DB>,
    {
        let sql = query.statement().map(|statement| statement.sql().clone());
        if let Some(sql) = sql {
            return Self::Statement { query, sql };
        }
        // The order that the drivers ask in.
        let arguments = query.take_arguments();
        let persistent = query.persistent();
        Self::Text(Parts {
            sql: query.sql(),
            arguments,
            persistent,
        })
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Self::Statement { sql, .. } | Self::Text(Parts { sql, .. }) => sql.as_str(),
        }
    }

    /// Whether the server prepares it. An error of an argument comes before that.
    pub(super) fn is_prepared(&self) -> bool {
        match self {
            Self::Statement { .. } => true,
            Self::Text(parts) => !matches!(parts.arguments, Ok(None)),
        }
    }

    /// For the driver to send. The text of a statement is prepared already, and stays.
    pub(super) fn replace_text(&mut self, text: SqlStr) {
        if let Self::Text(parts) = self {
            parts.sql = text;
        }
    }
}

impl<'q, E, DB> Execute<'q, DB> for Captured<E, DB>
where
    DB: Database,
    E: Execute<'q, DB>,
{
    fn sql(self) -> SqlStr {
        match self {
            Self::Statement { query, .. } => query.sql(),
            Self::Text(parts) => parts.sql,
        }
    }

    fn statement(&self) -> Option<&DB::Statement> {
        match self {
            Self::Statement { query, .. } => query.statement(),
            Self::Text(_) => None,
        }
    }

    fn take_arguments(&mut self) -> Result<Option<DB::Arguments>, BoxDynError> {
        match self {
            Self::Statement { query, .. } => query.take_arguments(),
            Self::Text(parts) => std::mem::replace(&mut parts.arguments, Ok(None)),
        }
    }

    fn persistent(&self) -> bool {
        match self {
            Self::Statement { query, .. } => query.persistent(),
            Self::Text(parts) => parts.persistent,
        }
    }
}
