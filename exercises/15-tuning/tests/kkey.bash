# shellcheck shell=bash disable=SC2154 # bats sets output, stderr and status
# What the tests of this exercise share.

CLASS=/sys/class/kkey
ROOM=16384 # events in the recorder
export ROOM

# kkey_ready - loads kkey, and puts the helper at hand
kkey_ready() {
	vm_helper io
	vm_load kkey
}

# io OPERATION... - makes the system calls in one guest process
#
# $output has a line for each; it is printed too, for the report of a failure.
io() {
	run --separate-stderr vm_run io "$@"
	printf '%s\n' "$output" "$stderr"
	assert_equal "$status" 0
}

# results - what the calls of the last io returned, on one line
results() {
	awk '{ sub(/.* = /, ""); print $1 }' <<<"$output" | paste -sd ' '
}

# stores FILE VALUE... - what a write of each VALUE to the class file gave
stores() {
	local file=$1 value writes=()
	shift
	for value in "$@"; do
		writes+=("write $value")
	done
	io "open $CLASS/$file w" "${writes[@]}" >&2
	results | cut -d ' ' -f 2-
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

# fail_call FUNCTION ERROR [OPTION...] - the next call by kkey returns ERROR
fail_call() {
	vm_helper failfn
	vm_insmod failfn "function=$1" "error=$2" module=kkey "${@:3}"
}

# errno_name NUMBER - ENOMEM for 12
errno_name() {
	/usr/bin/python3 -I -S -c 'import errno, sys; print(errno.errorcode[int(sys.argv[1])])' "$1"
}
