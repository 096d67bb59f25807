-- One whose bytes are gone, unless it was made again meanwhile.
DELETE FROM thumbnails WHERE image_id = $1 AND height = $2 AND sha256 = $3
