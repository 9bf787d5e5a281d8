#!/usr/bin/env bats
# Two CPUs at once: nothing is lost, nothing is doubled, nothing is invented.

load ../../lib/vm
load kkey

setup() {
	vm_start
	kkey_ready
}

# duet_tuned PART PART - a duet while all class files are in use; nothing is lost
duet_tuned() {
	local refused
	duet "$@" listen tune
	refused=$output
	run score check "$BATS_TEST_TMPDIR" 64 {1..9}
	assert_success
	((($(score events "$BATS_TEST_TMPDIR")) > 20000))
	assert_equal "$(value events)" '0\n'
	assert_equal "refused $(vm_get "$CLASS/dropped" -)" "$refused"
}

# bats test_tags=points:6,todo:4,kernel:stock
@test "two writers on two CPUs and a reader lose, double and invent no event" {
	duet 800:4:2500 19000:1:0 listen
	run score check "$BATS_TEST_TMPDIR" 64
	assert_success
	((($(score events "$BATS_TEST_TMPDIR")) > 20000))
}

# bats test_tags=points:2,todo:5,kernel:stock
@test "the same holds while the class files are stored to and read all the time" {
	duet_tuned 800:4:2500 19000:1:0
}

# bats test_tags=points:2,todo:5,kernel:race
@test "KCSAN has nothing to say when all of that happens at once" {
	duet_tuned 800:4:40 19000:1:0 # with shorter texts: each access takes longer
}

# bats test_tags=points:2,todo:5,kernel:debug
@test "lockdep has nothing to say when all of that happens at once" {
	duet_tuned 300:4:40 3200:13:0 # the same in fewer calls, which are slow there
}

# bats test_tags=points:3,todo:3,needs:hold
@test "the recorder is full at exactly 16384 when two writers fill it" {
	duet 10000:1:0 10000:1:0
	assert_output "refused $((20000 - ROOM))"
	run score check-cut "$BATS_TEST_TMPDIR" 64
	assert_success
	run -0 score show "$BATS_TEST_TMPDIR/songs"
	assert_equal "${#lines[@]}" $((ROOM + 1))
	assert_equal "$(value dropped)" "$((20000 - ROOM))\\n"
}
