//! Nodes that see each other by their database.

use std::time::Duration;

use iampass_core::UnixSeconds;

use super::two_nodes::{Node, two_nodes};
use super::*;

/// The nodes that one of them sees, once there are so many.
async fn seen(node: &Node, number: usize) -> Vec<NodeSeen> {
    for _ in 0..600 {
        let nodes = node.database.nodes().await.unwrap().unwrap();
        if nodes.len() == number {
            return nodes;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("there are not {number} nodes: {:?}", node.database.nodes().await);
}

#[tokio::test]
async fn nodes_see_each_other_and_none_that_has_gone() {
    let Some((one, other, _database)) = two_nodes().await else { return };
    let nodes = seen(&one, 2).await;
    assert!(nodes.iter().all(NodeSeen::is_this_one), "both are of this process: {nodes:?}");
    assert!(nodes.iter().all(
        |node| node.version == env!("CARGO_PKG_VERSION") && node.since > Some(UnixSeconds(1_500_000_000))
    ));
    assert_eq!(seen(&other, 2).await, nodes);
    drop(other);
    seen(&one, 1).await;
}

#[tokio::test]
async fn a_service_in_another_schema_of_the_database_is_another_service() {
    let Some((one, _other, database)) = two_nodes().await else { return };
    database.sql("CREATE SCHEMA elsewhere").unwrap();
    let third = Node::at(&format!("{}?options=-c%20search_path%3Delsewhere", database.url())).await;
    seen(&third, 1).await;
    seen(&one, 2).await;
}

#[tokio::test]
async fn a_name_that_the_url_gives_to_connections_hides_no_node() {
    let Some((one, _other, database)) = two_nodes().await else { return };
    let _third = Node::at(&format!("{}?application_name=shop", database.url())).await;
    seen(&one, 3).await;
}

#[tokio::test]
async fn a_store_describes_itself() {
    let file = Database::open(&StorageConfig::new(StorageLocation::Temporary), Sharing::Alone).await.unwrap();
    let told = file.description().await.unwrap();
    assert_eq!(told.kind, StoreKind::Sqlite { path: file.path().map(ToOwned::to_owned) });
    assert_eq!(told.schema, Some(told.known_schema));
    assert_eq!(file.nodes().await.unwrap(), None);
    let Some((one, _other, database)) = two_nodes().await else { return };
    let told = one.database.description().await.unwrap();
    let StoreKind::Postgres { version } = told.kind else { panic!("{told:?}") };
    assert_eq!(version, database.sql("SHOW server_version").unwrap());
    assert_eq!(told.schema, Some(told.known_schema));
}
