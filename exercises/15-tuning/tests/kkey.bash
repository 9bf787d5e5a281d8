# shellcheck shell=bash disable=SC2154 # bats sets output, stderr and status
# What the tests of this exercise share.

load ../../lib/io
load ../../lib/fail

CLASS=/sys/class/kkey
ROOM=16384 # events in the recorder
export ROOM

# kkey_ready - loads kkey, and puts the helper at hand
kkey_ready() {
	vm_helper io
	vm_load kkey
}

# tunes FILE VALUE... - what a write of each VALUE to the class file gave
tunes() {
	stores "$CLASS/$1" "${@:2}"
}

# value FILE - what the class file says, with every byte of it in sight
value() {
	vm_get "$CLASS/$1" - | od -An -c | tr -d ' '
}

# song - prints the tempo, then all that is recorded: DELTA KEY DIGIT VELOCITY
song() {
	vm_run cat /dev/kkey0 >"$BATS_TEST_TMPDIR/song"
	score show "$BATS_TEST_TMPDIR/song"
}

# notes - what the song has but times and tempo: KEY DIGIT VELOCITY, on one line
notes() {
	song | sed 1d | cut -d ' ' -f 2- | paste -sd ' '
}

# score ARGUMENTS... - runs song.py, on the host
score() {
	/usr/bin/python3 -I -S "$BATS_TEST_DIRNAME/song.py" "$@"
}

# duet PART PART [OPTION...] - two players play what the host has drawn for each,
# WRITES:LONGEST:BLANK; the songs, and both parts, are in $BATS_TEST_TMPDIR then
duet() {
	local who
	score parts "$RANDOM" "$BATS_TEST_TMPDIR" "$1" "$2"
	vm_helper duet
	vm_run mkdir /tmp/duet
	for who in 0 1; do
		vm_put "$BATS_TEST_TMPDIR/part$who" "/tmp/duet/part$who"
	done
	run -0 vm_run duet /tmp/duet "${@:3}"
	vm_get /tmp/duet/songs "$BATS_TEST_TMPDIR/songs"
}

# held ARGUMENTS... - see held.c; $output has a line for each call
held() {
	vm_helper held
	run --separate-stderr vm_run held "$@"
	printf '%s\n' "$output" "$stderr"
	assert_equal "$status" 0
}
