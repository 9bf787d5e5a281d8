#!/usr/bin/env bats
# Three contexts on two CPUs: everything adds up, and no checker has a word to say.

load ../../lib/vm
load ledger

setup() {
	vm_start
	ledger_ready
}

# bats test_tags=points:8,todo:2,needs:read,kernel:debug,kernel:race
@test "what is in the ring is never seen half-made: two writers fill it" {
	run -0 vm_sh 'for w in a b; do (for k in $(seq 400); do printf "$w$w$w$w$w$w$w" >/dev/ledger; done) & done; wait'
	assert_output ''
	run -0 drain
	assert_equal "$(cut -d ' ' -f 3- <<<"$output" | sort | uniq -c | tr -s ' ' | paste -sd ';')" \
		' 400 process aaaaaaa; 400 process bbbbbbb'
	assert_equal "$(cut -d ' ' -f 1 <<<"$output" | paste -sd ' ')" "$(seq -s ' ' 0 799)"
}

# bats test_tags=points:14,todo:6,needs:hrtimer,kernel:debug,kernel:race
@test "processes, the timer and the hrtimer on one ring: all that was produced adds up" {
	bustle 4000
}
