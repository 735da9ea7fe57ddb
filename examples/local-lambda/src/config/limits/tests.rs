use expect_test::expect;

use super::*;
use std::net::SocketAddr;

fn config(change: impl FnOnce(&mut FunctionConfig)) -> Config {
    let mut function = FunctionConfig::new("f", ["./bootstrap"]);
    function.sqs = vec![SqsMapping::new("http://127.0.0.1:4566/000000000000/q")];
    change(&mut function);
    Config::new([function])
}

#[test]
fn the_defaults_are_within_the_limits() {
    assert_eq!(config(|_| ()).check(), Ok(()));
}

#[test]
fn each_limit_is_one_sentence() {
    let fifo = |f: &mut FunctionConfig| {
        f.sqs = vec![SqsMapping {
            batch_size: 11,
            ..SqsMapping::new("http://127.0.0.1/0/q.fifo")
        }];
    };
    let mut twins = config(|_| ());
    twins.functions.extend(config(|_| ()).functions);
    let mut open = config(|_| ());
    open.listen = SocketAddr::from(([0, 0, 0, 0], 9000));
    let cases = [
        Config::default(),
        config(|f| f.name = "a b".to_owned()),
        config(|f| f.command.clear()),
        config(|f| f.memory_mb = 64),
        config(|f| f.timeout = Duration::from_secs(901)),
        config(|f| f.concurrency = 0),
        config(|f| f.sqs = vec![SqsMapping::new("orders")]),
        config(|f| f.sqs.iter_mut().for_each(|m| m.batch_size = 0)),
        config(|f| f.sqs.iter_mut().for_each(|m| m.batch_size = 100)),
        config(|f| {
            f.sqs
                .iter_mut()
                .for_each(|m| m.maximum_concurrency = Some(1))
        }),
        config(fifo),
        twins,
        open,
    ];
    let said: Vec<String> = cases
        .iter()
        .map(|c| c.check().unwrap_err().to_string())
        .collect();
    expect![[r#"
        the configuration has `function` = ``, expected at least one function
        function `a b` has `name` = `a b`, expected 1 to 64 letters, digits, `-` or `_`
        function `f` has `command` = ``, expected a program and its arguments, such as ["./bootstrap"]
        function `f` has `memory_mb` = `64`, expected 128 to 10240
        function `f` has `timeout` = `901s`, expected more than zero, at most `900s`
        function `f` has `concurrency` = `0`, expected 1 to 1000
        queue `orders` of function `f` has `queue_url` = `orders`, expected the queue's URL, such as `http://127.0.0.1:4566/000000000000/orders`
        queue `http://127.0.0.1:4566/000000000000/q` of function `f` has `batch_size` = `0`, expected 1 to 10000
        queue `http://127.0.0.1:4566/000000000000/q` of function `f` has `window` = `0ns`, expected at least `1s` when `batch_size` is more than 10
        queue `http://127.0.0.1:4566/000000000000/q` of function `f` has `maximum_concurrency` = `1`, expected 2 to 1000 (for one at a time set the function's `concurrency`)
        queue `http://127.0.0.1/0/q.fifo` of function `f` has `batch_size` = `11`, expected 1 to 10 for a FIFO queue
        the configuration has `name` = `f`, expected a different name for each function
        the configuration has `listen` = `0.0.0.0:9000`, expected a loopback address: whoever reaches it runs your functions"#]].assert_eq(&said.join("\n"));
}
