-- Links whose time is over are found without looking at all of them.
CREATE INDEX links_by_expiry ON links (expires_at);
