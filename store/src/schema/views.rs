//! Every view and macro of the SQL surface, in the order in which they can be created.

/// File name and text. Each text holds one `CREATE OR REPLACE VIEW` or `CREATE OR REPLACE MACRO` statement.
pub(super) const SURFACE: &[(&str, &str)] = &[
    (
        "macros/queue_name.sql",
        include_str!("../../sql/macros/queue_name.sql"),
    ),
    (
        "macros/hex_id.sql",
        include_str!("../../sql/macros/hex_id.sql"),
    ),
    (
        "views/deliveries.sql",
        include_str!("../../sql/views/deliveries.sql"),
    ),
    ("views/spans.sql", include_str!("../../sql/views/spans.sql")),
    (
        "views/traces.sql",
        include_str!("../../sql/views/traces.sql"),
    ),
    ("views/hops.sql", include_str!("../../sql/views/hops.sql")),
    (
        "macros/trace.sql",
        include_str!("../../sql/macros/trace.sql"),
    ),
    (
        "macros/waterfall.sql",
        include_str!("../../sql/macros/waterfall.sql"),
    ),
    (
        "macros/workflow_roots.sql",
        include_str!("../../sql/macros/workflow_roots.sql"),
    ),
    (
        "macros/workflow.sql",
        include_str!("../../sql/macros/workflow.sql"),
    ),
];
