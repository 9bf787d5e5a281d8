#!/usr/bin/env bats
# What an honest module passes, and each hostile one fails in its own way.

load ../../../../../exercises/lib/vm

setup() { vm_start; }

# bats test_tags=points:25
@test "a VM without the module is fine" {
	run -0 vm_run echo fine
	assert_output fine
}

# bats test_tags=points:25
@test "it loads" {
	vm_load hostile
}

# bats test_tags=points:25
@test "its device reads fine" {
	vm_load hostile
	run -0 vm_run cat /dev/hostile
	assert_output fine
}

# bats test_tags=points:25
@test "it unloads" {
	vm_load hostile
	vm_unload hostile
}
