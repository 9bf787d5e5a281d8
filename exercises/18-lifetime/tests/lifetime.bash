# shellcheck shell=bash disable=SC2154 # bats sets output, stderr and status
# What the tests of this exercise share: a story, told in steps, and what the
# driver says of it.

load ../../lib/io

LOG=64 # events that the log keeps
NOTHING='opens 0 flushes 0 releases 0 alive 0'
export LOG NOTHING

story_log='' # of the last story: the events, with the actors' names for PIDs

# lifetime_ready - loads lifetime, and puts the helpers at hand
lifetime_ready() {
	vm_helper io lives
	vm_load lifetime
}

# lives STEP... - has actors take these steps: see lives.c
#
# $output has a line for each step, and is printed for the report of a failure.
lives() {
	local told
	run --separate-stderr vm_run lives "$@"
	printf '%s\n' "$output" "$stderr"
	assert_equal "$status" 0
	told=$output
	output=$(sed '/^---$/,$d' <<<"$told")
	story_log=$(awk '
		/^---$/ { part++; next }
		part == 1 { name[$2] = $1 }
		part == 2 && /^[0-9]/ { $4 = $4 in name ? name[$4] : "other"; print }
	' <<<"$told")
}

# counts - opens, flushes, releases and files alive after each step
counts() {
	sed -E 's/.* \| *//; s/[a-z]+ //g' <<<"$output" | paste -sd , | sed 's/,/, /g'
}

# logged - the log's lines, with names of actors
logged() {
	[[ -z $story_log ]] || printf '%s\n' "$story_log"
}

# events [FIRST] - who did what to which file and where it ran, from event FIRST on
events() {
	awk -v first="${1-0}" '$1 >= first { print $2, $3, $4, $5 }' <<<"$story_log" |
		paste -sd , | sed 's/,/, /g'
}
