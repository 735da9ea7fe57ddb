//! Siblings that do the same thing become one line.

use std::collections::HashMap;

use super::tree::Node;

/// Two of a kind are still read one by one.
const FEWEST: usize = 3;

/// Folds every run of alike siblings, from the leaves up. What a message set going is never folded.
pub(super) fn fold(nodes: Vec<Node<'_>>) -> Vec<Node<'_>> {
    let nodes: Vec<Node<'_>> = nodes.into_iter().map(fold_children).collect();
    let groups = groups(&nodes);
    let mut sizes: HashMap<usize, usize> = HashMap::new();
    for group in &groups {
        *sizes.entry(*group).or_default() += 1;
    }
    let mut folded: Vec<Node<'_>> = Vec::with_capacity(nodes.len());
    let mut places: HashMap<usize, usize> = HashMap::new();
    for (node, group) in nodes.into_iter().zip(groups) {
        let is_many = sizes.get(&group).is_some_and(|size| *size >= FEWEST);
        match places
            .get(&group)
            .and_then(|place| folded.get_mut(*place))
            .filter(|_| is_many)
        {
            Some(first) => merge(first, node),
            None => {
                places.insert(group, folded.len());
                folded.push(node);
            }
        }
    }
    folded
}

fn fold_children(mut node: Node<'_>) -> Node<'_> {
    node.children = fold(node.children);
    node
}

/// For each node the index of the first node that is like it.
fn groups(nodes: &[Node<'_>]) -> Vec<usize> {
    let mut kinds: HashMap<_, Vec<usize>> = HashMap::new();
    let mut groups = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.iter().enumerate() {
        let kinds = kinds
            .entry((&node.line.name, &node.line.statement, &node.line.peer))
            .or_default();
        let like = kinds.iter().copied().find(|first| {
            nodes
                .get(*first)
                .is_some_and(|first| are_alike(first, node))
        });
        if like.is_none() {
            kinds.push(index);
        }
        groups.push(like.unwrap_or(index));
    }
    groups
}

fn are_alike(one: &Node<'_>, other: &Node<'_>) -> bool {
    let (a, b) = (one.line, other.line);
    !one.is_hop
        && !other.is_hop
        && (
            &a.service_name,
            &a.name,
            &a.statement,
            &a.peer,
            &a.status_code,
            &a.error,
        ) == (
            &b.service_name,
            &b.name,
            &b.statement,
            &b.peer,
            &b.status_code,
            &b.error,
        )
        && one.children.len() == other.children.len()
        && one
            .children
            .iter()
            .zip(&other.children)
            .all(|(one, other)| are_alike(one, other))
}

fn merge<'a>(first: &mut Node<'a>, other: Node<'a>) {
    first.runs.extend(other.runs);
    for (first, other) in first.children.iter_mut().zip(other.children) {
        merge(first, other);
    }
}
