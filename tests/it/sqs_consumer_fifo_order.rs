//! In a FIFO queue `Consumer` handles one message of a group at a time and in order, whatever fails, and however many
//! consumers there are.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};

use crate::harness::consumer::{Running, consumer};
use crate::harness::sqs_server::SqsServer;

const GROUPS: u64 = 3;
const ORDERS: u64 = 30;

#[derive(Debug, Default)]
struct Seen {
    running: HashMap<String, u32>,
    tries: HashMap<String, u32>,
    shipped: BTreeMap<String, Vec<u64>>,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_has_an_order_even_when_messages_fail() {
    let server = SqsServer::start().await;
    let attributes = [
        (QueueAttributeName::FifoQueue, "true"),
        (QueueAttributeName::ContentBasedDeduplication, "true"),
    ];
    let queue = server.queue("orders.fifo", &attributes).await;
    for order in 0..ORDERS {
        let send = server.client().send_message().queue_url(&queue);
        let send = send.message_group_id(format!("user-{}", order % GROUPS));
        send.message_body(order.to_string()).send().await.unwrap();
    }

    let seen = Arc::<Mutex<Seen>>::default();
    let start = || {
        let seen = Arc::clone(&seen);
        Running::start(consumer(&server, &queue), move |message| {
            ship(Arc::clone(&seen), message)
        })
    };
    let (one, other) = (start(), start());
    server.drained(&queue).await;
    let failed = one.stop().await.0.failed + other.stop().await.0.failed;

    let group = |first: u64| {
        let orders = (first..ORDERS).step_by(3).collect::<Vec<_>>();
        (format!("user-{first}"), orders)
    };
    let expected = (0..GROUPS).map(group).collect::<BTreeMap<_, _>>();
    assert_eq!(seen.lock().unwrap().shipped, expected);
    assert_eq!(failed, ORDERS / 5, "every fifth order fails once");
}

async fn ship(seen: Arc<Mutex<Seen>>, message: Message) -> Result<(), String> {
    let order = message.body().unwrap().to_owned();
    let group = message.attributes().unwrap()[&MessageSystemAttributeName::MessageGroupId].clone();
    let alone = {
        let mut seen = seen.lock().unwrap();
        let running = seen.running.entry(group.clone()).or_default();
        *running += 1;
        *running == 1
    };
    // Others of the group would have a chance to run now.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    let mut seen = seen.lock().unwrap();
    *seen.running.entry(group.clone()).or_default() -= 1;
    assert!(alone, "two messages of {group} at once");
    let number: u64 = order.parse().unwrap();
    let tries = seen.tries.entry(order).or_default();
    *tries += 1;
    if number % 5 == 4 && *tries == 1 {
        return Err("not this time".to_owned());
    }
    seen.shipped.entry(group).or_default().push(number);
    Ok(())
}
