-- Every grading of every version, for ever: what was decided, when, and with what.

CREATE TABLE attempt (
	id INTEGER PRIMARY KEY,
	exercise TEXT NOT NULL,
	student TEXT NOT NULL,
	version INTEGER NOT NULL,
	again INTEGER NOT NULL,
	graded TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('graded', 'refused', 'infra')),
	score INTEGER CHECK ((score IS NULL) = (state = 'infra')),
	max INTEGER NOT NULL,
	received TEXT NOT NULL,
	generation INTEGER NOT NULL,
	seed INTEGER NOT NULL,
	tests TEXT NOT NULL,
	grader TEXT NOT NULL,
	kernels TEXT NOT NULL,
	engine TEXT NOT NULL,
	document TEXT NOT NULL CHECK (json_valid(document)),
	UNIQUE (exercise, student, version, again, graded)
) STRICT;

CREATE TRIGGER attempt_is_not_changed BEFORE UPDATE ON attempt
BEGIN
	SELECT RAISE(ABORT, 'an attempt is never changed; grade again: REGRADE=1');
END;

CREATE TRIGGER attempt_is_not_removed BEFORE DELETE ON attempt
BEGIN
	SELECT RAISE(ABORT, 'an attempt is never removed');
END;

-- INSERT OR REPLACE would remove a row without asking the trigger above.
CREATE TRIGGER attempt_is_not_replaced BEFORE INSERT ON attempt
WHEN EXISTS (
	SELECT 1 FROM attempt
	WHERE id = NEW.id OR (
		exercise = NEW.exercise AND student = NEW.student
		AND version = NEW.version AND again = NEW.again AND graded = NEW.graded
	)
)
BEGIN
	SELECT RAISE(ABORT, 'an attempt is never changed: this one is there already');
END;

-- A row for each test of each attempt, for questions such as which test fails most.
CREATE VIEW verdict AS
SELECT
	attempt.id AS attempt,
	attempt.exercise,
	attempt.student,
	json_extract(test.value, '$.name') AS test,
	json_extract(test.value, '$.kernel') AS kernel,
	json_extract(test.value, '$.verdict') AS verdict,
	json_extract(test.value, '$.points') AS points,
	json_extract(test.value, '$.max') AS max
FROM attempt, json_each(attempt.document, '$.result.tests') AS test;
