# SPDX-License-Identifier: GPL-2.0
# No report of a kernel can be hidden from the host: it has wires at the
# functions that report, and reads the taint mask, both from outside.

load common

# tripped() - prints the functions whose wires were hit, each once
tripped() {
	vm stop
	evidence tripwires | grep -oP "'function': '\K\w+" | sort -u | paste -sd ' '
}

# refute_told(WORDS) - the console does not have them
refute_told() {
	run -0 evidence console
	refute_output --partial "$1"
}

@test "a module that does no wrong trips no wire, on any kernel" {
	local kernel
	for kernel in stock debug race; do
		VM_KERNEL=$kernel start
		VM_KERNEL=$kernel run -0 make_trouble none
		vm audit
		assert_equal "$(tripped)" ''
	done
}

@test "a warning is seen though the log level is zero" {
	start
	run -0 make_trouble warn 30 hide=level
	assert_equal "$(tripped)" '__warn print_modules'
	refute_told trouble_init
	assert_equal "$(($(evidence taint) & 512))" 512
}

@test "a warning is seen though the console is closed" {
	start
	run -0 make_trouble warn 30 hide=console
	assert_equal "$(tripped)" '__warn print_modules'
	refute_told trouble_init
}

@test "a warning is seen though the log was cleared" {
	start
	run -0 make_trouble warn
	vm run dmesg -c >/dev/null
	assert_equal "$(tripped)" '__warn print_modules'
	run -0 evidence console
	assert_output --partial trouble_init
}

@test "a bad access is seen by KASAN though the console is closed" {
	VM_KERNEL=debug start
	VM_KERNEL=debug run -0 make_trouble bounds 30 hide=console
	assert_equal "$(tripped)" 'dump_stack_lvl print_report'
	refute_told KASAN
}

@test "a VM whose kernel has reported is ended when it was given time for that" {
	VM_AFTER_REPORT=1 start
	run -0 make_trouble warn
	run -123 vm run -t 60 sleep 50
	assert_output --partial 'the VM ended (report): its kernel reported trouble'
	assert_equal "$(tripped)" '__warn print_modules'
	run -0 evidence end
	assert_output report
	run -0 evidence console
	assert_output --partial trouble_init
}

@test "locks in both orders are seen by lockdep though the console is closed" {
	VM_KERNEL=debug start
	VM_KERNEL=debug run -0 make_trouble locks 30 hide=console
	assert_equal "$(tripped)" 'debug_locks_off dump_stack_lvl'
	refute_told circular
}

@test "a sleep under a spinlock is seen though the console is closed" {
	VM_KERNEL=debug start
	VM_KERNEL=debug run -0 make_trouble sleep 30 hide=console
	assert_equal "$(tripped)" 'dump_stack_lvl'
	refute_told sleeping
}

@test "a shift by too much is seen by UBSAN though the console is closed" {
	VM_KERNEL=debug start
	VM_KERNEL=debug run -0 make_trouble shift 30 hide=console
	assert_equal "$(tripped)" 'dump_stack_lvl'
	refute_told UBSAN
}

@test "a data race is seen by KCSAN though the console is closed" {
	VM_KERNEL=race VM_SMP=2 start
	VM_KERNEL=race run -0 make_trouble race 60 hide=console
	assert_equal "$(tripped)" 'kcsan_report_known_origin'
	refute_told KCSAN
}
