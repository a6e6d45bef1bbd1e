use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
};

use super::*;

#[test]
fn ready_means_synced_and_staying() {
    let health = Health::default();
    assert_eq!(health.ready(), Ok(()), "a standby is ready");
    health.expect("Widget");
    assert_eq!(health.ready(), Err("not synced yet: Widget".to_owned()));
    health.synced("Widget");
    health.expect("Widget");
    assert_eq!(health.ready(), Ok(()));
    health.shutting_down();
    assert_eq!(health.ready(), Err("shutting down".to_owned()));
    assert_eq!(health.live(), Ok(()));
    health.broken("lost");
    assert_eq!(health.live(), Err("lost".to_owned()));
}

#[tokio::test]
async fn the_port_answers_and_closes() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let health = Health::default();
    let mut registry = Registry::default();
    crate::Metrics::default().register(&mut registry);
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, health.clone(), Arc::new(registry), async {
        let _ = stopped.await;
    }));
    let get = async |path: &str| {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    assert!(get("/healthz").await.starts_with("HTTP/1.1 200"));
    health.expect("Widget");
    assert!(get("/readyz").await.starts_with("HTTP/1.1 503"));
    health.synced("Widget");
    assert!(get("/readyz").await.starts_with("HTTP/1.1 200"));
    assert!(get("/metrics").await.ends_with("# EOF\n"));
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
}
