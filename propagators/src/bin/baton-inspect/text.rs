//! The report for people.

use std::fmt;

use crate::report::{Message, Report, Role, Seen};

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.span.name.as_deref().unwrap_or("the function's name");
        let unknown = match self.trigger {
            "other" => ", a direct invoke or a source that is not known here",
            _ => "",
        };
        writeln!(
            f,
            "event    {}{unknown} (faas.trigger = {})",
            self.trigger, self.faas_trigger
        )?;
        writeln!(f, "span     {} \"{}\"", self.span.kind, Printable(name))?;
        match self.records.len() {
            0 => {}
            1 => writeln!(f, "records  1, on the span of the invocation")?,
            many => writeln!(f, "records  {many}, each with a span of its own")?,
        }
        for seen in &self.contexts {
            write!(f, "{seen}")?;
        }
        for record in &self.records {
            write!(f, "\n{record}")?;
        }
        writeln!(f)?;
        self.write_relation(f)?;
        self.write_ignored(f)?;
        match self.advice {
            Some(advice) => writeln!(f, "advice   {advice}"),
            None => Ok(()),
        }
    }
}

impl Report {
    fn write_relation(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = &self.relation.reason;
        match (&self.relation.parent, self.relation.links.len()) {
            (Some(parent), 0) => writeln!(f, "result   parent {parent}")?,
            (Some(parent), 1) => writeln!(f, "result   parent {parent}, 1 link")?,
            (Some(parent), links) => writeln!(f, "result   parent {parent}, {links} links")?,
            (None, 0) => writeln!(f, "result   a new trace")?,
            (None, 1) => writeln!(f, "result   a new trace, 1 link")?,
            (None, links) => writeln!(f, "result   a new trace, {links} links")?,
        }
        writeln!(f, "because  {reason}")
    }

    fn write_ignored(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ignored = [
            (
                self.ignored.invalid,
                "invalid: there, and not as the format wants it",
            ),
            (
                self.ignored.repeated,
                "repeated: the same trace again, or an X-Ray header with Sampled=0, as AWS writes it where nobody decided",
            ),
            (
                self.ignored.unopened,
                "not opened: more than three envelopes deep, or too large",
            ),
            (
                self.ignored.left_out,
                "left out: more records than any service delivers",
            ),
        ];
        for (count, why) in ignored.into_iter().filter(|(count, _)| *count > 0) {
            writeln!(f, "ignored  {count} {why}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = if self.id.is_empty() {
            "without an id"
        } else {
            &self.id
        };
        let (id, destination) = (Printable(id), Printable(&self.destination));
        writeln!(f, "record {}: {id} from {destination}", self.index)?;
        if let Some(inside) = self.inside {
            writeln!(f, "  inside   {inside}")?;
        }
        for seen in &self.contexts {
            write!(f, "  {seen}")?;
        }
        if self.contexts.is_empty() {
            writeln!(f, "  no context")?;
        }
        if self.invalid > 0 {
            writeln!(f, "  ignored  {} invalid", self.invalid)?;
        }
        Ok(())
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = match self.role {
            Role::Parent => "parent",
            Role::Link => "link  ",
        };
        let Self {
            place,
            format,
            traceparent,
            ..
        } = self;
        writeln!(f, "{role}   {traceparent}  {format} in {place}")
    }
}

/// Text of the event, which must not command the terminal.
struct Printable<'a>(&'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in self.0.split_inclusive(char::is_control) {
            let text = part.trim_end_matches(char::is_control);
            f.write_str(text)?;
            if text.len() < part.len() {
                f.write_str("\u{fffd}")?;
            }
        }
        Ok(())
    }
}
