//! Three questions of 3 a.m., each with the SQL that answers it.

use anyhow::Result;

use crate::store::Store;

/// A question, its SQL and the answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What is asked.
    pub question: &'static str,
    /// What answers it.
    pub sql: &'static str,
    /// The rows, as a table.
    pub table: String,
}

const QUESTIONS: [(&str, &str); 3] = [
    (
        "Which statement is an N+1?",
        include_str!("../sql/n_plus_one.sql"),
    ),
    (
        "Which provider call is slow, and for whom?",
        include_str!("../sql/slow_provider.sql"),
    ),
    (
        "Which orders never got their mail, and why?",
        include_str!("../sql/lost_mails.sql"),
    ),
];

pub(crate) async fn ask(store: &Store) -> Result<Vec<Answer>> {
    let mut answers = Vec::with_capacity(QUESTIONS.len());
    for (question, sql) in QUESTIONS {
        answers.push(Answer {
            question,
            sql: sql.trim_end(),
            table: store.table(sql).await?,
        });
    }
    Ok(answers)
}
