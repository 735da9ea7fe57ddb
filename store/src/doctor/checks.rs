//! The checks, in the order in which one wants to hear of them.

use crate::moment::Moment;

/// A question to the store whose rows are findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// As the JSON calls it, and its file in `sql/doctor/`.
    pub name: &'static str,
    /// What stands above its findings.
    pub title: &'static str,
    /// Each row is a finding. `$since` stands for a TIMESTAMPTZ literal or NULL.
    pub text: &'static str,
    /// A row in words. A part is left out when a column that it names is NULL.
    pub sentence: &'static [&'static str],
    /// What to ask for more.
    pub more: &'static str,
}

impl Check {
    /// The SQL for the spans since then.
    #[must_use]
    pub fn sql(&self, since: Option<Moment>) -> String {
        within(self.text, since)
    }
}

pub(super) fn within(text: &str, since: Option<Moment>) -> String {
    text.trim_end().replace(
        "$since",
        &since.map_or_else(|| "NULL".into(), |since| since.sql()),
    )
}

/// All checks.
pub const CHECKS: &[Check] = &[
    Check {
        name: "dead_letters",
        title: "Messages that were given up",
        text: include_str!("../../sql/doctor/dead_letters.sql"),
        sentence: &[
            "queue {queue}: {service} gave up {messages}×",
            ", delivered up to {most_deliveries}×",
            ": {cause}",
        ],
        more: "SELECT * FROM dead_letters(since := $since)",
    },
    Check {
        name: "functions",
        title: "Functions that were stopped",
        text: include_str!("../../sql/doctor/functions.sql"),
        sentence: &[
            "{function}: {outcome} {invocations}×, the longest after {longest_ms} ms",
            " ({error})",
        ],
        more: "SELECT * FROM invocations(since := $since) WHERE outcome <> 'ok'",
    },
    Check {
        name: "errors",
        title: "Errors, where they began",
        text: include_str!("../../sql/doctor/errors.sql"),
        sentence: &[
            "{service}, {name}: {error}",
            " ({spans}×, last {last_seen})",
        ],
        more: "SELECT service_name, name, status_message, trace_id FROM spans(since := $since) WHERE status_code = 'ERROR'",
    },
    Check {
        name: "queues",
        title: "Queues that fall behind",
        text: include_str!("../../sql/doctor/queues.sql"),
        sentence: &[
            "{queue}",
            ": messages waited {waited_before_s} s at first and wait {waits_now_s} s now",
            "; {unconsumed} not consumed",
            ", the oldest since {oldest}",
        ],
        more: "SELECT * FROM queues(since := $since) ORDER BY lag_p95_ns DESC",
    },
    Check {
        name: "slow_calls",
        title: "Calls to others that are slow",
        text: include_str!("../../sql/doctor/slow_calls.sql"),
        sentence: &[
            "{service} waits for {peer} ({name}): up to {p95_ms} ms for 95 of 100 calls, up to {p50_ms} ms for half of them",
            "; the slow ones have {slow_where}",
        ],
        more: "SELECT * FROM spans(since := $since) WHERE kind = 'CLIENT' ORDER BY duration_ns DESC LIMIT 20",
    },
    Check {
        name: "n_plus_one",
        title: "Statements that run again and again (N+1)",
        text: include_str!("../../sql/doctor/n_plus_one.sql"),
        sentence: &[
            "{service} runs `{statement}` up to {most} times",
            " within one `{within}`",
            "; so it went {times}×, for {total_ms} ms in all",
        ],
        more: "SELECT * FROM n_plus_one(since := $since) ORDER BY repeats DESC",
    },
    Check {
        name: "slow_hops",
        title: "Hops on which messages wait longest",
        text: include_str!("../../sql/doctor/slow_hops.sql"),
        sentence: &[
            "{queue} to {service}: 95 of 100 messages wait up to {wait_p95_s} s, half of them up to {wait_p50_s} s",
            "; processing one takes up to {work_p95_ms} ms",
        ],
        more: "SELECT * FROM hops(since := $since) ORDER BY lag_ns DESC LIMIT 20",
    },
];
