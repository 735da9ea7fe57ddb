//! Random workflows: fan-out, batches, retries, copies, what is missing, circles, clocks that disagree.

use crate::story::Span;

/// A span, in milliseconds.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) trace_id: String,
    pub(super) id: u64,
    pub(super) parent: Option<u64>,
    pub(super) links: Vec<(String, u64)>,
    pub(super) service: &'static str,
    pub(super) start_ms: i64,
    pub(super) duration_ms: i64,
    pub(super) is_error: bool,
    pub(super) role: Role,
    pub(super) extra: Extra,
}

/// What views beyond `hops` and `waterfall` look at.
#[derive(Debug, Clone, Default)]
pub(super) struct Extra {
    /// Of a span that sends.
    pub(super) message: Option<String>,
    /// Of a span that does its own work.
    pub(super) statement: Option<&'static str>,
    pub(super) request: Option<String>,
    pub(super) invocation_outcome: Option<&'static str>,
    /// Of a span that processes a message.
    pub(super) dead_letter_source: Option<&'static str>,
}

#[derive(Debug, Clone)]
pub(super) enum Role {
    Work,
    Send(&'static str),
    Batch(i64),
    Process(Delivery),
}

#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) queue: &'static str,
    pub(super) message: Option<String>,
    pub(super) count: Option<i64>,
    pub(super) sent_ms: Option<i64>,
    pub(super) outcome: Option<&'static str>,
}

/// The first letters of every trace id of a seed.
pub(super) fn name(seed: u64) -> String {
    format!("{seed:08x}")
}

/// <https://en.wikipedia.org/wiki/Xorshift#xorshift*>
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % sides
    }

    fn is_one_in(&mut self, sides: u64) -> bool {
        self.below(sides) == 0
    }

    fn ms(&mut self, sides: u64) -> i64 {
        self.below(sides).cast_signed()
    }

    fn one_of(&mut self, choices: &[&'static str]) -> &'static str {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap()]
    }
}

/// Seeds lie a second apart, so that a window holds one of them.
pub(super) fn base_ms(seed: u64) -> i64 {
    seed.cast_signed() * 1_000
}

/// From dice of its own: what a seed gave before, it still gives.
fn extra(dice: &mut Dice, seed: u64, role: &Role) -> Extra {
    let message = format!("{}-{}", name(seed), dice.below(3));
    let statement = dice.one_of(&["SELECT 1", "SELECT  2", "SELECT a"]);
    let request = format!("{}-r{}", name(seed), dice.below(2));
    let outcome = dice.one_of(&["ok", "error", "timeout", "out_of_memory", "crash"]);
    let source = dice.one_of(&["x", "y"]);
    Extra {
        message: (dice.is_one_in(2) && matches!(role, Role::Send(_))).then_some(message),
        statement: (!dice.is_one_in(5) && matches!(role, Role::Work)).then_some(statement),
        request: dice.is_one_in(4).then_some(request),
        invocation_outcome: dice.is_one_in(3).then_some(outcome),
        dead_letter_source: (dice.is_one_in(6) && matches!(role, Role::Process(_)))
            .then_some(source),
    }
}

