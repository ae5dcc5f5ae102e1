//! Circles: files of a crate each of which uses the others, directly or through them.

use std::collections::BTreeMap;

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use super::module_tree::ModuleTree;

/// The circles of a crate, each with its files in the order of the alphabet.
pub(super) fn of(tree: &ModuleTree) -> Vec<Vec<String>> {
    of_arrows(tree.arrows())
}

fn of_arrows(arrows: impl IntoIterator<Item = (String, String)>) -> Vec<Vec<String>> {
    let mut graph = DiGraph::<String, ()>::new();
    let mut places = BTreeMap::new();
    for (from, to) in arrows {
        let [from, to] =
            [from, to].map(|file| *places.entry(file.clone()).or_insert_with(|| graph.add_node(file)));
        graph.update_edge(from, to, ());
    }
    let circles = tarjan_scc(&graph).into_iter().filter(|circle| circle.len() > 1);
    let mut circles: Vec<Vec<String>> = circles
        .map(|circle| circle.iter().filter_map(|place| graph.node_weight(*place).cloned()).collect())
        .collect();
    for circle in &mut circles {
        circle.sort();
    }
    circles.sort();
    circles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_found_and_a_ladder_is_none() {
        let arrows = |pairs: &[(&str, &str)]| {
            of_arrows(pairs.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())))
        };
        assert!(arrows(&[("a", "b"), ("b", "c"), ("a", "c")]).is_empty());
        assert_eq!(arrows(&[("b", "a"), ("a", "c"), ("c", "b"), ("c", "d")]), [["a", "b", "c"]]);
    }
}
