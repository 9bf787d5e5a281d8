#!/usr/bin/env bats
# What a list says, against what is known on the host and what /proc says.

load ../../lib/vm
load ../../lib/io
load fdtable

setup() {
	vm_start
	fdtable_ready
}

# bats test_tags=points:8,todo:5
@test "a list agrees with /proc for a random set of files, pipes, sockets and more" {
	local seed=$RANDOM plan
	mapfile -d '' plan < <(judge plan "$seed")
	fds "${plan[@]}"
	[[ $(gave) != *-E* ]] || fail 'the set could not be made'
	run judge agree "$seed"
	assert_success
}

# bats test_tags=points:5,todo:3
@test "PID 1 has what /proc says; kernel threads share one table with nothing in it" {
	local users
	fds 'me list 1' 'me proc 1'
	run judge proc
	assert_success
	fds 'me list 2' 'me list 3'
	assert_equal "$(gave)" '1 1'
	for users in $(shared | sed 's/^users //'); do
		((users > 9)) || fail "only $users tasks have the table of kernel threads"
	done
}

# bats test_tags=points:6,todo:6
@test "identities are 64 bits, no addresses, and others after each load" {
	local before after
	fds 'me list 1'
	before=$(awk 'NF > 5 { print $6 }' <<<"$output" | sort -u)
	(($(wc -w <<<"$before") > 3)) || fail 'PID 1 has several files open'
	[[ $(grep -c '^ffff' <<<"$before") -lt 3 ]] || fail 'identities look like addresses'
	[[ $(grep -c '^00000000' <<<"$before") -lt 3 ]] || fail 'identities have 32 bits'
	io 'rmmod fdtable' 'insmod /lib/fdtable.ko'
	fds 'me list 1'
	after=$(awk 'NF > 5 { print $6 }' <<<"$output" | sort -u)
	assert_equal "$(comm -12 <(printf '%s\n' "$before") <(printf '%s\n' "$after"))" ''
}
