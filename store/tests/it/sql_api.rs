//! `POST /v1/sql` from outside.

use baton_store::serve::{ServeOptions, Server};
use baton_store::url::StoreUrl;
use serde_json::{Value, json};

use crate::support::requests::{PROTOBUF, body};

struct Served {
    url: String,
    otlp_url: String,
    token: String,
    client: reqwest::Client,
    stop: tokio::sync::oneshot::Sender<()>,
    running: tokio::task::JoinHandle<Result<(), baton_store::serve::ServeError>>,
    _folder: tempfile::TempDir,
}

impl Served {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let any = "127.0.0.1:0".parse().unwrap();
        let options = ServeOptions {
            otlp_http: any,
            http: any,
            ..ServeOptions::new(StoreUrl::duckdb(folder.path().join("s.duckdb")))
        };
        let server = Server::start(options).await.unwrap();
        let presence = server.presence().clone();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let running = tokio::spawn(server.run_until(async { drop(stopped.await) }));
        Self {
            url: format!("http://{}", presence.address),
            otlp_url: format!("http://{}/v1/traces", presence.otlp_http),
            token: presence.token,
            client: baton_store::http_client::builder().build().unwrap(),
            stop,
            running,
            _folder: folder,
        }
    }

    async fn ask(&self, question: Value) -> (u16, Value) {
        let request = self
            .client
            .post(format!("{}/v1/sql", self.url))
            .bearer_auth(&self.token)
            .json(&question);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.running.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_and_answers() {
    let served = Served::start().await;
    let sent = served
        .client
        .post(&served.otlp_url)
        .header("content-type", PROTOBUF)
        .body(body(0..3))
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status(), 200);

    let question = json!({"sql": "SELECT name, duration_ns FROM spans WHERE attributes['order.id'] = ?", "params": ["2"]});
    let columns =
        json!([{"name": "name", "type": "VARCHAR"}, {"name": "duration_ns", "type": "BIGINT"}]);
    assert_eq!(
        served.ask(question).await,
        (200, json!({"columns": columns, "rows": [["work 2", 500]]})),
        "seen as soon as acknowledged"
    );

    let (status, answer) = served
        .ask(json!({"sql": "SELECT nothing FROM spans"}))
        .await;
    assert_eq!(status, 400);
    assert!(
        answer["error"].as_str().unwrap().contains("nothing"),
        "{answer}"
    );
    let (status, answer) = served
        .ask(json!({"sql": "DROP TABLE baton_data.spans"}))
        .await;
    assert_eq!(
        (
            status,
            answer["error"]
                .as_str()
                .unwrap()
                .starts_with("this is no single SELECT")
        ),
        (400, true)
    );
    let (status, answer) = served.ask(json!({"query": "SELECT 1"})).await;
    assert_eq!(status, 400);
    assert!(
        answer["error"]
            .as_str()
            .unwrap()
            .contains("missing field `sql`"),
        "{answer}"
    );
    assert_eq!(
        served
            .ask(json!({"sql": "SELECT count(*) AS n FROM spans"}))
            .await
            .1["rows"],
        json!([[3]])
    );
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_ask() {
    let served = Served::start().await;
    let question = json!({"sql": "SELECT 1"});
    let post = || {
        served
            .client
            .post(format!("{}/v1/sql", served.url))
            .json(&question)
    };
    assert_eq!(post().send().await.unwrap().status(), 401);
    assert_eq!(
        post().bearer_auth("wrong").send().await.unwrap().status(),
        401
    );
    assert_eq!(
        post()
            .bearer_auth(&served.token)
            .header("host", "evil.example.com")
            .send()
            .await
            .unwrap()
            .status(),
        403
    );
    assert_eq!(
        post()
            .bearer_auth(&served.token)
            .header("host", "localhost:9")
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    assert_eq!(
        served
            .client
            .get(format!("{}/v1/sql", served.url))
            .send()
            .await
            .unwrap()
            .status(),
        405
    );
    assert_eq!(
        served
            .client
            .get(format!("{}/", served.url))
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
    assert_eq!(
        served
            .client
            .get(format!("{}/healthz", served.url))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_nobody_waits_for_is_interrupted() {
    let served = Served::start().await;
    let endless = json!({"sql": "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range + b.range = 7"});
    // More than may run at once, each given up by its client.
    for _ in 0..4 {
        let request = served
            .client
            .post(format!("{}/v1/sql", served.url))
            .bearer_auth(&served.token)
            .json(&endless);
        let given_up =
            tokio::time::timeout(std::time::Duration::from_millis(200), request.send()).await;
        assert!(given_up.is_err());
    }
    assert_eq!(
        served.ask(json!({"sql": "SELECT 1"})).await.0,
        200,
        "there is a free place again"
    );
    served.stop().await;
}
