//! Work on many things of which a few are under way at a time: one page of one user is not to keep all connections of a store busy.

use futures_util::future;

/// As many are under way.
const AT_ONCE: usize = 8;

/// Does this for each, and gives the results in their order.
pub(crate) async fn few_at_once<T, R, F: Future<Output = R>>(
    things: impl IntoIterator<Item = T>,
    work: impl Fn(T) -> F,
) -> Vec<R> {
    let mut things = things.into_iter();
    let mut results = Vec::new();
    loop {
        let some: Vec<F> = things.by_ref().take(AT_ONCE).map(&work).collect();
        if some.is_empty() {
            return results;
        }
        results.extend(future::join_all(some).await);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn few_are_under_way_and_all_are_done_in_their_order() {
        let (now, most) = (Cell::new(0), Cell::new(0));
        let (now, most) = (&now, &most);
        let results = few_at_once(0..100, |number| async move {
            now.set(now.get() + 1);
            most.set(most.get().max(now.get()));
            tokio::task::yield_now().await;
            now.set(now.get() - 1);
            number * 2
        });
        assert_eq!(results.await, (0..100).map(|number| number * 2).collect::<Vec<_>>());
        assert_eq!((now.get(), most.get()), (0, AT_ONCE));
        assert!(few_at_once(0..0, |number| async move { number }).await.is_empty());
    }
}
