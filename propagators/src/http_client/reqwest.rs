//! `reqwest`: as a `tower` service, and through `reqwest-middleware`.

use std::{borrow::Cow, error::Error};

use async_trait::async_trait;
use http::{Extensions, HeaderMap, Method, StatusCode, Version};
use opentelemetry::context::FutureExt;
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next};

use super::{
    Attempts, HttpRequest, HttpResponse, HttpTracing, builder::Known, exchange::sealed::Sealed,
    failure,
};

impl Sealed for Request {}
impl Sealed for Response {}

impl HttpRequest for Request {
    fn method(&self) -> &Method {
        self.method()
    }

    fn url(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.url().as_str())
    }

    fn headers_mut(&mut self) -> &mut HeaderMap {
        self.headers_mut()
    }

    fn extensions(&self) -> Option<&Extensions> {
        None
    }

    fn kind_of(error: &(dyn Error + 'static)) -> &'static str {
        match error.downcast_ref::<reqwest::Error>() {
            Some(error) => kind(error),
            None => failure::kind(error),
        }
    }
}

impl HttpResponse for Response {
    fn status(&self) -> StatusCode {
        self.status()
    }

    fn version(&self) -> Version {
        self.version()
    }
}

/// Each run of the middleware is a span: put it behind a retry. The span is the current one for those that come after it.
#[async_trait]
impl Middleware for HttpTracing {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        // Where it stays for the next try.
        extensions.get_or_insert_default::<Attempts>();
        let mut span = self.start(&mut request, &Known::of(Some(extensions)));
        let context = span.context().clone();
        let result = next.run(request, extensions).with_context(context).await;
        match &result {
            Ok(response) => span.answered(response),
            Err(reqwest_middleware::Error::Reqwest(error)) => {
                span.failed(kind(error), error, error.status());
            }
            Err(reqwest_middleware::Error::Middleware(error)) => {
                span.failed("middleware", error.as_ref(), None);
            }
        }
        result
    }
}

fn kind(error: &reqwest::Error) -> &'static str {
    let by_cause = failure::kind(error);
    if error.is_timeout() {
        "timeout"
    } else if by_cause != crate::attribute::OTHER {
        by_cause
    } else if error.is_connect() {
        "connect"
    } else if error.is_redirect() {
        "redirect"
    } else if error.is_builder() {
        "builder"
    } else if error.is_body() {
        "body"
    } else {
        crate::attribute::OTHER
    }
}
