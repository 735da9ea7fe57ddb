//! Whose spans these are: <https://opentelemetry.io/docs/specs/semconv/resource/>.

use std::sync::OnceLock;

use super::otlp::{self, Attribute};

/// The function, as its spans name it.
#[derive(Debug, Clone, Default)]
pub struct Resource {
    attributes: Vec<(String, String)>,
    max_memory_bytes: Option<i64>,
    /// The log stream: only the runtime knows it, and the exec wrapper tells it.
    instance: OnceLock<String>,
}

/// What the environment says about the function.
#[derive(Debug, Clone, Copy, Default)]
pub struct About<'a> {
    /// `OTEL_SERVICE_NAME`.
    pub service_name: Option<&'a str>,
    /// `OTEL_RESOURCE_ATTRIBUTES`.
    pub attributes: &'a [(String, String)],
    /// `AWS_LAMBDA_FUNCTION_NAME`.
    pub function_name: Option<&'a str>,
    /// `AWS_LAMBDA_FUNCTION_VERSION`.
    pub function_version: Option<&'a str>,
    /// `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`, in MB.
    pub memory_mb: Option<&'a str>,
    /// `AWS_REGION`.
    pub region: Option<&'a str>,
}

impl Resource {
    /// Later names win over earlier ones, as OpenTelemetry's resource detection has it: what Lambda says, then
    /// `OTEL_RESOURCE_ATTRIBUTES`, then `OTEL_SERVICE_NAME`.
    #[must_use]
    pub fn new(about: &About<'_>) -> Self {
        let mut resource = Self {
            max_memory_bytes: about
                .memory_mb
                .and_then(|mb| mb.parse::<i64>().ok()?.checked_mul(1024 * 1024)),
            ..Self::default()
        };
        let detected = [
            ("service.name", about.function_name),
            ("cloud.provider", Some("aws")),
            ("cloud.platform", Some("aws_lambda")),
            ("cloud.region", about.region),
            ("faas.name", about.function_name),
            ("faas.version", about.function_version),
        ];
        for (key, value) in detected {
            resource.set(key, value);
        }
        for (key, value) in about.attributes {
            resource.set(key, Some(value));
        }
        resource.set("service.name", about.service_name);
        resource
    }

    /// Takes the log stream, once.
    pub(crate) fn set_instance(&self, instance: &str) {
        let _ = self.instance.set(instance.to_owned());
    }

    /// The function's name, as far as it is known.
    pub(crate) fn function_name(&self) -> &str {
        let name = self.attributes.iter().find(|(key, _)| key == "faas.name");
        name.map_or("function", |(_, name)| name)
    }

    pub(crate) fn function_version(&self) -> &str {
        let version = self
            .attributes
            .iter()
            .find(|(key, _)| key == "faas.version");
        version.map_or("$LATEST", |(_, version)| version)
    }

    pub(super) fn encoded(&self) -> otlp::Resource {
        let texts = self.attributes.iter();
        let mut attributes: Vec<Attribute> = texts
            .map(|(key, value)| Attribute::new(key.clone(), value.clone()))
            .collect();
        attributes.extend(
            self.max_memory_bytes
                .map(|it| Attribute::new("faas.max_memory", it)),
        );
        let instance = self.instance.get().cloned();
        attributes.extend(instance.map(|it| Attribute::new("faas.instance", it)));
        otlp::Resource { attributes }
    }

    fn set(&mut self, key: &str, value: Option<&str>) {
        let Some(value) = value else {
            return;
        };
        match self.attributes.iter_mut().find(|(known, _)| known == key) {
            Some((_, held)) => value.clone_into(held),
            None => self.attributes.push((key.to_owned(), value.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_name_wins() {
        let attributes = [("service.name", "shop"), ("team", "a,b")];
        let attributes = attributes.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let mut about = About {
            function_name: Some("f"),
            memory_mb: Some("512"),
            attributes: &attributes,
            ..About::default()
        };
        let get = |about: &About<'_>, wanted: &str| {
            let resource = Resource::new(about);
            let found = resource.attributes.iter().find(|(key, _)| key == wanted);
            found.map(|(_, value)| value.clone())
        };
        assert_eq!(get(&about, "service.name").as_deref(), Some("shop"));
        assert_eq!(get(&about, "team").as_deref(), Some("a,b"));
        assert_eq!(get(&about, "faas.name").as_deref(), Some("f"));
        assert_eq!(get(&about, "cloud.region"), None);
        about.service_name = Some("checkout");
        assert_eq!(get(&about, "service.name").as_deref(), Some("checkout"));
        let encoded = Resource::new(&about).encoded();
        assert!(
            encoded
                .attributes
                .contains(&Attribute::new("faas.max_memory", 536_870_912))
        );
    }
}
