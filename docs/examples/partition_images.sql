-- Split the table of images into 16 partitions, by owner. The table is copied under a
-- lock: try it on a copy of the database first. docs/scale.md says how long it takes.
--   psql "$DATABASE_URL" --single-transaction -v ON_ERROR_STOP=1 -f partition_images.sql

LOCK TABLE images_image, images_report IN ACCESS EXCLUSIVE MODE;

-- A unique key over all partitions must contain the owner. The id alone is then not
-- unique for PostgreSQL, so no foreign key can refer to it.
ALTER TABLE images_report
    DROP CONSTRAINT images_report_image_id_249a5372_fk_images_image_id;

ALTER TABLE images_image RENAME TO images_image_whole;
CREATE TABLE images_image (LIKE images_image_whole INCLUDING ALL EXCLUDING INDEXES)
    PARTITION BY HASH (owner_id);
DO $$
BEGIN
    FOR n IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE images_image_p%s PARTITION OF images_image'
            ' FOR VALUES WITH (MODULUS 16, REMAINDER %s)', n, n
        );
    END LOOP;
END $$;
INSERT INTO images_image SELECT * FROM images_image_whole;
DROP TABLE images_image_whole;

-- The id comes first, so that each partition can look it up.
ALTER TABLE images_image
    ADD CONSTRAINT images_image_pkey PRIMARY KEY (id, owner_id),
    ADD CONSTRAINT images_image_owner_id_d47da4d9_fk_accounts_user_id
        FOREIGN KEY (owner_id) REFERENCES accounts_user (id)
        DEFERRABLE INITIALLY DEFERRED;
-- The indexes of the migrations, under the names that later migrations expect.
CREATE INDEX image_owner_newest ON images_image (owner_id, id DESC);
CREATE INDEX image_owner_public ON images_image (owner_id, id DESC)
    WHERE listed AND state = 'visible' AND visibility = 'public';
CREATE INDEX image_owner_sha256 ON images_image (owner_id, sha256);
CREATE INDEX image_feed ON images_image (id DESC)
    WHERE listed AND state = 'visible' AND visibility = 'public';
CREATE INDEX image_unlisted ON images_image (owner_id) WHERE NOT listed;
CREATE INDEX image_not_visible ON images_image (state, id DESC)
    WHERE NOT (state = 'visible');
CREATE INDEX image_missing ON images_image (id DESC)
    WHERE missing_since IS NOT NULL;
CREATE INDEX image_left_in_place ON images_image (id DESC) WHERE left_in_place;
CREATE INDEX image_reported ON images_image (open_reports DESC, id DESC)
    WHERE open_reports > 0;
CREATE INDEX image_taken_down ON images_image (state_since)
    WHERE state = 'taken_down';
CREATE INDEX image_without_preview ON images_image (id)
    WHERE NOT delivered_as_is AND perceptual_hash IS NULL;
CREATE INDEX image_file_id ON images_image (
    substring(
        substring(file, strpos(file, '~') + 1), 1, strpos(
            coalesce(substring(file, strpos(file, '~') + 1), '') || coalesce('.', ''),
            '.'
        ) - 1
    )
);
ANALYZE images_image;
