//! The keywords that a summary is read from.

pub(super) const WRITES: [&str; 5] = ["INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE"];
pub(super) const DEFINITIONS: [&str; 4] = ["CREATE", "ALTER", "DROP", "TRUNCATE"];
pub(super) const OBJECTS: [&str; 12] = [
    "TABLE",
    "INDEX",
    "VIEW",
    "TRIGGER",
    "FUNCTION",
    "PROCEDURE",
    "DATABASE",
    "SCHEMA",
    "SEQUENCE",
    "TYPE",
    "EXTENSION",
    "ROLE",
];
/// What may stand between a keyword and the name that it announces.
pub(super) const MODIFIERS: [&str; 14] = [
    "ONLY",
    "LATERAL",
    "IF",
    "NOT",
    "EXISTS",
    "OR",
    "IGNORE",
    "ROLLBACK",
    "ABORT",
    "FAIL",
    "LOW_PRIORITY",
    "CONCURRENTLY",
    "TABLE",
    "QUICK",
];
pub(super) const ENDS_OF_FROM: [&str; 13] = [
    "WHERE",
    "GROUP",
    "ORDER",
    "HAVING",
    "LIMIT",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "WINDOW",
    "ON",
    "USING",
    "SET",
    "RETURNING",
];
