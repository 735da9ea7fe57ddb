//! The one place that reads the environment.

/// A required setting of the function, such as the URL of the queue it sends to.
///
/// # Errors
/// The variable is not set.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place of these examples that reads the environment"
)]
pub fn setting(name: &str) -> Result<String, String> {
    std::env::var(name)
        .map_err(|_| format!("`{name}` is not set, expected it in the function's configuration"))
}
