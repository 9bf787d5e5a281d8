-- Points that somebody gave by hand, with the reason; the last one of a cell counts.
-- Without points it takes back those before it.

CREATE TABLE override (
	id INTEGER PRIMARY KEY,
	exercise TEXT NOT NULL,
	student TEXT NOT NULL,
	points INTEGER CHECK (points IS NULL OR points BETWEEN 0 AND 1000),
	reason TEXT NOT NULL CHECK (length(trim(reason)) > 0),
	author TEXT NOT NULL CHECK (length(trim(author)) > 0),
	made TEXT NOT NULL
) STRICT;

CREATE TRIGGER override_is_not_changed BEFORE UPDATE ON override
BEGIN
	SELECT RAISE(ABORT, 'an override is never changed; make another one');
END;

CREATE TRIGGER override_is_not_removed BEFORE DELETE ON override
BEGIN
	SELECT RAISE(ABORT, 'an override is never removed; make another one');
END;

CREATE TRIGGER override_is_not_replaced BEFORE INSERT ON override
WHEN EXISTS (SELECT 1 FROM override WHERE id = NEW.id)
BEGIN
	SELECT RAISE(ABORT, 'an override is never changed; make another one');
END;
