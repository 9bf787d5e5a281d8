#!/usr/bin/env bats
# vm_sweep as it is meant to be used.

load ../../../../../exercises/lib/vm

setup() { vm_start; }

# bats test_tags=points:25
@test "init fails cleanly" {
	vm_sweep insmod several
}

# bats test_tags=points:25,cpus:2
@test "open fails cleanly" {
	vm_sweep --prepare 'vm_load several' io 'open /dev/several r' close
}
