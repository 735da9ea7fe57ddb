//! How environments of a function come to life.

/// How environments start, and how many invocations run in one: `AWS_LAMBDA_INITIALIZATION_TYPE`.
///
/// ```
/// use local_lambda::Initialization;
///
/// assert_eq!(Initialization::default().name(), "on-demand");
/// let managed = Initialization::ManagedInstances { max_concurrency: 4 };
/// assert_eq!(managed.name(), "lambda-managed-instances");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Initialization {
    /// Init runs when an invocation finds no free environment.
    #[default]
    OnDemand,
    /// SnapStart: after its init an environment is frozen, and restored for its first invocation.
    SnapStart,
    /// Lambda Managed Instances: one environment that is never frozen and runs invocations side by side.
    ManagedInstances {
        /// Invocations at once, 1 to 1 600: `AWS_LAMBDA_MAX_CONCURRENCY`.
        max_concurrency: u32,
    },
}

// === impl Initialization ===

impl Initialization {
    /// As the variable and the Telemetry API name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OnDemand => "on-demand",
            Self::SnapStart => "snap-start",
            Self::ManagedInstances { .. } => "lambda-managed-instances",
        }
    }

    /// As flags and files say it. Managed Instances know no SnapStart: a number wins.
    #[must_use]
    pub fn of(snap_start: bool, managed_instances: Option<u32>) -> Self {
        match managed_instances {
            Some(max_concurrency) => Self::ManagedInstances { max_concurrency },
            None if snap_start => Self::SnapStart,
            None => Self::OnDemand,
        }
    }

    /// Invocations at once in an environment that is never frozen.
    pub(crate) fn managed(self) -> Option<u32> {
        match self {
            Self::ManagedInstances { max_concurrency } => Some(max_concurrency),
            Self::OnDemand | Self::SnapStart => None,
        }
    }
}
