//! The tree of a picture, out of rows that stand depth-first.

use super::line::{Line, RowKind};

/// A line of the picture with what stands below it.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    pub(super) line: &'a Line,
    /// When it ran: once, unless it stands for several (start and duration in nanoseconds).
    pub(super) runs: Vec<(i64, i64)>,
    /// A wait, or what a message set going: where one function ends and the next begins.
    pub(super) is_hop: bool,
    pub(super) children: Vec<Node<'a>>,
}

/// Builds the tree, with each message under the function that sent it: after that function's own spans instead of deep within them.
pub(super) fn grow(lines: &[Line]) -> Vec<Node<'_>> {
    let mut forest = Vec::new();
    let mut rest = lines;
    while let Some((first, after)) = rest.split_first() {
        let (node, after) = take_hop(first, after);
        forest.push(node);
        rest = after;
    }
    forest
}

/// Takes a line and all below it; messages sent there end up as its last children.
fn take_hop<'a>(line: &'a Line, rest: &'a [Line]) -> (Node<'a>, &'a [Line]) {
    let mut sent = Vec::new();
    let (mut node, rest) = take(line, rest, &mut sent);
    node.is_hop = true;
    node.children.extend(in_order(sent));
    (node, rest)
}

/// Takes a line and all below it. Messages sent there go to `sent`.
fn take<'a>(
    line: &'a Line,
    mut rest: &'a [Line],
    sent: &mut Vec<Node<'a>>,
) -> (Node<'a>, &'a [Line]) {
    let mut node = Node {
        line,
        runs: vec![(line.start_time_ns, line.duration_ns)],
        is_hop: false,
        children: Vec::new(),
    };
    let mut after_wait = false;
    while let Some((next, after)) = rest
        .split_first()
        .filter(|(next, _)| next.depth > line.depth)
    {
        let is_wait = next.kind_of_row == RowKind::Wait;
        if is_wait || after_wait || next.linked || next.shared {
            let (hop, after) = take_hop(next, after);
            sent.push(hop);
            rest = after;
        } else {
            let (child, after) = take(next, after, sent);
            node.children.push(child);
            rest = after;
        }
        after_wait = is_wait;
    }
    (node, rest)
}

/// Hops in order of start; a wait stays before what it waited for.
fn in_order(sent: Vec<Node<'_>>) -> impl Iterator<Item = Node<'_>> {
    let mut groups: Vec<Vec<Node<'_>>> = Vec::new();
    let mut after_wait = false;
    for hop in sent {
        let is_wait = hop.line.kind_of_row == RowKind::Wait;
        match groups.last_mut().filter(|_| after_wait) {
            Some(group) => group.push(hop),
            None => groups.push(vec![hop]),
        }
        after_wait = is_wait;
    }
    groups.sort_by_key(|group| group.first().map(|hop| hop.line.start_time_ns));
    groups.into_iter().flatten()
}
