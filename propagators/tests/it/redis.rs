//! The wrapper of `redis` connections against a server of its own.

use std::process::Command;

use baton_propagators::redis::{RedisTracing, TracedRedis};
use expect_test::{Expect, expect};
use opentelemetry::context::FutureExt;
use redis::{
    AsyncCommands, Client, ErrorKind, Pipeline, RedisResult, Script, ServerErrorKind,
    aio::MultiplexedConnection,
};

use crate::{
    queue::caller,
    sql::{Spans, server::Server},
};

/// A server, and a traced connection to its database 2.
struct Cache {
    server: Server,
    spans: Spans,
    connection: TracedRedis<MultiplexedConnection>,
}

impl Cache {
    async fn new() -> Self {
        let server = Server::redis();
        let spans = Spans::new();
        let client = Client::open(format!("redis://127.0.0.1:{}/2", server.port)).unwrap();
        let connection = client.get_multiplexed_async_connection().await.unwrap();
        let tracing = RedisTracing::new(spans.tracer()).server(client.get_connection_info());
        Self {
            connection: tracing.connection(connection),
            server,
            spans,
        }
    }

    #[track_caller]
    fn check(&self, expected: &Expect) {
        let text = self.spans.take();
        expected.assert_eq(&text.replace(&self.server.port.to_string(), "PORT"));
    }
}

