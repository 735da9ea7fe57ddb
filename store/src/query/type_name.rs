//! SQL names of result types.

use duckdb::core::{LogicalTypeHandle, LogicalTypeId as Id};

/// The SQL name of a type, as `DESCRIBE` writes it.
pub(super) fn of(logical: &LogicalTypeHandle) -> String {
    // An alias is a type of its own name: JSON is one.
    if let Some(alias) = logical.get_alias().filter(|alias| !alias.is_empty()) {
        return alias;
    }
    match logical.try_id() {
        Ok(Id::Decimal) => format!(
            "DECIMAL({},{})",
            logical.decimal_width(),
            logical.decimal_scale()
        ),
        Ok(Id::List) => format!("{}[]", of(&logical.child(0))),
        Ok(Id::Map) => format!("MAP({}, {})", of(&logical.child(0)), of(&logical.child(1))),
        Ok(Id::Struct) => format!("STRUCT({})", fields(logical)),
        Ok(Id::Union) => format!("UNION({})", fields(logical)),
        Ok(id) => plain(id).into(),
        Err(_) => "UNKNOWN".into(),
    }
}

fn fields(logical: &LogicalTypeHandle) -> String {
    let field = |index| {
        format!(
            "{} {}",
            logical.child_name(index),
            of(&logical.child(index))
        )
    };
    (0..logical.num_children())
        .map(field)
        .collect::<Vec<_>>()
        .join(", ")
}

fn plain(id: Id) -> &'static str {
    match id {
        Id::Boolean => "BOOLEAN",
        Id::Tinyint => "TINYINT",
        Id::Smallint => "SMALLINT",
        Id::Integer => "INTEGER",
        Id::Bigint => "BIGINT",
        Id::UTinyint => "UTINYINT",
        Id::USmallint => "USMALLINT",
        Id::UInteger => "UINTEGER",
        Id::UBigint => "UBIGINT",
        Id::Hugeint => "HUGEINT",
        Id::UHugeint => "UHUGEINT",
        Id::Float => "FLOAT",
        Id::Double => "DOUBLE",
        Id::Timestamp => "TIMESTAMP",
        Id::TimestampS => "TIMESTAMP_S",
        Id::TimestampMs => "TIMESTAMP_MS",
        Id::TimestampNs => "TIMESTAMP_NS",
        Id::TimestampTZ => "TIMESTAMP WITH TIME ZONE",
        Id::Date => "DATE",
        Id::Time => "TIME",
        Id::TimeTZ => "TIME WITH TIME ZONE",
        Id::Interval => "INTERVAL",
        Id::Varchar => "VARCHAR",
        Id::Blob => "BLOB",
        Id::Bit => "BIT",
        Id::Enum => "ENUM",
        Id::Uuid => "UUID",
        Id::Array => "ARRAY",
        Id::SqlNull => "NULL",
        _ => "UNKNOWN",
    }
}
