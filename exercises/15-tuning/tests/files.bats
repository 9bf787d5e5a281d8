#!/usr/bin/env bats
# The files in /sys/class/kkey: what they say, what they take, what they do.

load ../../lib/vm
load kkey

k=0 # a key, drawn for each test

setup() {
	vm_start
	kkey_ready
	random_between k 0 127
}

# What is no number that a class file takes.
NO_NUMBERS=(x '' ' ' 7x 0x40 1e2 6.5 4294967360 18446744073709551680 99999999999999999999999 -1)

# refuses FILE VALUE... - each VALUE gives EINVAL, and changes nothing
refuses() {
	local before
	before=$(value "$1")
	assert_equal "$(tunes "$@")" "$(printf -- '-EINVAL%.0s ' "${@:2}" | sed 's/ $//')"
	assert_equal "$(value "$1")" "$before"
}

# bats test_tags=points:3,todo:1,cpus:1
@test "velocity is 64 at load and takes 1 to 127, with a new line or without" {
	local any
	random_between any 2 126
	assert_equal "$(value velocity)" '64\n'
	assert_equal "$(tunes velocity 1 127 "$any"$'\n')" "1 3 $((${#any} + 1))"
	assert_equal "$(value velocity)" "$any\\n"
}

# bats test_tags=points:3,todo:1,cpus:1
@test "tempo is 120 at load and takes 20 to 300, with a new line or without" {
	local any
	random_between any 100 299
	assert_equal "$(value tempo)" '120\n'
	assert_equal "$(tunes tempo 20 300 "$any"$'\n')" "2 3 4"
	assert_equal "$(value tempo)" "$any\\n"
}

# bats test_tags=points:3,todo:1,cpus:1
@test "velocity refuses what is out of range or no number, and keeps its value" {
	tunes velocity 99
	refuses velocity 0 128 1000 "${NO_NUMBERS[@]:0:1}" "${NO_NUMBERS[@]:2}"
	assert_equal "$(value velocity)" '99\n'
}

# bats test_tags=points:3,todo:1,cpus:1
@test "tempo refuses what is out of range or no number, and keeps its value" {
	tunes tempo 77
	refuses tempo 19 301 5000 "${NO_NUMBERS[@]:0:1}" "${NO_NUMBERS[@]:2}"
	assert_equal "$(value tempo)" '77\n'
}

# bats test_tags=points:4,todo:2,cpus:1
@test "an event has the velocity that was set when it was recorded" {
	local one two
	random_between one 1 127
	random_between two 1 127
	io "open /dev/kkey$k w" "open $CLASS/velocity w" "write $one" 'use 3' \
		'write 10' 'use 4' "write $two" 'use 3' 'write 0' 'use 4' 'write 9'
	assert_equal "$(notes)" "$k 1 $one $k 0 $one $k 0 $two"
}

# bats test_tags=points:4,todo:2,cpus:1
@test "the tempo that is set when a song is made is in it" {
	local tempo
	for tempo in 20 240 299 300 "$((21 + RANDOM % 279))"; do
		tunes tempo "$tempo"
		vm_write "/dev/kkey$k" 1
		run -0 song
		assert_line --index 0 "tempo $((60000000 / tempo))"
	done
}

# bats test_tags=points:4,todo:3,cpus:1
@test "events says how many are recorded and not yet read" {
	local some
	random_between some 2 60
	assert_equal "$(value events)" '0\n'
	io "open /dev/kkey$k rw" "write $(printf '1%.0s' $(seq "$some"))" $'write 0\n0' 'write x'
	assert_equal "$(value events)" "$((some + 2))\\n"
	io "open /dev/kkey$k rw" 'read 1'
	assert_equal "$(value events)" '0\n'
}

# bats test_tags=points:4,todo:3,cpus:1
@test "dropped counts the events that found no room, and no others" {
	assert_equal "$(value dropped)" '0\n'
	vm_sh "head -c $ROOM /dev/zero | tr '\\0' 1 | dd bs=$ROOM iflag=fullblock of=/dev/kkey$k"
	io "open /dev/kkey$k rw" 'write 01' $'write 0\n01' 'write 01x' 'write-bad 7' $'write \n'
	assert_equal "$(value dropped)" '5\n'
	io "open /dev/kkey$k rw" 'read 9' 'write 1'
	assert_equal "$(results)" '3 9 1'
	assert_equal "$(value dropped)" '5\n'
}

# bats test_tags=points:3,todo:6,cpus:1
@test "the class has five files, and each has its mode" {
	run -0 vm_sh "cd $CLASS && stat -c '%n %a' velocity tempo events dropped hold"
	assert_output "$(printf '%s\n' 'velocity 644' 'tempo 644' 'events 444' 'dropped 444' 'hold 200')"
}
