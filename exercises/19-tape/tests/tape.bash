# shellcheck shell=bash disable=SC2154 # bats sets output, stderr and status
# What the tests of this exercise share.

load ../../lib/io

SIZE=65536 # bytes of the tape
export SIZE

# tape_ready - a VM with tape loaded and io at hand
tape_ready() {
	vm_start
	vm_helper io
	vm_load tape
	# a shell that writes to what is not there would make a file of it
	vm_run test -c /dev/tape || fail 'there is no device /dev/tape'
}

# draw LENGTH - random bytes, the same for the same seed, in $BATS_TEST_TMPDIR/drawn
draw() {
	local seed
	random_between seed 0 2147483647
	judge random "$seed" "$1" >"$BATS_TEST_TMPDIR/drawn"
}

# judge ARGUMENTS... - runs tape.py, on the host
judge() {
	/usr/bin/python3 -I -S "$BATS_TEST_DIRNAME/tape.py" "$@"
}

# record FILE - puts FILE on the tape, from 0 on
record() {
	vm_put "$1" /tmp/record
	vm_run dd if=/tmp/record of=/dev/tape bs=65536 2>/dev/null
}

# play - what is on the tape, all of it, in $BATS_TEST_TMPDIR/played
play() {
	vm_run cat /dev/tape >"$BATS_TEST_TMPDIR/played"
	assert_equal "$(wc -c <"$BATS_TEST_TMPDIR/played")" "$SIZE"
}

# runs LENGTH - how the tape begins: COUNT BYTE, for each run of equal bytes
runs() {
	play
	head -c "$1" "$BATS_TEST_TMPDIR/played" | od -An -v -t x1 -w1 | uniq -c | sed 's/^ *//; s/  */ /' | paste -sd ';'
}

# text HEX - as characters
text() {
	/usr/bin/python3 -I -S -c 'import sys; print(bytes.fromhex(sys.argv[1]).decode())' "$1"
}

# stuck MODE FIRST SECOND - see stuck.c; $output has a line for each call
stuck() {
	vm_helper stuck
	run --separate-stderr vm_run stuck "$@"
	printf '%s\n' "$output" "$stderr"
	assert_equal "$status" 0
}

# vector ARGUMENTS... - prints what vector.c does: RESULT POSITION [HEX...]
vector() {
	vm_run vector "$@"
}

# crowd MODE NUMBER - see crowd.c; what it has read is in $BATS_TEST_TMPDIR/0 ...
crowd() {
	local k
	run --separate-stderr vm_run crowd /tmp "$@"
	printf '%s\n' "$stderr"
	assert_equal "$status" 0
	for k in "${!lines[@]}"; do
		vm_get "/tmp/$k" "$BATS_TEST_TMPDIR/$k"
	done
}