#[tokio::test]
#[ignore = "needs redis-server: cargo xtask test --all"]
async fn a_command_is_a_span_without_values() {
    let mut cache = Cache::new().await;
    let work = async {
        let () = cache.connection.set_ex("stock:1", "secret", 60).await?;
        let held: Option<String> = cache.connection.get("stock:1").await?;
        let fields = [("name", "Ada"), ("mail", "ada@example.org")];
        let () = cache.connection.hset_multiple("user:7", &fields).await?;
        let mail: String = cache.connection.hget("user:7", "mail").await?;
        RedisResult::Ok((held, mail))
    };
    let (held, mail) = work.with_context(caller()).await.unwrap();
    assert_eq!(
        (held.as_deref(), mail.as_str()),
        (Some("secret"), "ada@example.org")
    );
    cache.check(&expect![[r#"
        shop: Client "SETEX 127.0.0.1:PORT" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          state dd=s:1
          db.system.name = redis
          db.namespace = 2
          db.operation.name = SETEX
          db.query.text = SETEX stock:1 ?
          server.address = 127.0.0.1
          server.port = PORT
        shop: Client "GET 127.0.0.1:PORT" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          state dd=s:1
          db.system.name = redis
          db.namespace = 2
          db.operation.name = GET
          db.query.text = GET stock:1
          server.address = 127.0.0.1
          server.port = PORT
        shop: Client "HMSET 127.0.0.1:PORT" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          state dd=s:1
          db.system.name = redis
          db.namespace = 2
          db.operation.name = HMSET
          db.query.text = HMSET user:7 name ? mail ?
          server.address = 127.0.0.1
          server.port = PORT
        shop: Client "HGET 127.0.0.1:PORT" in 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
          state dd=s:1
          db.system.name = redis
          db.namespace = 2
          db.operation.name = HGET
          db.query.text = HGET user:7 mail
          server.address = 127.0.0.1
          server.port = PORT
    "#]]);
}

#[tokio::test]
#[ignore = "needs redis-server: cargo xtask test --all"]
async fn a_pipeline_is_one_span() {
    let mut cache = Cache::new().await;
    let mut pipeline = Pipeline::new();
    pipeline.set("a", 1).ignore().set("b", 2).ignore();
    let () = pipeline.query_async(&mut cache.connection).await.unwrap();
    let mut transaction = redis::pipe();
    transaction.atomic().incr("a", 10).get("b");
    let (a, b): (i64, i64) = transaction
        .query_async(&mut cache.connection)
        .await
        .unwrap();
    assert_eq!((a, b), (11, 2));
    cache.check(&expect![[r#"
        shop: Client "PIPELINE SET 127.0.0.1:PORT", root
          db.system.name = redis
          db.namespace = 2
          db.operation.name = PIPELINE SET
          db.query.text = SET a ?; SET b ?
          db.operation.batch.size = 2
          server.address = 127.0.0.1
          server.port = PORT
        shop: Client "MULTI 127.0.0.1:PORT", root
          db.system.name = redis
          db.namespace = 2
          db.operation.name = MULTI
          db.query.text = INCRBY a ?; GET b
          db.operation.batch.size = 2
          server.address = 127.0.0.1
          server.port = PORT
    "#]]);
}

#[tokio::test]
#[ignore = "needs redis-server: cargo xtask test --all"]
async fn errors_are_passed_on_and_named() {
    let mut cache = Cache::new().await;
    let () = cache.connection.set("text", "no number").await.unwrap();
    cache.spans.take();

    let error = cache
        .connection
        .lpush::<_, _, i64>("text", 1)
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("WRONGTYPE"));
    let mut unknown = redis::cmd("NONSENSE");
    let error = unknown
        .arg("secret")
        .query_async::<()>(&mut cache.connection)
        .await
        .unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Server(ServerErrorKind::ResponseError)
    );
    let mut pipeline = redis::pipe();
    pipeline.get("text").lpush("text", 1).incr("text", 1);
    let error = pipeline
        .query_async::<()>(&mut cache.connection)
        .await
        .unwrap_err();
    assert_eq!(error.into_server_errors().unwrap().len(), 2);
    cache.check(&expect![[r#"
        shop: Client "LPUSH 127.0.0.1:PORT", root
          db.system.name = redis
          db.namespace = 2
          db.operation.name = LPUSH
          db.query.text = LPUSH text ?
          server.address = 127.0.0.1
          server.port = PORT
          db.response.status_code = WRONGTYPE
          error.type = WRONGTYPE
          Error { description: "Operation against a key holding the wrong kind of value" }
        shop: Client "NONSENSE 127.0.0.1:PORT", root
          db.system.name = redis
          db.namespace = 2
          db.operation.name = NONSENSE
          db.query.text = NONSENSE ?
          server.address = 127.0.0.1
          server.port = PORT
          db.response.status_code = ERR
          error.type = ERR
          Error { description: "unknown command 'NONSENSE'" }
        shop: Client "PIPELINE 127.0.0.1:PORT", root
          db.system.name = redis
          db.namespace = 2
          db.operation.name = PIPELINE
          db.query.text = GET text; LPUSH text ?; INCRBY text ?
          db.operation.batch.size = 3
          server.address = 127.0.0.1
          server.port = PORT
          db.response.status_code = WRONGTYPE
          error.type = WRONGTYPE
          Error { description: "Operation against a key holding the wrong kind of value (and 1 more)" }
    "#]]);
}

/// It asks for the script by its name first, and sends it when the server does not have it.
#[tokio::test]
#[ignore = "needs redis-server: cargo xtask test --all"]
async fn a_script() {
    let mut cache = Cache::new().await;
    let script = Script::new("return ARGV[1]");
    let answer: String = script
        .key("k")
        .arg("secret")
        .invoke_async(&mut cache.connection)
        .await
        .unwrap();
    assert_eq!(answer, "secret");
    cache.check(&expect![[r#"
        shop: Client "EVALSHA 127.0.0.1:PORT", root
          db.system.name = redis
          db.namespace = 2
          db.operation.name = EVALSHA
          db.query.text = EVALSHA 098e0f0d1448c0a81dafe820f66d460eb09263da ?
          db.stored_procedure.name = 098e0f0d1448c0a81dafe820f66d460eb09263da
          server.address = 127.0.0.1
          server.port = PORT
          db.response.status_code = NOSCRIPT
          error.type = NOSCRIPT
          Error { description: "No matching script. Please use EVAL." }
        shop: Client "SCRIPT 127.0.0.1:PORT", root
          db.system.name = redis
          db.namespace = 2
          db.operation.name = SCRIPT
          db.query.text = SCRIPT ?
          server.address = 127.0.0.1
          server.port = PORT
        shop: Client "EVALSHA 127.0.0.1:PORT", root
          db.system.name = redis
          db.namespace = 2
          db.operation.name = EVALSHA
          db.query.text = EVALSHA 098e0f0d1448c0a81dafe820f66d460eb09263da ?
          db.stored_procedure.name = 098e0f0d1448c0a81dafe820f66d460eb09263da
          server.address = 127.0.0.1
          server.port = PORT
    "#]]);
}

#[tokio::test]
#[ignore = "needs redis-server: cargo xtask test --all"]
async fn a_server_that_went_away() {
    let mut cache = Cache::new().await;
    let () = cache.connection.set("a", 1).await.unwrap();
    cache.spans.take();
    let port = cache.server.port.to_string();
    drop(cache.server);
    let error = cache.connection.get::<_, i64>("a").await.unwrap_err();
    assert!(error.is_connection_dropped(), "{error:?}");
    let text = cache.spans.take().replace(&port, "PORT");
    expect![[r#"
        shop: Client "GET 127.0.0.1:PORT", root
          db.system.name = redis
          db.namespace = 2
          db.operation.name = GET
          db.query.text = GET a
          server.address = 127.0.0.1
          server.port = PORT
          error.type = connection_closed
          Error { description: "I/O error" }
    "#]]
    .assert_eq(&text);
}

#[tokio::test]
#[ignore = "needs redis-server: cargo xtask test --all"]
async fn the_example_runs() {
    let server = Server::redis();
    let own = std::env::current_exe().unwrap();
    let example = own.ancestors().nth(2).unwrap().join("examples/redis");
    assert!(
        example.is_file(),
        "`{}` is not built: run `cargo build -p baton-propagators --examples`",
        example.display()
    );
    let output = Command::new(example)
        .arg(format!("redis://127.0.0.1:{}/", server.port))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    expect![[r#"
        left: (4, 4)
        GET stock:sku-1
        SETEX stock:sku-1 ?
        GET stock:sku-2
        SETEX stock:sku-2 ?
        GET stock:sku-1
        DECRBY stock:sku-1 ?; DECRBY stock:sku-2 ?
    "#]]
    .assert_eq(&String::from_utf8(output.stdout).unwrap());
}
