-- Before the marker is written anew: a crash in between leaves one of the two tokens in it.
UPDATE site SET sweep_token = $1, sweep_pending = $2
WHERE only_one
