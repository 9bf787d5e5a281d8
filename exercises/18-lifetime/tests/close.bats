#!/usr/bin/env bats
# Descriptors that are copied, inherited and lost: each one's end is a flush, the
# last one's also the release.

load ../../lib/vm
load lifetime

setup() {
	vm_start
	lifetime_ready
}

# bats test_tags=points:7,todo:4,id:close
@test "closing is a flush and then a release, in the process that closes" {
	lives 'a open' 'a open' 'a close 3' 'a close 3' 'a close 4'
	assert_equal "$(results)" '3 4 0 -EBADF 0'
	assert_equal "$(counts)" '1 0 0 1, 2 0 0 2, 2 1 1 1, 2 1 1 1, 2 2 2 0'
	assert_equal "$(events)" "$(printf '%s' 'open 1 a call, open 2 a call, ' \
		'flush 1 a call, release 1 a call, flush 2 a call, release 2 a call')"
}

# bats test_tags=points:6,todo:4,kernel:stock,kernel:debug
@test "each close of a copy is a flush, whatever the call, and only the last a release" {
	local first=$((3 + RANDOM % 2))
	lives 'a open' 'a dup 3' "a close $first" "a dup2 0 $((7 - first))"
	assert_equal "$(results)" "3 4 0 $((7 - first))"
	assert_equal "$(counts)" '1 0 0 1, 1 0 0 1, 1 1 0 1, 1 2 1 0'
	lives 'a open' 'a dup 3' 'a dup 3' 'a close-range 3 4' 'a close-range 0 99'
	assert_equal "$(counts)" '2 2 1 1, 2 2 1 1, 2 2 1 1, 2 4 1 1, 2 5 2 0'
	assert_equal "$(events 4)" "$(printf '%s' 'open 2 a call, flush 2 a call, ' \
		'flush 2 a call, flush 2 a call, release 2 a call')"
}

# bats test_tags=points:6,todo:5
@test "after fork both have to close, and whoever is last releases" {
	lives 'a open' 'a fork b' 'b exit' 'a close 3'
	assert_equal "$(counts)" '1 0 0 1, 1 0 0 1, 1 1 0 1, 1 2 1 0'
	assert_equal "$(events)" 'open 1 a call, flush 1 b exit, flush 1 a call, release 1 a call'
	lives 'a open' 'a fork b' 'b fork c' 'a close 3' 'c close 3' 'a exit' 'b exit'
	assert_equal "$(counts)" '2 2 1 1, 2 2 1 1, 2 2 1 1, 2 3 1 1, 2 4 1 1, 2 4 1 1, 2 5 2 0'
	assert_equal "$(events 4)" "$(printf '%s' 'open 2 a call, flush 2 a call, ' \
		'flush 2 c call, flush 2 b exit, release 2 b exit')"
}

# bats test_tags=points:4,todo:5
@test "who leaves a shared table of descriptors closes nothing; its last user does" {
	lives 'a open' 'a share b' 'b open' 'a exit' 'b close 4' 'b share c' 'b kill' 'c exit'
	assert_equal "$(results)" '3 0 4 0 0 0 signal-9 0'
	assert_equal "$(counts)" \
		'1 0 0 1, 1 0 0 1, 2 0 0 2, 2 0 0 2, 2 1 1 1, 2 1 1 1, 2 1 1 1, 2 2 2 0'
	assert_equal "$(events)" "$(printf '%s' 'open 1 a call, open 2 b call, ' \
		'flush 2 b call, release 2 b call, flush 1 c exit, release 1 c exit')"
}

# bats test_tags=points:6,todo:4
@test "exec keeps a file open, and closes it if it was opened with O_CLOEXEC" {
	lives 'a open' 'a open cloexec' 'a fork b' 'a exec' 'a close 4' 'b exec' 'a close 3' 'b exit'
	assert_equal "$(results)" '3 4 0 0 -EBADF 0 0 0'
	assert_equal "$(counts)" \
		'1 0 0 1, 2 0 0 2, 2 0 0 2, 2 1 0 2, 2 1 0 2, 2 2 1 1, 2 3 1 1, 2 4 2 0'
	assert_equal "$(events 2)" "$(printf '%s' 'flush 2 a call, flush 2 b call, release 2 b call, ' \
		'flush 1 a call, flush 1 b exit, release 1 b exit')"
}

# bats test_tags=points:6,todo:5,needs:close
@test "exit and SIGKILL flush and release all that was open, inside exit" {
	local number how steps=('a open' 'a dup 3')
	random_between number 2 5
	while ((${#steps[@]} <= number)); do steps+=('a open'); done
	for how in 1:exit 2:kill; do
		lives "${steps[@]}" "a ${how#*:}"
		assert_equal "$(counts | sed 's/.*, //')" \
			"$((number * ${how%:*})) $(((number + 1) * ${how%:*})) $((number * ${how%:*})) 0"
		assert_equal "$(logged | tail -n $((2 * number + 1)) | awk '{ print $2, $4, $5 }' | sort | uniq -c | tr -s ' ')" \
			" $((number + 1)) flush a exit"$'\n'" $number release a exit"
	done
}
