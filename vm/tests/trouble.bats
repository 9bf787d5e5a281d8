# SPDX-License-Identifier: GPL-2.0
# Guests that crash, hang, flood or lie cost nothing but themselves.

load common

@test "a panic ends the VM, and the evidence has the kernel's words" {
	start
	run -123 vm run sh -c 'echo c >/proc/sysrq-trigger'
	assert_output --partial "the VM ended (panic)"
	assert_equal "$(evidence end)" panic
	run -0 vm console
	assert_output --partial "sysrq triggered crash"
}

@test "a spin with interrupts off is a hang with the backtrace of its function" {
	start
	run -124 make_trouble spin 1
	assert_equal "$(evidence end)" hang
	run -0 evidence backtrace
	assert_output --partial "trouble_init"
}

@test "a command that sleeps past its deadline is a hang that shows where" {
	start
	run -124 vm run -t 0.3 sleep 100
	run -0 evidence backtrace
	assert_output --partial "(sleep), S (sleeping)"
	assert_output --partial "hrtimer_nanosleep"
}

@test "a triple fault is a reset" {
	start
	run -123 make_trouble reset
	assert_equal "$(evidence end)" reset
}

@test "a console that is flooded stays within its limit" {
	start
	run -0 make_trouble flood
	vm stop
	run -0 evidence console_dropped
	assert [ "$output" -gt 100000 ]
	assert [ "$(stat -c %s "$BATS_TEST_TMPDIR/$VM_NAME.json")" -lt 1500000 ]
}

@test "a module that eats all memory ends its VM only" {
	start
	make_trouble eat 20 || status=$?
	assert [ "$status" = 123 -o "$status" = 124 ]
	run -0 evidence end
	assert_output --regexp '^(panic|hang)$'
}

@test "an agent that is killed is a panic" {
	start
	run -123 make_trouble kill
	assert_equal "$(evidence end)" panic
}

@test "what is asked of a VM after its end says how it ended" {
	start
	run -123 vm run sh -c 'echo c >/proc/sysrq-trigger'
	run -123 vm run true
	assert_output --partial "has ended (panic)"
}

@test "a clean audit is clean, and a leak is found with its place" {
	start
	make_trouble none
	run -0 vm audit
	make_trouble leak
	run -1 vm audit
	assert_line --regexp '^slab: 1 object, 40 bytes, allocated at trouble:'
}

@test "pages that a module took from the allocator are found, those that it gave back are not" {
	local kernel
	for kernel in stock debug race; do
		VM_KERNEL=$kernel start
		VM_KERNEL=$kernel make_trouble pages
		run -1 vm audit
		assert_line --regexp '^pages: 1 block, 8192 bytes, allocated at trouble:'
		assert_line --regexp '^pages: 1 block, 4096 bytes, allocated at trouble:'
		refute_output --partial 16384
		vm stop
	done
}

@test "an audit kills what still runs in the guest" {
	start
	vm run sh -c 'sleep 1000 >/dev/null 2>&1 &'
	run -0 vm audit
	run -1 vm run pidof sleep
}
