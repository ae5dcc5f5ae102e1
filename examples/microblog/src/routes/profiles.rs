//! Users as others see them, and following them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Redirect, Response};

use super::{Asked, Named, before};
use crate::Blog;
use crate::errors::PageError;
use crate::follows::Side;
use crate::login::CurrentUser;
use crate::pages::{Frame, Here, PeoplePage, ProfilePage, Relation, Timeline, show};
use crate::posts::Whose;
use crate::users::User;
use crate::visitor::Visitor;

async fn shown(blog: &Blog, name: &str) -> Result<User, PageError> {
    blog.users.shown(name).await?.ok_or(PageError::NotFound)
}

fn here(visitor: &Visitor, user: &User) -> Here {
    if visitor.id() == Some(user.id) { Here::Profile } else { Here::Elsewhere }
}

/// `GET /u/{name}`
pub(super) async fn profile(
    State(blog): State<Blog>,
    visitor: Visitor,
    Named(name): Named,
    asked: Asked,
) -> Result<Response, PageError> {
    let user = shown(&blog, &name).await?;
    let relation = match visitor.id() {
        None => Relation::Stranger,
        Some(own) if own == user.id => Relation::Same,
        Some(own) if blog.follows.follows(own, user.id).await? => Relation::Follows,
        Some(_) => Relation::DoesNotFollow,
    };
    let posts = blog.posts.page(Whose::One(user.id), before(&asked)).await?;
    let path = format!("/u/{}", user.name);
    let page = ProfilePage {
        frame: Frame::new(&blog, &visitor, user.display_name.clone(), here(&visitor, &user)),
        timeline: Timeline::new(posts, &visitor, &path, "No posts yet."),
        path,
        posts: blog.posts.count(user.id).await?,
        followers: blog.follows.count(Side::Followers, user.id).await?,
        followed: blog.follows.count(Side::Followed, user.id).await?,
        relation,
        user,
    };
    show(StatusCode::OK, &page)
}

/// `GET /u/{name}/followers`
pub(super) async fn followers(
    State(blog): State<Blog>,
    visitor: Visitor,
    Named(name): Named,
    asked: Asked,
) -> Result<Response, PageError> {
    people(&blog, &visitor, Side::Followers, &name, &asked).await
}

/// `GET /u/{name}/following`
pub(super) async fn following(
    State(blog): State<Blog>,
    visitor: Visitor,
    Named(name): Named,
    asked: Asked,
) -> Result<Response, PageError> {
    people(&blog, &visitor, Side::Followed, &name, &asked).await
}

async fn people(
    blog: &Blog,
    visitor: &Visitor,
    side: Side,
    name: &str,
    asked: &Asked,
) -> Result<Response, PageError> {
    let user = shown(blog, name).await?;
    let (heading, path, empty) = match side {
        Side::Followers => ("Followers", "followers", "Nobody follows this user yet."),
        Side::Followed => ("Following", "following", "This user follows nobody yet."),
    };
    let page = blog.follows.page(side, user.id, asked.get("after").map(String::as_str)).await?;
    let page = PeoplePage {
        frame: Frame::new(blog, visitor, format!("{heading}: {}", user.display_name), here(visitor, &user)),
        heading,
        people: page.items,
        more: page.next.map(|after| format!("/u/{}/{path}?after={after}", user.name)),
        empty,
        user,
    };
    show(StatusCode::OK, &page)
}

/// `POST /u/{name}/follow`
pub(super) async fn follow(
    State(blog): State<Blog>,
    user: CurrentUser,
    Named(name): Named,
) -> Result<Redirect, PageError> {
    let other = shown(&blog, &name).await?;
    // One's own posts are there anyway.
    if other.id != user.id {
        blog.follows.follow(user.id, other.id).await?;
    }
    Ok(profile_of(&other))
}

/// `POST /u/{name}/unfollow`
pub(super) async fn unfollow(
    State(blog): State<Blog>,
    user: CurrentUser,
    Named(name): Named,
) -> Result<Redirect, PageError> {
    let other = shown(&blog, &name).await?;
    blog.follows.unfollow(user.id, other.id).await?;
    Ok(profile_of(&other))
}

fn profile_of(user: &User) -> Redirect {
    Redirect::to(&format!("/u/{}", user.name))
}
