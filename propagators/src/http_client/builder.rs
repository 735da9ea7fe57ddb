//! How requests are traced.

use std::{borrow::Cow, fmt, sync::Arc};

use opentelemetry::trace::Tracer;
use tower::Layer;

use super::{
    TracedHttp,
    exchange::HttpRequest,
    span::{RequestSpan, Subject},
    url::{self, SENSITIVE},
};
use crate::{
    format::{Formats, Propagator},
    tracer::ChosenTracer,
};

/// Makes every request a span; see the [module](super).
///
/// ```
/// use baton_propagators::{format::Formats, http_client::HttpTracing};
///
/// // For a partner who must not see our ids: a span, and nothing in the headers.
/// let outside = HttpTracing::global().formats(Formats::none());
/// # let _ = outside;
/// ```
#[derive(Clone)]
pub struct HttpTracing {
    tracer: ChosenTracer,
    propagator: Arc<Propagator>,
    formats: Formats,
    sensitive: Arc<[Cow<'static, str>]>,
}

// ===== impl HttpTracing =====

impl HttpTracing {
    /// Spans get the instrumentation scope of `tracer`.
    pub fn new<T>(tracer: T) -> Self
    where
        T: Tracer + Send + Sync + 'static,
        T::Span: Send + Sync + 'static,
    {
        Self {
            tracer: ChosenTracer::own(tracer),
            ..Self::global()
        }
    }

    /// Uses the global tracer provider, with the scope `baton-propagators`.
    #[must_use]
    pub fn global() -> Self {
        Self {
            tracer: ChosenTracer::default(),
            propagator: Arc::default(),
            formats: Formats::default(),
            sensitive: SENSITIVE.map(Cow::Borrowed).into(),
        }
    }

    /// What is written into the headers; W3C trace context and baggage without this.
    #[must_use]
    pub fn formats(mut self, formats: Formats) -> Self {
        self.propagator = Arc::new(Propagator::new(formats));
        self.formats = formats;
        self
    }

    /// The query parameters whose values are no business of a span, in place of the conventions' list: the signatures and
    /// keys of signed URLs. Names are matched with case.
    #[must_use]
    pub fn sensitive_query_parameters<N: Into<Cow<'static, str>>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        self.sensitive = names.into_iter().map(Into::into).collect();
        self
    }

    /// Starts the span of one attempt, and gives the request its context, unless the caller gave it one.
    pub(super) fn start<R: HttpRequest>(&self, request: &mut R, known: &Known) -> RequestSpan {
        let url = request.url();
        let subject = Subject {
            method: request.method(),
            server: url::server(&url),
            url: url::redacted(&url, &self.sensitive),
            template: known.template.as_ref().map(|template| template.0.as_ref()),
            resends: known.resends,
        };
        let span = RequestSpan::start(&self.tracer, &subject);
        let headers = request.headers_mut();
        if self.formats.extract(&*headers).context.is_none() {
            span.inject(&self.propagator, headers);
        }
        span
    }
}

/// What the extensions say about a request.
#[derive(Default)]
pub(super) struct Known {
    pub(super) template: Option<super::UrlTemplate>,
    pub(super) resends: u32,
}

impl Known {
    pub(super) fn of(extensions: Option<&http::Extensions>) -> Self {
        let attempts = extensions.and_then(|all| all.get::<super::Attempts>());
        Self {
            template: extensions.and_then(|all| all.get().cloned()),
            resends: attempts.map_or(0, super::Attempts::next),
        }
    }
}

impl<S> Layer<S> for HttpTracing {
    type Service = TracedHttp<S>;

    fn layer(&self, inner: S) -> TracedHttp<S> {
        TracedHttp {
            inner,
            tracing: self.clone(),
        }
    }
}

impl fmt::Debug for HttpTracing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTracing")
            .field("formats", &self.formats)
            .field("sensitive", &self.sensitive)
            .finish_non_exhaustive()
    }
}
