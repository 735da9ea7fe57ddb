//! What differs between the databases.

use sqlx_core::{connection::Connection, database::Database, error::DatabaseError};

/// How a database writes strings, comments, names and placeholders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `"name"`, `[name]`, `` `name` ``; `?1`, `:a`, `@a`, `$a`.
    Sqlite,
    /// `E'…'`, `$tag$…$tag$`, nested comments; `$1`.
    Postgres,
    /// Backslashes in strings, `"string"`, `` `name` ``, `# comment`; `?`.
    MySql,
}

/// Where the database is, as far as the connect options say it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// `server.address`: a host, or the path of a socket.
    pub address: Option<String>,
    /// `server.port`, where it is not the usual one.
    pub port: Option<u16>,
    /// `db.namespace`: the name of the database.
    pub namespace: Option<String>,
}

/// A database whose calls can be traced: PostgreSQL, MySQL and SQLite, each with the feature of that name.
///
/// ```
/// use baton_propagators::sql::{Endpoint, TracedDatabase};
/// use sqlx::{Sqlite, sqlite::SqliteConnectOptions};
///
/// let options = SqliteConnectOptions::new().filename("/var/lib/shop/stock.db");
/// assert_eq!(Sqlite::SYSTEM, "sqlite");
/// assert_eq!(Sqlite::endpoint(&options).namespace.as_deref(), Some("stock.db"));
/// ```
pub trait TracedDatabase: Database {
    /// `db.system.name`.
    const SYSTEM: &'static str;
    /// How its SQL is read.
    const DIALECT: Dialect;

    /// Where the database is.
    fn endpoint(options: &<Self::Connection as Connection>::Options) -> Endpoint;

    /// How many rows a statement changed.
    fn rows_affected(result: &Self::QueryResult) -> u64;

    /// The database's own code of an error.
    #[must_use]
    fn status_code(error: &dyn DatabaseError) -> Option<String> {
        error.code().map(|code| code.into_owned())
    }
}

#[cfg(feature = "sqlite")]
impl TracedDatabase for sqlx_sqlite::Sqlite {
    const SYSTEM: &'static str = "sqlite";
    const DIALECT: Dialect = Dialect::Sqlite;

    /// The file's name without its folders, which say more about the machine than about the data.
    fn endpoint(options: &sqlx_sqlite::SqliteConnectOptions) -> Endpoint {
        let name = options.get_filename().file_name();
        let name = name.map(|name| name.to_string_lossy().into_owned());
        // sqlx names each database in memory by a number.
        let namespace =
            name.filter(|name| !name.contains("sqlx-in-memory") && !name.contains(":memory:"));
        Endpoint {
            namespace,
            ..Endpoint::default()
        }
    }

    fn rows_affected(result: &sqlx_sqlite::SqliteQueryResult) -> u64 {
        result.rows_affected()
    }
}

#[cfg(feature = "postgres")]
impl TracedDatabase for sqlx_postgres::Postgres {
    const SYSTEM: &'static str = "postgresql";
    const DIALECT: Dialect = Dialect::Postgres;

    fn endpoint(options: &sqlx_postgres::PgConnectOptions) -> Endpoint {
        // PostgreSQL's own default is the database with the user's name.
        let database = options.get_database().unwrap_or(options.get_username());
        let socket = options.get_socket().map(|path| path.to_string_lossy());
        at(
            socket.as_deref(),
            options.get_host(),
            options.get_port(),
            5432,
            Some(database),
        )
    }

    fn rows_affected(result: &sqlx_postgres::PgQueryResult) -> u64 {
        result.rows_affected()
    }
}

#[cfg(feature = "mysql")]
impl TracedDatabase for sqlx_mysql::MySql {
    const SYSTEM: &'static str = "mysql";
    const DIALECT: Dialect = Dialect::MySql;

    fn endpoint(options: &sqlx_mysql::MySqlConnectOptions) -> Endpoint {
        let socket = options.get_socket().map(|path| path.to_string_lossy());
        at(
            socket.as_deref(),
            options.get_host(),
            options.get_port(),
            3306,
            options.get_database(),
        )
    }

    fn rows_affected(result: &sqlx_mysql::MySqlQueryResult) -> u64 {
        result.rows_affected()
    }

    /// The error number: it says more than the SQLSTATE, and the conventions prefer it.
    fn status_code(error: &dyn DatabaseError) -> Option<String> {
        let number = error.try_downcast_ref::<sqlx_mysql::MySqlDatabaseError>();
        number.map(|error| error.number().to_string())
    }
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
fn at(socket: Option<&str>, host: &str, port: u16, usual: u16, database: Option<&str>) -> Endpoint {
    let is_socket = socket.is_some() || host.starts_with('/');
    Endpoint {
        address: Some(socket.unwrap_or(host).to_owned()),
        port: (!is_socket && port != usual).then_some(port),
        namespace: database.map(str::to_owned),
    }
}
