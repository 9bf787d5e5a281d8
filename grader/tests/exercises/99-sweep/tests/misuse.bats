#!/usr/bin/env bats
# vm_sweep as it is not meant to be used: every test fails, and says why.

load ../../../../../exercises/lib/vm

setup() { vm_start; }

# bats test_tags=points:5
@test "an operation that is unknown" {
	vm_sweep rmmod several
}

# bats test_tags=points:5
@test "a module that is not there" {
	vm_sweep insmod nothing
}

# bats test_tags=points:5
@test "an option that is unknown" {
	vm_sweep --quick yes insmod several
}

# bats test_tags=points:5
@test "an option without a value" {
	vm_sweep --module
}

# bats test_tags=points:5
@test "no system call" {
	vm_sweep io
}

# bats test_tags=points:5
@test "a system call that is none" {
	vm_sweep io 'jump 3'
}

# bats test_tags=points:5
@test "an operation that fails by itself" {
	vm_load several
	vm_sweep insmod several
}

# bats test_tags=points:5
@test "a preparation that fails" {
	vm_sweep --prepare 'vm_load nothing' io 'open /dev/null r'
}

# bats test_tags=points:5
@test "an operation that calls nothing that can fail" {
	vm_sweep --prepare 'vm_load several' io 'open /dev/null r'
}
