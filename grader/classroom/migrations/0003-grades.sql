-- What students were told: each grade that the gradebook has shown, in order.
-- A grade that is lower than the one before it says why.

CREATE TABLE grade (
	id INTEGER PRIMARY KEY,
	exercise TEXT NOT NULL,
	student TEXT NOT NULL,
	points INTEGER NOT NULL,
	max INTEGER NOT NULL,
	version TEXT NOT NULL,
	attempt INTEGER REFERENCES attempt (id),
	override INTEGER REFERENCES override (id),
	note TEXT NOT NULL,
	made TEXT NOT NULL
) STRICT;

CREATE INDEX grade_of ON grade (exercise, student, id);

CREATE TRIGGER grade_is_not_changed BEFORE UPDATE ON grade
BEGIN
	SELECT RAISE(ABORT, 'a grade that was shown is never changed; add another one');
END;

CREATE TRIGGER grade_is_not_removed BEFORE DELETE ON grade
BEGIN
	SELECT RAISE(ABORT, 'a grade that was shown is never removed; add another one');
END;

CREATE TRIGGER grade_is_not_replaced BEFORE INSERT ON grade
WHEN EXISTS (SELECT 1 FROM grade WHERE id = NEW.id)
BEGIN
	SELECT RAISE(ABORT, 'a grade that was shown is never changed; add another one');
END;

CREATE TRIGGER grade_is_not_lowered_in_silence BEFORE INSERT ON grade
WHEN length(trim(NEW.note)) = 0 AND NEW.points < (
	SELECT points FROM grade
	WHERE exercise = NEW.exercise AND student = NEW.student
	ORDER BY id DESC LIMIT 1
)
BEGIN
	SELECT RAISE(ABORT, 'a grade is never lowered without a note');
END;
