//! [`Door`]: the way to the real service, which runs in this process over a data file in memory. No socket is in between.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use iampass_core::port::{HttpRequest, HttpResponse};
use iampass_core::{Application, Server};
use iampass_server::{Service, ServiceConfig, StorageLocation};
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::bugs::{Bug, Planted};
use crate::clocks::{Clocks, Owner};

/// Every address of this service begins so. Nothing listens there.
const BASE: &str = "http://127.0.0.1:8089";

pub(crate) struct Door {
    pub(crate) application: Arc<Application>,
    pub(crate) clocks: Clocks,
    service: Service,
    router: Router,
    planted: Option<Planted>,
    _directory: TempDir,
}

impl Door {
    /// A service of its own, with the limits and rates of production.
    pub(crate) async fn open(bug: Option<Bug>) -> Self {
        // A disk would take most of the time.
        let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let clocks = Clocks::default();
        let mut config = ServiceConfig::new(StorageLocation::File(directory.path().join("iampass.sqlite")));
        config.clock = Arc::new(clocks.clone());
        let service = Service::open(config).await.unwrap();
        let new = service.add_application("Shop", None).await.unwrap();
        let application = Application::new(Server::parse(BASE).unwrap(), new.id, new.secret);
        let planted = bug.map(|bug| Planted::new(bug, application.clone(), clocks.clone()));
        let router = service.router();
        Self { application: Arc::new(application), clocks, service, router, planted, _directory: directory }
    }

    /// Writes down what is due, as a running service does.
    pub(crate) async fn run_due_tasks(&self) {
        self.service.run_due_tasks().await.unwrap();
    }

    /// A request arrives at the service, and this is its answer.
    pub(crate) async fn call(&mut self, request: HttpRequest) -> HttpResponse {
        let Some(mut planted) = self.planted.take() else { return self.answer(request).await };
        let request = planted.before(request);
        let off_by = self.clocks.off_by(Owner::Service);
        self.clocks.set_off_by(Owner::Service, off_by + planted.turns_back(&request));
        let answer = self.answer(request.clone()).await;
        self.clocks.set_off_by(Owner::Service, off_by);
        let answer = planted.after(&request, answer);
        self.planted = Some(planted);
        answer
    }

    async fn answer(&self, request: HttpRequest) -> HttpResponse {
        let (mut parts, body) = request.into_parts();
        let host = parts.uri.authority().unwrap().as_str().parse().unwrap();
        parts.headers.insert("host", host);
        // As it comes by a connection: the path alone.
        parts.uri = parts.uri.path_and_query().unwrap().as_str().parse().unwrap();
        let request = http::Request::from_parts(parts, Body::from(body));
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        http::Response::from_parts(parts, to_bytes(body, usize::MAX).await.unwrap().to_vec())
    }
}
