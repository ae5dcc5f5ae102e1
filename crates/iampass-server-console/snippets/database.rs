async fn client(db: DatabaseConnection) -> Result<Client, Box<dyn Error>> {
    let (database, schema) = (SeaOrmDatabase::new(db), Schema::default());
    database.migrate(&schema).await?;
    let client = Client::builder().transport(ReqwestTransport::new()?).from_env();
    let sessions = database.session_store(&schema, KeyRing::from_env()?, client.configured_server()?);
    Ok(client.token_store(Arc::new(database.token_store(&schema))).session_store(Arc::new(sessions)).build()?)
}
