//! `OTEL_TRACES_SAMPLER`: <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration>.

use baton_propagators::context::TraceId;

/// Whether a new span is recorded.
///
/// ```
/// use baton_lambda_layer::Sampler;
/// use baton_propagators::context::TraceId;
///
/// let id = TraceId::new([1; 16]).unwrap();
/// let sampler = Sampler::parse("parentbased_always_off", None).unwrap();
/// assert!(sampler.decides(Some(true), id));
/// assert!(!sampler.decides(None, id));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampler {
    /// Whether the parent's decision is taken over.
    is_parent_based: bool,
    /// The part of traces that is recorded otherwise, 0 to 1.
    ratio: f64,
}

impl Sampler {
    /// Reads a name of the specification, and its argument. `None` for any other.
    #[must_use]
    pub fn parse(name: &str, argument: Option<&str>) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let (is_parent_based, root) = match name.strip_prefix("parentbased_") {
            Some(root) => (true, root),
            None => (false, name.as_str()),
        };
        let ratio = match root {
            "always_on" => 1.0,
            "always_off" => 0.0,
            "traceidratio" => match argument {
                None => 1.0,
                Some(argument) => argument
                    .trim()
                    .parse()
                    .ok()
                    .filter(|ratio| (0.0..=1.0).contains(ratio))?,
            },
            _ => return None,
        };
        Some(Self {
            is_parent_based,
            ratio,
        })
    }

    /// Decides for a trace, given what its parent decided. Of one trace every process with the same ratio decides the same.
    #[must_use]
    pub fn decides(&self, parent: Option<bool>, trace: TraceId) -> bool {
        match parent.filter(|_| self.is_parent_based) {
            Some(decided) => decided,
            None => self.takes(trace),
        }
    }

    fn takes(&self, trace: TraceId) -> bool {
        if self.ratio >= 1.0 {
            return true;
        }
        let random = u128::from_be_bytes(trace.to_bytes()) & u128::from(u64::MAX >> 1);
        #[expect(clippy::cast_precision_loss, reason = "a ratio is not exact either")]
        let part = random as f64 / (u64::MAX >> 1) as f64;
        part < self.ratio
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(low: u64) -> TraceId {
        TraceId::new((1 << 96 | u128::from(low)).to_be_bytes()).unwrap()
    }

    #[test]
    fn names() {
        for (name, argument, parents, expected) in [
            (
                "always_on",
                None,
                [None, Some(true), Some(false)],
                [true, true, true],
            ),
            (
                "always_off",
                None,
                [None, Some(true), Some(false)],
                [false, false, false],
            ),
            (
                "ParentBased_Always_On",
                None,
                [None, Some(true), Some(false)],
                [true, true, false],
            ),
            (
                "parentbased_always_off",
                None,
                [None, Some(true), Some(false)],
                [false, true, false],
            ),
            (
                "traceidratio",
                Some("0"),
                [None, Some(true), Some(false)],
                [false, false, false],
            ),
            (
                "traceidratio",
                Some("1"),
                [None, Some(true), Some(false)],
                [true, true, true],
            ),
            (
                "parentbased_traceidratio",
                Some("0"),
                [None, Some(true), Some(false)],
                [false, true, false],
            ),
        ] {
            let sampler = Sampler::parse(name, argument).unwrap();
            let decided = parents.map(|parent| sampler.decides(parent, id(7)));
            assert_eq!(decided, expected, "{name}");
        }
        for (name, argument) in [
            ("xray", None),
            ("", None),
            ("traceidratio", Some("2")),
            ("traceidratio", Some("-1")),
            ("traceidratio", Some("NaN")),
            ("parentbased_traceidratio", Some("half")),
        ] {
            assert_eq!(Sampler::parse(name, argument), None, "{name} {argument:?}");
        }
    }

    #[test]
    fn a_ratio_takes_that_part() {
        let half = Sampler::parse("traceidratio", Some("0.5")).unwrap();
        assert!(half.decides(None, id(1)));
        assert!(!half.decides(None, id(u64::MAX >> 1)));
        let taken = (0..1000).filter(|n| half.decides(None, id(n * (u64::MAX / 1000))));
        assert!((450..=550).contains(&taken.count()));
    }
}
