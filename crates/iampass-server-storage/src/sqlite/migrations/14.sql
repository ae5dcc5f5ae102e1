-- A login may be answered by a link in the browser that began it: where that browser goes then, and the digest of the proof that it takes along.
ALTER TABLE sessions ADD COLUMN return_to TEXT;
ALTER TABLE sessions ADD COLUMN return_tag BLOB;
