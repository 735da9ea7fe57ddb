//! The search line: `user.id = "usr_12345" AND http.status_code = 500`, read and turned into SQL with bound values.
//!
//! ```text
//! search  = and ("OR" and)*          and  = not ("AND" not)*          not = "NOT" not | "(" search ")" | "trace(" search ")" | test
//! test    = field op value | field ["NOT"] "IN" "(" value ("," value)* ")" | "EXISTS" field
//! op      = "=" "!=" "<" "<=" ">" ">=" "=~" "!~"
//! field   = service name kind status status_message duration lag trace_id span_id | an attribute | span.… resource.… event.… link.…
//! value   = "text" 'text' 12 1.5 1.5s true word
//! ```

mod compile;
mod error;
mod expression;
mod parse;

pub use compile::{Compiled, Scope, compile};
pub use error::SearchError;
pub use expression::{Check, Expression, Field, Op, Test, Value};
pub use parse::parse;
