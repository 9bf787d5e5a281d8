#!/usr/bin/env bats
# What the users of the recorder do while another one holds it.

load ../../lib/vm
load kkey

k=0 # a key, drawn for each test

setup() {
	vm_start
	kkey_ready
	random_between k 0 127
}

# notes_of FILE - the notes of a song in the guest, on one line
notes_of() {
	vm_get "$1" "$BATS_TEST_TMPDIR/song"
	score show "$BATS_TEST_TMPDIR/song" | sed 1d | cut -d ' ' -f 2- | paste -sd ' '
}

# bats test_tags=points:4,todo:6,id:hold
@test "hold takes 1 to 10000 ms and returns when they are over" {
	local ms
	random_between ms 600 900
	# No process is started between: on a busy host that takes as long as a hold.
	# shellcheck disable=SC2016 # the guest's shell expands it
	run -0 vm_sh 'read -r from _ </proc/uptime; echo "$1" >"$2/hold"
		read -r to _ </proc/uptime; echo "$from"; echo "$to"' "$ms" "$CLASS"
	# uptime is in hundredths of a second, cut off
	((${lines[1]/./} * 10 - ${lines[0]/./} * 10 > ms - 10)) || fail "$ms ms took from ${lines[0]} to ${lines[1]} s"
	assert_equal "$(tunes hold 1 0 10001 -5 x 1s $'2\n' 99999999999)" \
		'1 -EINVAL -EINVAL -EINVAL -EINVAL -EINVAL 2 -EINVAL'
}

# bats test_tags=points:4,todo:4
@test "a writer sleeps interruptibly while the recorder is held, and then goes on" {
	held "$k" write nothing
	assert_output 'S 1 free'
	assert_equal "$(notes)" "$k 1 64"
}

# bats test_tags=points:3,todo:5
@test "the first read sleeps interruptibly while the recorder is held" {
	vm_write "/dev/kkey$k" 10
	held "$k" read nothing
	assert_output 'S 41 free'
	assert_equal "$(notes_of /tmp/song0)" "$k 1 64 $k 0 64"
}

# bats test_tags=points:4,todo:4
@test "a writer with O_NONBLOCK gets EAGAIN at once, and nothing is recorded" {
	held "$k" write nonblock
	assert_output -- '- -EAGAIN held'
	io "open /dev/kkey$k rw+nonblock" 'write 10' 'read 99'
	assert_equal "$(results)" '3 2 41'
}

# bats test_tags=points:3,todo:5
@test "a first read with O_NONBLOCK gets EAGAIN at once, and takes nothing out" {
	vm_write "/dev/kkey$k" 10
	held "$k" read nonblock
	assert_output -- '- -EAGAIN held'
	assert_equal "$(notes)" "$k 1 64 $k 0 64"
}

# bats test_tags=points:4,todo:4
@test "a signal ends a writer's wait with EINTR, or restarts it" {
	held "$k" write signal
	assert_output 'S -EINTR held'
	assert_equal "$(notes)" ''
	held "$k" write restart
	case $output in
	'S -EINTR held') assert_equal "$(notes)" '' ;;
	'S 1 free') assert_equal "$(notes)" "$k 1 64" ;;
	*) fail "expected S -EINTR held, or S 1 free; actual $output" ;;
	esac
}

# bats test_tags=points:3,todo:5
@test "a signal ends a reader's wait, and the song is still there" {
	vm_write "/dev/kkey$k" 10
	held "$k" read signal
	assert_output 'S -EINTR held'
	assert_equal "$(notes)" "$k 1 64 $k 0 64"
}

# bats test_tags=points:3,todo:5
@test "two that read one open file at once are given one song" {
	vm_write "/dev/kkey$k" 10
	held "$k" share nothing
	assert_output 'S 41 free'$'\n''S 41 free'
	assert_equal "$(notes_of /tmp/song0)" "$k 1 64 $k 0 64"
	assert_equal "$(notes_of /tmp/song1)" "$k 1 64 $k 0 64"
}

# bats test_tags=points:3,todo:4,kernel:stock,needs:hold
@test "an event is stamped when it is recorded, not when its writer came" {
	vm_write "/dev/kkey$k" 1
	vm_sh "echo 1000 >$CLASS/hold & until grep -q ^1 /proc/\$!/syscall; do :; done; printf 0 >/dev/kkey$k"
	run -0 song
	# the writer came at once; this kernel has 250 jiffies a second
	((${lines[2]%% *} > 200)) || fail "only ${lines[2]%% *} jiffies lie between the two events"
}

# bats test_tags=points:3,todo:6
@test "a signal ends a hold with EINTR, and sets the recorder free" {
	held "$k" hold signal
	assert_output 'S -EINTR held'
	io "open /dev/kkey$k w+nonblock" 'write 1'
	assert_equal "$(results)" '3 1'
}

# bats test_tags=points:3,todo:4,kernel:stock,needs:hold
@test "the recorder is not held while a write copies from the program" {
	vm_helper slowcopy
	run -0 vm_run slowcopy "$k" write
	assert_output 'meanwhile 1'$'\n''call 2'
}

# bats test_tags=points:3,todo:5,kernel:stock,needs:hold
@test "the recorder is not held while a read copies to the program" {
	vm_helper slowcopy
	run -0 vm_run slowcopy "$k" read
	assert_output 'meanwhile 1'$'\n''call 33'
}
