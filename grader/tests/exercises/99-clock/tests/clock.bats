#!/usr/bin/env bats
# A minute of the guest, and the machines that tags ask for.

load ../../../../../exercises/lib/vm

setup() { vm_start; }

# bats test_tags=points:50
@test "the timer fires after a minute, to the tenth of a second" {
	vm_load late
	vm_run sleep 62
	run -0 vm_get /sys/module/late/parameters/fired_ms -
	assert_output --regexp '^600[0-9][0-9]$'
}

# bats test_tags=points:50,clock:real,cpus:2
@test "a test has the machine that it asks for" {
	run -0 vm_run nproc
	assert_output 2
}
