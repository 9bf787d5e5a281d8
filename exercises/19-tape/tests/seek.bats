#!/usr/bin/env bats
# Where lseek() goes, and where it does not.

load ../../lib/vm
load tape

at=0 # a position, drawn for each test

setup() {
	tape_ready
	random_between at 1000 $((SIZE - 1000))
}

# bats test_tags=points:6,todo:2
@test "lseek moves by set, cur and end, from the first byte to the end" {
	io 'open /dev/tape r' "lseek $at set" 'lseek -7 cur' 'lseek -9 end' 'lseek 9 cur' \
		'lseek 0 end' "lseek -$SIZE cur" "lseek $SIZE set" "lseek -$SIZE end"
	assert_equal "$(results)" "3 $at $((at - 7)) $((SIZE - 9)) $SIZE $SIZE 0 $SIZE 0"
}

# bats test_tags=points:5,todo:2
@test "lseek gives EINVAL for what is not on the tape, for data and for hole, and stays" {
	io 'open /dev/tape r' "lseek $at set" 'lseek -1 set' "lseek $((SIZE + 1)) set" \
		'lseek 1 end' "lseek -$((SIZE + 1)) end" "lseek -$((at + 1)) cur" \
		"lseek $((SIZE - at + 1)) cur" 'lseek 4294967296 set' \
		'lseek 9223372036854775807 cur' 'lseek 0 data' 'lseek 0 hole' 'lseek 0 cur'
	assert_equal "$(results)" "3 $at$(printf ' %.0s-EINVAL' {1..10}) $at"
}
