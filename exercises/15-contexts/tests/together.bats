#!/usr/bin/env bats
# Three contexts on two CPUs: everything adds up, and no checker has a word to say.

load ../../lib/vm
load ledger

setup() {
	vm_start
	ledger_ready
}

# bats test_tags=points:5,todo:2,needs:read,kernel:debug,kernel:race
@test "what is in the ring is never seen half-made: two writers fill it" {
	run -0 vm_sh 'for w in a b; do (for k in $(seq 400); do printf "$w$w$w$w$w$w$w" >/dev/ledger; done) & done; wait'
	assert_output ''
	run -0 drain
	assert_equal "$(cut -d ' ' -f 3- <<<"$output" | sort | uniq -c | tr -s ' ' | paste -sd ';')" \
		' 400 process aaaaaaa; 400 process bbbbbbb'
	assert_equal "$(cut -d ' ' -f 1 <<<"$output" | paste -sd ' ')" "$(seq -s ' ' 0 799)"
}

# bats test_tags=points:3,todo:3,needs:read
@test "two readers share what is there, and none gets what the other one got" {
	local first=0 last
	for _ in {1..4}; do
		last=$((first + 299))
		assert_equal "$(write_many "$first" "$last")" ''
		drain_by_two
		assert_equal "$(cat "$BATS_TEST_TMPDIR"/lines? | cut -d ' ' -f 1,4 | sort -n | paste -sd ' ')" \
			"$(for k in $(seq "$first" "$last"); do printf '%d m%d ' "$k" "$k"; done | sed 's/ $//')"
		first=$((last + 1))
	done
}

# bats test_tags=points:10,todo:6,needs:hrtimer,kernel:debug
@test "processes, the timer and the hrtimer on one ring: all that was produced adds up" {
	bustle 4000
}

# bats test_tags=points:4,todo:6,needs:hrtimer,kernel:race
@test "KCSAN has nothing to say when all of that happens at once" {
	bustle 4000
}
