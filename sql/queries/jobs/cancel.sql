UPDATE jobs SET state = 'cancelled', runner = NULL, finished_at = now() WHERE id = $1