/// The same spans for a seed each time.
pub(super) fn workflow(seed: u64) -> Vec<Made> {
    let mut dice = Dice((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let count = 2 + dice.below(11);
    let traces = 1 + dice.below(4);
    let trace_of = |number: u64| format!("{}{number:024x}", name(seed));
    // Which trace a span is in is known before the spans are: links lead anywhere.
    let places: Vec<String> = (0..count).map(|_| trace_of(dice.below(traces))).collect();
    let mut more = Dice((seed + 1).wrapping_mul(0xd1b5_4a32_d192_ed03));
    let mut spans: Vec<Made> = Vec::new();
    for (id, trace_id) in (1..).zip(&places) {
        let mut span = span(&mut dice, seed, id, trace_id, &places);
        span.extra = extra(&mut more, seed, &span.role);
        spans.push(span);
    }
    if more.is_one_in(3) {
        spans.extend(burst(&mut more, &places));
    }
    // Stored twice, as two writers do.
    if dice.is_one_in(4) {
        spans.push(spans[0].clone());
    }
    spans
}

/// The same question again and again, below one span.
fn burst(dice: &mut Dice, places: &[String]) -> Vec<Made> {
    let seed = u64::from_str_radix(&places[0][..8], 16).unwrap();
    let parent = 1 + dice.below(places.len() as u64);
    let count = 2 + dice.below(4);
    let question = |id| Made {
        trace_id: places[usize::try_from(parent - 1).unwrap()].clone(),
        id: 20 + id,
        parent: Some(parent),
        links: Vec::new(),
        service: "api",
        start_ms: base_ms(seed) + dice.ms(60),
        duration_ms: dice.ms(6),
        is_error: false,
        role: Role::Work,
        extra: Extra {
            statement: Some(dice.one_of(&["SELECT 1", "SELECT  2"])),
            ..Extra::default()
        },
    };
    (0..count).map(question).collect()
}

fn span(dice: &mut Dice, seed: u64, id: u64, trace_id: &str, places: &[String]) -> Made {
    let count = places.len() as u64;
    let earlier: Vec<u64> = (1..id)
        .filter(|other| places[usize::try_from(other - 1).unwrap()] == trace_id)
        .collect();
    let parent = match dice.below(12) {
        0 => None,
        1 => Some(99),
        // Often itself, below itself, or of another trace.
        2 => Some(1 + dice.below(count)),
        _ if earlier.is_empty() => None,
        _ => Some(earlier[usize::try_from(dice.below(earlier.len() as u64)).unwrap()]),
    };
    let link = |dice: &mut Dice| {
        let other = 1 + dice.below(count);
        let is_missing = dice.is_one_in(8);
        let trace_id = places[usize::try_from(other - 1).unwrap()].clone();
        (trace_id, if is_missing { 98 } else { other })
    };
    let role = match dice.below(8) {
        0..=1 => Role::Work,
        2..=3 => Role::Send(dice.one_of(&["x", "y"])),
        4 => Role::Batch(2 + dice.ms(3)),
        _ => Role::Process(delivery(dice, seed)),
    };
    let links = if matches!(role, Role::Process(_)) {
        dice.below(3)
    } else {
        0
    };
    Made {
        trace_id: trace_id.into(),
        id,
        parent,
        links: (0..links).map(|_| link(dice)).collect(),
        service: dice.one_of(&["api", "worker"]),
        // Few different times, so that many are the same.
        start_ms: base_ms(seed) + dice.ms(12),
        duration_ms: dice.ms(8),
        is_error: dice.is_one_in(4),
        extra: Extra::default(),
        role,
    }
}

fn delivery(dice: &mut Dice, seed: u64) -> Delivery {
    let message = format!("{}-{}", name(seed), dice.below(3));
    Delivery {
        queue: dice.one_of(&["x", "y"]),
        message: (!dice.is_one_in(8)).then_some(message),
        count: (!dice.is_one_in(3)).then(|| 1 + dice.ms(2)),
        sent_ms: dice.is_one_in(2).then(|| base_ms(seed) + dice.ms(15)),
        outcome: [None, Some("ok"), Some("failed")][usize::try_from(dice.below(3)).unwrap()],
    }
}

impl Made {
    pub(super) fn end_ms(&self) -> i64 {
        self.start_ms + self.duration_ms
    }

    pub(super) fn span(&self) -> Span {
        let name = format!("span {}", self.id);
        let mut span = Span::new(
            &self.trace_id,
            self.id,
            self.service,
            &name,
            self.start_ms,
            self.duration_ms,
        );
        if let Some(parent) = self.parent {
            span = span.below(parent);
        }
        if self.is_error {
            span = span.error("broken");
        }
        for (trace_id, id) in &self.links {
            span = span.link(trace_id, *id);
        }
        let span = match &self.role {
            Role::Work => span,
            Role::Send(queue) => span.sends(queue),
            Role::Batch(messages) => span.batch("x", usize::try_from(*messages).unwrap()),
            Role::Process(delivery) => processes(span, delivery),
        };
        self.extra.put_on(span)
    }
}

impl Extra {
    fn put_on(&self, mut span: Span) -> Span {
        if let Some(statement) = self.statement {
            span = span.kind("CLIENT");
            span = span.with("db.query.text", statement);
        }
        for (key, value) in [
            ("messaging.message.id", self.message.as_deref()),
            ("faas.invocation_id", self.request.as_deref()),
            ("baton.invocation_outcome", self.invocation_outcome),
            ("baton.dead_letter_source", self.dead_letter_source),
        ] {
            if let Some(value) = value {
                span = span.with(key, value);
            }
        }
        span
    }
}

fn processes(span: Span, delivery: &Delivery) -> Span {
    let message = delivery.message.as_deref();
    let mut span = span.processes(
        delivery.queue,
        message.unwrap_or_default(),
        delivery.count.unwrap_or_default(),
    );
    if message.is_none() {
        span = span.without("messaging.message.id");
    }
    if delivery.count.is_none() {
        span = span.without("baton.receive_count");
    }
    if let Some(sent_ms) = delivery.sent_ms {
        span = span.sent(sent_ms);
    }
    match delivery.outcome {
        Some(outcome) => span.with("baton.outcome", outcome),
        None => span,
    }
}
